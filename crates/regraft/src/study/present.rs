//! Findings → what the report shows: curves, scores, fans, patients one by one, what failed.

mod lanes;
pub mod misses;

use regraft_trial::endpoint::{EndpointKind, Measured};
use regraft_trial::evidence::Use;
use regraft_trial::evidence::reconstitution::{CourseRow, Measure};
use regraft_trial::protocol::StepLine;
use regraft_trial::trial_file::{AnalysisSet, ArmRole, Method, TimeZero};
use regraft_trial::{Card, Origin};

use super::figures::{self, LabName};
use super::{ArmRecord, Prepared, Record, RunOptions, Screened};
use crate::findings::{AnalysisPlan, Findings, Setting};
use crate::library::Library;
use crate::report::data::{
    Arm, CurveArm, CurveFigure, DecisionCount, FailedPatient, Fan, Grade, PublishedPoint, ReportData,
    ScoreFigure, Step,
};
use crate::report::stack::not_split;
use crate::report::words::count;
use crate::run_folder::manifest::{FileHash, ManifestDoubt};

/// Everything that the report of a run shows.
#[allow(clippy::too_many_arguments)] // one call site, all of a run's parts
pub fn report_data(
    trial: &Prepared,
    library: &Library,
    inputs: &[FileHash],
    options: &RunOptions,
    screened: &Screened,
    record: &Record,
    findings: &Findings,
    setting: &Setting<'_>,
    doubt: &ManifestDoubt,
) -> ReportData {
    let arms = &record.arms;
    let file = &trial.trial.file;
    ReportData {
        findings: findings.clone(),
        title: file.title.clone(),
        question: file.question.clone(),
        disease: trial.trial.disease.title.clone(),
        horizon_days: file.horizon_days,
        time_zero: time_zero(trial),
        analysis_set: analysis_set(file.analysis_set).to_string(),
        command: options.command.clone(),
        arms: (0..arms.len()).map(|arm| arm_drawn(trial, arm)).collect(),
        visits: visits(trial),
        curves: curves(trial, setting),
        scores: scores(trial, setting),
        fans: fans(trial, library, arms),
        lanes: lanes::lanes(trial, record),
        lanes_rule: lanes::rule(trial, record),
        screened: screened.screened,
        not_entered: screened.not_entered.clone(),
        entered: record.n_patients,
        failures: failures(trial, screened, arms),
        grades: grades(trial),
        assumptions: assumptions(trial),
        number_sources: number_sources(trial),
        how_split: how_split(doubt),
        files: inputs.iter().map(|file| (file.path.clone(), file.blake3.clone())).collect(),
        not_simulated: trial.trial.disease.not_simulated.clone(),
        misses: misses::misses(trial, arms, findings),
        decisions: decisions(trial, arms),
        published_size: published_size(trial),
        primary_verb: primary_verb(trial),
        visit_days: trial.protocol.arms.first().map(|arm| arm.score_days.clone()).unwrap_or_default(),
        source_names: source_names(library, findings),
    }
}

/// How the doubt was split, or why it was not.
fn how_split(doubt: &ManifestDoubt) -> String {
    if let Some(reason) = &doubt.not_split {
        return not_split(reason);
    }
    if doubt.with_draws == 0 {
        return "Nobody lived once more (--doubt 0)".to_string();
    }
    format!(
        "{} of the patients lived once more with a draw of the posterior each, of the {} uncertain parameters that act here, \
         and {} once more with another fate",
        count(doubt.with_draws),
        doubt.parameters,
        count(doubt.other_fate)
    )
}

/// What patients with the primary event did, if its card says so.
fn primary_verb(trial: &Prepared) -> Option<String> {
    let primary = trial.analyses.iter().find(|plan| plan.role == "primary")?;
    trial.trial.endpoints.get(&primary.endpoint_id)?.verb.clone()
}

fn time_zero(trial: &Prepared) -> String {
    let file = &trial.trial.file;
    let word = match file.time_zero {
        TimeZero::Randomisation => "Time counts from randomisation.",
        TimeZero::Graft => "Time counts from the graft.",
        TimeZero::Mobilisation => "Time counts from mobilisation.",
        TimeZero::StartOfTreatment => "Time counts from the start of treatment.",
    };
    format!("{word} {}", file.why_time_zero.as_deref().unwrap_or_default()).trim_end().to_string()
}

