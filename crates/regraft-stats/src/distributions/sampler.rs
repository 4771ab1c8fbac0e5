//! A distribution from which many values are drawn.

use super::{Distribution, families, rank};
use crate::math;

/// A distribution with all that does not depend on a draw computed once. A bound costs two distribution functions, which
/// is most of the work of a draw between bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    distribution: Distribution,
    /// Between bounds: the share below the lower one, and the share kept.
    ends: (f64, f64),
    /// Of a log-normal, between bounds or not: standard deviation of the logarithm.
    log_sd: f64,
}

impl Sampler {
    /// Prepares to draw from a distribution.
    pub fn new(distribution: &Distribution) -> Sampler {
        let (ends, inner) = match distribution {
            Distribution::Truncated { inner, low, high } => {
                (families::ends(inner, *low, *high), inner.as_ref())
            }
            other => ((0.0, 1.0), other),
        };
        let log_sd = match inner {
            Distribution::LogNormal { cv, .. } => families::log_sd(*cv),
            _ => f64::NAN,
        };
        Sampler { distribution: distribution.clone(), ends, log_sd }
    }

    /// The value of [`Distribution::from_normal`], to the bit.
    pub fn from_normal(&self, z: f64) -> f64 {
        match &self.distribution {
            Distribution::LogNormal { median, .. } => median * math::exp(self.log_sd * z),
            Distribution::Truncated { inner, low, high } => {
                let (below, kept) = self.ends;
                self.quantile(inner, below + rank(z) * kept).max(*low).min(*high)
            }
            other => other.from_normal(z),
        }
    }

    /// Quantile of the distribution that is kept between bounds.
    fn quantile(&self, inner: &Distribution, u: f64) -> f64 {
        match inner {
            Distribution::LogNormal { median, .. } => {
                median * math::exp(self.log_sd * math::normal_quantile(u))
            }
            other => other.quantile(u),
        }
    }
}
