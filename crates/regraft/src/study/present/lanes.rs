//! Five patients one by one, chosen by a written rule, each in all arms.

use regraft_trial::protocol::PlannedTrigger;

use crate::outcomes::{Observed, Outcome};
use crate::report::data::{PatientLane, PatientLanes};
use crate::study::figures::score_at;
use crate::study::{ArmRecord, Prepared, Record};

/// Percentiles of the rule and their words.
const CHOSEN: [(f64, &str); 5] = [
    (0.05, "5th percentile"),
    (0.25, "25th percentile"),
    (0.50, "median"),
    (0.75, "75th percentile"),
    (0.95, "95th percentile"),
];

/// The first score endpoint of the trial: its position and the last day on which the score is read.
fn score_endpoint(trial: &Prepared, outcomes: &[Vec<Outcome>]) -> Option<(usize, f64)> {
    let arm = outcomes.first()?;
    let found = arm.iter().position(|outcome| matches!(outcome, Outcome::Scores { .. }))?;
    let last = trial.protocol.arms.first()?.score_days.last().copied()?;
    Some((found, last))
}

/// How the patients were chosen, for people.
pub fn rule(trial: &Prepared, record: &Record) -> String {
    let first = || format!(", among the first {} patients", record.kept);
    let among = record.crowd.as_ref().map(|_| first()).unwrap_or_default();
    let score = trial.trial.disease.scores.first().map_or("the score", |score| score.title.as_str());
    match trial.protocol.arms.as_slice() {
        [first, second, ..] => format!(
            "Chosen by rule, not by hand: the 5th, 25th, 50th, 75th and 95th percentile of {score} in “{}” minus {score} in “{}” at the last visit{among}.",
            second.title, first.title
        ),
        _ => format!(
            "Chosen by rule, not by hand: the 5th, 25th, 50th, 75th and 95th percentile of {score} at the last visit{among}."
        ),
    }
}

/// The lanes; fewer than five where fewer patients have a score at the last visit.
pub fn lanes(trial: &Prepared, record: &Record) -> Vec<PatientLanes> {
    let outcomes = &record.outcomes;
    let Some((endpoint, last)) = score_endpoint(trial, outcomes) else { return Vec::new() };
    let gain = |patient: usize| {
        let of = |arm: usize| score_at(&outcomes[arm][endpoint], patient, last);
        if outcomes.len() > 1 { Some(of(1)? - of(0)?) } else { of(0) }
    };
    let n = record.cohort.numbers.len();
    let mut gains: Vec<(f64, usize)> = (0..n).filter_map(|patient| Some((gain(patient)?, patient))).collect();
    // Ties are broken by the patient's number: the rule names one patient.
    gains.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<usize> = Vec::new();
    let mut lanes = Vec::new();
    for (percentile, word) in CHOSEN {
        let Some((_, patient)) = gains.get((percentile * (gains.len().max(1) - 1) as f64).round() as usize)
        else {
            continue;
        };
        if !chosen.contains(patient) {
            chosen.push(*patient);
            lanes.push(of_patient(trial, record, *patient, word));
        }
    }
    lanes
}

fn of_patient(trial: &Prepared, record: &Record, patient: usize, word: &str) -> PatientLanes {
    PatientLanes {
        patient: record.cohort.numbers[patient],
        description: description(trial, record, patient),
        chosen: word.to_string(),
        arms: record
            .arms
            .iter()
            .enumerate()
            .map(|(arm, run)| lane(trial, arm, run, &run.observed[patient]))
            .collect(),
    }
}

/// "34 years, woman, EDSS 3.5 at entry": what a population card calls age and female, and the first score.
fn description(trial: &Prepared, record: &Record, patient: usize) -> String {
    let trait_of = |name: &str| {
        let column = record.cohort.column(name)?;
        Some(record.cohort.value(patient, column))
    };
    let mut parts = Vec::new();
    parts.extend(trait_of("age").map(|age| format!("{age:.0} years")));
    parts.extend(trait_of("female").map(|female| if female > 0.5 { "woman" } else { "man" }.to_string()));
    let score = trial.trial.disease.scores.first();
    let start =
        record.arms.first().map(|run| &run.observed[patient]).and_then(|o| o.score(0).first().copied());
    if let (Some(score), Some(start)) = (score, start.filter(|value| value.is_finite())) {
        parts.push(format!("{} {start:.1} at entry", score.title));
    }
    parts.join(", ")
}

fn lane(trial: &Prepared, arm: usize, run: &ArmRecord, observed: &Observed) -> PatientLane {
    let seen = |day: f64| day <= observed.end;
    let score = run
        .grid
        .score_days
        .iter()
        .zip(if trial.readings.scores.is_empty() { &[][..] } else { observed.score(0) })
        .filter(|(day, value)| seen(**day) && value.is_finite())
        .map(|(day, value)| (day.max(0.0), *value))
        .collect();
    PatientLane { arm: trial.arm_ids[arm].clone(), score, events: events(trial, arm, run, observed) }
}

fn events(trial: &Prepared, arm: usize, run: &ArmRecord, observed: &Observed) -> Vec<(f64, String, String)> {
    let mut events: Vec<(f64, String, String)> = Vec::new();
    for (day, event) in &observed.events {
        let name = trial.program.events[*event as usize].name.as_str();
        let leaf = name.rsplit('.').next().unwrap_or(name).to_string();
        if let Some(drawn) = trial
            .trial
            .disease
            .drawn_events
            .iter()
            .find(|drawn| drawn.event.text == leaf || name.ends_with(&format!(".{}", drawn.event.text)))
        {
            events.push((*day, drawn.kind.clone(), drawn.title.clone()));
        }
    }
    for (day, rule) in &observed.acted {
        let rule = &trial.protocol.arms[arm].rules[*rule as usize];
        // What is asked on calendar days (G-CSF every morning) is support, not news.
        let kind = match (&rule.marks, &rule.trigger) {
            (Some(_), _) => "other",
            (None, PlannedTrigger::Event(_)) => "pulse",
            (None, PlannedTrigger::Times(_)) => continue,
        };
        events.push((*day, kind.to_string(), rule.title.clone()));
    }
    for (index, count) in trial.trial.disease.counts.iter().enumerate() {
        let visits = run.grid.imaging_days.iter().zip(observed.count(index));
        events.extend(
            visits
                .filter(|(day, n)| **n > 0 && **day <= observed.end)
                .map(|(day, n)| (*day, "lesion".to_string(), format!("{n} {}", count.title.to_lowercase()))),
        );
    }
    let graft = trial.protocol.arms[arm].graft_days.filter(|_| observed.grafted);
    events.extend(graft.map(|day| (day, "graft".to_string(), "graft".to_string())));
    events.extend(observed.died.map(|day| (day, "death".to_string(), "death".to_string())));
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    events
}
