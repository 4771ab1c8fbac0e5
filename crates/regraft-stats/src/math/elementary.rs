//! Logarithm and exponential, by argument reduction and Taylor series.

/// ln 2, its upper 33 bits: `k · LN_2_HIGH` is exact for every exponent k.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// ln 2 − [`LN_2_HIGH`].
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Natural logarithm; NaN below 0, −∞ at 0. Within 1 unit in the last place.
///
/// x = 2ᵏ (1 + f) with 1 + f in [√½, √2), s = f / (2 + f), and
/// ln(1 + f) = 2 atanh s = f − f²/2 + s (f²/2 + R), R = 2 (s²/3 + s⁴/5 + …).
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x == f64::INFINITY {
        return x;
    }
    let (fraction, exponent) = split(x);
    let f = fraction - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let tail = s * (half_square + atanh_tail(s * s));
    exponent * LN_2_HIGH - ((half_square - (tail + exponent * LN_2_LOW)) - f)
}

/// `fraction · 2^exponent`, fraction in [√½, √2).
fn split(x: f64) -> (f64, f64) {
    const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
    let (scaled, shift) = if x < f64::MIN_POSITIVE { (x * TWO_TO_54, -54.0) } else { (x, 0.0) };
    let bits = scaled.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    let fraction = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if fraction >= std::f64::consts::SQRT_2 {
        (0.5 * fraction, f64::from(exponent + 1) + shift)
    } else {
        (fraction, f64::from(exponent) + shift)
    }
}

/// R(z) = 2 (z/3 + z²/5 + z³/7 + …), z = s² ≤ 0.0295: eleven terms reach 2⁻⁵⁷.
fn atanh_tail(z: f64) -> f64 {
    let mut sum = 0.0;
    for term in (1..=11).rev() {
        sum = z * (2.0 / f64::from(2 * term + 1) + sum);
    }
    sum
}

/// Exponential; 0 far below, +∞ far above. Within 1 unit in the last place where not subnormal.
///
/// eˣ = 2ᵏ eʳ, k the integer next to x / ln 2, |r| ≤ ½ ln 2, eʳ by its Taylor series.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.782_712_893_384 {
        return f64::INFINITY;
    }
    if x < -745.133_219_101_941_1 {
        return 0.0;
    }
    let k = (x * std::f64::consts::LOG2_E).round();
    let r_high = x - k * LN_2_HIGH;
    let r_low = k * LN_2_LOW;
    let r = r_high - r_low;
    let residue = (r_high - r) - r_low;
    scale(1.0 + (r + (residue + r * r * exp_tail(r))), k as i32)
}

/// (eʳ − 1 − r) / r² = 1/2! + r/3! + …, |r| ≤ 0.35: to r¹²/14! it reaches 2⁻⁵⁶.
fn exp_tail(r: f64) -> f64 {
    let mut sum = 0.0;
    for term in (2..=14).rev() {
        sum = sum * r + INVERSE_FACTORIAL[term - 2];
    }
    sum
}

/// 1/n! for n = 2 … 14.
const INVERSE_FACTORIAL: [f64; 13] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
    1.0 / 87_178_291_200.0,
];

/// x · 2ᵏ for x near 1 and −1075 ≤ k ≤ 1024, in two exact factors.
fn scale(x: f64, k: i32) -> f64 {
    let half = k / 2;
    x * power_of_two(half) * power_of_two(k - half)
}

fn power_of_two(k: i32) -> f64 {
    f64::from_bits(((1023 + k) as u64) << 52)
}

/// ln(1 + x) without loss near 0.
///
/// The rounding of u = 1 + x is undone by the factor x / (u − 1), after W. Kahan.
pub fn ln_1_plus(x: f64) -> f64 {
    let u = 1.0 + x;
    if u == 1.0 || !u.is_finite() { x } else { ln(u) * (x / (u - 1.0)) }
}

/// eˣ − 1 without loss near 0.
pub fn exp_minus_1(x: f64) -> f64 {
    if x.abs() < 0.3 { x + x * x * exp_tail(x) } else { exp(x) - 1.0 }
}
