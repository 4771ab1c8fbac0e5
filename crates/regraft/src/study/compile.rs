//! Names of a trial's endpoints and analyses to indices.

mod days;

use regraft_model::{Diagnostic, Found};
use regraft_trial::Trial;
use regraft_trial::condition::threshold_name;
use regraft_trial::endpoint::{Clock, Endpoint, EndpointKind, EventKind, EventRule, Measured};
use regraft_trial::evidence::{self, Evidence};
use regraft_trial::name::Name;
use regraft_trial::protocol::{ArmPlan, Protocol};
use regraft_trial::trial_file::{Analysis, AnalysisRole, AnalysisSet, Method};

use crate::findings::{AnalysisPlan, CiKind, Published};
use crate::outcomes::observe::{CountReading, LabReading, ScoreReading};
use crate::outcomes::{CompiledEndpoint, CompiledEvent, CompiledKind, Readings, SeriesOf};
use crate::outcomes::{Part, What};

/// What the trial's names have become.
pub struct Compiled {
    /// What is read at visits, by column.
    pub readings: Readings,
    /// Columns that the simulation writes.
    pub columns: Vec<Found>,
    /// Endpoint ids.
    pub endpoint_ids: Vec<String>,
    /// `[arm][endpoint]`
    pub endpoints: Vec<Vec<CompiledEndpoint>>,
    /// Analyses.
    pub analyses: Vec<AnalysisPlan>,
}

/// Compiles readings, endpoints and analyses; evidence that may not be shown is a problem.
pub fn compile(
    trial: &Trial,
    protocol: &Protocol,
    evidence: &Evidence,
    problems: &mut Vec<Diagnostic>,
) -> Compiled {
    let mut columns = Vec::new();
    let readings = readings(protocol, &mut columns);
    let endpoint_ids: Vec<String> = trial.endpoints.keys().cloned().collect();
    let endpoints: Vec<Vec<CompiledEndpoint>> = protocol
        .arms
        .iter()
        .map(|arm| trial.endpoints.values().map(|endpoint| of_arm(endpoint, trial, protocol, arm)).collect())
        .collect();
    let analyses = trial.file.analyses.iter().filter_map(|analysis| {
        let plan = plan_analysis(analysis, trial, evidence, &endpoint_ids, &endpoints, problems)?;
        let of_it: Vec<&CompiledEndpoint> = endpoints.iter().map(|arm| &arm[plan.endpoint]).collect();
        problems.extend(days::check_days(analysis, &plan, &of_it, &protocol.arms));
        Some(plan)
    });
    Compiled { readings, columns, analyses: analyses.collect(), endpoint_ids, endpoints }
}

/// Column of a quantity, added if it is new.
fn column(columns: &mut Vec<Found>, found: Found) -> usize {
    columns.iter().position(|known| *known == found).unwrap_or_else(|| {
        columns.push(found);
        columns.len() - 1
    })
}

fn readings(protocol: &Protocol, columns: &mut Vec<Found>) -> Readings {
    let scores = protocol.scores.iter().map(|score| ScoreReading {
        name: score.name.clone(),
        column: column(columns, score.observable),
        step: score.step,
        low: score.low,
        high: score.high,
        noise_sd: score.noise_sd,
        higher_is_worse: score.worse_sign > 0.0,
    });
    let scores = scores.collect();
    let counts = protocol
        .counts
        .iter()
        .map(|count| CountReading { name: count.name.clone(), column: column(columns, count.cumulative) })
        .collect();
    let labs = protocol.labs.iter().map(|lab| LabReading {
        name: lab.name.clone(),
        column: column(columns, lab.observable),
        cv: lab.cv,
        lower_limit: lab.lower_limit.unwrap_or(0.0),
    });
    let labs = labs.collect();
    let others = protocol.watched.observables.iter().map(|(_, found)| column(columns, *found)).collect();
    Readings { scores, counts, labs, others }
}

fn of_arm(endpoint: &Endpoint, trial: &Trial, protocol: &Protocol, arm: &ArmPlan) -> CompiledEndpoint {
    let day_zero = arm.graft_days.unwrap_or(arm.day_zero_days);
    let grafted_only =
        trial.file.analysis_set != AnalysisSet::IntentionToTreat || endpoint.clock == Clock::DayZero;
    CompiledEndpoint {
        kind: kind(endpoint, trial, protocol, arm),
        zero: if endpoint.clock == Clock::DayZero { day_zero } else { 0.0 },
        day_zero,
        only_grafted: grafted_only && arm.graft_days.is_some(),
        only_reached: endpoint.clock == Clock::DayZero,
        horizon: protocol.horizon_days,
    }
}

/// Days on which analyses look at an endpoint.
fn asked_days(endpoint: &Endpoint, trial: &Trial) -> Vec<f64> {
    let of_it = trial.file.analyses.iter().filter(|analysis| analysis.endpoint.text == endpoint.id.text);
    of_it.flat_map(|analysis| analysis.at_days.iter().copied()).collect()
}

