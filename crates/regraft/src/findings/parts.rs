//! Where the doubt of a finding comes from: uncertain parameters, patients who differ, and chance.
//!
//! Patients live with the mean of the posterior; some of them live once more from entry on with another fate, which
//! tells patients from chance; and the same people live once more with a draw of the posterior each, with the same fate
//! as far as their parameters allow. What a patient adds to a statistic there is a function of the draw, of what the
//! same patient adds with the mean, and of noise; how much of its variance the draw explains is the part of the
//! parameters (`docs/design/intervals.md`).

use std::collections::BTreeMap;

use regraft_ode::math;
use regraft_stats::{Z90, effective_size, explained};
use regraft_trial::trial_file::Method;
use serde::{Deserialize, Serialize};

use super::pseudo::of_patients;
use super::statistic::{Sample, statistics};
use super::{AnalysisPlan, Finding};
use crate::outcomes::Outcome;

/// Shares of the variance of what a trial of `n` patients would find; they add up to 1. `…_low` and `…_high` are the
/// ends of 90 % intervals, by the number of patients and draws that were simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// Uncertain parameters of the model; null where they are not split here.
    pub parameters: Option<f64>,
    /// Its lower end.
    pub parameters_low: Option<f64>,
    /// Its upper end.
    pub parameters_high: Option<f64>,
    /// Patients who differ: others would have entered.
    pub patients: f64,
    /// Its lower end.
    pub patients_low: f64,
    /// Its upper end.
    pub patients_high: f64,
    /// Chance: the same patients could have fared otherwise.
    pub chance: f64,
    /// Its lower end.
    pub chance_low: f64,
    /// Its upper end.
    pub chance_high: f64,
    /// Standard deviation of the whole, in the unit of the finding, of a ratio of its logarithm.
    pub sd: f64,
    /// Size of the trial, patients in the finding's arm.
    pub n: usize,
    /// Why the parameters are not split here.
    pub reason: Option<String>,
}

impl Parts {
    /// The same for a trial of one: of what a single person will live.
    pub fn of_one(&self) -> Parts {
        let n = self.n as f64;
        // What lies in the parameters does not shrink with the size, the rest does.
        let of = |parameters: f64| parameters / (parameters + (1.0 - parameters) * n).max(f64::MIN_POSITIVE);
        let own = self.parameters.unwrap_or(0.0);
        let times = n / (own + (1.0 - own) * n).max(f64::MIN_POSITIVE);
        Parts {
            parameters: self.parameters.map(of),
            parameters_low: self.parameters_low.map(of),
            parameters_high: self.parameters_high.map(of),
            patients: self.patients * times,
            patients_low: self.patients_low * times,
            patients_high: (self.patients_high * times).min(1.0),
            chance: self.chance * times,
            chance_low: self.chance_low * times,
            chance_high: (self.chance_high * times).min(1.0),
            sd: self.sd * (own + (1.0 - own) * n).sqrt(),
            n: 1,
            reason: self.reason.clone(),
        }
    }
}

/// Patients who lived every arm.
#[derive(Debug, Clone, Copy)]
pub struct Lives<'a> {
    /// Their numbers.
    pub numbers: &'a [u64],
    /// Outcomes, `[arm][endpoint]`; of these patients first.
    pub outcomes: &'a [Vec<Outcome>],
}

/// The same people with a draw of the posterior each.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    /// How they lived.
    pub lives: Lives<'a>,
    /// The draw of each, of the parameters that act, `[patient, parameter]`.
    pub draws: Vec<f64>,
    /// Number of these parameters.
    pub width: usize,
}

/// A draw of the posterior for each of some people.
#[derive(Debug, Clone, Copy)]
pub struct Draws<'a> {
    /// Their numbers.
    pub numbers: &'a [u64],
    /// The draw of each, of the parameters that act, `[person, parameter]`.
    pub values: &'a [f64],
    /// Number of these parameters.
    pub width: usize,
}

