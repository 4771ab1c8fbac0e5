//! sin x, cos x, tan x.

use super::ROUNDER;
use super::pair::{HALF_PI, Pair, exactly, fast_two_sum, product, sum, two_sum};

/// π/2 as a sum of three numbers of 33 bits and a rest: a whole number below 2²⁰ times one
/// of the first three is exact.
pub(crate) const HALF_PI_PARTS: [f64; 4] =
    [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];

/// Up to here the parts above serve; beyond, the bits of 2/π.
pub(crate) const LARGE: f64 = 1e6;

/// Bits of 2/π behind the binary point, after 64 zeros.
const TWO_OVER_PI: [u64; 21] = [
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
];

/// −1/3!, 1/5!, … −1/19!: the sine's series.
pub(crate) const SINE: [f64; 9] = [
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5040.0,
    1.0 / 362880.0,
    -1.0 / 39916800.0,
    1.0 / 6227020800.0,
    -1.0 / 1307674368000.0,
    1.0 / 355687428096000.0,
    -1.0 / 121645100408832000.0,
];

/// 1/4!, −1/6!, … −1/18!: the cosine's series.
pub(crate) const COSINE: [f64; 8] = [
    1.0 / 24.0,
    -1.0 / 720.0,
    1.0 / 40320.0,
    -1.0 / 3628800.0,
    1.0 / 479001600.0,
    -1.0 / 87178291200.0,
    1.0 / 20922789888000.0,
    -1.0 / 6402373705728000.0,
];

/// sin x, within 1 unit in the last place. NaN for infinite x.
pub fn sin(x: f64) -> f64 {
    let (quarter, r) = reduce(x);
    sine_of(quarter, r)
}

/// cos x, within 1 unit in the last place. NaN for infinite x.
pub fn cos(x: f64) -> f64 {
    let (quarter, r) = reduce(x);
    sine_of(quarter + 1, r)
}

/// [`sin`] of a row, to the bit.
#[inline(always)]
pub(crate) fn sin_of_row<const N: usize>(x: [f64; N]) -> [f64; N] {
    sine_of_row(x, 0, sin)
}

/// [`cos`] of a row, to the bit.
#[inline(always)]
pub(crate) fn cos_of_row<const N: usize>(x: [f64; N]) -> [f64; N] {
    sine_of_row(x, 1, cos)
}

/// sin(x + `quarters` π/2) of a row: where no x is large by what has no branches, which becomes vector code.
#[inline(always)]
fn sine_of_row<const N: usize>(x: [f64; N], quarters: u64, single: impl Fn(f64) -> f64) -> [f64; N] {
    let mut values = [0.0; N];
    if x.iter().fold(true, |all, x| all & (x.abs() < LARGE)) {
        for lane in 0..N {
            let (quarter, r) = reduce_small(x[lane]);
            values[lane] = sine_of(quarter + quarters, r);
        }
    } else {
        for lane in 0..N {
            values[lane] = single(x[lane]);
        }
    }
    values
}

/// sin(q π/2 + r).
#[inline(always)]
fn sine_of(quarter: u64, r: Pair) -> f64 {
    let (sine, cosine) = (sine(r), cosine(r));
    let value = if quarter & 1 == 0 { sine } else { cosine };
    if quarter & 2 == 0 { value } else { -value }
}

/// tan x, within 2 units in the last place. NaN for infinite x.
pub fn tan(x: f64) -> f64 {
    let (quarter, r) = reduce(x);
    if quarter & 1 == 0 { sine(r) / cosine(r) } else { -cosine(r) / sine(r) }
}

/// (q, r) with x = q π/2 + r modulo 2π, q in 0 … 3, |r| a little above π/4 at most.
pub(super) fn reduce(x: f64) -> (u64, Pair) {
    if !x.is_finite() {
        return (0, exactly(f64::NAN));
    }
    if x.abs() < LARGE { reduce_small(x) } else { reduce_large(x) }
}

/// The same for |x| below [`LARGE`].
#[inline(always)]
fn reduce_small(x: f64) -> (u64, Pair) {
    let is_reduced = x.abs() < std::f64::consts::FRAC_PI_4;
    let (quarter, r) = reduce_medium(x);
    let high = if is_reduced { x } else { r.high };
    let low = if is_reduced { 0.0 } else { r.low };
    (if is_reduced { 0 } else { quarter }, Pair { high, low })
}

