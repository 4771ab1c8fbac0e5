//! Outcomes → findings: every analysis of the trial, in every arm it names, on every day it names.

use regraft_stats::{
    Curve, Endings, Estimate, Point, Seed, cumulative_incidence_of, kaplan_meier_of, wilson,
};
use regraft_trial::trial_file::Method;

use super::crowd::{Crowd, is_resampled};
use super::resample::{Ends, FollowUps, bootstrap, jackknife, median_ends, predict};
use super::statistic::{NoNumber, Sample, Seen, events_by, statistics};
use super::{Finding, Published, Verdict};
use crate::outcomes::Outcome;

/// One analysis with names resolved.
#[derive(Debug, Clone)]
pub struct AnalysisPlan {
    /// Index of the endpoint.
    pub endpoint: usize,
    /// Endpoint id.
    pub endpoint_id: String,
    /// Title for people.
    pub title: String,
    /// Definition for people.
    pub definition: String,
    /// Method.
    pub method: Method,
    /// Arms reported, by index.
    pub arms: Vec<usize>,
    /// Arm compared with, by index.
    pub versus: Option<usize>,
    /// Days reported; `[None]` where the endpoint has no day.
    pub at_days: Vec<Option<f64>>,
    /// Day after the trial's time zero on which the endpoint's clock starts, `[arm of the trial]`.
    pub zeros: Vec<f64>,
    /// Level of the intervals.
    pub level: f64,
    /// `primary`, `benefit`, `harm`, `engraftment`.
    pub role: String,
    /// `benefit` or `harm`.
    pub direction: String,
    /// Unit of the estimate.
    pub unit: String,
    /// Published values: arm index, day, value.
    pub published: Vec<(usize, Option<f64>, Published)>,
}

/// What all analyses of a run share.
#[derive(Debug)]
pub struct Setting<'a> {
    /// Seed of the run.
    pub seed: Seed,
    /// Patients whose outcomes are known one by one: the cohort, or its first where it is a crowd.
    pub n_patients: usize,
    /// Arm ids.
    pub arm_ids: &'a [String],
    /// Outcomes of these, `[arm][endpoint]`.
    pub outcomes: &'a [Vec<Outcome>],
    /// The whole cohort, where it is larger.
    pub crowd: Option<&'a Crowd>,
    /// Published size of each arm, if any.
    pub published_sizes: &'a [Option<usize>],
    /// Follow-up of small trials: at least `trials` of them, with arms of the published sizes.
    pub follow_ups: FollowUps,
    /// Resamples behind each bootstrap interval.
    pub resamples: usize,
    /// Trials behind each prediction interval.
    pub trials: usize,
}

impl Setting<'_> {
    /// Rows of the cohort in one arm of an analysis, followed to the end.
    pub fn sample<'b>(&'b self, plan: &AnalysisPlan, arm: usize, rows: &'b [usize]) -> Sample<'b> {
        let outcome = &self.outcomes[arm][plan.endpoint];
        Sample { outcome, rows, follow_up: &[], zero: plan.zeros[arm] }
    }

    /// How many patients' follow-up ends when, in the whole cohort.
    pub fn endings(&self, plan: &AnalysisPlan, arm: usize) -> Vec<Endings> {
        match self.crowd {
            Some(crowd) => crowd.seen(plan, arm).endings(),
            None => self.sample(plan, arm, &self.rows()).endings(),
        }
    }

    /// Number seen, and mean with its interval, at the visit nearest to each day, in the whole cohort.
    pub fn means(&self, plan: &AnalysisPlan, arm: usize, days: &[f64]) -> Vec<(usize, Estimate)> {
        fn of(seen: impl Seen, days: &[f64], level: f64) -> Vec<(usize, Estimate)> {
            days.iter().map(|day| (seen.n(Some(*day)), seen.mean_interval(*day, level))).collect()
        }
        match self.crowd {
            Some(crowd) => of(&crowd.seen(plan, arm), days, plan.level),
            None => of(self.sample(plan, arm, &self.rows()), days, plan.level),
        }
    }

    /// All patients known one by one.
    pub fn rows(&self) -> Vec<usize> {
        (0..self.n_patients).collect()
    }
}

/// All findings of one analysis: arm by arm, day by day.
pub fn analyze(plan: &AnalysisPlan, setting: &Setting<'_>) -> Vec<Finding> {
    let arms = plan.arms.iter().filter(|arm| Some(**arm) != plan.versus);
    arms.flat_map(|arm| of_arm(plan, setting, *arm)).collect()
}

