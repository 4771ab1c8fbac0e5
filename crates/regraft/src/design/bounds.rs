//! When a look rejects: critical values by spending of the type I error, the last one for the information found.

use regraft_stats::math;
use regraft_stats::sequential::{boundaries, boundaries_spent};
use regraft_trial::trial_file::Inference;

use super::plan::{DEALS, Plan};
use crate::study::StudyError;

/// Critical values of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    sides: u32,
    /// At each look, the final one last, where all information is as planned.
    pub critical: Vec<f64>,
    /// At the final look, by information planned over information found, ascending.
    last: Vec<(f64, f64)>,
}

/// Information planned over information found for which the final critical value is computed; beyond, the nearest counts.
const RATIOS: (f64, f64) = (0.5, 1.5);

/// Steps between these; between steps the critical value is nearly a line.
const STEPS: usize = 20;

/// Share of the information found that an interim look may have had at most.
const MOST_SHARE: f64 = 0.98;

impl Bounds {
    /// The critical values of a design.
    pub fn of(plan: &Plan) -> Bounds {
        let mut looks = plan.looks.clone();
        looks.push(1.0);
        let critical = boundaries(&looks, plan.alpha, plan.sides, plan.spending);
        if plan.looks.is_empty() {
            return Bounds { sides: plan.sides, last: vec![(1.0, critical[0])], critical };
        }
        let own = |t: &f64| plan.spending.spent(plan.alpha / f64::from(plan.sides), *t);
        let spent: Vec<f64> = looks.iter().map(own).collect();
        let at = |step: usize| {
            let ratio = RATIOS.0 + (RATIOS.1 - RATIOS.0) * step as f64 / STEPS as f64;
            let share = |t: &f64| (t * ratio).min(MOST_SHARE);
            let mut found: Vec<f64> = plan.looks.iter().map(share).collect();
            found.dedup();
            let kept = found.len();
            found.push(1.0);
            let spent =
                [&spent[plan.looks.len() - kept..plan.looks.len()], &spent[plan.looks.len()..]].concat();
            let all = boundaries_spent(&found, &spent, plan.sides);
            (ratio, all[kept])
        };
        Bounds { sides: plan.sides, last: (0..=STEPS).map(at).collect(), critical }
    }

    /// Random ways to deal the groups must be enough for the smallest p-value that a look asks for.
    ///
    /// # Errors
    /// [`StudyError::Usage`] where a permutation test would never reach it.
    pub fn refuse_coarse_permutations(&self, inference: Inference) -> Result<(), StudyError> {
        // With fewer ways beyond the critical value the level is lost in rounding.
        const FEWEST_BEYOND: f64 = 5.0;
        let strict = self.critical.iter().copied().fold(0.0, f64::max);
        let (wanted, least) = (math::normal_cdf(-strict), FEWEST_BEYOND / (DEALS + 1) as f64);
        if inference != Inference::Permutation || wanted >= least {
            return Ok(());
        }
        Err(StudyError::Usage(format!(
            "`inference = \"permutation\"` of `[design]` deals the groups {DEALS} times, which tells no p-value below {least}, and a look asks for {wanted:.1e}: take `score`, a later look or another `alpha`"
        )))
    }

    /// Whether an interim look rejects; z is above 0 in favor of the treated. Not where there is no number.
    pub fn rejects_early(&self, look: usize, z: f64) -> bool {
        self.beyond(z, self.critical[look])
    }

    /// Whether the final look rejects; `ratio` is the information planned over that found.
    pub fn rejects_finally(&self, z: f64, ratio: f64) -> bool {
        let after = self.last.partition_point(|(known, _)| *known < ratio);
        let critical = match (after.checked_sub(1), self.last.get(after)) {
            (Some(before), Some((next, high))) => {
                let (from, low) = self.last[before];
                low + (high - low) * (ratio - from) / (next - from)
            }
            (None, Some((_, nearest))) => *nearest,
            (Some(before), None) => self.last[before].1,
            (None, None) => f64::INFINITY,
        };
        self.beyond(z, critical)
    }

    fn beyond(&self, z: f64, critical: f64) -> bool {
        if self.sides == 2 { z.abs() > critical } else { z > critical }
    }
}