/// People behind a number, counted by weight.
#[derive(Debug, Clone)]
pub struct People<'a> {
    /// What each adds, about 0.
    pub adds: &'a [f64],
    /// What each counts, ≥ 0.
    pub weights: &'a [f64],
    /// Some of them with two fates: what they count, what they add with one and with the other.
    pub twice: &'a [(f64, f64, f64)],
    /// Variance by the parameters, with its standard error; why it is not known, for people.
    pub parameters: Result<(f64, f64), String>,
    /// Whether these people live with many draws themselves, so that what they add holds the parameters.
    pub hold_parameters: bool,
}

/// All lives from which the parts are told.
#[derive(Debug)]
pub struct Doubt<'a> {
    /// Patients who lived with the mean of the posterior, or as the cards say.
    pub mean: Lives<'a>,
    /// Outcomes of the first of them with another fate, `[arm][endpoint]`.
    pub again: &'a [Vec<Outcome>],
    /// The same people as members of the posterior; why not, for people.
    pub members: Result<Members<'a>, String>,
    /// Published size of each arm, if any.
    pub sizes: &'a [Option<usize>],
    /// Size of a trial where none is published.
    pub n_patients: usize,
}

/// Variance of what a trial would find, and what of it is known how well.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Variances {
    /// By the parameters, with its standard error.
    parameters: Option<(f64, f64)>,
    /// By patients and chance, with its standard error.
    within: (f64, f64),
    /// By chance, with its standard error.
    chance: (f64, f64),
}

/// Parts of the findings of one analysis, in the order of its arms and days; `None` where the statistic jumps, has no
/// number, or nobody lived twice.
pub fn parts(plan: &AnalysisPlan, doubt: &Doubt<'_>) -> Vec<Option<Parts>> {
    let arms = plan.arms.iter().copied().filter(|arm| Some(*arm) != plan.versus);
    let of_arm = |arm: usize| {
        let n = doubt.sizes[arm].unwrap_or(doubt.n_patients);
        let reason = || match &doubt.members {
            Err(reason) => reason.clone(),
            Ok(_) => "there is no number with draws, or draws depend on each other".to_string(),
        };
        let of_day = |one: Option<Variances>| {
            let one = one?;
            shares(one, n, one.parameters.is_none().then(reason))
        };
        variances(plan, doubt, arm).into_iter().map(of_day).collect::<Vec<_>>()
    };
    arms.flat_map(of_arm).collect()
}

/// Parts of the doubt of a number from people who stand for themselves: shares of the variance with which a number from
/// so many (effective) people is known. `None` where nothing varies or fewer than thirty lived twice.
pub fn of_people(people: &People<'_>) -> Option<Parts> {
    if people.twice.len() < FEWEST {
        return None;
    }
    let n = effective_size(people.weights);
    let pairs = || people.twice.iter();
    let counted: Vec<f64> = pairs().map(|one| one.0).collect();
    let (own, other): (Vec<f64>, Vec<f64>) = pairs().map(|one| (one.1, one.2)).unzip();
    let whole = together(people.adds, people.adds, people.weights);
    let common = together(&own, &other, &counted);
    let held = if people.hold_parameters {
        people.parameters.as_ref().map_or(0.0, |one| one.0.max(0.0))
    } else {
        0.0
    };
    let within = (whole.0 - held).max(0.0);
    let chance = (whole.0 - common.0.clamp(0.0, whole.0)).min(within);
    let variances = Variances {
        parameters: people.parameters.as_ref().ok().copied(),
        within: (within / n, whole.1 / n),
        chance: (chance / n, common.1 / n),
    };
    shares(variances, n.round() as usize, people.parameters.as_ref().err().cloned())
}

