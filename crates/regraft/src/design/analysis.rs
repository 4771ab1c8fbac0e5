//! The primary analysis of a simulated trial, as a statistician runs it on the data at hand.

use regraft_stats::allocation::Scores;
use regraft_stats::negative_binomial::{Count, likelihood_ratio, rate_ratio, rate_scores};
use regraft_stats::repeated::{Repeated, repeated_measures};
use regraft_stats::two_by_two::{
    Share, exact_tails, odds_ratio, share_likelihood_ratio, two_proportions, two_proportions_dealt,
};
use regraft_stats::{
    Stream, Survival, cox_likelihood_ratio, cox_two_groups, fine_gray_scores, fine_gray_two_groups, log_rank,
    log_rank_scores, math,
};
use regraft_trial::trial_file::{Inference, Test};

use super::cross::{crossed_counts, crossed_time, crossed_value};
use super::plan::DEALS;
use super::pool::Seen;
use super::setting::{Enrolled, Group, Setting};

/// Whose statistic it is.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// That of a trial, whose groups a permutation test deals with this stream.
    Trial(&'a Stream),
    /// That of many patients, whose drift is wanted: where the test has a p-value alone, the score it is made from, which
    /// has no smallest value.
    Drift,
}

/// Statistic of the primary analysis on calendar day `now`: standard normal where the arms are alike, above 0 in favor of
/// the treated; NaN where the data give none. `is_final` takes in everyone.
pub fn test_of(setting: &Setting<'_>, patients: &[Enrolled], now: f64, is_final: bool, of: Of<'_>) -> f64 {
    let z = match setting.plan.test {
        Test::LogRank | Test::Cox | Test::FineGray => of_times(setting, patients, now, of),
        Test::ChiSquare | Test::Logistic => of_shares(setting, patients, now, is_final, of),
        Test::Mmrm => of_values(setting, patients, now),
        Test::NegativeBinomial => of_counts(setting, patients, now, of),
    };
    if setting.plan.is_harm { -z } else { z }
}

/// The score over its standard error under random allocation, or where it lies among scores of groups dealt at random.
fn of_scores(inference: Inference, scores: &Scores, of: Of<'_>) -> f64 {
    match (inference, of) {
        (Inference::Permutation, Of::Trial(stream)) => {
            scores.reallocated(stream, DEALS).map_or(f64::NAN, |tails| tails.z())
        }
        _ => scores.standardized(),
    }
}

