//! Elementary and special functions with the same bits on every platform.
//!
//! The platform's `ln` and `exp` differ in the last bit between systems; one bit in a draw is another
//! patient. Everything here uses `+ − × ÷` and `sqrt` alone, which IEEE 754 rounds exactly.

mod beta;
mod elementary;
mod gamma;
mod normal;
mod normal_quantile;
mod solve;

pub use beta::{beta_density, beta_quantile, beta_regularized, student_quantile, student_two_sided_p};
pub use elementary::{exp, exp_minus_1, ln, ln_1_plus};
pub use gamma::{gamma_lower, gamma_quantile, gamma_upper, ln_gamma, poisson_mass, poisson_quantile};
pub use normal::{normal_cdf, two_sided_p};
pub use normal_quantile::normal_quantile;

#[cfg(test)]
mod tests;
