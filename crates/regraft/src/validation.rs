//! Simulated courses of blood and immune cells beside measured ones, row by row of a table.
//!
//! [`prepare`] finds for every row of the evidence the people of the scorecard in whom it is simulated, [`run`]
//! simulates them with the pipeline of the study and measures in them what the row says, [`write()`] writes the
//! page, the numbers and the curves. Rows that were measured are scored; windows of plausible values are shown
//! apart and never counted; what cannot be simulated is listed with the reason.

mod measure;
mod page;
mod panel;
mod plan;
mod score;
mod simulate;
mod write;

use std::time::Instant;

use serde::Serialize;

use crate::study::{RunOptions, StudyError, Watch};

pub use plan::{Prepared, prepare};
pub use score::{ScoreRow, Tally};
pub use write::write;

/// A finished comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    /// Id of the scorecard.
    pub scorecard: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: Option<String>,
    /// Version of regraft.
    pub version: String,
    /// Root of all random streams.
    pub seed: u64,
    /// Patients asked for in each simulation.
    pub patients: usize,
    /// What was simulated.
    pub simulations: Vec<Simulated>,
    /// Rows of the table that hold outcomes of patients, and are not compared here.
    pub clinical_rows: usize,
    /// Rows kept for validation at the end, which are not opened.
    pub unopened_rows: usize,
    /// How many scored rows agree.
    pub tally: Tally,
    /// All other rows, in the order of the table.
    pub rows: Vec<ScoreRow>,
    /// Courses that are drawn.
    #[serde(skip)]
    pub courses: Vec<Course>,
    /// What the manifest says.
    #[serde(skip)]
    pub(crate) run: RunFacts,
}

/// How the comparison was made: for the manifest alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunFacts {
    pub command: String,
    pub seconds: f64,
    pub screened: usize,
    pub relative_tolerance: f64,
}

/// One simulation of the scorecard, done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulated {
    /// Id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The trial whose people these are.
    pub trial: String,
    /// The arm.
    pub arm: String,
    /// What is like the people of the source and what is not.
    pub why: String,
    /// Last day after the graft that is simulated.
    pub horizon_days: f64,
    /// Patients who got their graft.
    pub grafted: usize,
    /// Patients who could not be solved.
    pub failed: usize,
}

/// The course of one quantity in one simulation, days after the graft.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Id of the simulation.
    pub simulation: String,
    /// Id of the quantity, as in the table.
    pub quantity: String,
    /// Title for people.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Whether its axis is logarithmic.
    pub log_scale: bool,
    /// Days.
    pub days: Vec<f64>,
    /// Tenth, fiftieth and ninetieth percentile of patients on each day.
    pub quantiles: Vec<[f64; 3]>,
    /// Median before treatment.
    pub baseline: Option<f64>,
    /// Median of healthy people of the same age.
    pub controls: Option<f64>,
    /// Lower end of the normal range.
    pub normal: Option<f64>,
}

/// Simulates everything that the rows ask for.
///
/// # Errors
/// [`StudyError`]: too few eligible, too many unsolved, stopped by the user.
pub fn run(prepared: &Prepared, options: &RunOptions, watch: &dyn Watch) -> Result<Validation, StudyError> {
    let start = Instant::now();
    let mut done = Vec::new();
    for planned in &prepared.simulations {
        watch.stage(&planned.id, options.patients as u64);
        done.push(simulate::simulate(planned, options, watch)?);
    }
    let rows = score::rows(prepared, &done);
    let facts = RunFacts {
        command: options.command.clone(),
        seconds: start.elapsed().as_secs_f64(),
        screened: done.iter().map(|one| one.screened).sum(),
        relative_tolerance: simulate::relative_tolerance(options),
    };
    let pairs = || prepared.simulations.iter().zip(&done);
    Ok(Validation {
        scorecard: prepared.card.id.text.clone(),
        title: prepared.card.title.clone(),
        summary: prepared.card.summary.clone(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        seed: options.seed,
        patients: options.patients,
        simulations: pairs().map(|(planned, done)| done.told(planned)).collect(),
        clinical_rows: prepared.clinical_rows,
        unopened_rows: prepared.unopened_rows,
        tally: Tally::of(&rows),
        rows,
        courses: pairs().flat_map(|(planned, done)| done.courses(planned)).collect(),
        run: facts,
    })
}

#[cfg(test)]
mod tests;
