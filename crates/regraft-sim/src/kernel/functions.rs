//! Functions that `regraft_ode::math` does not have.

/// aᵏ by repeated squaring; 1 / a⁻ᵏ for negative k.
#[inline(always)]
pub(super) fn whole_power(a: f64, power: i32) -> f64 {
    let mut square = a;
    let mut left = power.unsigned_abs();
    let mut result = if left & 1 == 1 { a } else { 1.0 };
    left >>= 1;
    while left > 0 {
        square *= square;
        if left & 1 == 1 {
            result *= square;
        }
        left >>= 1;
    }
    if power < 0 { 1.0 / result } else { result }
}