fn kind(endpoint: &Endpoint, trial: &Trial, protocol: &Protocol, arm: &ArmPlan) -> CompiledKind {
    let names = Names { endpoint, protocol, arm };
    let compile = |rules: &[EventRule]| rules.iter().map(|rule| names.event(rule)).collect::<Vec<_>>();
    match &endpoint.kind {
        EndpointKind::TimeToEvent { events, competing, censor } => CompiledKind::TimeToEvent {
            events: compile(events),
            competing: compile(competing),
            censor: compile(censor),
            by_day: None,
        },
        EndpointKind::Proportion { events, by_day } => CompiledKind::TimeToEvent {
            events: compile(events),
            competing: Vec::new(),
            censor: Vec::new(),
            by_day: *by_day,
        },
        EndpointKind::Change { of } | EndpointKind::Mean { of } => CompiledKind::Value {
            of: names.series(of, 0),
            change: matches!(endpoint.kind, EndpointKind::Change { .. }),
            at: if matches!(of, Measured::Score(_)) { Vec::new() } else { asked_days(endpoint, trial) },
        },
        EndpointKind::AnnualRate { events, from_day, to_day } => {
            CompiledKind::Rate { events: compile(events), from_day: *from_day, to_day: *to_day }
        }
    }
}

/// Position of a name that planning has found before.
fn index_of<'a>(mut names: impl Iterator<Item = &'a str>, wanted: &str) -> usize {
    names.position(|name| name == wanted).expect("the plan refuses endpoints with unknown names")
}

/// Names of one endpoint in one arm.
struct Names<'a> {
    endpoint: &'a Endpoint,
    protocol: &'a Protocol,
    arm: &'a ArmPlan,
}

impl Names<'_> {
    fn event(&self, rule: &EventRule) -> CompiledEvent {
        CompiledEvent { earliest_day: rule.earliest_day, what: self.what(rule) }
    }

    fn what(&self, rule: &EventRule) -> What {
        let Names { protocol, arm, .. } = self;
        match &rule.kind {
            EventKind::ScoreChange {
                score,
                toward,
                by,
                high_baseline,
                by_at_high_baseline,
                confirmed_after_days,
                baseline,
            } => {
                let score = self.score(score);
                What::ScoreChange {
                    score,
                    higher_is_worse: protocol.scores[score].worse_sign > 0.0,
                    toward: *toward,
                    by: *by,
                    high: high_baseline.zip(*by_at_high_baseline),
                    confirmed_after_days: *confirmed_after_days,
                    baseline: *baseline,
                }
            }
            EventKind::ModelEvent { event } => {
                let names = protocol.watched.events.iter().map(|(name, _)| name.as_str());
                What::ModelEvent(protocol.watched.events[index_of(names, &event.text)].1)
            }
            EventKind::NewCount { count, at_least, each } => What::NewCount {
                count: index_of(protocol.counts.iter().map(|c| c.name.as_str()), &count.text),
                at_least: u64::from(*at_least),
                each: *each,
            },
            EventKind::Threshold { of, side, value, for_days, after } => What::Threshold {
                of: self.series(of, self.place(rule)),
                side: *side,
                value: *value,
                for_days: *for_days,
                after: *after,
            },
            EventKind::Death { within_days } => What::Death { within_days: *within_days },
            EventKind::Decision { marks } => {
                let marked =
                    arm.rules.iter().enumerate().filter(|(_, rule)| rule.marks.as_ref() == Some(&marks.text));
                What::Decision(marked.map(|(index, _)| index as u32).collect())
            }
            EventKind::All { of, for_days } => {
                What::All { of: of.iter().map(|part| self.part(part)).collect(), for_days: *for_days }
            }
            EventKind::NoGraft if arm.graft_days.is_none() => What::Never,
            EventKind::NoGraft => What::NoGraft,
        }
    }

    fn part(&self, rule: &EventRule) -> Part {
        Part { earliest_day: rule.earliest_day, what: self.what(rule), absent: rule.absent }
    }

    fn score(&self, name: &Name) -> usize {
        index_of(self.protocol.scores.iter().map(|score| score.name.as_str()), &name.text)
    }

    fn place(&self, rule: &EventRule) -> usize {
        let rules = self.endpoint.kind.rules();
        rules.iter().position(|one| std::ptr::eq(*one, rule)).expect("it is a rule of this endpoint")
    }

    /// The series of a rule at this place of the endpoint.
    fn series(&self, of: &Measured, place: usize) -> SeriesOf {
        match of {
            Measured::Lab(name) => {
                SeriesOf::Lab(index_of(self.protocol.labs.iter().map(|l| l.name.as_str()), &name.text))
            }
            Measured::Score(name) => SeriesOf::Score(self.score(name)),
            Measured::Observable(written) => {
                let name = threshold_name(&self.endpoint.id.text, place, written);
                let known = self.protocol.watched.observables.iter().map(|(n, _)| n.as_str());
                SeriesOf::Other(index_of(known, &name))
            }
        }
    }
}

