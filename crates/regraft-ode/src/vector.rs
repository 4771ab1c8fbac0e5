//! Vectors of lanes, for the loops that accumulate.
//!
//! A kernel is written once over [`Vector`] and compiled for plain numbers, AVX2 and
//! AVX-512; [`run`] picks the copy at run time. Every operation is the IEEE one on each
//! lane by itself, fused only where it says so, so all copies give the same bits.

#[cfg(target_arch = "x86_64")]
mod x86;

/// Some lanes side by side.
pub(crate) trait Vector: Copy {
    /// Number of lanes.
    const WIDTH: usize;
    /// The first `WIDTH` numbers of a slice.
    fn load(from: &[f64]) -> Self;
    /// Writes to the first `WIDTH` places of a slice.
    fn store(self, to: &mut [f64]);
    /// The same number in every lane.
    fn splat(value: f64) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// self · factor + term, rounded once.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// 1/self to about 8 digits, for normal positive numbers up to 2¹⁰²²: a first guess from the bits, then three
    /// steps of Newton. Exactly defined, unlike the machine's own rough inverse.
    fn rough_inverse(self) -> Self;
    fn abs(self) -> Self;
    /// The larger number; NaN where either is NaN.
    fn max_or_nan(self, other: Self) -> Self;
    /// 0 where |self| < floor, else self.
    fn zero_below(self, floor: Self) -> Self;
    /// `yes` where self > 0, else `no`.
    fn choose(self, yes: Self, no: Self) -> Self;
    /// `kept` where low ≤ self ≤ high, else 1.
    fn outside(self, low: Self, high: Self, kept: Self) -> Self;

    /// The block of lanes at row `row`, block `block` of a `[row][lane]` array of `stride` lanes.
    #[inline(always)]
    fn at(values: &[f64], row: usize, stride: usize, block: usize) -> Self {
        let start = row * stride + block * Self::WIDTH;
        Self::load(&values[start..start + Self::WIDTH])
    }

    /// As [`at`](Vector::at), without looking whether it lies within the array.
    ///
    /// # Safety
    /// The block must lie within the array.
    #[inline(always)]
    unsafe fn at_unchecked(values: &[f64], row: usize, stride: usize, block: usize) -> Self {
        let start = row * stride + block * Self::WIDTH;
        debug_assert!(start + Self::WIDTH <= values.len());
        // SAFETY: the caller's promise.
        Self::load(unsafe { std::slice::from_raw_parts(values.as_ptr().add(start), Self::WIDTH) })
    }

    /// As [`put`](Vector::put), without looking whether it lies within the array.
    ///
    /// # Safety
    /// The block must lie within the array.
    #[inline(always)]
    unsafe fn put_unchecked(self, values: &mut [f64], row: usize, stride: usize, block: usize) {
        let start = row * stride + block * Self::WIDTH;
        debug_assert!(start + Self::WIDTH <= values.len());
        // SAFETY: the caller's promise.
        self.store(unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().add(start), Self::WIDTH) });
    }

    /// Writes the block of lanes at row `row`, block `block`.
    #[inline(always)]
    fn put(self, values: &mut [f64], row: usize, stride: usize, block: usize) {
        let start = row * stride + block * Self::WIDTH;
        self.store(&mut values[start..start + Self::WIDTH]);
    }
}

/// Minus the bits of a positive number, this is the bits of about its inverse (within 12 %).
const INVERSE_BITS: u64 = 0x7fde_6238_22fc_16e6;

/// Three steps of Newton for 1/x from a first guess.
#[inline(always)]
fn refine_inverse<V: Vector>(x: V, mut guess: V) -> V {
    let minus = V::splat(0.0).sub(x);
    for _ in 0..3 {
        let rest = minus.mul_add(guess, V::splat(1.0));
        guess = guess.mul_add(rest, guess);
    }
    guess
}

impl Vector for f64 {
    const WIDTH: usize = 1;

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        from[0]
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self - other
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self * other
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        f64::mul_add(self, factor, term)
    }

    #[inline(always)]
    fn rough_inverse(self) -> Self {
        refine_inverse(self, f64::from_bits(INVERSE_BITS.wrapping_sub(self.to_bits())))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        if other > self || other.is_nan() { other } else { self }
    }

    #[inline(always)]
    fn zero_below(self, floor: Self) -> Self {
        if self.abs() < floor { 0.0 } else { self }
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        if self > 0.0 { yes } else { no }
    }

    #[inline(always)]
    fn outside(self, low: Self, high: Self, kept: Self) -> Self {
        if self >= low && self <= high { kept } else { 1.0 }
    }
}

/// Several vectors as one: independent sums hide the latency of each other.
impl<V: Vector, const K: usize> Vector for [V; K] {
    const WIDTH: usize = K * V::WIDTH;

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..Self::WIDTH];
        let mut result = [V::splat(0.0); K];
        for part in 0..K {
            result[part] = V::load(&from[part * V::WIDTH..]);
        }
        result
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..Self::WIDTH];
        for part in 0..K {
            self[part].store(&mut to[part * V::WIDTH..]);
        }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        [V::splat(value); K]
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        pairwise(self, other, V::add)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        pairwise(self, other, V::sub)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        pairwise(self, other, V::mul)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        let mut result = self;
        for part in 0..K {
            result[part] = self[part].mul_add(factor[part], term[part]);
        }
        result
    }

    #[inline(always)]
    fn rough_inverse(self) -> Self {
        pairwise(self, self, |value, _| value.rough_inverse())
    }

    #[inline(always)]
    fn abs(self) -> Self {
        pairwise(self, self, |value, _| value.abs())
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        pairwise(self, other, V::max_or_nan)
    }

    #[inline(always)]
    fn zero_below(self, floor: Self) -> Self {
        pairwise(self, floor, V::zero_below)
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        let mut result = self;
        for part in 0..K {
            result[part] = self[part].choose(yes[part], no[part]);
        }
        result
    }

    #[inline(always)]
    fn outside(self, low: Self, high: Self, kept: Self) -> Self {
        let mut result = self;
        for part in 0..K {
            result[part] = self[part].outside(low[part], high[part], kept[part]);
        }
        result
    }
}

#[inline(always)]
fn pairwise<V: Vector, const K: usize>(a: [V; K], b: [V; K], operation: impl Fn(V, V) -> V) -> [V; K] {
    let mut result = a;
    for part in 0..K {
        result[part] = operation(a[part], b[part]);
    }
    result
}

/// A loop over blocks of lanes.
pub(crate) trait Kernel {
    /// Runs over all lanes in blocks of `V`. To be marked `#[inline(always)]`: only then is it
    /// compiled for the instructions of `V`.
    fn run<V: Vector>(self);
}

/// Runs a kernel with the widest vectors of this machine that divide the lanes.
#[inline]
pub(crate) fn run<K: Kernel>(lanes: usize, kernel: K) {
    #[cfg(target_arch = "x86_64")]
    if lanes.is_multiple_of(4) && x86::available() {
        return x86::run(lanes, kernel);
    }
    run_plain(lanes, kernel);
}

/// Runs a kernel with plain numbers.
#[inline]
pub(crate) fn run_plain<K: Kernel>(lanes: usize, kernel: K) {
    if lanes.is_multiple_of(4) {
        kernel.run::<[f64; 4]>();
    } else {
        kernel.run::<f64>();
    }
}

#[cfg(test)]
#[path = "vector_tests.rs"]
mod tests;
