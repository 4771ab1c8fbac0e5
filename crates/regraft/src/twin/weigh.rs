//! How near a candidate comes to what was measured: the likelihood of a reading, 1 where it is met exactly.

use regraft_model::Found;
use regraft_stats::math::{ln, normal_cdf};

use crate::study::Prepared;

/// Something that was read of the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The model's quantity behind it.
    pub of: Found,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Normal around the value that the scale can show.
    Score { sd: f64, low: f64, high: f64 },
    /// Log-normal, with a limit below which nothing is told apart.
    Lab { spread: f64, limit: f64 },
    /// Normal.
    Quantity { sd: f64 },
}

/// Smallest spread of a laboratory value on the logarithm: cards with no error would let nobody through.
const LEAST_SPREAD: f64 = 0.02;
/// Spread of a quantity of the model, as a share of its value, where no tolerance is given.
const SHARE: f64 = 0.1;
/// The least spread of such a quantity: a count of events is then met or missed.
const LEAST: f64 = 0.25;

impl Reading {
    /// A score: the error of the card's reading and half a step of rounding each way, or the tolerance.
    pub fn score(trial: &Prepared, place: usize, tolerance: Option<f64>) -> Reading {
        let score = &trial.protocol.scores[place];
        let own = (score.noise_sd * score.noise_sd + score.step * score.step / 12.0).sqrt();
        let kind = Kind::Score { sd: tolerance.unwrap_or(own), low: score.low, high: score.high };
        Reading { of: score.observable, kind }
    }

    /// A laboratory value: the card's error of measurement, or the tolerance in its unit.
    pub fn lab(trial: &Prepared, place: usize, tolerance: Option<f64>) -> Reading {
        let lab = &trial.protocol.labs[place];
        let spread = ln(1.0 + lab.cv * lab.cv).sqrt().max(LEAST_SPREAD);
        let kind = match tolerance {
            Some(sd) => Kind::Quantity { sd },
            None => Kind::Lab { spread, limit: lab.lower_limit.unwrap_or(0.0) },
        };
        Reading { of: lab.observable, kind }
    }

    /// A quantity of the model.
    pub fn quantity(of: Found, value: f64, tolerance: Option<f64>) -> Reading {
        let sd = tolerance.unwrap_or((SHARE * value.abs()).max(LEAST));
        Reading { of, kind: Kind::Quantity { sd } }
    }

    /// Standard deviation of the reading in words: of the value, or of its logarithm.
    pub fn tolerance(&self) -> (f64, bool) {
        match self.kind {
            Kind::Score { sd, .. } | Kind::Quantity { sd } => (sd, false),
            Kind::Lab { spread, .. } => (spread, true),
        }
    }

    /// Logarithm of the likelihood that `value` is read where `x` is true, 0 at best; −∞ where `x` is no number.
    pub fn log_likelihood(&self, x: f64, value: f64) -> f64 {
        if x.is_nan() {
            return f64::NEG_INFINITY;
        }
        let normal = |distance: f64| -0.5 * distance * distance;
        match self.kind {
            Kind::Score { sd, low, high } => normal((x.clamp(low, high) - value) / sd),
            Kind::Quantity { sd } => normal((x - value) / sd),
            Kind::Lab { spread, limit } => {
                let log = |x: f64| ln(x.max(f64::MIN_POSITIVE));
                if value <= limit {
                    return ln(normal_cdf((log(limit) - log(x)) / spread).max(f64::MIN_POSITIVE));
                }
                normal((log(x) - log(value)) / spread)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_likeliest_where_it_is_true() {
        let score = Reading { of: Found::State(0), kind: Kind::Score { sd: 0.5, low: 0.0, high: 10.0 } };
        assert_eq!(score.log_likelihood(4.0, 4.0), 0.0);
        assert!((score.log_likelihood(4.5, 4.0) + 0.5).abs() < 1e-12, "one standard deviation away");
        assert_eq!(score.log_likelihood(-3.0, 0.0), 0.0, "the scale shows nothing below its end");
        assert_eq!(score.log_likelihood(f64::NAN, 0.0), f64::NEG_INFINITY);
        let lab = Reading { of: Found::State(0), kind: Kind::Lab { spread: 0.1, limit: 1.0 } };
        assert!((lab.log_likelihood(20.0, 10.0) - lab.log_likelihood(5.0, 10.0)).abs() < 1e-9, "by ratio");
        assert!(lab.log_likelihood(0.1, 1.0) > -1e-9, "far below the limit it is read as the limit");
        assert!((lab.log_likelihood(1.0, 1.0) + ln(2.0)).abs() < 1e-9);
    }
}
