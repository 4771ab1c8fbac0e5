//! What the twins came to: for every endpoint a value in each regimen and its paired difference from the last.

use regraft_stats::{Estimate, Survival, paired_bootstrap, weighted_incidence, weighted_mean, wilson};
use regraft_trial::Trial;
use regraft_trial::endpoint::{Direction, Endpoint, EndpointKind};
use regraft_trial::trial_file::{Analysis, AnalysisRole, Method};

use super::Question;
use super::answer::{Outcome, Role, Value};
use super::cases::Lived;
use super::template::original;
use crate::outcomes::Outcome as Ends;
use crate::posterior::{ByMember, widen};

/// Resamples of twins behind an interval.
const RESAMPLES: usize = 400;
/// Level of all intervals.
pub const LEVEL: f64 = 0.95;
/// Standard errors on either side of an interval at that level.
const NORMAL: f64 = 1.959_964;

/// All endpoints of the twin's trial.
pub fn outcomes(question: &Question, lived: &Lived) -> Vec<Outcome> {
    let trial = &question.trial.trial;
    trial.file.analyses.iter().filter_map(|analysis| outcome(question, trial, analysis, lived)).collect()
}

fn outcome(question: &Question, trial: &Trial, analysis: &Analysis, lived: &Lived) -> Option<Outcome> {
    let endpoint = trial.endpoints.get(&analysis.endpoint.text)?;
    let place = question.trial.endpoint_ids.iter().position(|id| *id == endpoint.id.text)?;
    let day = day_of(endpoint, analysis, trial.file.horizon_days);
    let arms: Vec<&Ends> = lived.cases.arms.iter().map(|arm| &arm.outcomes[place]).collect();
    let of = Measured { question, lived, arms, day, name: &endpoint.id.text };
    // A share by a day after the graft says nothing where there is none.
    let asks_graft = question.chosen.made.iter().any(|made| made.id == endpoint.id)
        && matches!(endpoint.kind, EndpointKind::Proportion { .. });
    let (kind, mut values, mut differences) = match endpoint.kind {
        EndpointKind::TimeToEvent { .. } | EndpointKind::Proportion { .. } => {
            let values: Vec<Value> = (0..of.arms.len()).map(|arm| of.probability(arm)).collect();
            ("probability", values, of.differences(&|rows, arm| of.incidence(rows, arm)))
        }
        EndpointKind::AnnualRate { .. } => {
            let values = (0..of.arms.len()).map(|arm| of.rate(arm)).collect();
            ("rate", values, of.differences(&|rows, arm| of.rate_of(rows, arm)))
        }
        EndpointKind::Mean { .. } | EndpointKind::Change { .. } => {
            let values = (0..of.arms.len()).map(|arm| of.mean(arm)).collect();
            let kind = if matches!(endpoint.kind, EndpointKind::Mean { .. }) { "mean" } else { "change" };
            (kind, values, of.mean_differences())
        }
    };
    if asks_graft {
        let has_graft = |arm: usize| question.trial.protocol.arms[arm].graft_days.is_some();
        let last = values.len() - 1;
        for arm in 0..values.len() {
            if !has_graft(arm) {
                values[arm] = Value::NONE;
            }
            differences[arm] = differences[arm].filter(|_| has_graft(arm) && has_graft(last));
        }
    }
    let is_foreign = !question.chosen.own.contains(&endpoint.id.text);
    if is_foreign && values.iter().all(|value: &Value| value.estimate.is_none_or(|share| share == 0.0)) {
        return None;
    }
    Some(Outcome {
        endpoint: original(&endpoint.id.text).to_string(),
        title: event_title(endpoint, analysis.method),
        plain: endpoint.plain.clone(),
        definition: endpoint.definition.clone(),
        role: match analysis.role {
            AnalysisRole::Primary => Role::Primary,
            AnalysisRole::Harm => Role::Harm,
            _ => Role::Benefit,
        },
        kind,
        unit: endpoint.unit.clone().unwrap_or_default(),
        more_is_worse: endpoint.direction == Direction::Harm,
        is_death: is_death(endpoint),
        day: of.shown_day(),
        values,
        differences,
    })
}

/// The title of what is counted. Survival is called after the state that lasts ("No evidence of disease activity"),
/// and what is counted here is those in whom it ended.
fn event_title(endpoint: &Endpoint, method: Method) -> String {
    if method == Method::KaplanMeier { format!("{}: ended", endpoint.title) } else { endpoint.title.clone() }
}

