//! Vectors of lanes, for the loops that accumulate.
//!
//! A kernel is written once over [`Vector`] and compiled for plain numbers, AVX2 and
//! AVX-512; [`run`] picks the copy at run time. Every operation is the IEEE one on each
//! lane by itself, none is fused, so all copies give the same bits.

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
    fn div(self, other: Self) -> Self;
    fn abs(self) -> Self;
    /// The larger number; NaN where either is NaN.
    fn max_or_nan(self, other: Self) -> Self;
    /// 0 where |self| < floor, else self.
    fn zero_below(self, floor: Self) -> Self;
    /// `yes` where self > 0, else `no`.
    fn choose(self, yes: Self, no: Self) -> Self;

    /// The block of lanes at row `row`, block `block` of a `[row][lane]` array of `stride` lanes.
    #[inline(always)]
    fn at(values: &[f64], row: usize, stride: usize, block: usize) -> Self {
        let start = row * stride + block * Self::WIDTH;
        Self::load(&values[start..start + Self::WIDTH])
    }

    /// Writes the block of lanes at row `row`, block `block`.
    #[inline(always)]
    fn put(self, values: &mut [f64], row: usize, stride: usize, block: usize) {
        let start = row * stride + block * Self::WIDTH;
        self.store(&mut values[start..start + Self::WIDTH]);
    }
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
    fn div(self, other: Self) -> Self {
        self / other
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
    fn div(self, other: Self) -> Self {
        pairwise(self, other, V::div)
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
