//! Everything that the report shows, as plain data. The study fills it; the page draws it.

use serde::{Deserialize, Serialize};

use crate::findings::{CiKind, Findings};

/// The report's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    /// Estimates, as in the JSON of the run.
    pub findings: Findings,
    /// Title of the trial.
    pub title: String,
    /// The question in one sentence.
    pub question: String,
    /// Disease, for people.
    pub disease: String,
    /// Follow-up, days.
    pub horizon_days: f64,
    /// `randomisation` or `graft`, and why, for people.
    pub time_zero: String,
    /// Analysis set, for people.
    pub analysis_set: String,
    /// The command that repeats the run.
    pub command: String,
    /// Arms in order; the first is the studied one.
    pub arms: Vec<Arm>,
    /// Visits, for people ("EDSS every 6 months, MRI every 12").
    pub visits: String,
    /// Survival or incidence curves; the first is the primary endpoint.
    pub curves: Vec<CurveFigure>,
    /// Scores over time.
    pub scores: Vec<ScoreFigure>,
    /// Reconstitution of the arms that get a graft.
    pub fans: Vec<Fan>,
    /// Patients shown one by one.
    pub lanes: Vec<PatientLanes>,
    /// How `lanes` were chosen.
    pub lanes_rule: String,
    /// Screening: number screened, then one line per reason for not entering.
    pub screened: usize,
    /// Reason and number of patients not entered.
    pub not_entered: Vec<(String, usize)>,
    /// Patients entered.
    pub entered: usize,
    /// Patients that could not be solved.
    pub failures: Vec<FailedPatient>,
    /// Evidence grades.
    pub grades: Vec<Grade>,
    /// Assumptions that carry the answer, most important first.
    pub assumptions: Vec<String>,
    /// How many numbers of the cards in use come from where: (`read`, `calibrated`, `remembered`, `assumed`) and count.
    pub number_sources: Vec<(String, usize)>,
    /// How the doubt of the findings was split, or why it was not, for people.
    #[serde(default)]
    pub how_split: String,
    /// Files and their hashes (BLAKE3, hex).
    pub files: Vec<(String, String)>,
    /// What is not simulated, for people.
    pub not_simulated: Vec<String>,
    /// Causes of misses that the run itself shows; may be empty.
    pub misses: Vec<String>,
    /// State-reactive decisions per arm: rule title, times acted, patients concerned.
    pub decisions: Vec<DecisionCount>,
    /// Size of the published trial's arms for the prediction interval, for people ("55 a side").
    pub published_size: String,
    /// What the patients of the primary endpoint did ("progressed"), so that the answer can say
    /// "23 of 100 progressed"; the endpoint's title is used if absent.
    #[serde(default)]
    pub primary_verb: Option<String>,
    /// Days of the visits after time zero.
    #[serde(default)]
    pub visit_days: Vec<f64>,
    /// Short names of sources for people: (id as in the evidence, "MIST").
    #[serde(default)]
    pub source_names: Vec<(String, String)>,
}

/// One arm as drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// `studied` or `comparator`.
    pub role: String,
    /// Regimen title.
    pub regimen: String,
    /// Day of the graft after time zero, if the arm has one.
    pub graft_day: Option<f64>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Published number of patients, if any.
    pub n_published: Option<usize>,
    /// Short name for labels ("Transplant", "Drugs"); the title if absent.
    #[serde(default)]
    pub short: Option<String>,
}

/// One line of the arm's timeline. Days are relative to the graft where the arm has one, else to time zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `mobilise`, `collect`, `process`, `condition`, `cover`, `infuse`, `support`, `treat`, `follow_up`, `rule`.
    pub kind: String,
    /// What, for people ("Cyclophosphamide 50 mg/kg/day × 4").
    pub text: String,
    /// Days on which it happens.
    pub days: Vec<f64>,
    /// Last day of something continuous.
    pub until_day: Option<f64>,
    /// Given by a rule, not by the calendar.
    pub by_rule: bool,
}

