//! Objectives from outcomes: their values in all patients, in parts of them, and member by member.

use regraft_stats::decision;
use regraft_trial::search::{Formulas, Measure, SearchSpace};
use regraft_trial::trial_file::Method;

use super::found::Valued;
use crate::findings::statistic::{Sample, statistics};
use crate::outcomes::{CompiledEndpoint, Outcome};
use crate::posterior::Split;

/// One objective with indices.
#[derive(Debug, Clone)]
pub enum Objective {
    /// An endpoint.
    Endpoint {
        /// Index among the endpoints of the trial.
        endpoint: usize,
        /// How it is summed up.
        method: Method,
        /// On which day.
        day: Option<f64>,
    },
    /// A formula.
    Formula,
}

/// By what a candidate is judged in the search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum By {
    /// The mean over all patients, and so over members.
    Mean,
    /// The value that this share of the members is worse than.
    Worst(f64),
}

/// What is needed to judge the outcomes of an arm.
#[derive(Debug)]
pub struct Judge<'a> {
    /// `[objective]`
    pub objectives: &'a [Objective],
    /// Formulas.
    pub formulas: &'a Formulas,
    /// Endpoints of the arm.
    pub endpoints: &'a [CompiledEndpoint],
    /// Outcomes of the arm, `[endpoint]`.
    pub outcomes: &'a [Outcome],
    /// Values of the variables; NaN where the regimen has none.
    pub variables: &'a [f64],
}

/// Parts into which patients are dealt for the standard error. Chosen: it is then known to a sixth.
const PARTS: usize = 20;

impl Judge<'_> {
    /// The values in these patients, `[objective]`; NaN where one cannot be said.
    pub fn values(&self, rows: &[usize]) -> Vec<f64> {
        let of_endpoint = |objective: &Objective| match objective {
            Objective::Formula => None,
            Objective::Endpoint { endpoint, method, day } => {
                let zero = self.endpoints[*endpoint].zero;
                let sample = Sample { outcome: &self.outcomes[*endpoint], rows, follow_up: &[], zero };
                let found = statistics(*method, sample, None, &[*day]).into_iter().next();
                Some(found.and_then(Result::ok).unwrap_or(f64::NAN))
            }
        };
        let endpoints: Vec<Option<f64>> = self.objectives.iter().map(of_endpoint).collect();
        let known: Vec<f64> = endpoints.iter().flatten().copied().collect();
        let value = |(place, endpoint): (usize, &Option<f64>)| {
            endpoint.or_else(|| self.formulas.objective(place, self.variables, &known)).unwrap_or(f64::NAN)
        };
        endpoints.iter().enumerate().map(value).collect()
    }

    /// The values by which a candidate is judged, `[objective]`: means, or what the members' worst share is worse than.
    pub fn judged(&self, by: By, members: Option<&[usize]>, maximize: &[bool]) -> Vec<f64> {
        match (by, members) {
            (By::Worst(share), Some(members)) => {
                worst(share, &self.of_all(), &self.of_members(members), maximize)
            }
            _ => self.of_all(),
        }
    }

    /// Values of all patients, `[objective]`.
    fn of_all(&self) -> Vec<f64> {
        self.values(&(0..self.n()).collect::<Vec<_>>())
    }

    fn n(&self) -> usize {
        self.outcomes.first().map_or(0, Outcome::n_patients)
    }

    /// Values with their standard errors and, among `members` (the member of each patient), the value that the share
    /// `worst` of them is worse than.
    pub fn valued(&self, worst: f64, members: Option<&[usize]>, maximize: &[bool]) -> Vec<Valued> {
        let n = self.n();
        let values = self.of_all();
        let without = |part: usize| self.values(&rows_where(n, |row| row % PARTS != part));
        let left_out: Vec<Vec<f64>> = (0..PARTS).map(without).collect();
        let of_members = members.map_or(Vec::new(), |members| self.of_members(members));
        let ends = members.map(|_| self::worst(worst, &values, &of_members, maximize));
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let one = |(place, value): (usize, &f64)| Valued {
            value: finite(*value),
            error: finite(jackknife(left_out.iter().map(|values| values[place]))),
            worst: ends.as_ref().and_then(|ends| finite(ends[place])),
            split: split(&known(&of_members, place)),
        };
        values.iter().enumerate().map(one).collect()
    }

    /// Values of each member with two patients or more: in all of its patients, and in either half of them.
    fn of_members(&self, members: &[usize]) -> Vec<[Vec<f64>; 3]> {
        let n_members = members.iter().copied().max().map_or(0, |most| most + 1);
        let mut own: Vec<Vec<usize>> = vec![Vec::new(); n_members];
        members.iter().enumerate().for_each(|(row, member)| own[*member].push(row));
        let of = |rows: &Vec<usize>| {
            let half = |which: usize| -> Vec<usize> { rows.iter().skip(which).step_by(2).copied().collect() };
            [self.values(rows), self.values(&half(0)), self.values(&half(1))]
        };
        own.iter().filter(|rows| rows.len() >= 2).map(of).collect()
    }
}

