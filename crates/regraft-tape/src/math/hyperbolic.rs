//! eˣ − 1, sinh x, cosh x, tanh x.

use super::exponential::{above_linear, exp, power_of_two, reduce};

/// From here e^−x does not show beside eˣ.
const LARGE: f64 = 22.0;

/// eˣ − 1, within 2 units in the last place, also near 0.
///
/// 2ᵏ (eʳ − 1) + (2ᵏ − 1) with k and r as in [`exp`].
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let limited = if x < -50.0 { -50.0 } else { x };
    let limited = if limited > 50.0 { 50.0 } else { limited };
    let reduced = reduce(limited);
    let r = reduced.r;
    let near_zero = r + (reduced.tail + r * r * above_linear(r));
    let scale = power_of_two(reduced.shifted);
    let result = scale * near_zero + (scale - 1.0);
    if x > 50.0 { exp(x) } else { result }
}

/// sinh x, within 3 units in the last place.
pub fn sinh(x: f64) -> f64 {
    let size = x.abs();
    if size > LARGE {
        return half_exp(size).copysign(x);
    }
    let less_one = exp_m1(size);
    (0.5 * (less_one + less_one / (less_one + 1.0))).copysign(x)
}

/// cosh x, within 2 units in the last place.
pub fn cosh(x: f64) -> f64 {
    let size = x.abs();
    if size > LARGE {
        return half_exp(size);
    }
    let grown = exp(size);
    0.5 * grown + 0.5 / grown
}

/// tanh x, within 3 units in the last place.
pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let value = if size > LARGE {
        1.0
    } else if size < 0.5 {
        let less_one = exp_m1(2.0 * size);
        less_one / (less_one + 2.0)
    } else {
        1.0 - 2.0 / (exp(2.0 * size) + 1.0)
    };
    if x.is_nan() { x } else { value.copysign(x) }
}

/// eˣ/2 without overflow where only eˣ overflows.
fn half_exp(x: f64) -> f64 {
    let root = exp(0.5 * x);
    (0.5 * root) * root
}