fn analysis_set(set: AnalysisSet) -> &'static str {
    match set {
        AnalysisSet::IntentionToTreat => "intention to treat: everyone in the arm, whatever was given",
        AnalysisSet::Grafted => "grafted: those who received a graft",
    }
}

/// An arm as the drawings see it.
pub(crate) fn arm_drawn(trial: &Prepared, arm: usize) -> Arm {
    let plan = &trial.protocol.arms[arm];
    let zero = plan.graft_days.unwrap_or(0.0);
    Arm {
        id: plan.id.clone(),
        title: plan.title.clone(),
        role: if plan.role == ArmRole::Studied { "studied" } else { "comparator" }.to_string(),
        regimen: plan.regimen_title.clone(),
        graft_day: plan.graft_days,
        steps: plan.steps.iter().map(|step| step_drawn(step, zero)).collect(),
        n_published: trial.published_sizes[arm],
        short: None,
    }
}

fn step_drawn(step: &StepLine, zero: f64) -> Step {
    let kind = if step.rule.is_some() { "rule" } else { step.kind.word() };
    // A label that holds a number states the dose in its own words.
    let dosed = !step.dose.is_empty() && !step.title.contains(|c: char| c.is_ascii_digit());
    let text = if dosed { format!("{} {}", step.title, step.dose) } else { step.title.clone() };
    let days: Vec<f64> = step.days.iter().map(|day| day - zero).collect();
    let last = days.last().copied().unwrap_or(step.from_days - zero);
    let until = step.to_days - zero;
    Step {
        kind: kind.to_string(),
        text,
        days: if days.is_empty() { vec![step.from_days - zero] } else { days },
        until_day: (until > last + 1.0 && until.is_finite()).then_some(until),
        by_rule: step.rule.is_some(),
    }
}

