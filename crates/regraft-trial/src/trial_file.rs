//! A trial as its file writes it: question, arms, visits, analyses.

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::codes;
use crate::distribution::DistributionSpec;
use crate::evidence::Selector;
use crate::quantity::{Name, Provenance, refuse_twice};
use crate::reader::{Bound, Reader, read_text};

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
    /// Those who received the arm's treatment.
    AsTreated,
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
    /// Half width of a visit's window, days.
    pub window_days: Option<f64>,
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
    /// Share of patients.
    Proportion,
    /// Median day of the event.
    MedianDay,
}

impl Method {
    /// The word of the card.
    pub fn word(self) -> &'static str {
        METHODS.iter().find(|(_, method)| *method == self).map_or("", |(word, _)| word)
    }
}

const METHODS: [(&str, Method); 9] = [
    ("kaplan_meier", Method::KaplanMeier),
    ("kaplan_meier_complement", Method::KaplanMeierComplement),
    ("cumulative_incidence", Method::CumulativeIncidence),
    ("hazard_ratio", Method::HazardRatio),
    ("mean_change", Method::MeanChange),
    ("mean", Method::Mean),
    ("annual_rate", Method::AnnualRate),
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

/// How a published value becomes comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// As it is.
    None,
    /// 100 − value, in per cent.
    Complement,
    /// Patients of `n`, in per cent.
    PercentOfN,
}

impl TrialFile {
    /// Reads a trial file. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }
}

fn read(reader: &mut Reader<'_>) -> TrialFile {
    let horizon_days = reader.number("horizon_days", Bound::Positive);
    let trial = TrialFile {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        question: reader.text("question").text,
        summary: reader.optional_text("summary").map(|summary| summary.text),
        disease: reader.text("disease"),
        population: reader.text("population"),
        horizon_days,
        time_zero: reader.word("time_zero", &TIME_ZEROS).unwrap_or(TimeZero::Randomisation),
        why_time_zero: reader.optional_text("why_time_zero").map(|why| why.text),
        analysis_set: read_analysis_set(reader),
        provenance: reader.optional_provenance(),
        arms: reader.tables("arm").into_iter().map(read_arm).collect(),
        follow_up: read_follow_up(reader),
        visits: read_visits(reader, horizon_days),
        analyses: reader.tables("analysis").into_iter().filter_map(read_analysis).collect(),
    };
    reader.optional_text("note");
    refuse_twice(reader.page(), trial.arms.iter().map(|arm| &arm.id), "is an arm twice");
    refuse_empty(reader, &trial);
    trial
}

fn refuse_empty(reader: &Reader<'_>, trial: &TrialFile) {
    let at = |name: &Name| if name.is_missing() { reader.span() } else { name.span };
    if trial.arms.is_empty() {
        let problem = Diagnostic::error(codes::EMPTY, at(&trial.id), "this trial has no arm");
        reader.report(problem.with_help("write at least one `[[arm]]`"));
    }
    if trial.analyses.is_empty() && !reader.has("analysis") {
        let problem = Diagnostic::error(codes::EMPTY, at(&trial.id), "this trial has no analysis");
        reader.report(problem.with_help("write at least one `[[analysis]]`"));
    }
}

fn read_analysis_set(reader: &mut Reader<'_>) -> AnalysisSet {
    let words = [
        ("intention_to_treat", AnalysisSet::IntentionToTreat),
        ("as_treated", AnalysisSet::AsTreated),
        ("grafted", AnalysisSet::Grafted),
    ];
    reader.word("analysis_set", &words).unwrap_or(AnalysisSet::IntentionToTreat)
}

fn read_arm(mut table: Reader<'_>) -> Arm {
    let roles = [("studied", ArmRole::Studied), ("comparator", ArmRole::Comparator)];
    let arm = Arm {
        id: table.identifier("id"),
        title: table.text("title").text,
        role: table.word("role", &roles).unwrap_or(ArmRole::Studied),
        regimen: table.text("regimen"),
        product: table.optional_text("product"),
        day_zero_at: table.number("day_zero_at", Bound::Finite),
        why_day_zero_at: table.optional_text("why_day_zero_at").map(|why| why.text),
        evidence: table.optional_text("evidence"),
        n_published: table.optional_count("n_published"),
        span: table.span(),
    };
    table.optional_text("note");
    table.finish();
    arm
}

