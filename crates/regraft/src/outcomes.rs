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
pub use observe::{Grid, Observed, Readings};
pub use rule::{CompiledEndpoint, CompiledEvent, CompiledKind};
pub use what::{Part, SeriesOf, What};

/// Outcomes of one endpoint in one arm; patients in cohort order.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// How observation ends, `[patient]`. `None`: not in the analysis set, or not solved.
    Times(Vec<Option<TimeToEvent>>),
    /// A score at visits.
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
        CompiledKind::Score { score, change } => scores(endpoint, *score, *change, grid, observed),
    }
}

fn scores(
    endpoint: &CompiledEndpoint,
    score: usize,
    change: bool,
    grid: &Grid,
    observed: &[Observed],
) -> Outcome {
    // The entry counts as day 0 of every clock, whenever it was.
    let day_of = |(visit, day): (usize, &f64)| if visit == 0 { 0.0 } else { day - endpoint.zero };
    let days: Vec<f64> = grid.score_days.iter().enumerate().map(day_of).collect();
    let mut values = Vec::with_capacity(days.len() * observed.len());
    for patient in observed {
        let all = patient.score(score);
        let start = if change { all[0] } else { 0.0 };
        let counts = endpoint.counts(patient);
        let seen = |visit: usize| counts && grid.score_days[visit] <= patient.end;
        let shown = |(visit, value): (usize, &f64)| if seen(visit) { value - start } else { f64::NAN };
        values.extend(all.iter().enumerate().map(shown));
    }
    Outcome::Scores { days, values }
}
