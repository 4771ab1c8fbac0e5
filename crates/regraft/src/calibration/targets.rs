//! What the fit is held against: every published number that may be fitted, beside the analysis that simulates it.

use std::collections::BTreeMap;

use regraft_ode::math;
use regraft_stats::math::normal_quantile;
use regraft_trial::trial_file::Method;

use crate::findings::{AnalysisPlan, CiKind, Published};
use crate::study::Prepared;

/// How numbers of an outcome are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A share of patients, by its log odds.
    Share,
    /// A mean or a difference of means, as it is.
    Mean,
    /// Events per year, by their logarithm.
    Rate,
    /// A ratio of hazards or rates, by its logarithm.
    Ratio,
}

impl Kind {
    /// All of them, in the order of the spreads that are sampled.
    pub const ALL: [Kind; 4] = [Kind::Share, Kind::Mean, Kind::Rate, Kind::Ratio];

    /// The kind of an analysis. Differences of shares are compared as means.
    pub fn of(plan: &AnalysisPlan) -> Kind {
        match plan.method {
            Method::HazardRatio | Method::RateRatio => Kind::Ratio,
            _ if plan.versus.is_some() => Kind::Mean,
            Method::AnnualRate => Kind::Rate,
            Method::Mean | Method::MeanChange => Kind::Mean,
            Method::KaplanMeier
            | Method::KaplanMeierComplement
            | Method::CumulativeIncidence
            | Method::Proportion
            | Method::MedianDay => Kind::Share,
        }
    }

    /// A finding's number in units of the fit: a share from per cent.
    pub fn natural(self, value: f64) -> f64 {
        if self == Kind::Share { value / 100.0 } else { value }
    }

    /// A natural number on the scale on which errors are normal; `None` where it has no place there.
    pub fn linked(self, value: f64) -> Option<f64> {
        let linked = match self {
            Kind::Share if value > 0.0 && value < 1.0 => math::ln(value / (1.0 - value)),
            Kind::Mean => value,
            Kind::Rate | Kind::Ratio if value > 0.0 => math::ln(value),
            _ => return None,
        };
        Some(linked).filter(|linked| linked.is_finite())
    }

    /// Back from that scale.
    pub fn unlinked(self, linked: f64) -> f64 {
        match self {
            Kind::Share => 1.0 / (1.0 + math::exp(-linked)),
            Kind::Mean => linked,
            Kind::Rate | Kind::Ratio => math::exp(linked),
        }
    }

    /// Derivative of the scale at a natural number: d linked / d natural.
    pub fn slope(self, value: f64) -> f64 {
        match self {
            Kind::Share => 1.0 / (value * (1.0 - value)),
            Kind::Mean => 1.0,
            Kind::Rate | Kind::Ratio => 1.0 / value,
        }
    }
}

/// One published number and where it is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Id of the trial of the library.
    pub trial: String,
    /// Position of the analysis in it.
    pub analysis: usize,
    /// Id of the arm.
    pub arm: String,
    /// Index of the arm.
    pub arm_index: usize,
    /// Position of the day among the analysis's days.
    pub day_index: usize,
    /// The day.
    pub day: Option<f64>,
    /// Id of the endpoint.
    pub endpoint: String,
    /// Estimator whose statistic is compared; of a median the share that had the event by the published day.
    pub method: Method,
    /// How it is compared.
    pub kind: Kind,
    /// The row.
    pub published: Published,
    /// The published number on the scale of its kind.
    pub observed: f64,
    /// Its standard error there, where the row has one; else it is made from `n` and the simulated patients.
    pub error: Option<f64>,
    /// Patients behind it, where they are known.
    pub n: Option<f64>,
    /// How much it counts: less than 1 where patients or rows would be counted twice.
    pub weight: f64,
}

/// Why a published number is not fitted.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LeftOut {
    /// Trial of the library.
    pub trial: String,
    /// The published trial.
    #[serde(skip)]
    pub published: String,
    /// `TRIAL/ARM/outcome` of the row.
    pub row: String,
    /// Why.
    pub reason: String,
}

/// The targets of a trial and what is left out. Rows come marked `calibrate` and read: others are in no trial.
pub fn of_trial(trial: &Prepared) -> (Vec<Target>, Vec<LeftOut>) {
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    for (analysis, plan) in trial.analyses.iter().enumerate() {
        for (arm, at_day, published) in &plan.published {
            match target(trial, analysis, plan, *arm, *at_day, published) {
                Ok(target) => targets.push(target),
                Err(reason) => left_out.push(LeftOut {
                    trial: trial.id.clone(),
                    published: published.trial_id.clone(),
                    row: format!("{}/{}/{}", published.trial_id, published.arm_id, published.outcome),
                    reason,
                }),
            }
        }
    }
    (targets, left_out)
}

/// Days by which the day of a row and that of an analysis may differ, as where they stand side by side in a report.
const SAME_DAY: f64 = 10.0;

