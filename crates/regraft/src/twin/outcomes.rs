//! What the twins came to: for every endpoint a value in each regimen and its paired difference from the last.

use regraft_stats::{Doubt, Estimate, paired_bootstrap, variance, weighted_incidence, weighted_mean, wilson};
use regraft_trial::endpoint::{Direction, Endpoint, EndpointKind};
use regraft_trial::trial_file::{Analysis, AnalysisRole};

use super::Question;
use super::answer::{Outcome, Role, Value};
use super::beside::Beside;
use super::cases::Lived;
use super::template::original;
use super::world::{Asked, Reading, World};
use crate::findings::Parts;
use crate::findings::parts::{Draws, People, by_draws, of_people};
use crate::outcomes::Outcome as Ends;
use crate::posterior::widen;
use crate::study::{in_threads, is_ensemble};

/// Resamples of twins behind an interval.
const RESAMPLES: usize = 400;
/// Level of all intervals.
pub const LEVEL: f64 = 0.95;
/// Standard errors on either side of an interval at that level.
const NORMAL: f64 = 1.959_964;

/// All endpoints of the twin's trial.
pub fn outcomes(question: &Question, lived: &Lived, beside: &Beside) -> Vec<Outcome> {
    let analyses = &question.trial.trial.file.analyses;
    let found =
        in_threads(question.asked.threads, analyses, |analysis| outcome(question, analysis, lived, beside));
    found.into_iter().flatten().collect()
}

fn outcome(question: &Question, analysis: &Analysis, lived: &Lived, beside: &Beside) -> Option<Outcome> {
    let trial = &question.trial.trial;
    let endpoint = trial.endpoints.get(&analysis.endpoint.text)?;
    let place = question.trial.endpoint_ids.iter().position(|id| *id == endpoint.id.text)?;
    let day = day_of(endpoint, analysis, trial.file.horizon_days);
    let of = Measured::new(question, lived, beside, place, day);
    // A share by a day after the graft says nothing where there is none.
    let asks_graft = question.chosen.made.iter().any(|made| made.id == endpoint.id)
        && matches!(endpoint.kind, EndpointKind::Proportion { .. });
    let (kind, reading) = match endpoint.kind {
        EndpointKind::TimeToEvent { .. } | EndpointKind::Proportion { .. } => {
            ("probability", Reading::Probability)
        }
        EndpointKind::AnnualRate { .. } => ("rate", Reading::Rate),
        EndpointKind::Mean { .. } => ("mean", Reading::Mean),
        EndpointKind::Change { .. } => ("change", Reading::Mean),
    };
    let (mut values, mut differences) = of.all(reading);
    if asks_graft {
        let has_graft = |arm: usize| question.trial.protocol.arms[arm].graft_days.is_some();
        let last = values.len() - 1;
        for arm in 0..values.len() {
            if !has_graft(arm) {
                values[arm] = Value::NONE;
            }
            if !(has_graft(arm) && has_graft(last)) {
                differences[arm] = None;
            }
        }
    }
    let is_foreign = !question.chosen.own.contains(&endpoint.id.text);
    if is_foreign && values.iter().all(|value: &Value| value.estimate.is_none_or(|share| share == 0.0)) {
        return None;
    }
    Some(Outcome {
        endpoint: original(&endpoint.id.text).to_string(),
        title: endpoint.counted().to_string(),
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
        day: of.twins.shown_day(),
        values,
        differences,
    })
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

/// One endpoint in the twins and in those beside them.
struct Measured<'a> {
    question: &'a Question,
    lived: &'a Lived,
    name: &'a str,
    twins: World<'a>,
    /// The first twins with another fate.
    again: Option<World<'a>>,
    /// People with a draw of the posterior each, and the draws.
    drawn: Result<(World<'a>, Draws<'a>), String>,
}

/// What is known of the doubt about one number.
struct Known {
    /// By which the interval is moved outward.
    doubt: Option<Doubt>,
    /// Variance by the parameters, with its standard error; why it is not known.
    parameters: Result<(f64, f64), String>,
}