/// The value that a share of the members is worse than, `[objective]`: how far a quantile over members lies from their
/// mean, after the luck of their few patients is taken out of their spread, from the value of all patients. (A share of
/// so few patients without an event is biased, so the mean of the members is not that value.)
fn worst(share: f64, values: &[f64], of_members: &[[Vec<f64>; 3]], maximize: &[bool]) -> Vec<f64> {
    let end = |(place, maximize): (usize, &bool)| {
        let signal = decision::without_luck(&known(of_members, place));
        let wanted = if *maximize { share } else { 1.0 - share };
        if signal.len() < 2 {
            return f64::NAN;
        }
        let mean = signal.iter().sum::<f64>() / signal.len() as f64;
        values[place] + regraft_stats::quantile(&signal, wanted) - mean
    };
    maximize.iter().enumerate().map(end).collect()
}

/// An objective in all members in whom it can be said.
fn known(of_members: &[[Vec<f64>; 3]], objective: usize) -> Vec<[f64; 3]> {
    let three = |values: &[Vec<f64>; 3]| [0, 1, 2].map(|which: usize| values[which][objective]);
    let whole = |three: &[f64; 3]| three.iter().all(|value| value.is_finite());
    of_members.iter().map(three).filter(whole).collect()
}

/// How much of the doubt about the mean over members lies in the parameters: the variance between members less the luck
/// of their few patients, as their halves show it, against that luck over all members. `None` with fewer than three.
fn split(members: &[[f64; 3]]) -> Option<Split> {
    let doubt = decision::between(members)?;
    Split::of(&doubt, doubt.error)
}

fn rows_where(n: usize, keep: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..n).filter(|row| keep(*row)).collect()
}

/// Standard error from estimates without each of the parts: √((m − 1)/m · Σ(θ₍ᵢ₎ − θ̄)²).
fn jackknife(left_out: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = left_out.collect();
    let m = values.len() as f64;
    let mean = values.iter().sum::<f64>() / m;
    ((m - 1.0) / m * values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()).sqrt()
}

/// Objectives of a search, `[objective]`; the endpoints were found when the trial was resolved.
pub fn objectives(
    space: &SearchSpace,
    endpoint_ids: &[String],
    methods: &dyn Fn(&str) -> Method,
) -> Vec<Objective> {
    let one = |objective: &regraft_trial::search::Objective| match &objective.measure {
        Measure::Formula(_) => Objective::Formula,
        Measure::Endpoint { endpoint, method, at_day } => Objective::Endpoint {
            endpoint: endpoint_ids
                .iter()
                .position(|id| *id == endpoint.text)
                .expect("endpoints of objectives are endpoints of the trial that is searched"),
            method: method.unwrap_or_else(|| methods(&endpoint.text)),
            day: *at_day,
        },
    };
    space.objectives.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use regraft_stats::Seed;

    use super::*;

    /// Members whose halves of eight patients each differ by luck, and who differ in truth.
    fn members(truth: f64) -> Vec<[f64; 3]> {
        let stream = Seed(4).stream(0, "members");
        let one = |member: u64| {
            let own = truth * stream.normal(3 * member);
            let half = |which: u64| own + 0.5 * stream.normal(3 * member + which);
            let (a, b) = (half(1), half(2));
            [0.5 * (a + b), a, b]
        };
        (0..400).map(one).collect()
    }

    #[test]
    fn members_that_differ_are_told_from_luck() {
        // Luck of a member has variance 1/8, that of the mean of 400 one 400th of it.
        let wanted = 0.09 / (0.09 + 0.125 / 400.0);
        let split = split(&members(0.3)).expect("members enough");
        assert!((split.parameters - wanted).abs() < 0.005, "{split:?}");
        assert!((split.parameters_low..=split.parameters_high).contains(&wanted), "{split:?}");
        let none = super::split(&members(0.0)).expect("members enough");
        assert_eq!(none.parameters_low, 0.0, "{none:?}");
        assert_eq!(super::split(&members(0.3)[..2]), None);
    }
}