fn target(
    trial: &Prepared,
    analysis: usize,
    plan: &AnalysisPlan,
    arm: usize,
    at_day: Option<f64>,
    published: &Published,
) -> Result<Target, String> {
    if Some(arm) == plan.versus {
        return Err("it is of the arm that the others are compared with".into());
    }
    let miss = |index: &usize| match (plan.at_days[*index], at_day) {
        (Some(day), Some(at)) => (day - at).abs(),
        _ => 0.0,
    };
    let day_index = (0..plan.at_days.len()).min_by(|a, b| miss(a).total_cmp(&miss(b)));
    let day_index =
        day_index.filter(|index| miss(index) <= SAME_DAY).ok_or("no day of the analysis is near")?;
    let kind = Kind::of(plan);
    let n = published.n.or(trial.published_sizes[arm].map(|n| n as f64)).filter(|n| *n > 0.0);
    if plan.method == Method::MedianDay {
        return median(trial, analysis, plan, arm, day_index, published, n);
    }
    let natural = inside(kind, kind.natural(published.value), n);
    let observed =
        kind.linked(natural).ok_or_else(|| format!("{} has no place on its scale", published.value))?;
    let error = standard_error(kind, published, n);
    if error.is_none() && n.is_none() {
        return Err("it has no interval and no number of patients".into());
    }
    Ok(Target {
        trial: trial.id.clone(),
        analysis,
        arm: trial.arm_ids[arm].clone(),
        arm_index: arm,
        day_index,
        day: plan.at_days[day_index],
        endpoint: plan.endpoint_id.clone(),
        method: plan.method,
        kind,
        published: published.clone(),
        observed,
        error,
        n,
        weight: 1.0,
    })
}

/// A published median: by its day half of the patients had the event, give or take what n patients make,
/// √(1/(n/4)) in log odds. A median jumps from one patient to the next, a share does not.
fn median(
    trial: &Prepared,
    analysis: usize,
    plan: &AnalysisPlan,
    arm: usize,
    day_index: usize,
    published: &Published,
    n: Option<f64>,
) -> Result<Target, String> {
    let n = n.ok_or("it is a median without a number of patients")?;
    Ok(Target {
        trial: trial.id.clone(),
        analysis,
        arm: trial.arm_ids[arm].clone(),
        arm_index: arm,
        day_index,
        day: Some(published.value),
        endpoint: plan.endpoint_id.clone(),
        method: Method::KaplanMeierComplement,
        kind: Kind::Share,
        published: published.clone(),
        observed: 0.0,
        error: Some(2.0 / n.sqrt()),
        n: Some(n),
        weight: 1.0,
    })
}

/// A share of 0 or 1 among n patients is put half a patient inside, as the log odds with half a patient added
/// (Haldane 1956).
fn inside(kind: Kind, value: f64, n: Option<f64>) -> f64 {
    let Some(n) = n.filter(|_| kind == Kind::Share) else { return value };
    if value <= 0.0 || value >= 1.0 { (value * n + 0.5) / (n + 1.0) } else { value }
}

/// Standard error on the scale of the kind, from the interval: (high − low)/(2 z). `None` where there is none.
fn standard_error(kind: Kind, published: &Published, n: Option<f64>) -> Option<f64> {
    if published.ci_kind == CiKind::None {
        return None;
    }
    let end = |value: f64| kind.linked(inside(kind, kind.natural(value), n));
    let (low, high) = (end(published.ci_low?)?, end(published.ci_high?)?);
    let z = normal_quantile(0.5 + 0.5 * published.ci_level?);
    Some((high - low) / (2.0 * z)).filter(|error| *error > 0.0 && error.is_finite())
}

/// Sets the weights: a row that several analyses simulate counts once in all, and so do trials that share patients
/// (`groups`, each a list of published trials).
pub fn weigh(targets: &mut [Target], groups: &[Vec<String>]) {
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    for target in targets.iter() {
        *rows.entry(target.published.line).or_default() += 1;
    }
    let present = |trial: &String| targets.iter().any(|target| target.published.trial_id == *trial);
    let sizes: Vec<usize> = groups.iter().map(|group| group.iter().filter(|t| present(t)).count()).collect();
    let share = |trial: &str| {
        let own = groups.iter().zip(&sizes).filter(|(group, _)| group.iter().any(|member| member == trial));
        own.map(|(_, size)| *size).max().unwrap_or(1).max(1)
    };
    let shares: Vec<usize> = targets.iter().map(|target| share(&target.published.trial_id)).collect();
    for (target, share) in targets.iter_mut().zip(shares) {
        target.weight = 1.0 / (rows[&target.published.line] * share) as f64;
    }
}

/// A target of a published arm, for tests of what is made of targets.
#[cfg(test)]
pub(super) fn of_nothing(arm: &str, kind: Kind) -> Target {
    let published = crate::findings::hand_made::published(0.0, None, CiKind::None);
    Target {
        trial: "toy".into(),
        analysis: 0,
        arm: arm.into(),
        arm_index: 0,
        day_index: 0,
        day: None,
        endpoint: "e".into(),
        method: Method::Mean,
        kind,
        published: Published { arm_id: arm.into(), ..published },
        observed: 0.0,
        error: None,
        n: None,
        weight: 1.0,
    }
}

#[cfg(test)]
mod tests;