/// Gives the findings of one analysis their parts, and widens what a trial of the published size would show by the doubt
/// about the parameters.
pub fn add(
    findings: &mut [Finding],
    plan: &AnalysisPlan,
    parts: Vec<Option<Parts>>,
    sizes: &[Option<usize>],
) {
    let days = plan.at_days.len().max(1);
    let arms = plan.arms.iter().copied().filter(|arm| Some(*arm) != plan.versus);
    let arms = arms.flat_map(|arm| std::iter::repeat_n(arm, days));
    for ((finding, arm), parts) in findings.iter_mut().zip(arms).zip(parts) {
        if let Some(share) =
            parts.as_ref().and_then(|parts| parts.parameters).filter(|_| sizes[arm].is_some())
        {
            widen(finding, plan, share);
        }
        finding.parts = parts;
    }
}

fn shares(of: Variances, n: usize, reason: Option<String>) -> Option<Parts> {
    let (found, error) = of.parameters.unwrap_or((0.0, 0.0));
    // An estimate below 0 is as good as 0, and no surer.
    let at = |z: f64| (if z > 0.0 { found.max(0.0) } else { found } + z * error).max(0.0);
    let (within, within_error) = of.within;
    let whole = at(0.0) + within;
    if !(whole > 0.0 && whole.is_finite()) {
        return None;
    }
    let share = |variance: f64| variance / (variance + within).max(f64::MIN_POSITIVE);
    let within = within.max(f64::MIN_POSITIVE);
    let middle = share(at(0.0));
    let by_within = Z90 * middle * (1.0 - middle) * within_error / within;
    let low = (middle - (middle - share(at(-Z90))).hypot(by_within)).max(0.0);
    let high = (middle + (share(at(Z90)) - middle).hypot(by_within)).min(1.0);
    let (chance, chance_error) = (of.chance.0 / within, of.chance.1 / within);
    let of_rest = 1.0 - middle;
    let wobble = |of_this: f64| (of_rest * chance_error).hypot(of_this * 0.5 * (high - low) / Z90);
    let ends = |share: f64, error: f64| {
        ((share - Z90 * error).clamp(0.0, share), (share + Z90 * error).clamp(share, 1.0))
    };
    let (patients_low, patients_high) = ends(of_rest * (1.0 - chance), wobble(1.0 - chance));
    let (chance_low, chance_high) = ends(of_rest * chance, wobble(chance));
    let known = |share: f64| of.parameters.map(|_| share);
    Some(Parts {
        parameters: known(middle),
        parameters_low: known(low),
        parameters_high: known(high),
        patients: of_rest * (1.0 - chance),
        patients_low,
        patients_high,
        chance: of_rest * chance,
        chance_low,
        chance_high,
        sd: whole.sqrt(),
        n,
        reason,
    })
}

/// An end of the prediction moves away from the estimate as the standard deviation grows by the parameters; shares on
/// the scale of log odds, ratios and rates on that of logarithms.
fn widen(finding: &mut Finding, plan: &AnalysisPlan, share: f64) {
    let grown = 1.0 / (1.0 - share).max(1e-3).sqrt();
    let percent = finding.unit == "percent" && plan.versus.is_none();
    let by_logarithm = plan.method.is_ratio() || plan.method == Method::AnnualRate;
    let there = |value: f64| match percent {
        true => math::ln(value / (100.0 - value)),
        // Of 0 the logarithm is no number: such an end stays.
        false if by_logarithm => math::ln(value),
        false => value,
    };
    let back = |value: f64| match percent {
        true => 100.0 / (1.0 + math::exp(-value)),
        false if by_logarithm => math::exp(value),
        false => value,
    };
    let Some(estimate) = finding.estimate.map(there).filter(|estimate| estimate.is_finite()) else { return };
    let moved = |end: f64| {
        let linked = there(end);
        if linked.is_finite() { back(estimate + (linked - estimate) * grown) } else { end }
    };
    finding.predicted_low = finding.predicted_low.map(moved);
    finding.predicted_high = finding.predicted_high.map(moved);
}

