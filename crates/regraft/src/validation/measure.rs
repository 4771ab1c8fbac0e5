//! What a row measures in one patient.

use regraft_trial::evidence::reconstitution::Measure;

use super::plan::Task;
use crate::outcomes::found::{NADIR_WITHIN_DAYS, first_stretch};

/// Days on end for which a threshold must stay passed, as in the usual definition of engraftment.
const ENGRAFTED_DAYS: f64 = 3.0;

/// Days for which a value must stay normal, so that one blood count does not decide. Chosen: a visit later.
const NORMAL_DAYS: f64 = 28.0;

/// Days after the graft in which a slow quantity is at its lowest. Chosen: lymphocytes are lowest in the first months.
const LOWEST_WITHIN_DAYS: f64 = 365.25;

/// The measured values of a patient, days after the graft.
pub(super) struct Series<'a> {
    pub days: &'a [f64],
    pub values: &'a [f64],
    /// Before treatment.
    pub baseline: f64,
    /// Last day under observation.
    pub end: f64,
}

/// Stands for the day of a patient who was never at or below the level.
pub(super) const NEVER_BELOW: f64 = f64::NEG_INFINITY;

/// The number of a task in a patient: infinite where a day is not reached, [`NEVER_BELOW`] where there was nothing to
/// recover from, not a number where nothing can be said.
/// Of [`Measure::RatioToControls`] it is the value itself; of [`Measure::ShareRecovered`] 1 or 0;
/// [`Measure::NormalUntil`] is a statement of medians, and not a number of one patient.
pub(super) fn measure(task: &Task, series: &Series<'_>) -> f64 {
    let level = task.level.unwrap_or(f64::NAN);
    let day = task.day.unwrap_or(f64::NAN);
    match task.measure {
        Measure::DayAbove => day_above(series, level, ENGRAFTED_DAYS, NADIR_WITHIN_DAYS),
        Measure::DaysToNormal => day_above(series, level, NORMAL_DAYS, LOWEST_WITHIN_DAYS),
        Measure::DayBelow => day_below(series, level),
        Measure::ValueAt | Measure::RatioToControls => series.at(day),
        Measure::RatioToBaseline => series.at(day) / series.baseline,
        Measure::ShareRecovered => {
            let recovered = day_above(series, level, ENGRAFTED_DAYS, NADIR_WITHIN_DAYS) <= day;
            f64::from(u8::from(recovered))
        }
        Measure::NormalUntil => f64::NAN,
    }
}

impl Series<'_> {
    /// The value on a day, if the patient was still seen then.
    fn at(&self, day: f64) -> f64 {
        let near = |index: &usize| (self.days[*index] - day).abs();
        let nearest = (0..self.days.len()).min_by(|a, b| near(a).total_cmp(&near(b)));
        nearest
            .filter(|index| near(index) < 0.5 && day <= self.end)
            .map_or(f64::NAN, |index| self.values[index])
    }

    /// Days and values up to the last under observation.
    fn seen(&self) -> (&[f64], &[f64]) {
        let seen = self.days.partition_point(|day| *day <= self.end);
        (&self.days[..seen], &self.values[..seen])
    }
}

/// First day of a stretch above `level` after the lowest value.
fn day_above(series: &Series<'_>, level: f64, for_days: f64, within: f64) -> f64 {
    let (days, values) = series.seen();
    let after = days.iter().zip(values).filter(|(day, _)| (0.0..=within).contains(*day));
    let Some((nadir, lowest)) = after.min_by(|a, b| a.1.total_cmp(b.1)) else { return f64::NAN };
    if *lowest > level {
        return NEVER_BELOW;
    }
    let found = first_stretch(days, values, *nadir, for_days, &|value| value > level);
    found.map_or(f64::INFINITY, |found| found.day)
}

/// First day of a stretch below `level` after the highest value; not a number where the value is never above it.
fn day_below(series: &Series<'_>, level: f64) -> f64 {
    let (days, values) = series.seen();
    let Some((peak, highest)) = days.iter().zip(values).max_by(|a, b| a.1.total_cmp(b.1)) else {
        return f64::NAN;
    };
    if *highest <= level {
        return f64::NAN;
    }
    let found = first_stretch(days, values, *peak, ENGRAFTED_DAYS, &|value| value < level);
    found.map_or(f64::INFINITY, |found| found.day)
}

/// Quantile between neighbors, infinite where one of them is; `None` for no values. Values ascend.
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    (!sorted.is_empty()).then(|| regraft_stats::quantile(sorted, p))
}
