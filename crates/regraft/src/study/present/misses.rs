//! Why a curve misses its published value, as far as the run itself shows: which events it is made of, and when.

use regraft_trial::endpoint::{EndpointKind, EventRule};

use crate::findings::{AnalysisPlan, Findings, Verdict};
use crate::outcomes::{CompiledEndpoint, CompiledKind, Grid, Observed};
use crate::study::{ArmRecord, Prepared};

/// What the events of one endpoint in one arm were, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Causes {
    /// Index of the endpoint.
    endpoint: usize,
    /// Events.
    events: usize,
    /// Events within the first months.
    early: usize,
    /// Events that each rule of the endpoint was the first to give.
    by_rule: Vec<usize>,
}

impl Causes {
    /// Nothing counted yet, for every endpoint of several rules that has a published value in the arm.
    pub fn asked_for(trial: &Prepared, arm: usize) -> Vec<Causes> {
        let mut asked: Vec<Causes> = Vec::new();
        for plan in trial.analyses.iter().filter(|plan| plan.published.iter().any(|(of, ..)| *of == arm)) {
            let endpoint = plan.endpoint;
            let CompiledKind::TimeToEvent { events, .. } = &trial.endpoints[arm][endpoint].kind else {
                continue;
            };
            if events.len() > 1 && asked.iter().all(|known| known.endpoint != endpoint) {
                asked.push(Causes { endpoint, events: 0, early: 0, by_rule: vec![0; events.len()] });
            }
        }
        asked
    }

    /// Counts a patient's event, if the endpoint counts one.
    pub fn add(&mut self, trial: &Prepared, arm: usize, grid: &Grid, patient: &Observed) {
        let Some((day, rule)) = cause(&trial.endpoints[arm][self.endpoint], grid, patient) else { return };
        self.events += 1;
        self.early += usize::from(day <= EARLY_DAYS);
        self.by_rule[rule] += 1;
    }
}

/// Days of the first stretch that is counted apart.
const EARLY_DAYS: f64 = 182.625;

/// One sentence per curve that lies outside a published interval.
pub fn misses(trial: &Prepared, arms: &[ArmRecord], findings: &Findings) -> Vec<String> {
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

/// "No evidence of disease activity, transplant: 292 events, by what came first: new lesion (185); …. Of all 49 came in
/// the first 6 months."
fn sentence(trial: &Prepared, plan: &AnalysisPlan, arm: usize, record: &ArmRecord) -> Option<String> {
    let EndpointKind::TimeToEvent { events: rules, .. } = &trial.trial.endpoints[&plan.endpoint_id].kind
    else {
        return None;
    };
    let causes = record.causes.iter().find(|causes| causes.endpoint == plan.endpoint && causes.events > 0)?;
    let named = rules.iter().zip(&causes.by_rule).enumerate();
    let mut parts: Vec<(usize, String)> =
        named.filter(|(_, (_, n))| **n > 0).map(|(index, (rule, n))| (*n, name(rule, index))).collect();
    parts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let list: Vec<String> =
        parts.iter().map(|(n, name)| format!("{} ({n})", crate::report::inner(name))).collect();
    Some(format!(
        "{}, {}: {} events, by what came first: {}. Of all {} came in the first 6 months.",
        plan.title,
        crate::report::inner(&trial.protocol.arms[arm].title),
        causes.events,
        list.join("; "),
        causes.early,
    ))
}

fn name(rule: &EventRule, index: usize) -> String {
    let id = rule.id.as_ref().map(|id| id.text.replace('_', " "));
    rule.title.clone().or(id).unwrap_or_else(|| format!("event {}", index + 1))
}

/// Day and rule of a patient's event, if the endpoint counts one.
fn cause(endpoint: &CompiledEndpoint, grid: &Grid, patient: &Observed) -> Option<(f64, usize)> {
    let CompiledKind::TimeToEvent { events, .. } = &endpoint.kind else { return None };
    let event = endpoint.time_to_event(grid, patient).filter(|outcome| outcome.status == 1)?;
    let days = events
        .iter()
        .enumerate()
        .filter_map(|(index, rule)| Some((endpoint.first(rule, grid, patient)?, index)));
    let (_, rule) = days.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    Some((event.time, rule))
}