/// Why patients are not told from chance, where up to `doubt` were to live once more and `n` did; for people.
pub fn not_told(doubt: usize, n: usize) -> Option<String> {
    match (doubt, n) {
        (0, _) => Some("nobody lived once more (--doubt 0)".into()),
        (_, n) if n < FEWEST => {
            Some(format!("{n} patients are too few to tell patients from chance; it takes {FEWEST}"))
        }
        _ => None,
    }
}

/// Fewest patients who lived twice. Chosen: with fewer the share of chance is not known to a sixth.
pub const FEWEST: usize = 30;

/// What each patient adds to a number in one of the arms that it compares, in all of them about 0; `None` where there
/// is no number, with or without someone.
type Adds = Option<Vec<f64>>;

/// Variances on each day.
fn variances(plan: &AnalysisPlan, doubt: &Doubt<'_>, arm: usize) -> Vec<Option<Variances>> {
    let n_days = plan.at_days.len().max(1);
    let n_again = doubt.again[arm].first().map_or(0, Outcome::n_patients);
    if plan.method == Method::MedianDay || n_again < FEWEST {
        return vec![None; n_days];
    }
    // Other patients are in each arm of a trial, so what they add there counts by itself.
    let arms: Vec<usize> = std::iter::once(arm).chain(plan.versus).collect();
    let numbers_again = &doubt.mean.numbers[..n_again];
    let again = Lives { numbers: numbers_again, outcomes: doubt.again };
    let of = |lives: Lives<'_>| -> Vec<Vec<Adds>> {
        arms.iter().map(|side| added(plan, lives, arm, *side)).collect()
    };
    let (first, second) = (of(doubt.mean), of(again));
    let members = doubt.members.as_ref().ok().map(|members| (members, of(members.lives)));
    let size = |side: usize| doubt.sizes[side].unwrap_or(doubt.n_patients) as f64;
    let of_day = |day: usize| -> Option<Variances> {
        let mut found = Variances { parameters: None, within: (0.0, 0.0), chance: (0.0, 0.0) };
        for (place, side) in arms.iter().enumerate() {
            let (own, other) = (first[place][day].as_ref()?, second[place][day].as_ref()?);
            let (whole, chance) = by_fates(own, other);
            for (sum, part) in [(&mut found.within, whole), (&mut found.chance, chance)] {
                *sum = (sum.0 + part.0 / size(*side), sum.1.hypot(part.1 / size(*side)));
            }
        }
        if let Some((members, added)) = &members {
            let both = summed(&first, day).zip(summed(added, day));
            let numbers = members.lives.numbers;
            let draws = Draws { numbers, values: &members.draws, width: members.width };
            found.parameters =
                both.and_then(|(mean, drawn)| by_draws(doubt.mean.numbers, &mean, draws, &drawn));
        }
        Some(found)
    };
    (0..n_days).map(of_day).collect()
}

/// What a patient adds in all arms together, `[patient]`.
fn summed(added: &[Vec<Adds>], day: usize) -> Option<Vec<f64>> {
    let mut all = added[0][day].clone()?;
    for side in &added[1..] {
        all.iter_mut().zip(side[day].as_ref()?).for_each(|(sum, more)| *sum += more);
    }
    Some(all)
}

