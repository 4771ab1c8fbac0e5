//! Reading a trial file.

use regraft_model::Diagnostic;

use super::search;
use super::{
    Analysis, AnalysisRole, AnalysisSet, Arm, ArmRole, FollowUp, LabVisits, METHODS, Method, PublishedRef,
    TIME_ZEROS, TimeZero, TrialFile, Visits, design,
};
use crate::codes;
use crate::days::number_words;
use crate::distribution::DistributionSpec;
use crate::evidence::{Selector, Transform};
use crate::name::Name;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader};

pub(super) fn read(reader: &mut Reader<'_>) -> TrialFile {
    let horizon_days = reader.number("horizon_days", Bound::Length);
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
        design: design::read(reader, horizon_days),
        search: reader.optional_table("search").map(search::read),
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
    let words = [("intention_to_treat", AnalysisSet::IntentionToTreat), ("grafted", AnalysisSet::Grafted)];
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
        day_zero_at: table.number("day_zero_at", Bound::Day),
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
    let step = table.optional_number(every, Bound::Length);
    let mut days = table.optional_numbers(list, Bound::NotNegative).unwrap_or_default();
    days.sort_by(f64::total_cmp);
    if let Some(late) = days.iter().find(|day| **day > horizon_days) {
        let message =
            format!("`{list}` holds day {}, the trial ends on day {horizon_days}", number_words(*late));
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of(list), message));
    }
    match step {
        Some(step) if horizon_days.is_finite() => table.moments(every, step, horizon_days, step),
        _ => days,
    }
}

fn read_lab_visits(mut table: Reader<'_>) -> LabVisits {
    let visits = LabVisits {
        from_day: table.number("from_day", Bound::Day),
        to_day: table.number("to_day", Bound::Day),
        every_days: table.number("every_days", Bound::Length),
    };
    table.refuse_reversed(visits.from_day, visits.to_day);
    table.moments("every_days", visits.from_day, visits.to_day, visits.every_days);
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
        level: table.optional_number("level", Bound::Level).unwrap_or(DEFAULT_LEVEL),
        published: table.tables("published").into_iter().filter_map(read_published).collect(),
        span: table.span(),
    };
    table.optional_text("note");
    if let Some(ratio) = method.filter(|method| method.is_ratio() && analysis.versus.is_none()) {
        let message = format!("a {} needs `versus`", ratio.word().replace('_', " "));
        table.report(Diagnostic::error(codes::MISSING_KEY, analysis.span, message));
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