/// The findings of one arm, `[day]`: each curve and each resample is made once for all days.
fn of_arm(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize) -> Vec<Finding> {
    match setting.crowd {
        None => {
            let rows = setting.rows();
            let versus = plan.versus.map(|other| setting.sample(plan, other, &rows));
            found(plan, setting, arm, setting.sample(plan, arm, &rows), versus)
        }
        Some(crowd) => {
            let (own, versus) = (crowd.seen(plan, arm), plan.versus.map(|other| crowd.seen(plan, other)));
            found(plan, setting, arm, &own, versus.as_ref())
        }
    }
}

fn found<S: Seen>(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    arm: usize,
    sample: S,
    versus: Option<S>,
) -> Vec<Finding> {
    let estimates = statistics(plan.method, sample, versus, &plan.at_days);
    let nothing = estimates.iter().all(Result::is_err);
    let (simulated, predicted) = if nothing {
        let missing = vec![Err(String::new()); plan.at_days.len()];
        (missing.clone(), missing)
    } else {
        let simulated = if is_resampled(plan) {
            resampled(plan, setting, arm, sample, versus, &estimates)
        } else {
            by_formula(plan, sample)
        };
        (simulated, predict(plan, setting, arm))
    };
    let numbers =
        estimates.into_iter().zip(simulated).zip(predicted).map(|((estimate, simulation), predicted)| {
            Numbers { estimate: estimate.map_err(|missing| missing.reason), simulation, predicted }
        });
    let with_day = plan.at_days.iter().zip(numbers);
    with_day.map(|(day, numbers)| finding(plan, setting, arm, *day, sample.n(*day), numbers)).collect()
}

/// What was computed for one finding; where something is missing, why.
struct Numbers {
    estimate: Result<f64, String>,
    simulation: Result<Ends, String>,
    predicted: Result<Ends, String>,
}

impl Numbers {
    /// Without an estimate there are no intervals.
    fn ends(&self, interval: &Result<Ends, String>) -> (Option<f64>, Option<f64>) {
        let ends = interval.as_ref().ok().filter(|_| self.estimate.is_ok());
        let finite = |end: f64| Some(end).filter(|end| end.is_finite());
        (ends.and_then(|ends| finite(ends.low)), ends.and_then(|ends| finite(ends.high)))
    }

