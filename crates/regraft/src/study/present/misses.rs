//! Why a curve misses its published value, as far as the run itself shows: which events it is made of, and when.

use regraft_trial::endpoint::{EndpointKind, EventRule};

use crate::findings::{AnalysisPlan, Findings, Verdict};
use crate::outcomes::{CompiledEndpoint, CompiledKind, Observed};
use crate::study::{ArmRun, Prepared};

/// Days of the first stretch that is counted apart.
const EARLY_DAYS: f64 = 182.625;

/// One sentence per curve that lies outside a published interval.
pub fn misses(trial: &Prepared, arms: &[ArmRun], findings: &Findings) -> Vec<String> {
    let mut sentences = Vec::new();
    for plan in &trial.analyses {
        for arm in &plan.arms {
            let outside = findings.findings.iter().any(|finding| {
                finding.endpoint == plan.endpoint_id
                    && finding.method == plan.method.word()
                    && finding.arm == trial.arm_ids[*arm]
                    && finding.verdict == Verdict::Outside
            });
            if outside {
                sentences.extend(sentence(trial, plan, *arm, &arms[*arm]));
            }
        }
    }
    sentences.dedup();
    sentences
}

/// "No evidence of disease activity, transplant: of 292 events 185 are new lesion, …; 49 came in the first 6 months."
fn sentence(trial: &Prepared, plan: &AnalysisPlan, arm: usize, run: &ArmRun) -> Option<String> {
    let EndpointKind::TimeToEvent { events: rules, .. } = &trial.trial.endpoints[&plan.endpoint_id].kind
    else {
        return None;
    };
    let endpoint = &trial.endpoints[arm][plan.endpoint];
    let found: Vec<(f64, usize)> =
        run.observed.iter().filter_map(|patient| cause(endpoint, run, patient)).collect();
    if found.is_empty() || rules.len() < 2 {
        return None;
    }
    let count = |rule: usize| found.iter().filter(|(_, which)| *which == rule).count();
    let mut parts: Vec<(usize, String)> = rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (count(index), name(rule, index)))
        .filter(|(n, _)| *n > 0)
        .collect();
    parts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let list: Vec<String> = parts.iter().map(|(n, name)| format!("{n} {}", name.to_lowercase())).collect();
    let early = found.iter().filter(|(day, _)| *day <= EARLY_DAYS).count();
    Some(format!(
        "{}, {}: of {} events the first was {}; {early} came in the first 6 months.",
        plan.title,
        trial.protocol.arms[arm].title.to_lowercase(),
        found.len(),
        list.join(", "),
    ))
}

fn name(rule: &EventRule, index: usize) -> String {
    let id = rule.id.as_ref().map(|id| id.text.replace('_', " "));
    rule.title.clone().or(id).unwrap_or_else(|| format!("event {}", index + 1))
}

/// Day and rule of a patient's event, if the endpoint counts one.
fn cause(endpoint: &CompiledEndpoint, run: &ArmRun, patient: &Observed) -> Option<(f64, usize)> {
    let CompiledKind::TimeToEvent { events, .. } = &endpoint.kind else { return None };
    let event = endpoint.time_to_event(&run.grid, patient).filter(|outcome| outcome.status == 1)?;
    let days = events
        .iter()
        .enumerate()
        .filter_map(|(index, rule)| Some((endpoint.first(rule, &run.grid, patient)?, index)));
    let (_, rule) = days.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    Some((event.time, rule))
}
