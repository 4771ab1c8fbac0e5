//! A trial in words: question, arms, visits, analyses with the published values beside them.

use regraft::library::Library;
use regraft_trial::evidence::{CiKind, Published};
use regraft_trial::trial_file::{Analysis, AnalysisRole, Arm, ArmRole, TrialFile, Visits};
use regraft_trial::{Trial, resolve};

use super::names::{method, spaced};
use super::{plans, section};
use crate::words::{self, series, short};

/// Everything but the stated numbers.
pub fn trial(library: &Library, file: &TrialFile) -> String {
    let resolved = resolve(file, &library.cards, &library.sources).0;
    let analyses: Vec<String> =
        file.analyses.iter().flat_map(|one| analysis(library, resolved.as_ref(), one)).collect();
    section("design", &design(file))
        + &section("arms", &file.arms.iter().map(arm).collect::<Vec<_>>())
        + &section("visits", &visits(&file.visits))
        + &section("analyses, with the published values beside them", &analyses)
        + &section("how it would be run, for `regraft design`", &plans::design(file))
        + &section("what may be varied, for `regraft search`", &plans::search(file))
}

fn design(file: &TrialFile) -> Vec<String> {
    let why = file.why_time_zero.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    vec![
        file.question.clone(),
        format!("disease {}, population {}", file.disease.text, file.population.text),
        format!(
            "{} days from time zero, the {}{why}",
            short(file.horizon_days),
            spaced(file.time_zero.word())
        ),
    ]
}

fn arm(arm: &Arm) -> String {
    let role = match arm.role {
        ArmRole::Studied => "studied",
        ArmRole::Comparator => "comparator",
    };
    let product = arm.product.as_ref().map(|product| format!(" with {}", product.text)).unwrap_or_default();
    let published = match (&arm.evidence, arm.n_published) {
        (Some(evidence), Some(n)) => {
            format!("; published as {}, {}", evidence.text, words::count(n as usize, "patient"))
        }
        (Some(evidence), None) => format!("; published as {}", evidence.text),
        (None, _) => String::new(),
    };
    let why = arm.why_day_zero_at.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!(
        "{}: {} ({role}), {}{product}, day zero on day {}{why}{published}",
        arm.id.text,
        arm.title,
        arm.regimen.text,
        short(arm.day_zero_at)
    )
}

fn visits(visits: &Visits) -> Vec<String> {
    let mut entries = Vec::new();
    for (what, days) in [("scores", &visits.score_days), ("imaging", &visits.imaging_days)] {
        if !days.is_empty() {
            entries.push(format!("{what} on day {}", series(days)));
        }
    }
    entries.extend(visits.labs.iter().map(|lab| {
        let (from, to, every) = (short(lab.from_day), short(lab.to_day), short(lab.every_days));
        format!("laboratory from day {from} to {to} of the regimen, every {every}")
    }));
    entries
}

/// What is reported, then one line per published value.
fn analysis(library: &Library, trial: Option<&Trial>, analysis: &Analysis) -> Vec<String> {
    let endpoint = &analysis.endpoint.text;
    let title = analysis
        .title
        .clone()
        .or_else(|| library.cards.endpoints.get(endpoint).map(|card| card.title.clone()));
    let role = match analysis.role {
        AnalysisRole::Primary => "primary",
        AnalysisRole::Benefit => "benefit",
        AnalysisRole::Harm => "harm",
        AnalysisRole::Engraftment => "engraftment",
    };
    let times: Vec<String> = analysis.at_days.iter().map(|day| words::time(*day)).collect();
    let at = if times.is_empty() { String::new() } else { format!(", at {}", times.join(", ")) };
    let level = match analysis.level {
        USUAL_LEVEL => String::new(),
        other => format!(", {} % intervals", short(100.0 * other)),
    };
    let line = format!(
        "{} ({role}): {endpoint}, {}{}{at}{level}",
        title.unwrap_or_default(),
        method(analysis.method),
        arms(analysis)
    );
    let published = trial.map(|trial| trial.published(analysis, &library.evidence).0).unwrap_or_default();
    let values = published.iter().map(|one| {
        let when = one.at_day.map(|day| format!(" at {}", words::time(day))).unwrap_or_default();
        format!("  published{when}: {}", value(&one.value))
    });
    std::iter::once(line).chain(values).collect()
}

/// Level of intervals that goes without saying.
const USUAL_LEVEL: f64 = 0.95;

fn arms(analysis: &Analysis) -> String {
    let arms: Vec<&str> = analysis.arms.iter().map(|arm| arm.text.as_str()).collect();
    match (&analysis.versus, arms.is_empty()) {
        (Some(versus), _) => format!(" of {} against {}", arms.join(", "), versus.text),
        (None, true) => String::new(),
        (None, false) => format!(" of {}", arms.join(", ")),
    }
}

/// `MIST/HSCT progression_cumulative 2 percent (0.4 to 9.9, Wilson), n 55 [burt2019mist]`.
fn value(one: &Published) -> String {
    let interval = match (one.ci_low, one.ci_high, one.ci_kind) {
        (Some(low), Some(high), CiKind::Wilson) => format!(" ({low:.1} to {high:.1}, Wilson)"),
        (Some(low), Some(high), _) => format!(" ({} to {}, printed)", short(low), short(high)),
        _ => String::new(),
    };
    let n = one.n.map(|n| format!(", n {}", short(n))).unwrap_or_default();
    format!(
        "{}/{} {} {} {}{interval}{n} [{}]",
        one.trial_id,
        one.arm_id,
        one.outcome,
        short(one.value),
        one.unit,
        one.source
    )
}