    fn reason(&self) -> Option<String> {
        if let Err(reason) = &self.estimate {
            return Some(reason.clone());
        }
        let missing = |interval: &Result<Ends, String>, what: &str| match interval {
            Err(reason) => Some(reason.clone()),
            Ok(ends) if ends.low.is_finite() && ends.high.is_finite() => None,
            Ok(_) => Some(format!("{what} has no upper end: it lies beyond what was followed")),
        };
        let parts = missing(&self.simulation, "the interval").into_iter();
        let parts: Vec<String> = parts.chain(missing(&self.predicted, "the prediction")).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn finding(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    arm: usize,
    day: Option<f64>,
    n: usize,
    numbers: Numbers,
) -> Finding {
    let published = published(plan, arm, day);
    let value = numbers.estimate.as_ref().ok().copied();
    let (ci_low, ci_high) = numbers.ends(&numbers.simulation);
    let (predicted_low, predicted_high) = numbers.ends(&numbers.predicted);
    Finding {
        endpoint: plan.endpoint_id.clone(),
        title: plan.title.clone(),
        definition: plan.definition.clone(),
        method: plan.method.word().to_string(),
        arm: setting.arm_ids[arm].clone(),
        versus: plan.versus.map(|other| setting.arm_ids[other].clone()),
        time_days: day,
        estimate: value,
        ci_low,
        ci_high,
        ci_level: plan.level,
        unit: plan.unit.clone(),
        predicted_low,
        predicted_high,
        parts: None,
        verdict: verdict(value, &published),
        published,
        reason: numbers.reason(),
        role: plan.role.clone(),
        direction: plan.direction.clone(),
        n,
    }
}

/// Published days may differ from ours by so much (a year is 365 or 365.25 days).
const SAME_DAY: f64 = 10.0;

/// Published values that stand beside one arm and day: each beside the nearest day of the analysis, if it is
/// near enough; everywhere if it or the analysis has no day.
fn published(plan: &AnalysisPlan, arm: usize, day: Option<f64>) -> Vec<Published> {
    let of_day = |at: &Option<f64>| {
        let (Some(at), Some(day)) = (at, day) else { return true };
        let miss = (at - day).abs();
        miss <= SAME_DAY && plan.at_days.iter().flatten().all(|other| (at - other).abs() >= miss)
    };
    let beside = plan.published.iter().filter(|(of, at, _)| *of == arm && of_day(at));
    beside.map(|(_, _, value)| value.clone()).collect()
}

/// The first published value with an interval judges.
fn verdict(value: Option<f64>, published: &[Published]) -> Verdict {
    let judged = published.iter().find_map(|p| Some((p.ci_low?, p.ci_high?)));
    match (value, judged) {
        (Some(value), Some((low, high))) if low <= value && value <= high => Verdict::Inside,
        (Some(_), Some(_)) => Verdict::Outside,
        _ => Verdict::NotJudged,
    }
}

/// Interval of the finite cohort for a comparison, a median or a rate, `[day]`: patients resampled, or parts of
/// a crowd left out; both arms of a patient together.
fn resampled<S: Seen>(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    arm: usize,
    sample: S,
    versus: Option<S>,
    estimates: &[Result<f64, NoNumber>],
) -> Vec<Result<Ends, String>> {
    // Resamples of nothing are nothing: they would claim certainty.
    if !sample.has_events() && versus.is_none_or(|versus| !versus.has_events()) {
        return vec![Err("no interval: no event happened".into()); plan.at_days.len()];
    }
    match (setting.crowd, plan.method, versus) {
        (None, ..) => bootstrap(plan, setting, arm),
        (Some(_), Method::MedianDay, None) => {
            let ends = median_ends(&kaplan_meier_of(&sample.endings(), plan.level));
            vec![ends; plan.at_days.len()]
        }
        (Some(crowd), ..) => jackknife(plan, crowd, arm, estimates),
    }
}

/// Interval of the finite cohort in one arm by the estimator's own formula, `[day]`.
fn by_formula(plan: &AnalysisPlan, sample: impl Seen) -> Vec<Result<Ends, String>> {
    let each = |of_day: &dyn Fn(Option<f64>) -> Result<Ends, String>| {
        plan.at_days.iter().map(|day| of_day(*day)).collect::<Vec<_>>()
    };
    let level = plan.level;
    match plan.method {
        Method::Mean | Method::MeanChange => {
            each(&|day| of_mean(sample.mean_interval(day.unwrap_or(f64::NAN), level)))
        }
        Method::Proportion => {
            let endings = sample.endings();
            each(&|day| {
                let (events, n) = events_by(&endings, day);
                let (low, high) = wilson(events as f64, n as f64, level);
                Ok(Ends { low: 100.0 * low, high: 100.0 * high })
            })
        }
        Method::CumulativeIncidence => {
            let curve = cumulative_incidence_of(&sample.endings(), level);
            each(&|day| of_curve(&curve, day, false))
        }
        method => {
            let curve = kaplan_meier_of(&sample.endings(), level);
            each(&|day| of_curve(&curve, day, method == Method::KaplanMeierComplement))
        }
    }
}

fn of_curve(curve: &Curve, day: Option<f64>, turned: bool) -> Result<Ends, String> {
    let point =
        day.and_then(|day| curve.at(day)).ok_or("no interval: no patient is followed until that day")?;
    let (low, high) = point.interval().ok_or_else(|| without_interval(&point, curve))?;
    let (low, high) = if turned { (1.0 - high, 1.0 - low) } else { (low, high) };
    Ok(Ends { low: 100.0 * low, high: 100.0 * high })
}

/// The transformed variance says nothing at the ends of the scale.
fn without_interval(point: &Point, curve: &Curve) -> String {
    let start = if curve.kind == regraft_stats::CurveKind::Survival { 1.0 } else { 0.0 };
    let what =
        if point.estimate == start { "no event until that day" } else { "every patient had the event" };
    format!("no interval: {what}")
}

fn of_mean(estimate: Estimate) -> Result<Ends, String> {
    let ends = Ends { low: estimate.low, high: estimate.high };
    let known = ends.low.is_finite() && ends.high.is_finite();
    known.then_some(ends).ok_or_else(|| "no interval: one patient alone was seen".into())
}

#[cfg(test)]
mod tests;
