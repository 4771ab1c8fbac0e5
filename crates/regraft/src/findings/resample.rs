//! What resampled patients and small trials show: the ends of intervals, on all days of an analysis at once.

use regraft_ode::math;
use regraft_stats::{Curve, Seed, mean_interval, quantile, resample, trial_of_size};
use regraft_trial::distribution::DistributionSpec;
use regraft_trial::trial_file::Method;

use super::crowd::{Crowd, PARTS};
use super::statistic::{NoNumber, Sample, statistics};
use super::{AnalysisPlan, Setting};

/// Ends of an interval; infinite where the statistic runs off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Share of resamples without a number above which no interval is given: the others would be a choice.
const MOST_WITHOUT_NUMBER: f64 = 0.1;

/// Follow-up of the patients of small trials, days after the trial's time zero.
///
/// Patient k of arm a in trial t is followed equally long in every analysis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FollowUps {
    n_arms: usize,
    n_patients: usize,
    /// `[trial, arm, patient]`; empty where nothing cuts the follow-up.
    days: Vec<f64>,
}

impl FollowUps {
    /// Draws the follow-up of `n_trials` trials with two arms of up to `n_patients`.
    pub fn draw(
        spec: Option<&DistributionSpec>,
        n_patients: usize,
        n_trials: usize,
        seed: Seed,
    ) -> FollowUps {
        let Some(spec) = spec else { return FollowUps::default() };
        let (n_arms, sample) = (2, spec.sampler());
        let mut days = Vec::with_capacity(n_trials * n_arms * n_patients);
        for trial in 0..n_trials as u64 {
            let stream = seed.stream(trial, "trial:follow_up");
            for arm in 0..n_arms as u64 {
                let draw = |k: u64| sample(stream.normal((arm << 32) | k));
                days.extend((0..n_patients as u64).map(draw));
            }
        }
        FollowUps { n_arms, n_patients, days }
    }

    /// Follow-up of one arm of one trial, `[patient]`; empty where nothing cuts it.
    pub fn of(&self, trial: usize, arm: usize) -> &[f64] {
        if self.days.is_empty() {
            return &[];
        }
        let from = (trial * self.n_arms + arm) * self.n_patients;
        &self.days[from..from + self.n_patients]
    }
}

/// Simulation error: patients of the cohort are resampled, both arms of a patient together; `[day]`.
pub fn bootstrap(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize) -> Vec<Result<Ends, String>> {
    let name = format!("bootstrap:{}:{}", plan.endpoint_id, plan.method.word());
    let mut table = Values::of(plan);
    for number in 0..setting.resamples {
        let rows = resample(setting.n_patients, setting.seed, &name, number as u64);
        let versus = plan.versus.map(|other| setting.sample(plan, other, &rows));
        table.add(statistics(plan.method, setting.sample(plan, arm, &rows), versus, &plan.at_days));
    }
    let missing = "no interval: too many resamples have no estimate";
    table.ends(plan.level).into_iter().map(|ends| ends.ok_or_else(|| missing.into())).collect()
}

/// Simulation error of a crowd: the statistic with each part left out in turn, both arms of a patient together
/// [EfronTibshirani1993, 11.5]; `[day]`.
///
/// Estimate ± t √((g − 1)/g Σ(θ₍ᵢ₎ − θ̄)²), g parts, t Student's on g − 1 degrees of freedom; of a ratio its
/// logarithm.
pub fn jackknife(
    plan: &AnalysisPlan,
    crowd: &Crowd,
    arm: usize,
    estimates: &[Result<f64, NoNumber>],
) -> Vec<Result<Ends, String>> {
    let left: Vec<Vec<Result<f64, NoNumber>>> = (0..PARTS)
        .map(|part| {
            let versus = plan.versus.map(|other| crowd.without(plan, other, part));
            statistics(plan.method, &crowd.without(plan, arm, part), versus.as_ref(), &plan.at_days)
        })
        .collect();
    let of_day = |(day, estimate): (usize, &Result<f64, NoNumber>)| {
        let values: Option<Vec<f64>> =
            left.iter().map(|of_days| of_days[day].as_ref().ok().copied()).collect();
        let missing = "no interval: without a part of the cohort there is no estimate";
        let (estimate, values) = estimate.as_ref().ok().zip(values).ok_or(missing)?;
        Ok(left_out(*estimate, &values, plan.method.is_ratio(), plan.level))
    };
    estimates.iter().enumerate().map(of_day).collect()
}

