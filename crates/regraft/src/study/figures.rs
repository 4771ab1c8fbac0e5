//! Findings → what the report draws: curves with bands, scores, fans.

use regraft_stats::{
    Curve, Endings, Estimate, Seed, at_risk_of, cumulative_incidence_of, kaplan_meier_of, quantile,
    trial_of_size,
};
use regraft_trial::trial_file::Method;

use crate::findings::bins::Sketch;
use crate::findings::statistic::{Sample, Seen};
use crate::findings::{AnalysisPlan, Setting};
use crate::outcomes::{Grid, Outcome, nearest_visit};
use crate::report::data::{CurveArm, CurveFigure, Fan, PublishedPoint, ScoreFigure};

/// Points of a drawn curve at most.
const POINTS: usize = 400;
/// Trials behind a prediction band.
const BAND_TRIALS: usize = 400;
// Their follow-up is drawn with that of the prediction intervals.
const _: () = assert!(BAND_TRIALS <= super::RESAMPLES);

/// A figure of an analysis of times to event, in all arms of the run.
pub fn curve_figure(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    horizon: f64,
    earliest_day: Option<f64>,
    published: Vec<PublishedPoint>,
) -> CurveFigure {
    let arms = plan.arms.iter().map(|arm| curve_arm(plan, setting, *arm, horizon)).collect();
    CurveFigure {
        endpoint: plan.endpoint_id.clone(),
        title: plan.title.clone(),
        definition: plan.definition.clone(),
        method: method_in_words(plan.method).to_string(),
        level: plan.level,
        earliest_day: earliest_day.filter(|day| *day > 0.0),
        arms,
        published,
    }
}

fn method_in_words(method: Method) -> &'static str {
    match method {
        Method::KaplanMeier => "% of patients, Kaplan–Meier",
        Method::KaplanMeierComplement => "% of patients, 1 − Kaplan–Meier as in the publication",
        _ => "% of patients, cumulative incidence (Aalen–Johansen)",
    }
}

/// The curve of a method in percent, and whether it is turned upside down.
fn estimate(method: Method, endings: &[Endings], level: f64) -> (Curve, bool) {
    match method {
        Method::KaplanMeier => (kaplan_meier_of(endings, level), false),
        Method::KaplanMeierComplement => (kaplan_meier_of(endings, level), true),
        _ => (cumulative_incidence_of(endings, level), false),
    }
}

fn percent(value: f64, turned: bool) -> f64 {
    100.0 * if turned { 1.0 - value } else { value }
}

fn curve_arm(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize, horizon: f64) -> CurveArm {
    let endings = setting.endings(plan, arm);
    let (curve, turned) = estimate(plan.method, &endings, plan.level);
    let days = thin(&curve.times, horizon.min(curve.end));
    let at = |day: f64| {
        curve.at(day).unwrap_or(regraft_stats::Point { estimate: f64::NAN, low: f64::NAN, high: f64::NAN })
    };
    let points: Vec<regraft_stats::Point> = days.iter().map(|day| at(*day)).collect();
    let or_estimate = |bound: f64, estimate: f64| if bound.is_finite() { bound } else { estimate };
    let ends = |p: &regraft_stats::Point| {
        let (a, b) = (
            percent(or_estimate(p.low, p.estimate), turned),
            percent(or_estimate(p.high, p.estimate), turned),
        );
        if a <= b { (a, b) } else { (b, a) }
    };
    let bands = band(plan, setting, arm, &days);
    CurveArm {
        arm: setting.arm_ids[arm].clone(),
        estimate: points.iter().map(|p| percent(p.estimate, turned)).collect(),
        low: points.iter().map(|p| ends(p).0).collect(),
        high: points.iter().map(|p| ends(p).1).collect(),
        predicted_low: bands.iter().map(|band| band.0).collect(),
        predicted_high: bands.iter().map(|band| band.1).collect(),
        at_risk: at_risk(plan, arm, &endings, setting, horizon),
        days,
    }
}

/// At most [`POINTS`] of the times of a curve, the first and `end` among them.
fn thin(times: &[f64], end: f64) -> Vec<f64> {
    let inside: Vec<f64> = times.iter().copied().filter(|t| *t <= end).collect();
    let step = inside.len().div_ceil(POINTS).max(1);
    let mut days: Vec<f64> = inside.iter().copied().step_by(step).collect();
    if days.last().is_some_and(|last| *last < end) {
        days.push(end);
    }
    days
}

/// Prediction band at each drawn day; empty where the published size is not known, NaN where half of the
/// trials have no estimate.
fn band(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize, days: &[f64]) -> Vec<(f64, f64)> {
    let Some(size) = setting.published_sizes[arm] else { return Vec::new() };
    let name = format!("band:{}:{}", plan.endpoint_id, setting.arm_ids[arm]);
    let mut values: Vec<Vec<f64>> = vec![Vec::with_capacity(BAND_TRIALS); days.len()];
    for trial in 0..BAND_TRIALS as u64 {
        let rows = trial_of_size(setting.n_patients, &[size], setting.seed, &name, trial).remove(0);
        let follow_up = setting.follow_ups.of(trial as usize, 0);
        let sample = Sample { follow_up, ..setting.sample(plan, arm, &rows) };
        let (curve, turned) = estimate(plan.method, &sample.endings(), plan.level);
        for (day, values) in days.iter().zip(&mut values) {
            values.extend(curve.at(*day).map(|point| percent(point.estimate, turned)));
        }
    }
    let tail = 0.5 * (1.0 - plan.level);
    values.into_iter().map(|v| ends(v, tail).unwrap_or((f64::NAN, f64::NAN))).collect()
}

