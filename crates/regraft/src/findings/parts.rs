//! Where the doubt of a finding comes from: uncertain parameters, patients who differ, and chance.
//!
//! In an ensemble every member of the posterior has patients of its own, and every patient lives each arm twice from
//! entry on, with the same traits and another fate. What a cell of half a member's patients in one fate adds to a
//! statistic is its pseudo-value; between cells of one member that share nobody it varies together by the
//! parameters alone, between two fates of the same patients by parameters and patients, and what is left is chance.

use std::collections::BTreeMap;

use regraft_ode::math;
use regraft_trial::trial_file::Method;
use serde::{Deserialize, Serialize};

use super::statistic::{Sample, statistics};
use super::{AnalysisPlan, Finding};
use crate::outcomes::Outcome;

/// Shares of the variance of what a trial of `n` patients would find; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// Uncertain parameters of the model.
    pub parameters: f64,
    /// Patients who differ: others would have entered.
    pub patients: f64,
    /// Chance: the same patients could have fared otherwise.
    pub chance: f64,
    /// Standard deviation of the whole, in the unit of the finding, of a ratio of its logarithm.
    pub sd: f64,
    /// Size of the trial, patients in the finding's arm.
    pub n: usize,
}

/// Both fates of the patients of an ensemble.
#[derive(Debug)]
pub struct Fates<'a> {
    /// Outcomes of the first fate, `[arm][endpoint]`.
    pub first: &'a [Vec<Outcome>],
    /// Of the second.
    pub second: &'a [Vec<Outcome>],
    /// Member of each patient, `[patient]`.
    pub members: &'a [usize],
    /// Published size of each arm, if any.
    pub sizes: &'a [Option<usize>],
}

/// Pseudo-values of a member, `[half of its patients][fate]`.
#[derive(Debug, Clone, Copy)]
struct Cells {
    values: [[f64; 2]; 2],
    /// Patients of the smaller half.
    weight: f64,
}

/// Variances of one number: between members, between patients (of one), by chance (of one).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Variances {
    parameters: f64,
    patients: f64,
    chance: f64,
}

/// Adds the parts to the findings of one analysis, which are in the order of its arms and days, and widens what a
/// trial of the published size would show by the doubt about the parameters.
pub fn add(findings: &mut [Finding], plan: &AnalysisPlan, fates: &Fates<'_>) {
    let arms: Vec<usize> = plan.arms.iter().copied().filter(|arm| Some(*arm) != plan.versus).collect();
    let days = plan.at_days.len().max(1);
    for (of_arm, arm) in findings.chunks_mut(days).zip(arms) {
        let n = fates.sizes[arm].unwrap_or(fates.members.len());
        for (finding, variances) in of_arm.iter_mut().zip(variances(plan, fates, arm)) {
            let Some(variances) = variances else { continue };
            let found = parts(variances, n);
            if fates.sizes[arm].is_some() {
                widen(finding, plan, found);
            }
            finding.parts = Some(found);
        }
    }
}

fn parts(variances: Variances, n: usize) -> Parts {
    let of = [variances.parameters, variances.patients / n as f64, variances.chance / n as f64];
    let whole: f64 = of.iter().sum();
    let [parameters, patients, chance] = of.map(|part| if whole > 0.0 { part / whole } else { 0.0 });
    Parts { parameters, patients, chance, sd: whole.sqrt(), n }
}

