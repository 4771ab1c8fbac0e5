//! Elliptical slice sampling of a posterior whose prior is normal.

use regraft_ode::math;
use regraft_stats::Stream;

/// One step of elliptical slice sampling \[Murray2010\] for the density L(x) N(x; 0, I): `direction` is a fresh draw
/// of N(0, I). Nothing is tuned, and every step moves unless the likelihood is a point.
///
/// `current` is ln L at `x`; gives ln L at the new `x`. Uniform draws are taken from `stream` at `*index` on, which is
/// moved past them.
///
/// x′ = x cos θ + ν sin θ with ν the direction; θ is drawn from an arc of the ellipse that shrinks towards x until
/// L(x′) passes a level drawn below L(x).
pub(super) fn elliptical_step(
    x: &mut [f64],
    direction: &[f64],
    current: f64,
    log_likelihood: impl Fn(&[f64]) -> f64,
    stream: &Stream,
    index: &mut u64,
) -> f64 {
    let mut uniform = || {
        *index += 1;
        stream.uniform(*index - 1)
    };
    let level = current + math::ln(uniform());
    let mut angle = uniform() * TURN;
    let (mut low, mut high) = (angle - TURN, angle);
    let from = x.to_vec();
    for _ in 0..MOST_SHRINKS {
        let (sine, cosine) = (math::sin(angle), math::cos(angle));
        for (to, (old, new)) in x.iter_mut().zip(from.iter().zip(direction)) {
            *to = old * cosine + new * sine;
        }
        let found = log_likelihood(x);
        if found > level {
            return found;
        }
        if angle < 0.0 {
            low = angle;
        } else {
            high = angle;
        }
        angle = low + uniform() * (high - low);
    }
    x.copy_from_slice(&from);
    current
}

const TURN: f64 = 2.0 * std::f64::consts::PI;

/// The arc halves on average with each refusal: after so many it is narrower than the numbers can tell.
const MOST_SHRINKS: usize = 200;
