//! What a search has found: the public JSON.

use serde::Serialize;

use crate::posterior::Split;

/// Everything that a search has found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// Version of regraft.
    pub version: String,
    /// Trial id.
    pub trial: String,
    /// Title of the trial.
    pub title: String,
    /// The arm whose regimen was varied.
    pub arm: String,
    /// Seed of the search; the frontier was lived again under the next seed.
    pub seed: u64,
    /// Patients of the search.
    pub patients: usize,
    /// Other patients who lived the frontier again.
    pub patients_again: usize,
    /// With whose parameters they live; null for those of the cards.
    pub members: Option<String>,
    /// Number of members, 1 where there are none.
    pub n_members: usize,
    /// Share of the members that is worse than the value `worst`.
    pub worst_share: f64,
    /// What was optimized and is set against others: `mean`, or `worst`.
    pub judged_by: &'static str,
    /// Regimens that were simulated.
    pub evaluations: usize,
    /// Regimens that were refused: a constraint broken, or no regimen at all.
    pub refused: usize,
    /// Reasons and numbers of these, the most frequent first.
    pub reasons: Vec<(String, usize)>,
    /// What was varied.
    pub variables: Vec<VariableFound>,
    /// By what it was judged.
    pub objectives: Vec<ObjectiveFound>,
    /// What else the file names; its values are shown and move nothing.
    pub shown: Vec<ObjectiveFound>,
    /// The points of the frontier, best of the first objective first.
    pub frontier: Vec<Point>,
    /// The arms of the trial and regimens of the library, lived by the same patients.
    pub beside: Vec<Beside>,
    /// Regimens of the library that could not be set beside it, with the reason.
    pub not_beside: Vec<(String, String)>,
    /// All that was simulated in the search, in its order: values of the variables and of the objectives.
    pub candidates: Vec<(Vec<f64>, Vec<f64>)>,
    /// The command that repeats it.
    pub command: String,
}

/// What was varied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariableFound {
    /// Name.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Value of the card; null where it has none, or several.
    pub card: Option<f64>,
    /// Words for whole values from 0, for a choice.
    pub words: Vec<String>,
}

/// By what regimens are judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObjectiveFound {
    /// Name.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Unit of its values.
    pub unit: String,
    /// Endpoint, or null for a formula.
    pub endpoint: Option<String>,
    /// Method of the endpoint, or the formula.
    pub method: String,
    /// Day of the endpoint's clock.
    pub at_day: Option<f64>,
    /// Whether more is wanted.
    pub maximize: bool,
}

/// One value of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Valued {
    /// Its estimate; null where it could not be said.
    pub value: Option<f64>,
    /// Standard error by the finite cohort.
    pub error: Option<f64>,
    /// Among members, the value that `worst_share` of them is worse than, luck of few patients taken out; null without
    /// members.
    pub worst: Option<f64>,
    /// How much of the doubt about the value lies in the parameters; null without members, or where they have too few
    /// patients to tell.
    pub split: Option<Split>,
}

impl Valued {
    /// The value by which it is judged; `by` as [`Found::judged_by`].
    pub fn judged(&self, by: &str) -> Option<f64> {
        if by == "worst" { self.worst } else { self.value }
    }
}

/// A point of the frontier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Its id, `p01`.
    pub id: String,
    /// Values of the variables.
    pub values: Vec<f64>,
    /// In the search, of what was optimized.
    pub searched: Vec<f64>,
    /// In other patients, `[objective]`.
    pub objectives: Vec<Valued>,
    /// In other patients, `[shown]`.
    pub shown: Vec<Valued>,
    /// Points that beat it in the other patients; it stays on the frontier where there are none.
    pub beaten_by: Vec<String>,
    /// The trial file in the folder of the search.
    pub trial_file: String,
    /// The command that runs it.
    pub command: String,
}

/// A regimen beside the frontier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// Title for people.
    pub title: String,
    /// The regimen.
    pub regimen: String,
    /// The product.
    pub product: Option<String>,
    /// Whether it is an arm of the trial itself.
    pub own_arm: bool,
    /// Whether it is the one whose regimen was varied.
    pub varied: bool,
    /// Its values, `[objective]`.
    pub objectives: Vec<Valued>,
    /// Its values, `[shown]`.
    pub shown: Vec<Valued>,
    /// Points of the frontier that beat it.
    pub beaten_by: Vec<String>,
    /// Whether it beats some point of the frontier.
    pub beats: Vec<String>,
}
