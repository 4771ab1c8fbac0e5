//! A trial as its file writes it: question, arms, visits, analyses.

mod design;
mod read;
pub mod search;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::distribution::DistributionSpec;
use crate::evidence::{Selector, Transform};
use crate::name::Name;
use crate::quantity::Provenance;
use crate::reader::read_text;
use search::SearchSpace;

pub use design::{Design, FollowUpRule, Ground, Inference, RescueRule, SpendingRule, Test};

/// A trial file.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialFile {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// The question in one sentence.
    pub question: String,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// The disease.
    pub disease: Name,
    /// The population.
    pub population: Name,
    /// The trial's length from time zero, days, > 0.
    pub horizon_days: f64,
    /// What happens at time zero.
    pub time_zero: TimeZero,
    /// Why time zero is there.
    pub why_time_zero: Option<String>,
    /// Who is counted.
    pub analysis_set: AnalysisSet,
    /// Source of the trial's design, if stated.
    pub provenance: Option<Provenance>,
    /// The arms.
    pub arms: Vec<Arm>,
    /// Follow-up of the published trial.
    pub follow_up: Option<FollowUp>,
    /// When patients are seen.
    pub visits: Visits,
    /// What is reported.
    pub analyses: Vec<Analysis>,
    /// How it would be run and analysed, if written.
    pub design: Option<Design>,
    /// What may be varied by a search, if anything.
    pub search: Option<SearchSpace>,
}

/// What happens at time zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeZero {
    /// Patients are randomised.
    Randomisation,
    /// The graft is infused.
    Graft,
    /// Mobilisation starts.
    Mobilisation,
    /// Treatment starts.
    StartOfTreatment,
}

impl TimeZero {
    /// The word of the card.
    pub fn word(self) -> &'static str {
        TIME_ZEROS.iter().find(|(_, zero)| *zero == self).map_or("", |(word, _)| word)
    }
}

const TIME_ZEROS: [(&str, TimeZero); 4] = [
    ("randomisation", TimeZero::Randomisation),
    ("graft", TimeZero::Graft),
    ("mobilisation", TimeZero::Mobilisation),
    ("start_of_treatment", TimeZero::StartOfTreatment),
];

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnalysisSet {
    /// Everyone in the arm, whatever was given.
    IntentionToTreat,
    /// Those who were grafted.
    Grafted,
}

/// Whether an arm is what is studied or what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArmRole {
    /// Studied.
    Studied,
    /// Comparator.
    Comparator,
}

/// One arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// Studied or comparator.
    pub role: ArmRole,
    /// The regimen.
    pub regimen: Name,
    /// The product, where one is given.
    pub product: Option<Name>,
    /// Day of the regimen's day zero after time zero.
    pub day_zero_at: f64,
    /// Why it is there.
    pub why_day_zero_at: Option<String>,
    /// The published arm, `TRIAL/ARM` of the evidence.
    pub evidence: Option<Name>,
    /// Patients in the published arm.
    pub n_published: Option<u32>,
    /// Where it stands.
    pub span: Span,
}

/// Follow-up of the published trial: administrative censoring, for the prediction interval.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// Days from time zero.
    pub distribution: DistributionSpec,
    /// Source and grounds.
    pub provenance: Provenance,
}

/// When patients are seen. Days from time zero where nothing else is said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visits {
    /// Days on which scores are read, ascending; not the entry.
    pub score_days: Vec<f64>,
    /// Days of imaging, ascending; not the entry.
    pub imaging_days: Vec<f64>,
    /// Laboratory values, from the regimen's day zero on.
    pub labs: Vec<LabVisits>,
}

/// Laboratory visits every so many days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabVisits {
    /// First day after the regimen's day zero.
    pub from_day: f64,
    /// Last day.
    pub to_day: f64,
    /// Days between, > 0.
    pub every_days: f64,
}

/// How an endpoint is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Kaplan–Meier: share without the event.
    KaplanMeier,
    /// 1 − Kaplan–Meier.
    KaplanMeierComplement,
    /// Aalen–Johansen cumulative incidence.
    CumulativeIncidence,
    /// Hazard ratio of two arms.
    HazardRatio,
    /// Mean change.
    MeanChange,
    /// Mean.
    Mean,
    /// Events per year.
    AnnualRate,
    /// Events per year in one arm divided by those in another.
    RateRatio,
    /// Share of patients.
    Proportion,
    /// Median day of the event.
    MedianDay,
}

impl Method {
    /// Whether it divides one arm by another.
    pub fn is_ratio(self) -> bool {
        matches!(self, Method::HazardRatio | Method::RateRatio)
    }

    /// The word of the card.
    pub fn word(self) -> &'static str {
        METHODS.iter().find(|(_, method)| *method == self).map_or("", |(word, _)| word)
    }
}

pub(crate) const METHODS: [(&str, Method); 10] = [
    ("kaplan_meier", Method::KaplanMeier),
    ("kaplan_meier_complement", Method::KaplanMeierComplement),
    ("cumulative_incidence", Method::CumulativeIncidence),
    ("hazard_ratio", Method::HazardRatio),
    ("mean_change", Method::MeanChange),
    ("mean", Method::Mean),
    ("annual_rate", Method::AnnualRate),
    ("rate_ratio", Method::RateRatio),
    ("proportion", Method::Proportion),
    ("median_day", Method::MedianDay),
];

/// The place of an analysis in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnalysisRole {
    /// The trial's question.
    Primary,
    /// Another benefit.
    Benefit,
    /// A harm.
    Harm,
    /// Engraftment.
    Engraftment,
}

/// One analysis: endpoint, method, arms, days.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The endpoint.
    pub endpoint: Name,
    /// The method.
    pub method: Method,
    /// Title for people, if it differs from the endpoint's.
    pub title: Option<String>,
    /// The arms; empty means all.
    pub arms: Vec<Name>,
    /// The arm compared with.
    pub versus: Option<Name>,
    /// Days of the endpoint's clock at which the estimate is reported; empty where it has no day.
    pub at_days: Vec<f64>,
    /// Place in the report.
    pub role: AnalysisRole,
    /// The method is the publication's, not what competing events would ask for.
    pub as_published: bool,
    /// Level of the intervals, between 0 and 1.
    pub level: f64,
    /// Published values to set beside it.
    pub published: Vec<PublishedRef>,
    /// Where it stands.
    pub span: Span,
}

/// A published value to set beside an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRef {
    /// Which rows of the evidence.
    pub row: Selector,
    /// Our arm; where not written, the arm whose `evidence` is the row's trial and arm.
    pub arm: Option<Name>,
    /// Day of the endpoint's clock for which it stands, if it has one.
    pub at_day: Option<f64>,
    /// How the published value becomes ours.
    pub transform: Transform,
    /// Where it stands.
    pub span: Span,
}

impl TrialFile {
    /// Reads a trial file. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read::read)
    }
}