fn read_follow_up(reader: &mut Reader<'_>) -> Option<FollowUp> {
    let mut table = reader.optional_table("follow_up")?;
    let distribution = DistributionSpec::read(&mut table, "distribution");
    let unit = table.unit();
    if !unit.is_empty() && unit != "day" {
        let message = format!("follow-up is in `{unit}`, must be in `day`");
        table.report(Diagnostic::error(codes::DOSE_UNIT, table.span(), message));
    }
    let follow_up = FollowUp { distribution, provenance: table.provenance() };
    table.optional_text("note");
    table.finish();
    Some(follow_up)
}

fn read_visits(reader: &mut Reader<'_>, horizon_days: f64) -> Visits {
    let Some(mut table) = reader.table("visits") else { return Visits::default() };
    let visits = Visits {
        score_days: read_visit_days(&mut table, "score_days", "scores_every_days", horizon_days),
        imaging_days: read_visit_days(&mut table, "imaging_days", "imaging_every_days", horizon_days),
        labs: table.tables("labs").into_iter().map(read_lab_visits).collect(),
        window_days: table.optional_number("window_days", Bound::NotNegative),
    };
    for key in ["source", "why", "note"] {
        table.optional_text(key);
    }
    table.finish();
    visits
}

fn read_visit_days(
    table: &mut Reader<'_>,
    list: &'static str,
    every: &'static str,
    horizon_days: f64,
) -> Vec<f64> {
    table.refuse_both(list, every);
    let step = table.optional_number(every, Bound::Positive);
    let mut days = table.optional_numbers(list, Bound::NotNegative).unwrap_or_default();
    days.sort_by(f64::total_cmp);
    match step {
        Some(step) if horizon_days.is_finite() => crate::regimen::repeated(step, horizon_days, step),
        _ => days,
    }
}

fn read_lab_visits(mut table: Reader<'_>) -> LabVisits {
    let visits = LabVisits {
        from_day: table.number("from_day", Bound::Finite),
        to_day: table.number("to_day", Bound::Finite),
        every_days: table.number("every_days", Bound::Positive),
    };
    table.finish();
    visits
}

const ROLES: [(&str, AnalysisRole); 4] = [
    ("primary", AnalysisRole::Primary),
    ("benefit", AnalysisRole::Benefit),
    ("harm", AnalysisRole::Harm),
    ("engraftment", AnalysisRole::Engraftment),
];

/// Level of an interval where the analysis says nothing.
const DEFAULT_LEVEL: f64 = 0.95;

fn read_analysis(mut table: Reader<'_>) -> Option<Analysis> {
    let method = table.word("method", &METHODS);
    let analysis = Analysis {
        endpoint: table.text("endpoint"),
        method: method.unwrap_or(Method::KaplanMeier),
        title: table.optional_text("title").map(|title| title.text),
        arms: table.texts("arms"),
        versus: table.optional_text("versus"),
        at_days: table.optional_numbers("at_days", Bound::NotNegative).unwrap_or_default(),
        role: table.word("role", &ROLES).unwrap_or(AnalysisRole::Benefit),
        as_published: table.flag("as_published", false),
        level: table.optional_number("level", Bound::Share).unwrap_or(DEFAULT_LEVEL),
        published: table.tables("published").into_iter().filter_map(read_published).collect(),
        span: table.span(),
    };
    table.optional_text("note");
    if method == Some(Method::HazardRatio) && analysis.versus.is_none() {
        table.report(Diagnostic::error(codes::MISSING_KEY, analysis.span, "a hazard ratio needs `versus`"));
    }
    table.finish();
    method.map(|_| analysis)
}

const TRANSFORMS: [(&str, Transform); 3] = [
    ("none", Transform::None),
    ("complement", Transform::Complement),
    ("percent_of_n", Transform::PercentOfN),
];

fn read_published(mut table: Reader<'_>) -> Option<PublishedRef> {
    let span = table.span();
    let row = table.table("row").map(Selector::read);
    let published = PublishedRef {
        row: row.unwrap_or_else(|| Selector::unknown(span)),
        arm: table.optional_text("arm"),
        at_day: table.optional_number("at_day", Bound::NotNegative),
        transform: table.optional_word("transform", &TRANSFORMS).unwrap_or(Transform::None),
        span,
    };
    table.finish();
    (!published.row.trial_id.is_missing()).then_some(published)
}