/// Whether an endpoint is death of any cause over the whole follow-up.
fn is_death(endpoint: &Endpoint) -> bool {
    use regraft_trial::endpoint::EventKind;
    let EndpointKind::TimeToEvent { events, .. } = &endpoint.kind else { return false };
    matches!(events.as_slice(), [one] if matches!(one.kind, EventKind::Death { within_days: None }) && one.earliest_day == 0.0)
}

/// The day by which an event counts, or at which a value is read.
fn day_of(endpoint: &Endpoint, analysis: &Analysis, horizon: f64) -> f64 {
    let asked = analysis.at_days.last().copied();
    match endpoint.kind {
        EndpointKind::Proportion { by_day: Some(day), .. } => day.min(horizon),
        EndpointKind::Proportion { .. } | EndpointKind::Mean { .. } | EndpointKind::Change { .. } => {
            asked.unwrap_or(horizon)
        }
        _ => horizon,
    }
}

/// One endpoint in all arms.
struct Measured<'a> {
    question: &'a Question,
    lived: &'a Lived,
    arms: Vec<&'a Ends>,
    day: f64,
    name: &'a str,
}

impl Measured<'_> {
    fn weights(&self) -> &[f64] {
        &self.lived.likes.weights
    }

    fn by(&self) -> ByMember<'_> {
        self.lived.likes.by_member()
    }

    fn shown_day(&self) -> f64 {
        match self.arms.first() {
            Some(Ends::Scores { days, .. }) => days.get(self.visit(days)).copied().unwrap_or(self.day),
            _ => self.day,
        }
    }

    /// The visit nearest to the day.
    fn visit(&self, days: &[f64]) -> usize {
        let near = |visit: &usize| (days[*visit] - self.day).abs();
        (0..days.len()).min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0)
    }

    /// Ends of the patients `rows` who count, with their weights.
    fn ends(&self, rows: &[usize], arm: usize) -> (Vec<Survival>, Vec<f64>) {
        let Ends::Times(times) = self.arms[arm] else { return (Vec::new(), Vec::new()) };
        let end = |row: &usize| Some((times[*row]?.survival(), self.weights()[*row]));
        rows.iter().filter_map(end).unzip()
    }

    fn everyone(&self) -> Vec<usize> {
        (0..self.weights().len()).collect()
    }

    fn probability(&self, arm: usize) -> Value {
        let everyone = self.everyone();
        let (ends, weights) = self.ends(&everyone, arm);
        let value = Value::of(weighted_incidence(&ends, &weights, self.day, LEVEL));
        let Some(share) = value.estimate.filter(|share| 0.0 < *share && *share < 1.0) else { return value };
        let luck = share * (1.0 - share) / regraft_stats::effective_size(&weights);
        let Some(doubt) = self.by().doubt(&everyone, share, luck, &|rows| self.incidence(rows, arm)) else {
            return value;
        };
        // So many independent patients would leave as much doubt.
        let n = share * (1.0 - share) / doubt.total().max(luck);
        let (low, high) = wilson(share * n, n, LEVEL);
        Value { low: Some(low), high: Some(high), parameters: Some(doubt.between.sqrt()), ..value }
    }

    fn incidence(&self, rows: &[usize], arm: usize) -> Option<f64> {
        let (ends, weights) = self.ends(rows, arm);
        Some(regraft_stats::incidence(&ends, &weights, self.day)).filter(|value| value.is_finite())
    }

    /// Events per year of the patients `rows`.
    fn rate_of(&self, rows: &[usize], arm: usize) -> Option<f64> {
        let Ends::Rates(rates) = self.arms[arm] else { return None };
        let (mut events, mut years) = (0.0, 0.0);
        for row in rows {
            let Some((n, time)) = rates[*row].as_ref().and_then(|counted| counted.followed_to(self.day))
            else {
                continue;
            };
            events += self.weights()[*row] * n;
            years += self.weights()[*row] * time;
        }
        (years > 0.0).then(|| events / years)
    }

    fn rate(&self, arm: usize) -> Value {
        let Some(estimate) = self.rate_of(&self.everyone(), arm) else { return Value::NONE };
        let value = self.resampled(estimate, &|rows| self.rate_of(rows, arm));
        Value { low: value.low.map(|low| low.max(0.0)), ..value }
    }

    /// An estimate with the interval of resampled twins, moved outward by what members of the posterior differ.
    fn resampled(&self, estimate: f64, of: &dyn Fn(&[usize]) -> Option<f64>) -> Value {
        let n = self.weights().len();
        let name = format!("twin:{}", self.name);
        let mut drawn: Vec<f64> = Vec::with_capacity(RESAMPLES);
        let mut one = |rows: &[usize]| {
            let value = of(rows);
            drawn.extend(value);
            value
        };
        let interval = paired_bootstrap(n, RESAMPLES, self.question.seed(), &name, &mut one, LEVEL);
        let ends = interval.map(|found| (found.low, found.high));
        // Resamples of nothing would claim certainty.
        let ends = ends.filter(|(low, high)| low < high);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let luck = drawn.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
            / (drawn.len() as f64 - 1.0);
        self.with_doubt(estimate, ends, luck, of)
    }

    /// An estimate with the ends that luck alone gives it, moved outward by what members differ.
    fn with_doubt(
        &self,
        estimate: f64,
        ends: Option<(f64, f64)>,
        luck: f64,
        of: &dyn Fn(&[usize]) -> Option<f64>,
    ) -> Value {
        let doubt = self.by().doubt(&self.everyone(), estimate, luck, of);
        let ends = match (&doubt, ends) {
            (Some(doubt), Some(ends)) => Some(widen(estimate, ends, doubt, luck)),
            (None, ends) => ends,
            (_, None) => None,
        };
        Value {
            estimate: Some(estimate),
            low: ends.map(|ends| ends.0),
            high: ends.map(|ends| ends.1),
            parameters: doubt.map(|doubt| doubt.between.sqrt()),
        }
    }

    /// Each regimen minus the last; none for the last.
    fn differences(&self, of: &dyn Fn(&[usize], usize) -> Option<f64>) -> Vec<Option<Value>> {
        let last = self.arms.len() - 1;
        let difference = |rows: &[usize], arm: usize| Some(of(rows, arm)? - of(rows, last)?);
        let one = |arm: usize| {
            if arm == last {
                return None;
            }
            let estimate = difference(&self.everyone(), arm)?;
            Some(self.resampled(estimate, &|rows| difference(rows, arm)))
        };
        (0..self.arms.len()).map(one).collect()
    }

    /// Values at the visit with their weights, of the twins `rows` in whom `of` is a number.
    fn at_visit(&self, rows: &[usize], of: &dyn Fn(usize) -> f64) -> (Vec<f64>, Vec<f64>) {
        let pairs = rows.iter().map(|row| (of(*row), self.weights()[*row]));
        pairs.filter(|(value, _)| value.is_finite()).unzip()
    }

    /// Mean of what `of` is in the twins in whom it is a number.
    fn mean_of(&self, of: &dyn Fn(usize) -> f64) -> Value {
        let everyone = self.everyone();
        let (values, weights) = self.at_visit(&everyone, of);
        let found = weighted_mean(&values, &weights, LEVEL);
        let value = Value::of(found);
        let (Some(mean), Some(low), Some(high)) = (value.estimate, value.low, value.high) else {
            return value;
        };
        let half = 0.5 * (high - low) / NORMAL;
        let of_rows = |rows: &[usize]| {
            let (values, weights) = self.at_visit(rows, of);
            Some(weighted_mean(&values, &weights, LEVEL).value).filter(|value| value.is_finite())
        };
        self.with_doubt(mean, Some((low, high)), half * half, &of_rows)
    }

    fn value(&self, arm: usize, row: usize) -> f64 {
        let Ends::Scores { days, values } = self.arms[arm] else { return f64::NAN };
        values.get(row * days.len() + self.visit(days)).copied().unwrap_or(f64::NAN)
    }

    fn mean(&self, arm: usize) -> Value {
        self.mean_of(&|row| self.value(arm, row))
    }

    fn mean_differences(&self) -> Vec<Option<Value>> {
        let last = self.arms.len() - 1;
        let one = |arm: usize| {
            if arm == last {
                return None;
            }
            let difference = self.mean_of(&|row| self.value(arm, row) - self.value(last, row));
            Some(difference).filter(|value| value.estimate.is_some())
        };
        (0..self.arms.len()).map(one).collect()
    }
}

impl Value {
    /// Without estimate.
    pub const NONE: Value = Value { estimate: None, low: None, high: None, parameters: None };

    /// What is a number of an estimate.
    pub(crate) fn of(estimate: Estimate) -> Value {
        let real = |number: f64| Some(number).filter(|number| number.is_finite());
        Value {
            estimate: real(estimate.value),
            low: real(estimate.low),
            high: real(estimate.high),
            parameters: None,
        }
    }
}
