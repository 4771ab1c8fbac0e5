//! Choosing the step: tolerances, limits, and the next step from the error of the last.

use crate::math;
use crate::tableau::EMBEDDED_ORDER;

/// A step may err by the tolerance over this.
///
/// The control sees the error of one step; what is asked for is the error of the solution. Where errors of many
/// steps have one sign and the model does not forget them, as under daily doses of a drug whose effect adds up, the
/// solution errs by some 3 to 5 times what its steps do; where they are forgotten, by less than one of them. With 4
/// the library's models stay within 1.4 times the tolerance in both cases. It costs a third more steps (4 to the
/// power 1/5; in very stiff problems up to a half) than to let a step err by all of the tolerance. A power of two: tolerances that differ by it give the
/// same bits as without it.
pub const AIM: f64 = 4.0;

/// How exact the solution is to be.
///
/// A step is accepted when max over states of |error| / (absolute + relative · max(|y|, |y'|))
/// is at most 1 / [`AIM`]. The largest component counts, not the mean: then a model does not lose
/// accuracy in one state because many others are easy.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Relative tolerance, above 0.
    pub relative: f64,
    /// Absolute tolerance, `[state]`, in the unit of the state, at least 0.
    pub absolute: Vec<f64>,
}

/// Limits and factors of the step control. Times are in the model's time unit.
#[derive(Debug, Clone, PartialEq)]
pub struct StepControl {
    /// Share of the predicted step that is tried; default 0.9.
    pub safety: f64,
    /// A step shrinks at most by this factor; default 0.2.
    pub shrink: f64,
    /// A step grows at most by this factor; default 6.
    pub growth: f64,
    /// Smallest step before a lane fails; default 0: only the resolution of `t` limits it.
    pub h_min: f64,
    /// Largest step; default none.
    pub h_max: f64,
    /// Step attempts of a lane since [`start`](crate::Integrator::start) before it fails; default 1,000,000.
    pub max_steps: u64,
    /// How often in a row a step is halved for a singular matrix or a value that is not
    /// finite before the lane fails; default 40.
    pub max_halvings: u32,
    /// After an accepted step every |y| below this is set to 0; default 1e-280. It keeps
    /// decayed amounts out of the range where arithmetic is slow and inexact.
    pub flush_below: f64,
    /// The same per state, `[state]`; empty for none. The larger of the two holds.
    pub floor: Vec<f64>,
}

impl Default for StepControl {
    fn default() -> Self {
        Self {
            safety: 0.9,
            shrink: 0.2,
            growth: 6.0,
            h_min: 0.0,
            h_max: f64::INFINITY,
            max_steps: 1_000_000,
            max_halvings: 40,
            flush_below: 1e-280,
            floor: Vec::new(),
        }
    }
}

impl StepControl {
    /// Factor on the step from its scaled error.
    ///
    /// safety · error^(−1/(q+1)) kept within shrink and growth, q = 4 the order of the embedded
    /// method [Hairer & Wanner, Solving ODEs II, IV.8]. `error` is not NaN and at least 0;
    /// 1 is exactly what a step may err by.
    #[inline(always)]
    pub fn factor(&self, error: f64) -> f64 {
        let exponent = -1.0 / (f64::from(EMBEDDED_ORDER) + 1.0);
        let wanted = self.safety * math::exp(exponent * math::ln(error));
        let wanted = if wanted < self.growth { wanted } else { self.growth };
        if wanted > self.shrink { wanted } else { self.shrink }
    }

    /// Smallest step that still moves time at `t`.
    pub(crate) fn smallest_step(&self, t: f64) -> f64 {
        self.h_min.max(16.0 * f64::EPSILON * t.abs()).max(f64::MIN_POSITIVE)
    }

    /// Threshold below which state `state` is set to 0.
    pub(crate) fn floor_of(&self, state: usize) -> f64 {
        self.flush_below.max(self.floor.get(state).copied().unwrap_or(0.0))
    }
}
