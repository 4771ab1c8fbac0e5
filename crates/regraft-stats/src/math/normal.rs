//! The standard normal distribution function.

use super::gamma::{gamma_lower, gamma_upper};

/// Standard normal distribution function Φ(z).
///
/// Φ(−z) = ½ Q(½, z²/2): full relative precision in the lower tail.
pub fn normal_cdf(z: f64) -> f64 {
    let half_square = 0.5 * z * z;
    if z < 0.0 { 0.5 * gamma_upper(0.5, half_square) } else { 0.5 + 0.5 * gamma_lower(0.5, half_square) }
}

/// P(χ²₁ > `chi_square`), the two-sided p-value of a squared standard normal.
pub fn two_sided_p(chi_square: f64) -> f64 {
    gamma_upper(0.5, 0.5 * chi_square)
}