/// Interval of the median of a survival curve: where its interval holds one half
/// \[BrookmeyerCrowley1982\]. The
/// upper end is infinite where the upper end of the curve stays above.
pub fn median_ends(curve: &Curve) -> Result<Ends, String> {
    let first = |ends: &[f64]| {
        let passed = ends.iter().position(|end| *end <= 0.5);
        passed.map_or(f64::INFINITY, |step| curve.times[step])
    };
    let ends = Ends { low: first(&curve.low), high: first(&curve.high) };
    if ends.low.is_finite() {
        Ok(ends)
    } else {
        Err("no interval: one half is beyond what was followed".into())
    }
}

/// Ends from the values with one part left out each.
fn left_out(estimate: f64, values: &[f64], is_ratio: bool, level: f64) -> Ends {
    let scale = |value: f64| if is_ratio { math::ln(value) } else { value };
    // The mean of the pseudo-values g θ − (g − 1) θ₍ᵢ₎ has this standard error; θ itself falls out of it.
    let parts = values.len() as f64;
    let pseudo: Vec<f64> = values.iter().map(|value| -(parts - 1.0) * scale(*value)).collect();
    let around = mean_interval(&pseudo, level);
    let half = 0.5 * (around.high - around.low);
    let end = |shift: f64| if is_ratio { estimate * math::exp(shift) } else { estimate + shift };
    Ends { low: end(-half), high: end(half) }
}

/// What a trial of the published size and follow-up would show; `[day]`.
pub fn predict(plan: &AnalysisPlan, setting: &Setting<'_>, arm: usize) -> Vec<Result<Ends, String>> {
    let arms: Vec<usize> = std::iter::once(arm).chain(plan.versus).collect();
    let sizes: Option<Vec<usize>> = arms.iter().map(|arm| setting.published_sizes[*arm]).collect();
    let Some(sizes) = sizes else {
        return vec![Err("no prediction: the published size is not known".into()); plan.at_days.len()];
    };
    let name = format!("trial:{}:{}:{}", plan.endpoint_id, plan.method.word(), setting.arm_ids[arm]);
    let mut table = Values::of(plan);
    for trial in 0..setting.trials {
        let drawn = trial_of_size(setting.n_patients, &sizes, setting.seed, &name, trial as u64);
        let sample = |a: usize| {
            let follow_up = if cuts(plan) { setting.follow_ups.of(trial, a) } else { &[] };
            Sample { follow_up, ..setting.sample(plan, arms[a], &drawn[a]) }
        };
        let versus = (arms.len() > 1).then(|| sample(1));
        table.add(statistics(plan.method, sample(0), versus, &plan.at_days));
    }
    let missing = "no prediction: a trial of the published size and follow-up often has no estimate";
    table.ends(plan.level).into_iter().map(|ends| ends.ok_or_else(|| missing.into())).collect()
}

/// Whether follow-up cuts what the analysis sees. Engraftment is always seen, and a share of patients is
/// reported where all were followed for long enough.
fn cuts(plan: &AnalysisPlan) -> bool {
    plan.role != "engraftment" && plan.method != Method::Proportion
}

/// Values of the statistic, day by day.
struct Values {
    /// `[day][resample with a number]`
    found: Vec<Vec<f64>>,
    n_resamples: usize,
}

impl Values {
    fn of(plan: &AnalysisPlan) -> Values {
        Values { found: vec![Vec::new(); plan.at_days.len()], n_resamples: 0 }
    }

    fn add(&mut self, values: Vec<Result<f64, NoNumber>>) {
        self.n_resamples += 1;
        for (found, value) in self.found.iter_mut().zip(values) {
            found.extend(value.map_or_else(|missing| missing.limit, Some));
        }
    }

    /// The central `level`, type 7 quantiles; `None` where too many resamples have no number.
    fn ends(self, level: f64) -> Vec<Option<Ends>> {
        let tail = 0.5 * (1.0 - level);
        let enough = (1.0 - MOST_WITHOUT_NUMBER) * self.n_resamples as f64;
        let of_day = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let ends = Ends { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) };
            (!values.is_empty() && values.len() as f64 >= enough).then_some(ends)
        };
        self.found.into_iter().map(of_day).collect()
    }
}

#[cfg(test)]
mod tests;
