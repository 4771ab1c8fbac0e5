//! What a run found: estimates with their intervals, beside what was published.
//!
//! These types are the public JSON of `regraft run --format json`, the same for the
//! command, a browser and Python. Numbers are finite; what cannot be said is null with a reason.

pub mod analyze;
pub mod bins;
pub mod crowd;
pub mod parts;
pub(crate) mod pseudo;
pub mod resample;
pub mod statistic;

use serde::{Deserialize, Serialize};

pub use analyze::{AnalysisPlan, Setting, analyze};
pub use parts::Parts;
pub use resample::FollowUps;

/// How the interval of a published value came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CiKind {
    /// Printed in the source.
    Printed,
    /// Made here from the number of patients (Wilson 1927).
    Wilson,
    /// None can be formed; ranges, quartiles and standard errors never stand in.
    None,
}

/// A value read in a publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Trial in `evidence/arms.csv`.
    pub trial_id: String,
    /// Arm in `evidence/arms.csv`.
    pub arm_id: String,
    /// Outcome, as in `evidence/outcomes.csv`.
    pub outcome: String,
    /// Line of that table, from 1.
    pub line: usize,
    /// Patients counted, where the row says so.
    pub n: Option<f64>,
    /// Value, in the finding's unit.
    pub value: f64,
    /// Lower end, if an interval exists.
    pub ci_low: Option<f64>,
    /// Upper end, if an interval exists.
    pub ci_high: Option<f64>,
    /// Level of the interval (0.95, 0.90), if one exists.
    pub ci_level: Option<f64>,
    /// Where the interval comes from.
    pub ci_kind: CiKind,
    /// Identifier of the source, as in the evidence.
    pub source: String,
    /// Remark of the evidence row.
    pub note: String,
}

/// Whether the simulated value lies in the published interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Inside the published interval.
    Inside,
    /// Outside it.
    Outside,
    /// No interval to judge by, or no estimate.
    NotJudged,
}

/// One estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Endpoint id.
    pub endpoint: String,
    /// Title for people.
    pub title: String,
    /// Definition for people.
    pub definition: String,
    /// How it was estimated (`kaplan_meier`, `hazard_ratio`, …).
    pub method: String,
    /// Arm id.
    pub arm: String,
    /// The arm it is compared with.
    pub versus: Option<String>,
    /// Time after time zero, days.
    pub time_days: Option<f64>,
    /// Estimate in `unit`.
    pub estimate: Option<f64>,
    /// Simulation error: lower end.
    pub ci_low: Option<f64>,
    /// Simulation error: upper end.
    pub ci_high: Option<f64>,
    /// Level of both intervals.
    pub ci_level: f64,
    /// `percent`, `hazard_ratio`, `EDSS`, `days`, `per_year`, ….
    pub unit: String,
    /// What a trial of the published size would show: lower end.
    pub predicted_low: Option<f64>,
    /// What a trial of the published size would show: upper end.
    pub predicted_high: Option<f64>,
    /// Where the doubt of `predicted_low` to `predicted_high` comes from; null where it is not split.
    pub parts: Option<Parts>,
    /// Published values of the same quantity.
    pub published: Vec<Published>,
    /// Against the published interval.
    pub verdict: Verdict,
    /// Why something is null.
    pub reason: Option<String>,
    /// `primary`, `benefit`, `harm`, `engraftment` or `other`.
    pub role: String,
    /// Whether more is better (`benefit`) or worse (`harm`).
    pub direction: String,
    /// Patients in the estimate.
    pub n: usize,
}

/// One arm of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmCount {
    /// Arm id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Patients simulated.
    pub n: usize,
    /// Patients that could not be solved.
    pub failed: usize,
}

/// The whole answer of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Trial id.
    pub trial: String,
    /// Seed.
    pub seed: u64,
    /// Version of regraft.
    pub version: String,
    /// Arms.
    pub arms: Vec<ArmCount>,
    /// Estimates, in the order of the trial file.
    pub findings: Vec<Finding>,
}

#[cfg(test)]
pub(crate) mod hand_made;