/// Information on calendar day `now`: events where times are analysed, patients who were seen at the last visit where
/// values are, else patients.
pub fn information(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> f64 {
    match setting.plan.test {
        Test::Mmrm => {
            let seen = |patient: &&Enrolled| {
                setting
                    .last_value(patient)
                    .is_some_and(|day| patient.entry + day <= now && day <= setting.last_day(patient, now))
            };
            patients.iter().filter(seen).count() as f64
        }
        Test::LogRank | Test::Cox | Test::FineGray => {
            let groups = times(setting, patients, now);
            groups.iter().flatten().filter(|seen| seen.status == 1).count() as f64
        }
        _ => patients.iter().filter(|patient| patient.entry <= now).count() as f64,
    }
}

/// Follow-up of both groups, control and treated.
pub fn times(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> [Vec<Survival>; 2] {
    let mut groups = [Vec::new(), Vec::new()];
    for patient in patients.iter().filter(|patient| patient.entry <= now) {
        groups[patient.group as usize].extend(time_of(setting, patient, now));
    }
    groups
}

fn time_of(setting: &Setting<'_>, patient: &Enrolled, now: f64) -> Option<Survival> {
    let arm = &setting.pool.arms[setting.side(patient)];
    let Seen::Times(all) = &arm.seen else { return None };
    let own = all[patient.row]?;
    let found = if patient.crosses.is_finite() { crossed_time(setting, patient, own) } else { own };
    found.followed_to(setting.last_day(patient, now) - arm.zero)
}

fn of_times(setting: &Setting<'_>, patients: &[Enrolled], now: f64, of: Of<'_>) -> f64 {
    let [control, treated] = times(setting, patients, now);
    let inference = setting.plan.inference;
    match (setting.plan.test, inference) {
        (Test::LogRank, Inference::Permutation) => {
            of_scores(inference, &log_rank_scores(&treated, &control), of)
        }
        (Test::LogRank, _) => {
            let test = log_rank(&treated, &control);
            (test.observed[0] - test.expected[0]) / test.variance.sqrt()
        }
        (Test::Cox, Inference::LikelihoodRatio) => cox_likelihood_ratio(&treated, &control),
        (Test::Cox, _) => {
            wald(cox_two_groups(&treated, &control, LEVEL).ok().map(|f| (f.log_ratio, f.standard_error)))
        }
        (_, Inference::Wald) => wald(
            fine_gray_two_groups(&treated, &control, LEVEL).ok().map(|f| (f.log_ratio, f.standard_error)),
        ),
        _ => of_scores(inference, &fine_gray_scores(&treated, &control), of),
    }
}

/// Level of intervals that nobody reads here.
const LEVEL: f64 = 0.95;

fn wald(estimate: Option<(f64, f64)>) -> f64 {
    estimate.map_or(f64::NAN, |(value, error)| value / error)
}

/// Patients with the event by the day of the design and all patients, control and treated. Who left before counts as
/// without.
pub fn shares(setting: &Setting<'_>, patients: &[Enrolled], now: f64, is_final: bool) -> [Share; 2] {
    let day = setting.plan.at_day.unwrap_or(f64::INFINITY);
    let mut groups = [Share { events: 0.0, n: 0.0 }; 2];
    for patient in patients {
        let zero = setting.pool.arms[setting.side(patient)].zero;
        if !is_final && now - patient.entry < zero + day {
            continue;
        }
        let Some(seen) = time_of(setting, patient, now) else { continue };
        let group = &mut groups[patient.group as usize];
        group.n += 1.0;
        group.events += f64::from(u8::from(seen.status == 1 && seen.time <= day));
    }
    groups
}

fn of_shares(setting: &Setting<'_>, patients: &[Enrolled], now: f64, is_final: bool, of: Of<'_>) -> f64 {
    let [control, treated] = shares(setting, patients, now, is_final);
    let exact = |mid: bool| exact_tails(treated, control, mid).map_or(f64::NAN, |tails| tails.z());
    match (setting.plan.inference, of) {
        (Inference::Wald, _) => {
            wald(odds_ratio(treated, control, LEVEL).map(|found| (found.log_ratio, found.standard_error)))
        }
        (Inference::LikelihoodRatio, _) => share_likelihood_ratio(treated, control),
        (Inference::Pearson, _) => two_proportions(treated, control),
        (Inference::MidP, Of::Trial(_)) => exact(true),
        (Inference::Exact, Of::Trial(_)) => exact(false),
        _ => two_proportions_dealt(treated, control),
    }
}

/// Numbers of events of both groups, control and treated.
pub fn counts(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> [Vec<Count>; 2] {
    let mut groups = [Vec::new(), Vec::new()];
    for patient in patients.iter().filter(|patient| patient.entry <= now) {
        let arm = &setting.pool.arms[setting.side(patient)];
        let Seen::Counts(all) = &arm.seen else { continue };
        let Some(own) = &all[patient.row] else { continue };
        let last = setting.last_day(patient, now) - arm.zero;
        let found = if patient.crosses.is_finite() {
            crossed_counts(setting, patient, own).followed_to(last)
        } else {
            own.followed_to(last)
        };
        let count = |(events, time): (f64, f64)| Count { events, time };
        groups[patient.group as usize].extend(found.map(count));
    }
    groups
}

fn of_counts(setting: &Setting<'_>, patients: &[Enrolled], now: f64, of: Of<'_>) -> f64 {
    let [control, treated] = counts(setting, patients, now);
    match setting.plan.inference {
        Inference::Wald => {
            wald(rate_ratio(&treated, &control, LEVEL).map(|found| (found.log_ratio, found.standard_error)))
        }
        Inference::LikelihoodRatio => likelihood_ratio(&treated, &control),
        inference => {
            let scores = rate_scores(&treated, &control);
            scores.map_or(f64::NAN, |scores| of_scores(inference, &scores, of))
        }
    }
}

/// Values at visits up to calendar day `now`.
pub fn values(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> Repeated {
    let mut data = Repeated::default();
    for patient in patients.iter().filter(|patient| patient.entry <= now) {
        let arm = &setting.pool.arms[setting.side(patient)];
        let Seen::Values(all) = &arm.seen else { continue };
        let n_visits = all.planned.len();
        data.n_visits = n_visits;
        let baseline = all.baseline[patient.row];
        if !baseline.is_finite() {
            continue;
        }
        let last = setting.last_day(patient, now);
        data.treated.push(patient.group == Group::Treated);
        data.baseline.push(baseline);
        for visit in 0..n_visits {
            let place = patient.row * n_visits + visit;
            let day = all.days[place];
            let value = if patient.crosses < day {
                crossed_value(setting, patient, visit)
            } else {
                all.values[place]
            };
            data.values.push(if day <= last { value } else { f64::NAN });
        }
    }
    data
}

/// Student's t as the standard normal of the same p-value.
fn of_values(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> f64 {
    let Ok(found) = repeated_measures(&values(setting, patients, now)) else { return f64::NAN };
    let p = if setting.plan.inference == Inference::Wald { found.p() } else { found.adjusted_p() };
    let z = -math::normal_quantile((0.5 * p).max(f64::MIN_POSITIVE));
    if found.value < 0.0 { -z } else { z }
}