fn ends(mut values: Vec<f64>, tail: f64) -> Option<(f64, f64)> {
    if values.len() < BAND_TRIALS / 2 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some((quantile(&values, tail), quantile(&values, 1.0 - tail)))
}

/// Numbers at risk every year, in the cohort and on average in trials of the published size and follow-up.
fn at_risk(
    plan: &AnalysisPlan,
    arm: usize,
    endings: &[Endings],
    setting: &Setting<'_>,
    horizon: f64,
) -> Vec<(f64, usize, Option<usize>)> {
    let years = (horizon / 365.25 + 0.01).floor() as usize;
    let step = if years > 6 { 2 } else { 1 };
    let days: Vec<f64> = (0..=years).step_by(step).map(|year| year as f64 * 365.25).collect();
    let counted = at_risk_of(endings, &days);
    let published = setting.published_sizes[arm].map(|size| mean_at_risk(plan, arm, size, setting, &days));
    let one = |(k, day): (usize, &f64)| (*day, counted[k], published.as_ref().map(|list| list[k]));
    days.iter().enumerate().map(one).collect()
}

/// Mean number at risk over trials of the published size and follow-up, rounded, `[day]`.
fn mean_at_risk(
    plan: &AnalysisPlan,
    arm: usize,
    size: usize,
    setting: &Setting<'_>,
    days: &[f64],
) -> Vec<usize> {
    let mut sums = vec![0; days.len()];
    for trial in 0..BAND_TRIALS as u64 {
        let rows = trial_of_size(setting.n_patients, &[size], setting.seed, "at_risk", trial).remove(0);
        let follow_up = setting.follow_ups.of(trial as usize, 0);
        let sample = Sample { follow_up, ..setting.sample(plan, arm, &rows) };
        sums.iter_mut().zip(at_risk_of(&sample.endings(), days)).for_each(|(sum, n)| *sum += n);
    }
    sums.into_iter().map(|sum| (sum as f64 / BAND_TRIALS as f64).round() as usize).collect()
}

/// Mean of a score in one arm, with simulation error and what a trial of the published size would show.
pub fn score_arm(plan: &AnalysisPlan, arm: usize, setting: &Setting<'_>) -> Option<CurveArm> {
    let Outcome::Scores { days, .. } = &setting.outcomes[arm][plan.endpoint] else { return None };
    let days: Vec<f64> = days.iter().copied().filter(|day| *day >= 0.0).collect();
    let means = setting.means(plan, arm, &days);
    let seen = days.into_iter().zip(means).filter(|(_, (n, _))| *n > 1);
    let (days, estimates): (Vec<f64>, Vec<Estimate>) =
        seen.map(|(day, (_, estimate))| (day, estimate)).unzip();
    let rows = setting.rows();
    let sample = setting.sample(plan, arm, &rows);
    let size = setting.published_sizes[arm];
    let bands = days.iter().map(|day| mean_band(&sample.values(*day), size, setting.seed, plan.level));
    let (predicted_low, predicted_high) = bands.unzip();
    Some(CurveArm {
        arm: setting.arm_ids[arm].clone(),
        estimate: estimates.iter().map(|e| e.value).collect(),
        low: estimates.iter().map(|e| e.low).collect(),
        high: estimates.iter().map(|e| e.high).collect(),
        predicted_low,
        predicted_high,
        at_risk: Vec::new(),
        days,
    })
}

/// Where the mean of `size` patients lies, by resampling; NaN where the size is not known.
fn mean_band(values: &[f64], size: Option<usize>, seed: Seed, level: f64) -> (f64, f64) {
    let Some(size) = size else { return (f64::NAN, f64::NAN) };
    let means = (0..BAND_TRIALS as u64).map(|trial| {
        let rows = trial_of_size(values.len(), &[size], seed, "band:mean", trial).remove(0);
        rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len() as f64
    });
    let mut means: Vec<f64> = means.collect();
    means.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - level);
    (quantile(&means, tail), quantile(&means, 1.0 - tail))
}

/// Index of the visit of a score outcome nearest to a day; used to pick patients.
pub fn score_at(outcome: &Outcome, patient: usize, day: f64) -> Option<f64> {
    let Outcome::Scores { days, values } = outcome else { return None };
    let visit = nearest_visit(days, day)?;
    Some(values[patient * days.len() + visit]).filter(|value| value.is_finite())
}

/// What names a laboratory value in the report.
#[derive(Debug, Clone)]
pub struct LabName {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Whether its axis is logarithmic.
    pub log_scale: bool,
}

/// Fan of one laboratory value in one arm, on days relative to the graft; `values` are those of each
/// laboratory day.
pub fn fan(
    name: &LabName,
    arm_id: &str,
    day_zero: f64,
    grid: &Grid,
    values: &[Sketch],
    measured: Vec<PublishedPoint>,
) -> Fan {
    let seen = grid.lab_days.iter().zip(values).filter(|(_, values)| !values.is_empty());
    let (days, quantiles): (Vec<f64>, Vec<[f64; 5]>) =
        seen.map(|(day, values)| (*day - day_zero, values.quantiles([0.05, 0.25, 0.5, 0.75, 0.95]))).unzip();
    Fan {
        arm: arm_id.to_string(),
        lab: name.id.clone(),
        title: name.title.clone(),
        unit: name.unit.clone(),
        log_scale: name.log_scale,
        threshold: measured.first().map(|point| point.value),
        before: quantiles.first().map(|at| at[2]),
        days,
        quantiles,
        measured,
    }
}

/// A score figure from its arms.
pub fn score_figure(
    id: &str,
    title: &str,
    range: (f64, f64),
    arms: Vec<CurveArm>,
    published: Vec<PublishedPoint>,
) -> ScoreFigure {
    ScoreFigure { score: id.to_string(), title: title.to_string(), range, arms, published }
}