/// Curves of one endpoint in all arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurveFigure {
    /// Endpoint id.
    pub endpoint: String,
    /// Title.
    pub title: String,
    /// Definition.
    pub definition: String,
    /// "% of patients, 1 − Kaplan–Meier as in the publication" etc.
    pub method: String,
    /// Level of the bands.
    pub level: f64,
    /// First day on which the event can be counted, if not at once.
    pub earliest_day: Option<f64>,
    /// One per arm.
    pub arms: Vec<CurveArm>,
    /// Published points.
    pub published: Vec<PublishedPoint>,
}

/// A curve in percent of patients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurveArm {
    /// Arm id.
    pub arm: String,
    /// Days, ascending; the curve is a right-continuous step function.
    pub days: Vec<f64>,
    /// Percent.
    pub estimate: Vec<f64>,
    /// Simulation error, lower; percent.
    pub low: Vec<f64>,
    /// Simulation error, upper; percent.
    pub high: Vec<f64>,
    /// Trial of the published size, lower; percent; empty if none.
    pub predicted_low: Vec<f64>,
    /// Trial of the published size, upper; percent; empty if none.
    pub predicted_high: Vec<f64>,
    /// (day, patients at risk in the cohort, patients at risk in a trial of the published size).
    pub at_risk: Vec<(f64, usize, Option<usize>)>,
}

/// A published value at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedPoint {
    /// Arm id of this run to which it belongs.
    pub arm: String,
    /// Day.
    pub day: f64,
    /// Value, in the figure's unit.
    pub value: f64,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Where the interval comes from.
    pub ci_kind: CiKind,
    /// Short name of the source for people ("MIST", "Storek 2008").
    pub source: String,
}

/// Mean of a score over time in all arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreFigure {
    /// Score id.
    pub score: String,
    /// Title ("EDSS").
    pub title: String,
    /// Lowest and highest value of the axis.
    pub range: (f64, f64),
    /// One per arm, values at visits.
    pub arms: Vec<CurveArm>,
    /// Published points.
    pub published: Vec<PublishedPoint>,
}

/// Spread of one laboratory value in one arm over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fan {
    /// Arm id.
    pub arm: String,
    /// Lab id.
    pub lab: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Logarithmic axis.
    pub log_scale: bool,
    /// A threshold to draw (0.5 G/L), if any.
    pub threshold: Option<f64>,
    /// Days relative to the graft (or time zero).
    pub days: Vec<f64>,
    /// 5th, 25th, 50th, 75th, 95th percentile at each day.
    pub quantiles: Vec<[f64; 5]>,
    /// Median before treatment.
    pub before: Option<f64>,
    /// Measured points.
    pub measured: Vec<PublishedPoint>,
}

/// One patient in all arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientLanes {
    /// Number in the cohort.
    pub patient: u64,
    /// "34 years, woman, EDSS 3.5, 2 relapses in the year before".
    pub description: String,
    /// Why this patient ("median gain").
    pub chosen: String,
    /// One per arm.
    pub arms: Vec<PatientLane>,
}

/// One patient in one arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientLane {
    /// Arm id.
    pub arm: String,
    /// Score drawn as a line: (day, value).
    pub score: Vec<(f64, f64)>,
    /// Events: (day, kind, title); kind is `relapse`, `pulse`, `infection`, `autoimmunity`, `lesion`, `death`, `graft`, `toxicity` or `other`.
    pub events: Vec<(f64, String, String)>,
}

/// A patient that could not be solved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedPatient {
    /// Number in the cohort.
    pub patient: u64,
    /// Arm id, or `before entry`.
    pub arm: String,
    /// Day.
    pub day: f64,
    /// Cause.
    pub cause: String,
}

/// Evidence grade of one therapy in this disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Therapy, for people.
    pub therapy: String,
    /// `strong`, `strong_moderate`, `moderate`, `moderate_weak`, `weak`, `conflicting`, `negative`, `none`.
    pub grade: String,
    /// Why.
    pub why: String,
}

/// How often a rule acted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionCount {
    /// Arm id.
    pub arm: String,
    /// Rule, for people.
    pub rule: String,
    /// Times it acted.
    pub acted: usize,
    /// Patients in whom it acted.
    pub patients: usize,
}
