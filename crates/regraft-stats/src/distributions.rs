//! Distributions of a value across patients, drawn by inversion.
//!
//! One uniform or one standard normal gives one value, so a draw needs one index of one stream, moves
//! smoothly with the parameters, and can be correlated with others through the normal (Gaussian copula).

mod correlation;
mod families;
mod sampler;

use crate::error::StatsError;
use crate::math;

pub use correlation::{cholesky, correlate};
pub use sampler::Sampler;

/// How a value is spread over patients. Parameters share the value's unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Constant {
        /// The value; finite.
        value: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, ≥ 0.
        sd: f64,
    },
    /// Log-normal: ln of the value is normal with variance ln(1 + cv²).
    LogNormal {
        /// Median, > 0.
        median: f64,
        /// Coefficient of variation (standard deviation / mean), ≥ 0.
        cv: f64,
    },
    /// Uniform.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end, ≥ low.
        high: f64,
    },
    /// Beta on (0, 1).
    Beta {
        /// First shape, > 0; the mean is alpha / (alpha + beta).
        alpha: f64,
        /// Second shape, > 0.
        beta: f64,
    },
    /// Triangular.
    Triangular {
        /// Lower end.
        low: f64,
        /// Peak, in low … high.
        mode: f64,
        /// Upper end, > low.
        high: f64,
    },
    /// A category: the value is its index, 0, 1, 2, ….
    Categorical {
        /// Weights ≥ 0 with a positive sum; they need not add to 1.
        weights: Vec<f64>,
    },
    /// 0 with some probability, else drawn from another distribution, of values above 0 (spike and slab).
    ZeroOr {
        /// Probability of 0, in 0 … 1.
        zero: f64,
        /// What is drawn otherwise; continuous or truncated, of positive values.
        inner: Box<Distribution>,
    },
    /// Another distribution, given that the value lies in `[low, high]`.
    ///
    /// F⁻¹(F(low) + u (F(high) − F(low))): no draw is thrown away, none piles up at the ends.
    Truncated {
        /// What is truncated; not `Categorical`, `Constant`, `ZeroOr` or itself truncated.
        inner: Box<Distribution>,
        /// Lower bound; −∞ for none.
        low: f64,
        /// Upper bound, > low; +∞ for none.
        high: f64,
    },
}

impl Distribution {
    /// This distribution, given that the value lies in `[low, high]`.
    pub fn truncated(self, low: f64, high: f64) -> Distribution {
        Distribution::Truncated { inner: Box::new(self), low, high }
    }

    /// 0 with probability `zero`, else drawn from this distribution.
    pub fn or_zero(self, zero: f64) -> Distribution {
        Distribution::ZeroOr { zero, inner: Box::new(self) }
    }

    /// Whether the parameters describe a distribution. Call it once, where the numbers come in.
    ///
    /// # Errors
    /// [`StatsError::Parameter`] for the first parameter that is not finite or out of range,
    /// [`StatsError::NothingLeft`] if the bounds hold less than one part in 10⁹.
    pub fn check(&self) -> Result<(), StatsError> {
        families::check(self)
    }

    /// The value at cumulative probability `u` in (0, 1): the inverse distribution function.
    ///
    /// Never falls when u rises. Outside (0, 1), or where [`check`](Self::check) fails, possibly NaN or
    /// infinite.
    pub fn quantile(&self, u: f64) -> f64 {
        families::quantile(self, u)
    }

    /// P(value ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        families::cdf(self, x)
    }

    /// The value that has the rank of the standard normal `z`: quantile(Φ(z)), by the direct formula for
    /// normal and log-normal.
    ///
    /// With the `z` of [`correlate`] the values follow a Gaussian copula. Beyond |z| ≈ 8.2 a bounded
    /// distribution stays at its 2⁻⁵³ quantile.
    pub fn from_normal(&self, z: f64) -> f64 {
        match self {
            Distribution::Normal { mean, sd } => mean + sd * z,
            Distribution::LogNormal { median, cv } => median * math::exp(families::log_sd(*cv) * z),
            _ => self.quantile(rank(z)),
        }
    }
}

/// Φ(z), kept off 0 and 1.
fn rank(z: f64) -> f64 {
    const EDGE: f64 = 0.5 * f64::EPSILON;
    math::normal_cdf(z).clamp(EDGE, 1.0 - EDGE)
}

#[cfg(test)]
mod tests;
