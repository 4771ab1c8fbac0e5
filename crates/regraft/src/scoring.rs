//! Any pack of published trials beside simulated ones: for every row what a trial of its size would have found.
//!
//! [`prepare`] turns the words of a pack into ids of the library by the rules of the vocabulary, [`run`] simulates the
//! arms of each trial together and draws trials of the published sizes, [`write()`] writes the page and the numbers.
//! A row that cannot be simulated is listed with the reason; none is dropped.

mod baseline;
mod between;
mod effect;
mod figures;
mod follow_up;
mod group;
mod headline;
mod map;
mod moved;
mod own_test;
mod page;
mod parts;
mod plan;
mod predict;
mod read_p;
mod score;
mod setting;
mod simulate;
mod summary;
mod unseen;
mod view;
mod wording;
mod write;

use serde::Serialize;

use unseen::Miss;

pub use between::{BetweenRow, TrialTest};
pub use effect::TrialEffect;
pub use headline::{answer, failures};
pub use parts::RowParts;
pub use plan::{Asked, Prepared, prepare};
pub use predict::TRIALS;
pub use score::run;
pub use summary::{Coverage, Summary};
pub(crate) use unseen::estimate;
pub use wording::Bound;
pub use write::write;

/// A row of the pack with what was predicted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The trial.
    pub trial_id: String,
    /// The arm.
    pub arm_id: String,
    /// Name of the outcome.
    pub outcome: String,
    /// Its definition.
    pub definition: String,
    /// When, in `time_unit`.
    pub time_value: Option<f64>,
    /// Unit of time.
    pub time_unit: String,
    /// Unit of the numbers.
    pub unit: String,
    /// Patients.
    pub n: Option<f64>,
    /// `calibrate`, `validate`, or empty where the pack does not say.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The published number; null where it is asked for.
    pub observed: Option<f64>,
    /// Median of simulated trials of that size.
    pub predicted: Option<f64>,
    /// Lower end of the central 90 %.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Whether the published number lies in it; null where there is none. Of a bound: whether its side allows it.
    pub inside: Option<bool>,
    /// Whether the printed number is a bound.
    pub bound: Option<Bound>,
    /// Width of the interval over that of the play of chance alone.
    pub width_ratio: Option<f64>,
    /// Where the width of the interval comes from.
    pub parts: Option<RowParts>,
    /// Share of simulated trials below the published number, those equal to it by half.
    pub rank: Option<f64>,
    /// Why nothing is predicted.
    pub skipped: Option<String>,
    /// Disease of the library.
    pub disease: Option<String>,
    /// Regimen of the library.
    pub regimen: Option<String>,
    /// Endpoint of the library.
    pub endpoint: Option<String>,
    /// How the number is formed.
    pub method: Option<&'static str>,
    /// Line of `vocabulary.csv` that gave the endpoint.
    pub rule: Option<usize>,
    /// Line of `outcomes.csv`.
    pub line: usize,
    /// Remarks: what was assumed.
    pub note: String,
}

/// One simulation behind rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulated {
    /// The trial.
    pub trial_id: String,
    /// Arms with regimen and product of the library.
    pub arms: Vec<SimulatedArm>,
    /// Disease.
    pub disease: String,
    /// Population from which the cohort was drawn.
    pub population: String,
    /// What the arms state of their patients and was put in.
    pub put_in: Vec<String>,
    /// Whether what they state was left out, wholly or in part, since too few such patients were found.
    pub left_out: bool,
    /// Whether the arms were allocated at random.
    pub randomised: bool,
    /// Patients simulated in each arm.
    pub patients: usize,
    /// Candidates screened.
    pub screened: usize,
    /// Patients that could not be solved, in all arms.
    pub failed: usize,
}

/// An arm of a simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedArm {
    /// The arm.
    pub arm_id: String,
    /// Regimen.
    pub regimen: String,
    /// Product.
    pub product: Option<String>,
    /// Lines of `vocabulary.csv` that were used, with their grounds.
    pub rules: Vec<(usize, String)>,
}

/// A finished scorecard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// Folder of the pack, or `built in`.
    pub evidence: String,
    /// Rows that were asked for: `calibrate`, `validate` or `all`.
    #[serde(rename = "use")]
    pub asked: &'static str,
    /// Version of regraft.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Patients asked for in each simulation.
    pub patients: usize,
    /// Spread of trials around what their patients would give.
    pub trial_effect: TrialEffect,
    /// The same of trials whose words were read when the rules of scoring were made.
    pub trial_effect_of_read: TrialEffect,
    /// Members of the posterior.
    pub members: usize,
    /// The score.
    pub summary: Summary,
    /// Every row, in the order of the table.
    pub rows: Vec<ScoreRow>,
    /// Differences between arms of one trial.
    pub differences: Vec<BetweenRow>,
    /// Tests of randomised trials.
    pub tests: Vec<TrialTest>,
    /// The simulations.
    pub simulations: Vec<Simulated>,
    /// Published numbers beside predictions without a trial's own effect, where that was asked for.
    #[serde(skip)]
    pub(crate) misses: Vec<Miss>,
    /// What the manifest says.
    #[serde(skip)]
    pub(crate) facts: RunFacts,
}

/// How the scorecard was made: for the manifest alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunFacts {
    pub command: String,
    pub seconds: f64,
    pub relative_tolerance: f64,
    /// Trial files as written, by name.
    pub texts: Vec<(String, String)>,
}

impl Scored {
    /// The whole as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a scorecard holds only numbers, texts and lists")
    }
}