/// What each patient of arm `side` adds to the numbers of `arm`, `[day][patient]`: its pseudo-value less the number.
fn added(plan: &AnalysisPlan, lives: Lives<'_>, arm: usize, side: usize) -> Vec<Adds> {
    let n = lives.numbers.len();
    let all: Vec<usize> = (0..n).collect();
    fn of_rows<'b>(plan: &AnalysisPlan, lives: Lives<'b>, arm: usize, rows: &'b [usize]) -> Sample<'b> {
        let (outcome, zero) = (&lives.outcomes[arm][plan.endpoint], plan.zeros[arm]);
        Sample { outcome, rows, follow_up: &[], zero }
    }
    let of = |rows: &[usize]| -> Vec<Option<f64>> {
        let sample = |arm: usize, rows| of_rows(plan, lives, arm, rows);
        let of_two = |own, versus| statistics(plan.method, own, Some(versus), &plan.at_days);
        // In a difference each arm counts by itself; a ratio needs both.
        let found = match plan.versus.filter(|_| plan.method.is_ratio()) {
            None => statistics(plan.method, sample(side, rows), None, &plan.at_days),
            Some(versus) if side == arm => of_two(sample(arm, rows), of_rows(plan, lives, versus, &all)),
            Some(versus) => of_two(of_rows(plan, lives, arm, &all), sample(versus, rows)),
        };
        let scaled = |value: f64| if plan.method.is_ratio() { math::ln(value) } else { value };
        found.into_iter().map(|value| value.ok().map(scaled).filter(|value| value.is_finite())).collect()
    };
    let sign = if side == arm || plan.method.is_ratio() { 1.0 } else { -1.0 };
    let found = of_patients(&lives.outcomes[side][plan.endpoint], n, of);
    let of_day = |(day, whole): (usize, &Option<f64>)| -> Adds {
        let whole = (*whole)?;
        found.values.iter().map(|values| values[day].map(|value| sign * (value - whole))).collect()
    };
    found.whole.iter().enumerate().map(of_day).collect()
}

/// Variance between patients and what of it is chance, with their standard errors: what the two fates of a patient have
/// in common is the patient.
fn by_fates(first: &[f64], second: &[f64]) -> ((f64, f64), (f64, f64)) {
    let ones = vec![1.0; first.len()];
    let whole = together(first, first, &ones);
    let common = together(&first[..second.len()], second, &ones[..second.len()]);
    (whole, (whole.0 - common.0.clamp(0.0, whole.0), common.1))
}

/// Mean product of deviations, with its standard error.
fn together(a: &[f64], b: &[f64], weights: &[f64]) -> (f64, f64) {
    let (sum, n) = (weights.iter().sum::<f64>(), effective_size(weights));
    let mean = |values: &[f64]| values.iter().zip(weights).map(|(x, w)| w * x).sum::<f64>() / sum;
    let (of_a, of_b) = (mean(a), mean(b));
    let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - of_a) * (y - of_b)).collect();
    let middle = mean(&products);
    let square = |(x, w): (&f64, &f64)| w * ((x - middle) * (x - middle));
    let spread = products.iter().zip(weights).map(square).sum::<f64>() / (sum - sum / n);
    (middle * n / (n - 1.0), (spread / n).sqrt())
}

/// Variance that the draws explain in what members add, with its standard error; what the same people add with the mean
/// of the posterior is taken off first, as far as it goes along. `None` with too few for so many parameters.
pub fn by_draws(numbers: &[u64], with_mean: &[f64], draws: Draws<'_>, added: &[f64]) -> Option<(f64, f64)> {
    let row_of: BTreeMap<u64, usize> =
        numbers.iter().enumerate().map(|(row, number)| (*number, row)).collect();
    // Someone who entered in one of the two worlds alone adds, as far as is known, what all do.
    let twin = |number: &u64| row_of.get(number).map_or(0.0, |row| with_mean[*row]);
    let twins: Vec<f64> = draws.numbers.iter().map(twin).collect();
    let square: f64 = twins.iter().map(|x| x * x).sum();
    let together: f64 = twins.iter().zip(added).map(|(x, y)| x * y).sum();
    let slope = if square > 0.0 { together / square } else { 0.0 };
    let rest: Vec<f64> = added.iter().zip(&twins).map(|(y, x)| y - slope * x).collect();
    let found = explained(draws.values, draws.width, &rest)?;
    Some((found.variance, found.error))
}

#[cfg(test)]
mod tests;
