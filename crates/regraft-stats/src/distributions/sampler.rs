//! A distribution from which many values are drawn.

use super::{Distribution, families};

/// A distribution with all that does not depend on a draw computed once. A bound costs two distribution functions, which
/// is most of the work of a draw between bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    distribution: Distribution,
    /// Between bounds: the share below the lower one, and the share kept.
    ends: Option<(f64, f64)>,
}

impl Sampler {
    /// Prepares to draw from a distribution.
    pub fn new(distribution: &Distribution) -> Sampler {
        let ends = match distribution {
            Distribution::Truncated { inner, low, high } => Some(families::ends(inner, *low, *high)),
            _ => None,
        };
        Sampler { distribution: distribution.clone(), ends }
    }

    /// The value of [`Distribution::from_normal`], to the bit.
    pub fn from_normal(&self, z: f64) -> f64 {
        match (&self.distribution, self.ends) {
            (Distribution::Truncated { inner, low, high }, Some(ends)) => {
                families::between(inner, (*low, *high), ends, super::rank(z))
            }
            (other, _) => other.from_normal(z),
        }
    }
}