/// x − q π/2 in parts [Cody & Waite 1980].
#[inline(always)]
fn reduce_medium(x: f64) -> (u64, Pair) {
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUNDER;
    let k = shifted - ROUNDER;
    let first = two_sum(x - k * HALF_PI_PARTS[0], -k * HALF_PI_PARTS[1]);
    let rest = two_sum(-k * HALF_PI_PARTS[2], -k * HALF_PI_PARTS[3]);
    (shifted.to_bits() & 3, sum(first, rest))
}

/// The fraction of x · 2/π from those bits of 2/π that matter [Payne & Hanek 1983].
fn reduce_large(x: f64) -> (u64, Pair) {
    let bits = x.abs().to_bits();
    let mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    let exponent = (bits >> 52) as i64 - 1075;
    // Bits of weight 2 and less after multiplication by 2^exponent; the rest are whole turns.
    let product = multiply(mantissa, window((62 + exponent) as usize));
    let quarter = product[2] >> 62;
    let up = (product[2] >> 61) & 1;
    let fraction = [product[0], product[1], product[2] & 0x3fff_ffff_ffff_ffff];
    let (quarter, fraction) = if up == 1 {
        let below_one = negate(fraction);
        (quarter + 1, below_one)
    } else {
        (quarter, fraction)
    };
    let r = product_with_half_pi(fraction, up == 1);
    if x < 0.0 { (quarter.wrapping_neg() & 3, negated(r)) } else { (quarter & 3, r) }
}

/// 192 bits of 2/π from bit `start`, lowest word first.
fn window(start: usize) -> [u64; 3] {
    let (word, shift) = (start / 64, start % 64);
    let at = |index: usize| {
        let (high, low) =
            (TWO_OVER_PI[word + index], TWO_OVER_PI.get(word + index + 1).copied().unwrap_or(0));
        if shift == 0 { high } else { (high << shift) | (low >> (64 - shift)) }
    };
    [at(2), at(1), at(0)]
}

/// The low 192 bits of a product.
fn multiply(factor: u64, value: [u64; 3]) -> [u64; 3] {
    let mut carry = 0u128;
    value.map(|word| {
        let wide = u128::from(word) * u128::from(factor) + carry;
        carry = wide >> 64;
        wide as u64
    })
}

/// 2¹⁹⁰ − value, for a fraction of 190 bits.
fn negate(value: [u64; 3]) -> [u64; 3] {
    let mut carry = true;
    let flipped = value.map(|word| {
        let (result, overflow) = (!word).overflowing_add(u64::from(carry));
        carry = overflow;
        result
    });
    [flipped[0], flipped[1], flipped[2] & 0x3fff_ffff_ffff_ffff]
}

/// ± fraction · 2⁻¹⁹⁰ · π/2.
fn product_with_half_pi(fraction: [u64; 3], negative: bool) -> Pair {
    let mut value = exactly(0.0);
    let mut weight = f64::from_bits((1023 - 190) << 52);
    for half in fraction.iter().flat_map(|word| [word & 0xffff_ffff, word >> 32]) {
        value = sum(exactly(half as f64 * weight), value);
        weight *= 4294967296.0;
    }
    let r = product(value, HALF_PI);
    if negative { negated(r) } else { r }
}

fn negated(r: Pair) -> Pair {
    Pair { high: -r.high, low: -r.low }
}

/// sin(r) = r + (low (1 − r²/2) + r³ S(r²)).
#[inline(always)]
fn sine(r: Pair) -> f64 {
    let x = r.high;
    let z = x * x;
    let value = x + (r.low * (1.0 - 0.5 * z) + x * z * polynomial(SINE, z));
    // r³ does not show; keeps −0.
    let near = if r.low == 0.0 { x } else { x + r.low };
    if x.abs() < 1e-8 { near } else { value }
}

/// Σ terms[i] zⁱ.
#[inline(always)]
fn polynomial<const N: usize>(terms: [f64; N], z: f64) -> f64 {
    let mut sum = 0.0;
    for index in (0..N).rev() {
        sum = sum * z + terms[index];
    }
    sum
}

/// cos(r) = 1 − r²/2 + (r⁴ C(r²) − r low).
#[inline(always)]
fn cosine(r: Pair) -> f64 {
    let x = r.high;
    let z = x * x;
    let series = polynomial(COSINE, z);
    let half = 0.5 * z;
    let main = fast_two_sum(1.0, -half);
    main.high + (main.low + (z * z * series - x * r.low))
}