/// An end of the prediction moves away from the estimate as the standard deviation grows by the parameters; shares on
/// the scale of log odds, ratios and rates on that of logarithms.
fn widen(finding: &mut Finding, plan: &AnalysisPlan, parts: Parts) {
    let grown = 1.0 / (1.0 - parts.parameters).max(1e-3).sqrt();
    let percent = finding.unit == "percent" && plan.versus.is_none();
    let there = |value: f64| match percent {
        true => math::ln(value / (100.0 - value)),
        false if value > 0.0 && (plan.method.is_ratio() || plan.method == Method::AnnualRate) => {
            math::ln(value)
        }
        false => value,
    };
    let back = |value: f64| match percent {
        true => 100.0 / (1.0 + math::exp(-value)),
        false if plan.method.is_ratio() || plan.method == Method::AnnualRate => math::exp(value),
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

/// Variances on each day; `None` where the statistic jumps or has no number, or members are too few.
fn variances(plan: &AnalysisPlan, fates: &Fates<'_>, arm: usize) -> Vec<Option<Variances>> {
    let n_days = plan.at_days.len().max(1);
    if plan.method == Method::MedianDay {
        return vec![None; n_days];
    }
    let n = fates.members.len();
    let pooled = |arm: usize| {
        let mut all = fates.first[arm][plan.endpoint].clone();
        all.append(&fates.second[arm][plan.endpoint], n);
        all
    };
    let (own, versus) = (pooled(arm), plan.versus.map(|other| (other, pooled(other))));
    let of = |rows: &[usize]| -> Vec<Option<f64>> {
        let sample = |arm: usize, outcome| Sample { outcome, rows, follow_up: &[], zero: plan.zeros[arm] };
        let other = versus.as_ref().map(|(arm, outcome)| sample(*arm, outcome));
        let values = statistics(plan.method, sample(arm, &own), other, &plan.at_days);
        let scaled = |value: f64| if plan.method.is_ratio() { math::ln(value) } else { value };
        values.into_iter().map(|value| value.ok().map(scaled).filter(|value| value.is_finite())).collect()
    };
    let all: Vec<usize> = (0..2 * n).collect();
    let whole = of(&all);
    let cells = cells(fates.members);
    let mut found: Vec<Vec<Cells>> = vec![Vec::new(); n_days];
    for halves in cells.values() {
        let weight = halves[0].len().min(halves[1].len()) as f64;
        let mut values = vec![[[f64::NAN; 2]; 2]; n_days];
        for (half, rows) in halves.iter().enumerate() {
            for fate in 0..2 {
                let out: Vec<usize> = rows.iter().map(|row| row + fate * n).collect();
                let left: Vec<usize> =
                    all.iter().copied().filter(|row| out.binary_search(row).is_err()).collect();
                let (total, own) = (2.0 * n as f64, out.len() as f64);
                for (day, without) in of(&left).into_iter().enumerate() {
                    let pseudo = whole[day]
                        .zip(without)
                        .map(|(all, without)| (total * all - (total - own) * without) / own);
                    values[day][half][fate] = pseudo.unwrap_or(f64::NAN);
                }
            }
        }
        for (day, values) in values.into_iter().enumerate() {
            if values.iter().flatten().all(|value| value.is_finite()) {
                found[day].push(Cells { values, weight });
            }
        }
    }
    found.iter().map(|members| by_moments(members)).collect()
}

/// Rows of the two halves of each member's patients, sorted; members with fewer than two patients are left out.
fn cells(members: &[usize]) -> BTreeMap<usize, [Vec<usize>; 2]> {
    let mut cells: BTreeMap<usize, [Vec<usize>; 2]> = BTreeMap::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, member) in members.iter().enumerate() {
        let place = seen.entry(*member).or_default();
        cells.entry(*member).or_default()[*place % 2].push(row);
        *place += 1;
    }
    cells.retain(|_, halves| halves.iter().all(|half| !half.is_empty()));
    cells
}

/// Fewest members that say how far members lie apart. Chosen: with fewer the variance is not known to a half.
const FEWEST: usize = 8;

/// Standard error of the mean of some numbers.
fn error_of_mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (square / (n - 1.0) / n).sqrt()
}

/// Variances by moments: cov(A, B) of halves that share nobody, cov of two fates of the same patients, and the
/// variance of a cell; each further part is what the one before leaves, and not below 0.
/// A variance between members below its own standard error counts as none.
fn by_moments(members: &[Cells]) -> Option<Variances> {
    if members.len() < FEWEST {
        return None;
    }
    let count = members.len() as f64;
    let mean = members.iter().flat_map(|cells| cells.values.iter().flatten()).sum::<f64>() / (4.0 * count);
    // A mean over as many members takes a degree of freedom away.
    let average = |of: &dyn Fn(&[[f64; 2]; 2]) -> f64| {
        members.iter().map(|cells| of(&cells.values)).sum::<f64>() / (count - 1.0)
    };
    let off = |value: f64| value - mean;
    let product = |v: &[[f64; 2]; 2]| off(0.5 * (v[0][0] + v[0][1])) * off(0.5 * (v[1][0] + v[1][1]));
    let products: Vec<f64> = members.iter().map(|cells| product(&cells.values)).collect();
    let between = average(&product);
    let fates = average(&|v| 0.5 * (off(v[0][0]) * off(v[0][1]) + off(v[1][0]) * off(v[1][1])));
    let cells = average(&|v| 0.25 * v.iter().flatten().map(|value| off(*value) * off(*value)).sum::<f64>());
    let weight = count / members.iter().map(|cells| 1.0 / cells.weight).sum::<f64>();
    let parameters = if between > error_of_mean(&products) { between } else { 0.0 };
    Some(Variances {
        parameters,
        patients: (fates - parameters).max(0.0) * weight,
        chance: (cells - fates.max(parameters)).max(0.0) * weight,
    })
}

#[cfg(test)]
mod tests;