fn plan_analysis(
    analysis: &Analysis,
    trial: &Trial,
    evidence: &Evidence,
    endpoint_ids: &[String],
    endpoints: &[Vec<CompiledEndpoint>],
    problems: &mut Vec<Diagnostic>,
) -> Option<AnalysisPlan> {
    let endpoint = trial.endpoints.get(&analysis.endpoint.text)?;
    let arm = |name: &str| trial.arms.iter().position(|arm| arm.arm.id.text == name);
    let named: Vec<usize> = analysis.arms.iter().filter_map(|name| arm(&name.text)).collect();
    let arms = if analysis.arms.is_empty() { (0..trial.arms.len()).collect() } else { named };
    let at_days: Vec<Option<f64>> = analysis.at_days.iter().copied().map(Some).collect();
    let index = endpoint_ids.iter().position(|id| *id == analysis.endpoint.text)?;
    Some(AnalysisPlan {
        endpoint: index,
        zeros: endpoints.iter().map(|of_arm| of_arm[index].zero).collect(),
        endpoint_id: analysis.endpoint.text.clone(),
        title: analysis.title.clone().unwrap_or_else(|| endpoint.title.clone()),
        definition: endpoint.definition.clone(),
        method: analysis.method,
        versus: analysis.versus.as_ref().and_then(|name| arm(&name.text)),
        at_days: if at_days.is_empty() { vec![None] } else { at_days },
        level: analysis.level,
        role: role(analysis.role).to_string(),
        direction: if endpoint.direction == regraft_trial::endpoint::Direction::Harm {
            "harm"
        } else {
            "benefit"
        }
        .to_string(),
        unit: unit(analysis.method, endpoint),
        published: published(analysis, trial, evidence, problems),
        arms,
    })
}

fn role(role: AnalysisRole) -> &'static str {
    match role {
        AnalysisRole::Primary => "primary",
        AnalysisRole::Benefit => "benefit",
        AnalysisRole::Harm => "harm",
        AnalysisRole::Engraftment => "engraftment",
    }
}

fn unit(method: Method, endpoint: &Endpoint) -> String {
    match method {
        Method::HazardRatio => "hazard_ratio".into(),
        Method::AnnualRate => "per_year".into(),
        Method::RateRatio => "rate_ratio".into(),
        Method::MedianDay => "days".into(),
        Method::Mean | Method::MeanChange => endpoint.unit.clone().unwrap_or_default(),
        _ => "percent".into(),
    }
}

fn published(
    analysis: &Analysis,
    trial: &Trial,
    evidence: &Evidence,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(usize, Option<f64>, Published)> {
    let (values, found) = trial.published(analysis, evidence);
    problems.extend(found);
    values.into_iter().map(|value| (value.arm, value.at_day, convert(value.value, analysis))).collect()
}

/// Whether the method's numbers are shares of patients.
fn counts_patients(method: Method) -> bool {
    match method {
        Method::KaplanMeier
        | Method::KaplanMeierComplement
        | Method::CumulativeIncidence
        | Method::Proportion => true,
        Method::HazardRatio
        | Method::RateRatio
        | Method::MeanChange
        | Method::Mean
        | Method::AnnualRate
        | Method::MedianDay => false,
    }
}

/// Days per month of a publication: 365.25 / 12.
const DAYS_PER_MONTH: f64 = 30.4375;

/// The published value in the finding's unit: months become days where the finding is in days.
fn convert(row: evidence::Published, analysis: &Analysis) -> Published {
    let to_days = match (analysis.method, row.unit.as_str()) {
        (Method::MedianDay, "months") => DAYS_PER_MONTH,
        (Method::MedianDay, "weeks") => 7.0,
        (Method::MedianDay, "years") => 365.25,
        _ => 1.0,
    };
    let ci_kind = match row.ci_kind {
        evidence::CiKind::Printed => CiKind::Printed,
        // A percentage that is no share of patients, such as HbA1c, has no interval by their number.
        evidence::CiKind::Wilson if counts_patients(analysis.method) => CiKind::Wilson,
        evidence::CiKind::Wilson | evidence::CiKind::None => CiKind::None,
    };
    let known = |end: Option<f64>| end.filter(|_| ci_kind != CiKind::None);
    Published {
        trial_id: row.trial_id,
        arm_id: row.arm_id,
        outcome: row.outcome,
        line: row.line,
        n: row.n,
        value: row.value * to_days,
        ci_low: known(row.ci_low).map(|low| low * to_days),
        ci_high: known(row.ci_high).map(|high| high * to_days),
        ci_level: known(row.ci_level),
        ci_kind,
        source: row.source,
        note: row.note,
    }
}
