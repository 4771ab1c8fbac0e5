//! Outcomes → findings: every analysis of the trial, in every arm it names, on every day it names.

use regraft_stats::{
    Interval, Seed, cumulative_incidence, kaplan_meier, mean_interval, paired_bootstrap, prediction_interval,
    wilson,
};
use regraft_trial::distribution::DistributionSpec;
use regraft_trial::trial_file::Method;

use super::statistic::{Sample, statistic};
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
    /// Patients in the cohort.
    pub n_patients: usize,
    /// Arm ids.
    pub arm_ids: &'a [String],
    /// Outcomes, `[arm][endpoint]`.
    pub outcomes: &'a [Vec<Outcome>],
    /// Published size of each arm, if any.
    pub published_sizes: &'a [Option<usize>],
    /// Follow-up of the published trial, days from time zero.
    pub follow_up: Option<&'a DistributionSpec>,
    /// Resamples behind each bootstrap interval.
    pub resamples: usize,
    /// Trials behind each prediction interval.
    pub trials: usize,
}

/// Published days may differ from ours by so much (a year is 365 or 365.25 days).
const SAME_DAY: f64 = 10.0;

/// All findings of one analysis: arm by arm, day by day.
pub fn analyze(plan: &AnalysisPlan, setting: &Setting<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for arm in plan.arms.iter().copied().filter(|arm| Some(*arm) != plan.versus || plan.versus.is_none()) {
        for day in &plan.at_days {
            findings.push(finding(plan, setting, arm, *day));
        }
    }
    findings
}

fn finding(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize, day: Option<f64>) -> Finding {
    let rows: Vec<usize> = (0..setting.n_patients).collect();
    let sample = whole(plan, setting, arm, &rows);
    let versus = plan.versus.map(|other| whole(plan, setting, other, &rows));
    let estimate = statistic(plan.method, sample, versus, day);
    let interval = estimate.as_ref().ok().and_then(|_| simulation_error(plan, setting, arm, day, &rows));
    let predicted = predicted(plan, setting, arm, day);
    let published: Vec<Published> = plan
        .published
        .iter()
        .filter(|(of, at, _)| *of == arm && same_day(*at, day))
        .map(|(_, _, value)| value.clone())
        .collect();
    let value = estimate.as_ref().ok().copied().filter(|value| value.is_finite());
    Finding {
        endpoint: plan.endpoint_id.clone(),
        title: plan.title.clone(),
        definition: plan.definition.clone(),
        method: plan.method.word().to_string(),
        arm: setting.arm_ids[arm].clone(),
        versus: plan.versus.map(|other| setting.arm_ids[other].clone()),
        time_days: day,
        estimate: value,
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        ci_level: plan.level,
        unit: plan.unit.clone(),
        predicted_low: predicted.as_ref().ok().map(|interval| interval.low),
        predicted_high: predicted.as_ref().ok().map(|interval| interval.high),
        verdict: verdict(value, &published),
        published,
        reason: reason(estimate.err(), interval.is_none(), predicted.err()),
        role: plan.role.clone(),
        direction: plan.direction.clone(),
        n: sample.n(),
    }
}

fn whole<'a>(plan: &AnalysisPlan, setting: &'a Setting<'_>, arm: usize, rows: &'a [usize]) -> Sample<'a> {
    Sample { outcome: &setting.outcomes[arm][plan.endpoint], rows, follow_up: &[] }
}

fn same_day(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME_DAY,
        (None, _) => true,
        (Some(_), None) => true,
    }
}

fn verdict(value: Option<f64>, published: &[Published]) -> Verdict {
    let judged = published.iter().find_map(|p| Some((p.ci_low?, p.ci_high?)));
    match (value, judged) {
        (Some(value), Some((low, high))) if low <= value && value <= high => Verdict::Inside,
        (Some(_), Some(_)) => Verdict::Outside,
        _ => Verdict::NotJudged,
    }
}

