//! What a trial of the row's size would find: member of the posterior, trial, patients.
//!
//! In each of many trials a member of the posterior is drawn, then the trial's own effect, then patients. The effect
//! stands for centre, era and definition; it moves a share on its logit, a rate, a ratio or a time on its logarithm,
//! a score by parts of the spread between patients.

use regraft_ode::math;

use super::effect::{Effects, Trials};
use super::map::Stat;
use super::own_test::{contrast, hazard};
use super::parts::RowParts;
use super::view::{Drawn, LEVEL, View};
use crate::outcomes::Outcome;

/// Trials drawn per row. Chosen: the ends of a 90 % interval then wobble by a twentieth of its width.
pub const TRIALS: usize = 1000;

/// What is predicted for a row, in its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Median of trials.
    pub median: f64,
    /// Lower end of the central 90 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Width of the interval that chance alone gives a trial of this size at the median.
    pub chance: f64,
    /// Where the width of the interval comes from.
    pub parts: Option<RowParts>,
    /// What each trial found, ascending.
    values: Vec<f64>,
    /// What trials would find without an effect of their own, at the mean of the members, in the unit of the statistic.
    pub(super) still: Vec<f64>,
}

impl Prediction {
    fn of(
        mut values: Vec<f64>,
        still: Vec<f64>,
        parts: Option<RowParts>,
        chance: impl FnOnce(f64) -> f64,
    ) -> Prediction {
        values.sort_by(f64::total_cmp);
        let (low, median, high) = ends(&values);
        Prediction { median, low, high, chance: chance(median), parts, values, still }
    }

    /// Share of trials that find less than `value`, those that find the same by half.
    pub fn rank(&self, value: f64) -> f64 {
        let below = self.values.partition_point(|found| *found < value);
        let up_to = self.values.partition_point(|found| *found <= value);
        0.5 * (below + up_to) as f64 / self.values.len() as f64
    }
}

/// Name of the streams of a trial's patients.
fn of_patients(trial_id: &str) -> String {
    format!("score:patients:{trial_id}")
}

/// Attained values at the ends and in the middle of ascending values: the smallest of which a twentieth (a half, …)
/// lies at or below.
fn ends(values: &[f64]) -> (f64, f64, f64) {
    let at = |share: f64| values[((share * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    let tail = 0.5 * (1.0 - LEVEL);
    (at(tail), at(0.5), at(1.0 - tail))
}

/// Lower end, median and upper end of what trials find.
pub fn ends_of(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    ends(&values)
}

/// Fewer trials with a number than this, and nothing is predicted.
const FEWEST: usize = TRIALS * 9 / 10;

/// What trials would find for a row of one arm.
///
/// # Errors
/// In words.
pub fn predict(view: &View<'_>, trials: &Trials, trial_id: &str) -> Result<Prediction, String> {
    let effects = Effects::new(trial_id);
    let name = of_patients(trial_id);
    let draw = |view: &View<'_>, trial: usize, shift: f64| {
        let stream = trials.seed.stream(trial as u64, &name);
        view.draw(trial, shift, &stream)
    };
    let with_effect = |view: &View<'_>| -> Vec<f64> {
        let found = (0..TRIALS).filter_map(|trial| draw(view, trial, view.shift(trials, &effects, trial)));
        found.map(|drawn| drawn.value).collect()
    };
    let values = with_effect(view);
    if values.len() < FEWEST {
        return Err("most trials of this size would have no such number".to_string());
    }
    let still = view.at_the_mean();
    let drawn: Vec<Drawn> = (0..TRIALS).filter_map(|trial| draw(&still, trial, 0.0)).collect();
    let alone: Vec<f64> = drawn.iter().map(|drawn| drawn.value).collect();
    let parts = RowParts::of(&values, &with_effect(&still), &alone, view.members.len() > 1);
    let by_formula = view.target.stat.is_share() || matches!(view.outcome, Outcome::Scores { .. });
    let chance = |median: f64| {
        if by_formula { view.chance(median) } else { width(alone) }
    };
    Ok(Prediction::of(values, drawn.iter().map(|drawn| drawn.raw).collect(), parts, chance))
}

/// Width of the central 90 %; NaN without values.
fn width(values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let (low, _, high) = ends_of(values);
    high - low
}

/// What trials find in two arms together: values, difference and whether their own test rejects.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// First minus second in the row's unit, or the ratio; `[trial]`.
    pub values: Vec<f64>,
    /// Whether the two-sided test at 5 % rejects, `[trial]`.
    pub rejects: Vec<bool>,
}

/// Trials of two arms.
pub fn pair(own: &View<'_>, versus: &View<'_>, trials: &Trials, trial_id: &str, with_effect: bool) -> Pair {
    let effects = Effects::new(trial_id);
    let name = of_patients(trial_id);
    let mut found = Pair { values: Vec::new(), rejects: Vec::new() };
    for trial in 0..TRIALS {
        let stream = trials.seed.stream(trial as u64, &name);
        let shift = |view: &View<'_>| if with_effect { view.shift(trials, &effects, trial) } else { 0.0 };
        let (first, second) = (shift(own), shift(versus));
        let one = match own.target.stat {
            Stat::HazardRatio => hazard(own, versus, trial, first - second, &stream),
            _ => contrast(own, versus, trial, (first, second), &stream),
        };
        if let Some((value, rejects)) = one {
            found.values.push(value);
            found.rejects.push(rejects);
        }
    }
    found
}

/// What trials would find for a row that compares two arms.
///
/// # Errors
/// In words.
pub fn predict_pair(
    own: &View<'_>,
    versus: &View<'_>,
    trials: &Trials,
    trial_id: &str,
) -> Result<Prediction, String> {
    let found = pair(own, versus, trials, trial_id, true);
    let still = (own.at_the_mean(), versus.at_the_mean());
    let with_effect = pair(&still.0, &still.1, trials, trial_id, true);
    let alone = pair(&still.0, &still.1, trials, trial_id, false);
    if found.values.len() < FEWEST || alone.values.len() < FEWEST {
        return Err("most trials of this size would have no such ratio".to_string());
    }
    let finish = |value: f64| {
        let value = if own.target.complement { 1.0 - value } else { value };
        own.target.factor * value + own.target.offset
    };
    // Ratios vary by their logarithm.
    let logs = |pair: &Pair| -> Vec<f64> {
        let is_ratio = matches!(own.target.stat, Stat::HazardRatio | Stat::RateRatio);
        pair.values.iter().map(|value| if is_ratio { math::ln(*value) } else { *value }).collect()
    };
    let parts = RowParts::of(&logs(&found), &logs(&with_effect), &logs(&alone), own.members.len() > 1);
    let chance = width(alone.values.iter().copied().map(finish).collect());
    let values = found.values.into_iter().map(finish).collect();
    Ok(Prediction::of(values, alone.values, parts, |_| chance))
}

#[cfg(test)]
mod tests;
