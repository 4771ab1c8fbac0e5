//! Functions that `regraft_ode::math` does not have.

/// aᵏ by repeated squaring; 1 / a⁻ᵏ for negative k.
pub(super) fn whole_power(a: f64, power: i32) -> f64 {
    let result = by_squaring(a, power.unsigned_abs(), |a, b| a * b).unwrap_or(1.0);
    if power < 0 { 1.0 / result } else { result }
}

/// aᵏ by repeated squaring, of whatever can be multiplied; `None` for k = 0.
pub(super) fn by_squaring<T: Copy>(a: T, power: u32, mut times: impl FnMut(T, T) -> T) -> Option<T> {
    let mut square = a;
    let mut left = power;
    let mut result = (left & 1 == 1).then_some(a);
    left >>= 1;
    while left > 0 {
        square = times(square, square);
        if left & 1 == 1 {
            result = Some(result.map_or(square, |result| times(result, square)));
        }
        left >>= 1;
    }
    result
}