fn reason(estimate: Option<String>, no_interval: bool, predicted: Option<String>) -> Option<String> {
    let interval = no_interval.then(|| "no interval: every patient had the same outcome".to_string());
    let parts: Vec<String> = match estimate {
        Some(reason) => vec![reason],
        None => interval.into_iter().chain(predicted).collect(),
    };
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Interval of the finite cohort. One arm: the estimator's own; a comparison, a median or a rate:
/// patients resampled, both arms of a patient together.
fn simulation_error(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    arm: usize,
    day: Option<f64>,
    rows: &[usize],
) -> Option<(f64, f64)> {
    let sample = whole(plan, setting, arm, rows);
    let level = plan.level;
    let percent = |(low, high): (f64, f64)| (100.0 * low, 100.0 * high);
    match (plan.method, plan.versus) {
        (Method::KaplanMeier, None) => kaplan_meier(&sample.times(), level).at(day?)?.interval().map(percent),
        (Method::KaplanMeierComplement, None) => {
            let interval = kaplan_meier(&sample.times(), level).at(day?)?.interval();
            interval.map(|(low, high)| percent((1.0 - high, 1.0 - low)))
        }
        (Method::CumulativeIncidence, None) => {
            cumulative_incidence(&sample.times(), 1, level).at(day?)?.interval().map(percent)
        }
        (Method::Proportion, None) => {
            let times = sample.times();
            let last = day.unwrap_or(f64::INFINITY);
            let events = times.iter().filter(|s| s.status == 1 && s.time <= last).count();
            Some(percent(wilson(events as f64, times.len() as f64, level)))
        }
        (Method::Mean | Method::MeanChange, None) => {
            let estimate = mean_interval(&sample.values(day?), level);
            Some((estimate.low, estimate.high)).filter(|(low, high)| low.is_finite() && high.is_finite())
        }
        _ => resampled(plan, setting, arm, day).map(|interval| (interval.low, interval.high)),
    }
}

fn resampled(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize, day: Option<f64>) -> Option<Interval> {
    let name = format!("bootstrap:{}:{}", plan.endpoint_id, plan.method.word());
    let mut of_patients = |rows: &[usize]| {
        let versus = plan.versus.map(|other| whole(plan, setting, other, rows));
        statistic(plan.method, whole(plan, setting, arm, rows), versus, day).ok()
    };
    paired_bootstrap(setting.n_patients, setting.resamples, setting.seed, &name, &mut of_patients, plan.level)
}

/// Share of small trials without a result above which no prediction interval is given.
const MOST_WITHOUT_RESULT: f64 = 0.1;

/// What a trial of the published size and follow-up would show.
fn predicted(
    plan: &AnalysisPlan,
    setting: &Setting<'_>,
    arm: usize,
    day: Option<f64>,
) -> Result<Interval, String> {
    let arms: Vec<usize> = std::iter::once(arm).chain(plan.versus).collect();
    let sizes: Option<Vec<usize>> = arms.iter().map(|a| setting.published_sizes[*a]).collect();
    let sizes = sizes.ok_or("no prediction: the published size is not known")?;
    let name = format!("trial:{}:{}:{}", plan.endpoint_id, plan.method.word(), setting.arm_ids[arm]);
    let mut trial = 0;
    let mut of_trial = |drawn: &[Vec<usize>]| {
        let cuts: Vec<Vec<f64>> =
            (0..drawn.len()).map(|a| follow_up(setting, trial, a, drawn[a].len(), plan)).collect();
        trial += 1;
        let sample = |a: usize| Sample {
            outcome: &setting.outcomes[arms[a]][plan.endpoint],
            rows: &drawn[a],
            follow_up: &cuts[a],
        };
        statistic(plan.method, sample(0), (drawn.len() > 1).then(|| sample(1)), day).ok()
    };
    let found = prediction_interval(
        setting.n_patients,
        &sizes,
        setting.trials,
        setting.seed,
        &name,
        &mut of_trial,
        plan.level,
    );
    let interval = found.ok_or("no prediction: a trial of the published size has no estimate")?;
    if interval.n_failed_resamples as f64 > MOST_WITHOUT_RESULT * setting.trials as f64 {
        return Err("no prediction: a trial of the published size and follow-up often has no estimate".into());
    }
    Ok(interval)
}

/// Last day of follow-up of each patient of a small trial. Engraftment and death within days are always seen.
fn follow_up(setting: &Setting<'_>, trial: u64, arm: usize, n: usize, plan: &AnalysisPlan) -> Vec<f64> {
    let Some(spec) = setting.follow_up.filter(|_| plan.role != "engraftment") else { return Vec::new() };
    let stream = setting.seed.stream(trial, "trial:follow_up");
    let draw = |k: usize| spec.from_normal(stream.normal(((arm as u64) << 32) | k as u64));
    (0..n).map(draw).collect()
}
