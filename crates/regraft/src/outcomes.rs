//! What the clinic sees of a patient, and what that means for each endpoint.
//!
//! Trajectories become visits (scores with reading error, counted lesions, measured labs); visits
//! become outcomes: for each patient, arm and endpoint a time to event, a score over visits, or a rate.

pub mod ending;
pub(crate) mod found;
pub mod observe;
pub mod rule;
pub mod what;

pub use ending::{Counted, TimeToEvent};
pub use found::{WINDOW_DAYS, nearest_visit};
pub use observe::{Grid, Observed, Readings};
pub use rule::{CompiledEndpoint, CompiledEvent, CompiledKind};
pub use what::{Part, SeriesOf, What};

/// Outcomes of one endpoint in one arm; patients in cohort order.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// How observation ends, `[patient]`. `None`: not in the analysis set, or not solved.
    Times(Vec<Option<TimeToEvent>>),
    /// A score or another value at visits.
    Scores {
        /// Days of the endpoint's clock, `[visit]`; the first is the entry and stands as day 0.
        days: Vec<f64>,
        /// `[patient, visit]`; NaN where not measured.
        values: Vec<f64>,
    },
    /// Events and the time in which they are counted, `[patient]`. `None` likewise, or no time.
    Rates(Vec<Option<Counted>>),
}

impl Outcome {
    /// Number of patients.
    pub fn n_patients(&self) -> usize {
        match self {
            Outcome::Times(times) => times.len(),
            Outcome::Scores { days, values } => values.len() / days.len().max(1),
            Outcome::Rates(rates) => rates.len(),
        }
    }

    /// One value per patient by a day of the endpoint's clock: whether the event has come (1 or 0), the score at the last
    /// visit, or events a year; NaN where it is not known. With `keeps_last`, who is not seen at that visit keeps the
    /// last score that was.
    pub fn by_day(&self, day: f64, keeps_last: bool) -> Vec<f64> {
        match self {
            Outcome::Times(times) => {
                let came = |end: regraft_stats::Survival| f64::from(u8::from(end.status == 1));
                let by = |time: &Option<TimeToEvent>| {
                    time.as_ref().and_then(|time| time.followed_to(day)).map_or(f64::NAN, came)
                };
                times.iter().map(by).collect()
            }
            Outcome::Rates(rates) => {
                let by = |counted: &Option<Counted>| {
                    let counted = counted.as_ref().and_then(|counted| counted.followed_to(day));
                    counted.map_or(f64::NAN, |(events, years)| events / years)
                };
                rates.iter().map(by).collect()
            }
            Outcome::Scores { days, values } => {
                let visit = days.iter().rposition(|visit| *visit <= day).unwrap_or(0);
                let last = |row: &[f64]| row[..=visit].iter().rev().copied().find(|value| value.is_finite());
                let by = |row: &[f64]| if keeps_last { last(row).unwrap_or(f64::NAN) } else { row[visit] };
                values.chunks(days.len().max(1)).map(by).collect()
            }
        }
    }

    /// The same endpoint and arm without patients.
    pub fn of_nobody(&self) -> Outcome {
        match self {
            Outcome::Times(_) => Outcome::Times(Vec::new()),
            Outcome::Scores { days, .. } => Outcome::Scores { days: days.clone(), values: Vec::new() },
            Outcome::Rates(_) => Outcome::Rates(Vec::new()),
        }
    }

    /// Appends the first `most` patients of the same endpoint and arm.
    pub fn append(&mut self, more: &Outcome, most: usize) {
        match (self, more) {
            (Outcome::Times(all), Outcome::Times(more)) => all.extend(more.iter().take(most)),
            (Outcome::Scores { values: all, days }, Outcome::Scores { values, .. }) => {
                all.extend(values.iter().take(most * days.len()));
            }
            (Outcome::Rates(all), Outcome::Rates(more)) => all.extend(more.iter().take(most).cloned()),
            _ => unreachable!("an endpoint has outcomes of one kind"),
        }
    }
}

/// Outcomes of some patients in one arm, `[endpoint]`.
pub fn assess(endpoints: &[CompiledEndpoint], grid: &Grid, observed: &[Observed]) -> Vec<Outcome> {
    endpoints.iter().map(|endpoint| outcome(endpoint, grid, observed)).collect()
}

fn outcome(endpoint: &CompiledEndpoint, grid: &Grid, observed: &[Observed]) -> Outcome {
    match &endpoint.kind {
        CompiledKind::TimeToEvent { .. } => {
            Outcome::Times(observed.iter().map(|patient| endpoint.time_to_event(grid, patient)).collect())
        }
        CompiledKind::Rate { .. } => {
            Outcome::Rates(observed.iter().map(|patient| endpoint.rate(grid, patient)).collect())
        }
        CompiledKind::Value { of, change, at } => values(endpoint, *of, *change, at, grid, observed),
    }
}

fn values(
    endpoint: &CompiledEndpoint,
    of: SeriesOf,
    change: bool,
    at: &[f64],
    grid: &Grid,
    observed: &[Observed],
) -> Outcome {
    let all_days = days_of(of, grid);
    let asked: Vec<usize> =
        at.iter().filter_map(|day| nearest_visit(all_days, day + endpoint.zero)).collect();
    let kept = |visit: &usize| at.is_empty() || *visit == 0 || asked.contains(visit);
    let visits: Vec<usize> = (0..all_days.len()).filter(kept).collect();
    // The entry counts as day 0 of every clock, whenever it was.
    let day_of = |visit: &usize| if *visit == 0 { 0.0 } else { all_days[*visit] - endpoint.zero };
    let days: Vec<f64> = visits.iter().map(day_of).collect();
    let mut values = Vec::with_capacity(days.len() * observed.len());
    for patient in observed {
        let (_, all) = rule::series(of, grid, patient);
        let start = if change { all[0] } else { 0.0 };
        let counts = endpoint.counts(patient);
        let seen = |visit: usize| counts && all_days[visit] <= patient.end;
        let shown = |visit: &usize| if seen(*visit) { all[*visit] - start } else { f64::NAN };
        values.extend(visits.iter().map(shown));
    }
    Outcome::Scores { days, values }
}

fn days_of(of: SeriesOf, grid: &Grid) -> &[f64] {
    match of {
        SeriesOf::Score(_) => &grid.score_days,
        SeriesOf::Lab(_) | SeriesOf::Other(_) => &grid.lab_days,
    }
}
