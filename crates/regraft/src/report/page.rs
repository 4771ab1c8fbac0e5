//! The content of the page, ready for the template: texts, drawings, tables.

use serde::Serialize;

use super::answer::{self, Span};
use super::arms::{ArmStyle, Arms};
use super::bars;
use super::data::ReportData;
use super::doubt;
use super::figures::{self, Figure};
use super::findings_table::{self, FindingRow};
use super::grade;
use super::header::{self, Tally};
use super::palette;
use super::steps::{self, StepList};
use super::words;

/// Failed patients listed by name; the rest is counted.
const FAILURES_SHOWN: usize = 12;

/// Everything that the template writes.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Style rules.
    css: String,
    /// Title of the window.
    title: String,
    trial: String,
    disease: String,
    horizon: String,
    question: String,
    answer: Vec<Span>,
    price: String,
    evidence: Option<GradeLine>,
    reproduces: String,
    legend: Vec<Legend>,
    tally: Tally,
    tally_text: String,
    done: Vec<Figure>,
    steps: Vec<StepList>,
    visits: String,
    decisions: Vec<DecisionLine>,
    happens: Vec<Figure>,
    compared: Vec<FindingRow>,
    further: Vec<FindingRow>,
    not_estimated: Vec<FindingRow>,
    misses: Vec<String>,
    not_simulated: Vec<String>,
    grades: Vec<GradeLine>,
    assumptions: Vec<String>,
    numbers: usize,
    sources: String,
    doubt: String,
    how_split: String,
    parameters_held: bool,
    funnel: String,
    entry: String,
    failures: Vec<FailureLine>,
    more_failures: usize,
    if_failed: Option<String>,
    command: String,
    seed: u64,
    version: String,
    time_zero: String,
    analysis_set: String,
    files: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct Legend {
    name: String,
    class: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct GradeLine {
    svg: String,
    word: String,
    therapy: String,
    why: String,
}

#[derive(Debug, Serialize)]
struct DecisionLine {
    rule: String,
    arm: String,
    class: &'static str,
    acted: String,
    patients: String,
}

#[derive(Debug, Serialize)]
struct FailureLine {
    patient: u64,
    arm: String,
    day: String,
    cause: String,
}

impl Page {
    /// Computes the page of a run.
    pub fn of(data: &ReportData) -> Self {
        let arms = Arms::of(data);
        let rows = figures::rows(data, &arms);
        let tally = Tally::of(&data.findings.findings);
        let grades: Vec<GradeLine> = data.grades.iter().map(grade_line).collect();
        let further = findings_table::further(data, &arms);
        let (done, happens) = numbered(data, &arms, &rows);
        Self {
            css: format!("{}{}", palette::rules(), include_str!("../../templates/report.css")),
            title: format!("{}: {}", data.findings.trial, data.title),
            trial: data.findings.trial.clone(),
            disease: data.disease.clone(),
            horizon: words::follow_up(data.horizon_days),
            question: data.question.clone(),
            answer: answer::answer(data, &arms),
            price: header::price(data, &arms, &rows),
            evidence: grades.first().cloned(),
            reproduces: header::reproduces(data, &arms, tally),
            legend: arms.all().iter().map(legend).collect(),
            tally_text: tally_text(tally),
            tally,
            done,
            steps: steps::lists(data, &arms),
            visits: data.visits.clone(),
            decisions: decisions(data, &arms),
            happens,
            compared: findings_table::compared(data, &arms),
            not_estimated: further.iter().filter(|row| !row.estimated).cloned().collect(),
            further: further.into_iter().filter(|row| row.estimated).collect(),
            misses: data.misses.iter().map(|miss| words::sentence(miss)).collect(),
            not_simulated: data.not_simulated.clone(),
            grades,
            assumptions: data.assumptions.iter().map(|assumption| words::sentence(assumption)).collect(),
            numbers: data.number_sources.iter().map(|source| source.1).sum(),
            sources: sources(data),
            doubt: doubt::draw(data, &arms),
            how_split: words::sentence(&data.how_split),
            parameters_held: doubt::is_held(data),
            funnel: funnel(data),
            entry: entry_text(data),
            failures: failures(data, &arms),
            more_failures: data.failures.len().saturating_sub(FAILURES_SHOWN),
            if_failed: header::if_failed_counted(data, &arms),
            command: data.command.clone(),
            seed: data.findings.seed,
            version: data.findings.version.clone(),
            time_zero: words::first_sentence(&data.time_zero),
            analysis_set: words::sentence(&data.analysis_set),
            files: data.files.clone(),
        }
    }
}

/// Figures of what is done and of what happens, numbered through.
fn numbered(data: &ReportData, arms: &Arms, rows: &[super::benefit_rows::Row]) -> (Vec<Figure>, Vec<Figure>) {
    let mut number = 1;
    let mut take = |figure: Option<Figure>| {
        number += usize::from(figure.is_some());
        (figure, number)
    };
    let (timeline, next) = take(figures::timeline(data, arms, 1));
    let (primary, next) = take(figures::primary(data, arms, next));
    let (others, next) = take(figures::others(data, arms, next));
    let (balance, next) = take(figures::benefit_harm(data, arms, rows, next));
    let (fans, next) = take(figures::fans(data, arms, next));
    let (lanes, _) = take(figures::lanes(data, arms, next));
    let happens = [primary, others, balance, fans, lanes].into_iter().flatten().collect();
    (timeline.into_iter().collect(), happens)
}

fn legend(arm: &ArmStyle) -> Legend {
    Legend { name: arm.short.clone(), class: arm.class }
}

fn grade_line(grade: &super::data::Grade) -> GradeLine {
    GradeLine {
        svg: grade::draw(&grade.grade),
        word: words::capital(&grade::word(&grade.grade)),
        therapy: grade.therapy.clone(),
        why: words::sentence(&words::capital(&grade.why)),
    }
}

fn tally_text(tally: Tally) -> String {
    let Tally { inside, outside, not_judged, unpublished } = tally;
    format!(
        "{} inside, {} outside, {} not judged because no interval can be formed or no value was estimated; \
         {} of this run {} no published value beside {}.",
        words::capital(&how_many(inside)),
        how_many(outside),
        how_many(not_judged),
        words::plural(unpublished, "finding", "findings"),
        if unpublished == 1 { "has" } else { "have" },
        if unpublished == 1 { "it" } else { "them" },
    )
}

fn how_many(number: usize) -> String {
    if number == 0 { "none".to_owned() } else { words::count(number) }
}

fn decisions(data: &ReportData, arms: &Arms) -> Vec<DecisionLine> {
    let line = |decision: &super::data::DecisionCount| {
        let arm = arms.get(&decision.arm);
        DecisionLine {
            rule: decision.rule.clone(),
            class: arm.class,
            arm: arm.short,
            acted: words::count(decision.acted),
            patients: words::count(decision.patients),
        }
    };
    data.decisions.iter().map(line).collect()
}

fn sources(data: &ReportData) -> String {
    if data.number_sources.iter().all(|source| source.1 == 0) {
        return String::new();
    }
    let wide = bars::draw_sources(&data.number_sources, "wide", "sources-w");
    format!("{wide}{}", bars::draw_sources(&data.number_sources, "narrow", "sources-n"))
}

fn funnel(data: &ReportData) -> String {
    let draw = |class, id| bars::draw_funnel(data, class, id).unwrap_or_default();
    format!("{}{}", draw("wide", "funnel-w"), draw("narrow", "funnel-n"))
}

fn entry_text(data: &ReportData) -> String {
    let turned_away: usize = data.not_entered.iter().map(|reason| reason.1).sum();
    let runs: usize = data.findings.arms.iter().map(|arm| arm.n).sum();
    let failed = data.failures.len().max(data.findings.arms.iter().map(|arm| arm.failed).sum());
    let failed =
        if failed == 0 { "none failed".to_owned() } else { format!("{} failed", words::count(failed)) };
    let runs = if runs == 0 {
        String::new()
    } else {
        format!(" Of {} in all arms, {failed}.", words::plural(runs, "simulated course", "simulated courses"))
    };
    format!(
        "{} screened, {} not eligible, {} entered.{runs}",
        words::count(data.screened),
        words::count(turned_away),
        words::count(data.entered)
    )
}

fn failures(data: &ReportData, arms: &Arms) -> Vec<FailureLine> {
    let line = |failure: &super::data::FailedPatient| FailureLine {
        patient: failure.patient,
        arm: if failure.arm == "before entry" { failure.arm.clone() } else { arms.get(&failure.arm).short },
        day: words::fixed(failure.day, 1),
        cause: failure.cause.clone(),
    };
    data.failures.iter().take(FAILURES_SHOWN).map(line).collect()
}
