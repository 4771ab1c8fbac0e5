//! What is found in a patient's visits: events, changes of a score, stretches beyond a threshold.

use regraft_trial::endpoint::{Baseline, Side, Toward};

use super::observe::{Grid, Observed};
use super::what::What;

/// Days by which a visit may miss the day of a definition and still count for it.
pub const WINDOW_DAYS: f64 = 7.0;

/// Days after day zero within which the nadir is looked for.
pub(crate) const NADIR_WITHIN_DAYS: f64 = 28.0;

/// Something that happened: when, and when it was established. Days after time zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    pub(crate) day: f64,
    pub(super) known: f64,
}

impl Found {
    pub(super) fn at_once(day: f64) -> Found {
        Found { day, known: day }
    }
}

pub(super) fn days_of(list: &[(f64, u32)], wanted: impl Fn(u32) -> bool) -> Vec<Found> {
    list.iter().filter(|(_, found)| wanted(*found)).map(|(day, _)| Found::at_once(*day)).collect()
}

/// Visits with so many new items; with `each` as often as there are items.
pub(super) fn new_items(
    grid: &Grid,
    patient: &Observed,
    count: usize,
    at_least: u64,
    each: bool,
) -> Vec<Found> {
    let visits = grid.imaging_days.iter().zip(patient.count(count)).skip(1);
    let found = visits.filter(|(day, new)| **new >= at_least && **day <= patient.end);
    let times = |new: u64| if each { new as usize } else { 1 };
    found.flat_map(|(day, new)| vec![Found::at_once(*day); times(*new)]).collect()
}

/// The first score visit that is worse (better) than baseline by the step and, if asked, still so at every
/// visit up to the confirming one.
pub(super) fn score_change(what: &What, grid: &Grid, patient: &Observed, earliest: f64) -> Option<Found> {
    let What::ScoreChange { score, confirmed_after_days, .. } = what else { return None };
    let (values, reached) = (patient.score(*score), reaches(what, grid, patient)?);
    let course = Course { days: &grid.score_days, values, end: patient.end, reached: &reached };
    let known = |visit: usize| course.confirmed(visit, *confirmed_after_days);
    (1..values.len())
        .filter(|visit| grid.score_days[*visit] >= earliest && course.shows(*visit))
        .find_map(|visit| Some(Found { day: grid.score_days[visit], known: known(visit)? }))
}

/// Whether a value of the score is worse (better) than this patient's baseline by the step; `None` without a
/// visit at the baseline.
pub(super) fn reaches(what: &What, grid: &Grid, patient: &Observed) -> Option<impl Fn(f64) -> bool + use<>> {
    let What::ScoreChange { score, higher_is_worse, toward, by, high, baseline, .. } = what else {
        return None;
    };
    let values = patient.score(*score);
    let start = match baseline {
        Baseline::Entry => values.first().copied(),
        Baseline::Day(day) => at_visit(&grid.score_days, values, *day),
    }?;
    let by = high.filter(|(level, _)| start >= *level - HAIR).map_or(*by, |(_, step)| step);
    let upward = *higher_is_worse == (*toward == Toward::Worse);
    Some(move |x: f64| if upward { x >= start + by - HAIR } else { x <= start - by + HAIR })
}

/// Scores are multiples of a step: a hair's breadth below the threshold is the threshold.
const HAIR: f64 = 1e-9;

/// Score visits of one patient beside the change that is looked for.
struct Course<'a> {
    days: &'a [f64],
    values: &'a [f64],
    end: f64,
    reached: &'a dyn Fn(f64) -> bool,
}

impl Course<'_> {
    /// Whether the visit took place and shows the change.
    fn shows(&self, visit: usize) -> bool {
        self.days[visit] <= self.end && (self.reached)(self.values[visit])
    }

    /// Day of the first visit at least `after` days later, if it and every visit before it show the change;
    /// the visit's own day where no confirmation is asked.
    fn confirmed(&self, visit: usize, after: Option<f64>) -> Option<f64> {
        let Some(after) = after else { return Some(self.days[visit]) };
        let late_enough = |later: &usize| self.days[*later] >= self.days[visit] + after - WINDOW_DAYS;
        let confirming = (visit + 1..self.days.len()).find(late_enough)?;
        (visit + 1..=confirming).all(|later| self.shows(later)).then(|| self.days[confirming])
    }
}

/// The value at the visit nearest to a day; `None` where none is near enough.
pub(super) fn at_visit(days: &[f64], values: &[f64], day: f64) -> Option<f64> {
    nearest_visit(days, day).map(|visit| values[visit])
}

/// The visit nearest to a day, if it is near enough to count for it.
pub fn nearest_visit(days: &[f64], day: f64) -> Option<usize> {
    let near = |i: &usize| (days[*i] - day).abs();
    let nearest = (0..days.len()).min_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&nearest) <= WINDOW_DAYS).then_some(nearest)
}

/// Day of the lowest value (highest, when looking for `below`) in the weeks after day zero.
pub(super) fn extreme(days: &[f64], values: &[f64], day_zero: f64, side: Side) -> Option<f64> {
    let sign = if side == Side::Above { 1.0 } else { -1.0 };
    let near = days.iter().zip(values).filter(|(day, value)| {
        **day >= day_zero && **day <= day_zero + NADIR_WITHIN_DAYS && value.is_finite()
    });
    near.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1))).map(|(day, _)| *day)
}

/// First day from `from` on at which `beyond` holds, and holds on every measured day up to `for_days` later.
/// "Three days on end" from day d needs d, d+1 and d+2. A day without measurement is taken to hold where the
/// measured days on both its sides do: the stretch must end on a measured day.
pub(crate) fn first_stretch(
    days: &[f64],
    values: &[f64],
    from: f64,
    for_days: f64,
    beyond: &dyn Fn(f64) -> bool,
) -> Option<Found> {
    let mut start: Option<f64> = None;
    for (day, value) in days.iter().zip(values).filter(|(day, _)| **day >= from) {
        if !beyond(*value) {
            start = None;
            continue;
        }
        let since = *start.get_or_insert(*day);
        if day - since >= for_days - 1.0 {
            return Some(Found { day: since, known: *day });
        }
    }
    None
}