impl<'a> Measured<'a> {
    fn new(
        question: &'a Question,
        lived: &'a Lived,
        beside: &'a Beside,
        place: usize,
        day: f64,
    ) -> Measured<'a> {
        let of = |arms: &'a [Vec<Ends>]| arms.iter().map(|outcomes| &outcomes[place]).collect();
        let own = lived.cases.arms.iter().map(|arm| &arm.outcomes[place]).collect();
        let (numbers, weights) = (&lived.likes.entered.cohort.numbers, &lived.likes.weights);
        let again = beside.again.as_ref().ok().map(|arms| {
            let arms: Vec<&Ends> = of(arms);
            let n = arms.first().map_or(0, |one| one.n_patients());
            World { numbers: &numbers[..n], weights: &weights[..n], arms, day }
        });
        let drawn = beside.drawn.as_ref().map_err(Clone::clone).map(|drawn| {
            let numbers = &drawn.numbers;
            let draws = Draws { numbers, values: &drawn.values, width: drawn.width };
            (World { numbers, weights: &drawn.alike, arms: of(&drawn.outcomes), day }, draws)
        });
        let twins = World { numbers, weights, arms: own, day };
        Measured { question, lived, name: &question.trial.endpoint_ids[place], twins, again, drawn }
    }

    /// Values of all regimens, and each regimen minus the last in the same twins; none for the last.
    fn all(&self, reading: Reading) -> (Vec<Value>, Vec<Option<Value>>) {
        let arms = 0..self.twins.arms.len();
        let last = self.twins.arms.len() - 1;
        let value = |arm: usize| {
            let asked = Asked { reading, arm, versus: None };
            match reading {
                Reading::Probability => self.probability(asked),
                Reading::Rate => {
                    let value = self.resampled(asked).unwrap_or(Value::NONE);
                    Value { low: value.low.map(|low| low.max(0.0)), ..value }
                }
                Reading::Mean => self.mean(asked),
            }
        };
        let difference = |arm: usize| {
            let asked = Asked { reading, arm, versus: Some(last) };
            match reading {
                _ if arm == last => None,
                Reading::Mean => Some(self.mean(asked)).filter(|value| value.estimate.is_some()),
                Reading::Probability => self.resampled(asked).map(within_all),
                Reading::Rate => self.resampled(asked),
            }
        };
        (arms.clone().map(value).collect(), arms.map(difference).collect())
    }

    fn probability(&self, asked: Asked) -> Value {
        let (ends, weights) = self.twins.ends(&self.twins.everyone(), asked.arm);
        let value = Value::of(weighted_incidence(&ends, &weights, self.twins.day, LEVEL));
        let Some(share) = value.estimate.filter(|share| 0.0 < *share && *share < 1.0) else { return value };
        let luck = share * (1.0 - share) / regraft_stats::effective_size(&weights);
        let known = self.known(asked, share, luck);
        let value = Value { parts: self.parts(asked, &known), ..value };
        let Some(doubt) = known.doubt else { return value };
        // So many independent patients would leave as much doubt.
        let n = share * (1.0 - share) / doubt.total().max(luck);
        let (low, high) = wilson(share * n, n, LEVEL);
        Value { low: Some(low), high: Some(high), parameters: Some(doubt.between.sqrt()), ..value }
    }

    /// A number with the interval of resampled twins, moved outward by the doubt about the parameters.
    fn resampled(&self, asked: Asked) -> Option<Value> {
        let estimate = self.twins.number(&self.twins.everyone(), asked)?;
        let name = format!("twin:{}", self.name);
        let mut drawn: Vec<f64> = Vec::with_capacity(RESAMPLES);
        let mut one = |rows: &[usize]| {
            let value = self.twins.number(rows, asked);
            drawn.extend(value);
            value
        };
        let n = self.twins.weights.len();
        let interval = paired_bootstrap(n, RESAMPLES, self.question.seed(), &name, &mut one, LEVEL);
        let ends = interval.map(|found| (found.low, found.high));
        // Resamples of nothing would claim certainty.
        let ends = ends.filter(|(low, high)| low < high);
        Some(self.with_doubt(asked, estimate, ends, variance(&drawn)))
    }

    /// Mean of a score in the twins in whom it is known.
    fn mean(&self, asked: Asked) -> Value {
        let (values, weights) = self.twins.scores(&self.twins.everyone(), asked);
        let value = Value::of(weighted_mean(&values, &weights, LEVEL));
        let (Some(mean), Some(low), Some(high)) = (value.estimate, value.low, value.high) else {
            return value;
        };
        let half = 0.5 * (high - low) / NORMAL;
        self.with_doubt(asked, mean, Some((low, high)), half * half)
    }

    /// An estimate with the ends that luck alone gives it, moved outward by the doubt about the parameters.
    fn with_doubt(&self, asked: Asked, estimate: f64, ends: Option<(f64, f64)>, luck: f64) -> Value {
        let known = self.known(asked, estimate, luck);
        let ends = match (&known.doubt, ends) {
            (Some(doubt), Some(ends)) => Some(widen(estimate, ends, doubt, luck)),
            (None, ends) => ends,
            (_, None) => None,
        };
        Value {
            estimate: Some(estimate),
            low: ends.map(|ends| ends.0),
            high: ends.map(|ends| ends.1),
            parts: ends.and_then(|_| self.parts(asked, &known)),
            parameters: known.doubt.map(|doubt| doubt.between.sqrt()),
        }
    }

    /// What is known of the doubt about the parameters: of twins who live with many draws by how far these lie apart,
    /// else by what draws explain in the people beside the twins.
    fn known(&self, asked: Asked, estimate: f64, luck: f64) -> Known {
        if is_ensemble(&self.question.trial) {
            let by = self.lived.likes.by_member();
            let of = |rows: &[usize]| self.twins.number(rows, asked);
            let doubt = by.doubt(&self.twins.everyone(), estimate, luck, &of);
            let few = "the members of the posterior have too few twins to be told from luck";
            let parameters = doubt.map(|doubt| (doubt.between, doubt.between_error)).ok_or(few.to_string());
            return Known { doubt, parameters };
        }
        let explained = |(people, draws): &(World<'_>, Draws<'_>)| {
            let (mean, added) = (self.twins.added(asked)?, people.added(asked)?);
            by_draws(self.twins.numbers, &mean, *draws, &added)
        };
        let none = || "there is no number with draws, or draws depend on each other".to_string();
        let parameters = match &self.drawn {
            Ok(drawn) => explained(drawn).ok_or_else(none),
            Err(reason) => Err(reason.clone()),
        };
        let doubt = parameters.as_ref().ok().map(|(between, between_error)| Doubt {
            between: between.max(0.0),
            between_error: *between_error,
            error: luck,
        });
        Known { doubt, parameters }
    }

    /// Parts of the interval.
    fn parts(&self, asked: Asked, known: &Known) -> Option<Parts> {
        let again = self.again.as_ref()?;
        let (adds, other) = (self.twins.added(asked)?, again.added(asked)?);
        let pairs = adds.iter().zip(&other).zip(again.weights);
        let twice: Vec<(f64, f64, f64)> =
            pairs.map(|((own, other), weight)| (*weight, *own, *other)).collect();
        of_people(&People {
            adds: &adds,
            weights: self.twins.weights,
            twice: &twice,
            parameters: known.parameters.clone(),
            hold_parameters: is_ensemble(&self.question.trial),
        })
    }
}

/// A difference of probabilities whose ends were moved outward: no further than all of them.
fn within_all(value: Value) -> Value {
    let end = |end: Option<f64>| end.map(|end| end.clamp(-1.0, 1.0));
    Value { low: end(value.low), high: end(value.high), ..value }
}

impl Value {
    /// Without estimate.
    pub const NONE: Value = Value { estimate: None, low: None, high: None, parameters: None, parts: None };

    /// What is a number of an estimate.
    pub(crate) fn of(estimate: Estimate) -> Value {
        let real = |number: f64| Some(number).filter(|number| number.is_finite());
        Value {
            estimate: real(estimate.value),
            low: real(estimate.low),
            high: real(estimate.high),
            parameters: None,
            parts: None,
        }
    }
}