fn visits(trial: &Prepared) -> String {
    let Some(arm) = trial.protocol.arms.first() else { return String::new() };
    let disease = &trial.trial.disease;
    let scores: Vec<&str> = disease.scores.iter().map(|score| score.title.as_str()).collect();
    let counts: Vec<&str> = disease.counts.iter().map(|count| count.title.as_str()).collect();
    [(scores, &arm.score_days), (counts, &arm.imaging_days)]
        .into_iter()
        .filter(|(names, days)| !names.is_empty() && !days.is_empty())
        .map(|(names, days)| format!("{} {}", names.join(", "), rhythm(days)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// "every 6 months", or "at months 6, 12, 24" where the days are not evenly spaced.
fn rhythm(days: &[f64]) -> String {
    let months: Vec<f64> = days.iter().map(|day| (day / 30.4375).round()).collect();
    let even = months.iter().enumerate().all(|(k, month)| *month == months[0] * (k + 1) as f64);
    if even && months.len() > 1 {
        return format!("every {:.0} months", months[0]);
    }
    format!("at months {}", months.iter().map(|month| format!("{month:.0}")).collect::<Vec<_>>().join(", "))
}

fn curves(trial: &Prepared, setting: &Setting<'_>) -> Vec<CurveFigure> {
    let mut figures: Vec<CurveFigure> = Vec::new();
    let curve = |plan: &&AnalysisPlan| {
        matches!(
            plan.method,
            Method::KaplanMeier | Method::KaplanMeierComplement | Method::CumulativeIncidence
        ) && plan.role != "engraftment"
    };
    let mut plans: Vec<&AnalysisPlan> = trial.analyses.iter().filter(curve).collect();
    plans.sort_by_key(|plan| plan.role != "primary");
    for plan in plans {
        if figures.iter().any(|figure| figure.endpoint == plan.endpoint_id) {
            continue;
        }
        let earliest = earliest_day(trial, plan);
        let published = points(trial, plan, None);
        figures.push(figures::curve_figure(plan, setting, trial.protocol.horizon_days, earliest, published));
    }
    figures
}

/// First day on which an event can be counted: the earliest day of any rule, if all of them have one.
fn earliest_day(trial: &Prepared, plan: &AnalysisPlan) -> Option<f64> {
    let endpoint = &trial.trial.endpoints[&plan.endpoint_id];
    let EndpointKind::TimeToEvent { events, .. } = &endpoint.kind else { return None };
    events.iter().map(|rule| rule.earliest_day).min_by(f64::total_cmp)
}

/// Published values of an analysis as points; `only` keeps one arm.
fn points(trial: &Prepared, plan: &AnalysisPlan, only: Option<usize>) -> Vec<PublishedPoint> {
    let wanted =
        plan.published.iter().filter(|(arm, day, _)| only.is_none_or(|o| o == *arm) && day.is_some());
    wanted
        .map(|(arm, day, value)| PublishedPoint {
            arm: trial.arm_ids[*arm].clone(),
            day: day.unwrap_or_default(),
            value: value.value,
            low: value.ci_low,
            high: value.ci_high,
            ci_kind: value.ci_kind,
            source: value.trial_id.clone(),
        })
        .collect()
}

fn scores(trial: &Prepared, setting: &Setting<'_>) -> Vec<ScoreFigure> {
    let mut found = Vec::new();
    for plan in trial.analyses.iter().filter(|plan| plan.method == Method::Mean) {
        let endpoint = &trial.trial.endpoints[&plan.endpoint_id];
        let EndpointKind::Mean { of } = &endpoint.kind else { continue };
        let arms: Vec<CurveArm> =
            plan.arms.iter().filter_map(|arm| figures::score_arm(plan, *arm, setting)).collect();
        let published = points(trial, plan, None);
        let scores = &trial.trial.disease.scores;
        let card = match of {
            Measured::Score(score) => scores.iter().find(|card| card.name.text == score.text),
            _ => None,
        };
        let (id, title, range) = match card {
            Some(card) => (card.name.text.clone(), card.title.clone(), (card.low, card.high)),
            None => (plan.endpoint_id.clone(), plan.title.clone(), range_of(&arms, &published)),
        };
        found.push(figures::score_figure(&id, &title, range, arms, published));
    }
    found
}

/// From 0, or the lowest value, to the highest that is drawn.
fn range_of(arms: &[CurveArm], published: &[PublishedPoint]) -> (f64, f64) {
    let drawn = arms.iter().flat_map(|arm| arm.low.iter().chain(&arm.high).copied());
    let all = drawn.chain(published.iter().map(|point| point.value)).filter(|value| value.is_finite());
    all.fold((0.0, f64::MIN_POSITIVE), |(low, high), value| (low.min(value), high.max(value)))
}

fn fans(trial: &Prepared, library: &Library, arms: &[ArmRecord]) -> Vec<Fan> {
    let mut found = Vec::new();
    for (arm, run) in arms.iter().enumerate() {
        let Some(graft) = trial.protocol.arms[arm].graft_days else { continue };
        for (index, lab) in trial.trial.disease.labs.iter().enumerate() {
            let name = LabName {
                id: lab.name.text.clone(),
                title: lab.title.clone(),
                unit: lab.unit.clone(),
                log_scale: lab.scale == regraft_trial::disease::Scale::Log,
            };
            // The table's courses are those of people who got their own cells back.
            let own = trial.trial.arms[arm].product.as_ref().is_some_and(|p| p.donor == "autologous");
            let word = lab.measured_as.as_deref().filter(|_| own);
            let measured = word.map_or_else(Vec::new, |word| measured(library, word, &trial.arm_ids[arm]));
            let id = &trial.arm_ids[arm];
            found.push(figures::fan(&name, id, graft, &run.grid, &run.labs[index], measured));
        }
    }
    found
}

/// Measured points of the reconstitution table: days on which a threshold was passed after own cells.
fn measured(library: &Library, lab: &str, arm: &str) -> Vec<PublishedPoint> {
    let usable = |row: &&CourseRow| {
        row.quantity_id == lab
            && row.measure == Some(Measure::DayAbove)
            && row.usage == Use::Calibrate
            && row.verified
            && row.group.starts_with("auto")
    };
    let point = |row: &CourseRow| {
        Some(PublishedPoint {
            arm: arm.to_string(),
            day: row.number?,
            value: row.threshold?,
            low: None,
            high: None,
            ci_kind: crate::findings::CiKind::None,
            source: format!("{}, {}", row.source, row.group),
        })
    };
    library.reconstitution.iter().filter(usable).filter_map(point).collect()
}

fn failures(trial: &Prepared, screened: &Screened, arms: &[ArmRecord]) -> Vec<FailedPatient> {
    let before = screened.failures.iter().map(|failure| (failure, "before entry".to_string()));
    let during = arms
        .iter()
        .enumerate()
        .flat_map(|(arm, run)| run.failures.iter().map(move |failure| (failure, trial.arm_ids[arm].clone())));
    before
        .chain(during)
        .map(|(failure, arm)| FailedPatient {
            patient: failure.patient,
            arm,
            day: failure.day,
            cause: failure.cause.clone(),
        })
        .collect()
}

fn grades(trial: &Prepared) -> Vec<Grade> {
    let mut list: Vec<Grade> = Vec::new();
    let used = trial.trial.arms.iter().filter_map(|arm| trial.trial.grade(arm));
    for grade in used {
        let title = trial.trial.arms.iter().find(|arm| arm.regimen.therapy.text == grade.therapy.text);
        let therapy = title.map_or(grade.therapy.text.clone(), |arm| arm.regimen.title.clone());
        let line = Grade { therapy, grade: grade.grade.clone(), why: grade.why.clone() };
        if !list.contains(&line) {
            list.push(line);
        }
    }
    list
}

/// The longest-reaching assumptions: those that the disease states in words.
fn assumptions(trial: &Prepared) -> Vec<String> {
    trial.trial.disease.assumptions.clone()
}

/// Where the numbers of the cards in use come from.
pub(crate) fn number_sources(trial: &Prepared) -> Vec<(String, usize)> {
    let mut counts = [("read", 0), ("calibrated", 0), ("remembered", 0), ("assumed", 0)];
    for card in cards(trial) {
        for number in card.numbers() {
            let word = match number.origin() {
                Origin::Read | Origin::Evidence => "read",
                Origin::Calibrated => "calibrated",
                Origin::Remembered => "remembered",
                Origin::Assumed => "assumed",
                Origin::Switch | Origin::Design => continue,
            };
            counts.iter_mut().filter(|(name, _)| *name == word).for_each(|(_, n)| *n += 1);
        }
    }
    counts.map(|(name, n)| (name.to_string(), n)).to_vec()
}

fn cards(trial: &Prepared) -> Vec<Card> {
    let own = &trial.trial;
    let mut cards = vec![Card::Disease(own.disease.clone()), Card::Population(own.population.clone())];
    cards.extend(own.sensitivities.values().cloned().map(Card::Sensitivities));
    cards.extend(own.drugs.values().cloned().map(|drug| Card::Drug(Box::new(drug))));
    for arm in &own.arms {
        cards.push(Card::Regimen(arm.regimen.clone()));
        cards.extend(arm.product.clone().map(Card::Product));
    }
    cards
}

fn decisions(trial: &Prepared, arms: &[ArmRecord]) -> Vec<DecisionCount> {
    let mut found = Vec::new();
    for (arm, record) in arms.iter().enumerate() {
        let plan = &trial.protocol.arms[arm];
        for acted in &record.acted {
            let card = trial.trial.arms[arm].regimen.rules.iter().find(|card| card.id.text == acted.rule);
            let own = || plan.rules.iter().find(|rule| rule.id == acted.rule).map(|rule| rule.title.clone());
            found.push(DecisionCount {
                arm: plan.id.clone(),
                rule: card.map(|card| card.title.clone()).or_else(own).unwrap_or_default(),
                acted: acted.times,
                patients: acted.patients,
            });
        }
    }
    found
}

fn published_size(trial: &Prepared) -> String {
    let sizes: Vec<usize> = trial.published_sizes.iter().flatten().copied().collect();
    match sizes.as_slice() {
        [] => String::new(),
        [n] => format!("{n} patients"),
        [first, rest @ ..] if rest.iter().all(|n| n == first) => format!("{first} a side"),
        all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    }
}

/// Short names for the trials whose values are shown: what stands in brackets in the citation, else the id.
fn source_names(library: &Library, findings: &Findings) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for published in findings.findings.iter().flat_map(|finding| &finding.published) {
        if names.iter().any(|(id, _)| *id == published.trial_id) {
            continue;
        }
        let arm = library.evidence.arms.iter().find(|arm| arm.trial_id == published.trial_id);
        let name =
            arm.and_then(|arm| author_and_year(&arm.citation)).unwrap_or_else(|| published.trial_id.clone());
        names.push((published.trial_id.clone(), name));
    }
    names
}

/// "Burt 2019" from "Burt RK et al. JAMA 2019;321(2):165-174 (MIST)".
fn author_and_year(citation: &str) -> Option<String> {
    let author = citation.split_whitespace().next()?.trim_end_matches([',', ':']);
    let digits = |word: &&str| word.len() >= 4 && word.chars().take(4).all(|c| c.is_ascii_digit());
    let year = citation.split(|c: char| !c.is_ascii_alphanumeric()).find(digits)?;
    let year = year.get(..4).filter(|year| year.starts_with("19") || year.starts_with("20"))?;
    Some(format!("{author} {year}"))
}
