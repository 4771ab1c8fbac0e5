//! The primary analysis of a simulated trial, as a statistician runs it on the data at hand.

use regraft_stats::negative_binomial::{Count, rate_ratio};
use regraft_stats::repeated::{Repeated, repeated_measures};
use regraft_stats::two_by_two::{Share, odds_ratio, two_proportions};
use regraft_stats::{Survival, cox_two_groups, fine_gray_two_groups, log_rank, math};
use regraft_trial::trial_file::Test;

use super::cross::{crossed_counts, crossed_time, crossed_value};
use super::pool::Seen;
use super::setting::{Enrolled, Group, Setting};

/// Statistic of the primary analysis on calendar day `now`: standard normal where the arms are alike, above 0 in favor of
/// the treated; NaN where the data give none. `is_final` takes in everyone.
pub fn test_of(setting: &Setting<'_>, patients: &[Enrolled], now: f64, is_final: bool) -> f64 {
    let z = match setting.plan.test {
        Test::LogRank | Test::Cox | Test::FineGray => of_times(setting, patients, now),
        Test::ChiSquare | Test::Logistic => of_shares(setting, patients, now, is_final),
        Test::Mmrm => of_values(setting, patients, now),
        Test::NegativeBinomial => of_counts(setting, patients, now),
    };
    if setting.plan.is_harm { -z } else { z }
}

/// Information on calendar day `now`: events where times are analysed, else patients.
pub fn information(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> f64 {
    match setting.plan.test {
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

fn of_times(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> f64 {
    let [control, treated] = times(setting, patients, now);
    match setting.plan.test {
        Test::LogRank => {
            let test = log_rank(&treated, &control);
            (test.observed[0] - test.expected[0]) / test.variance.sqrt()
        }
        Test::Cox => {
            wald(cox_two_groups(&treated, &control, LEVEL).ok().map(|f| (f.log_ratio, f.standard_error)))
        }
        _ => wald(
            fine_gray_two_groups(&treated, &control, LEVEL).ok().map(|f| (f.log_ratio, f.standard_error)),
        ),
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

fn of_shares(setting: &Setting<'_>, patients: &[Enrolled], now: f64, is_final: bool) -> f64 {
    let [control, treated] = shares(setting, patients, now, is_final);
    match setting.plan.test {
        Test::ChiSquare => two_proportions(treated, control),
        _ => wald(odds_ratio(treated, control, LEVEL).map(|found| (found.log_ratio, found.standard_error))),
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

fn of_counts(setting: &Setting<'_>, patients: &[Enrolled], now: f64) -> f64 {
    let [control, treated] = counts(setting, patients, now);
    wald(rate_ratio(&treated, &control, LEVEL).map(|found| (found.log_ratio, found.standard_error)))
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
    let z = -math::normal_quantile((0.5 * found.p).max(f64::MIN_POSITIVE));
    if found.value < 0.0 { -z } else { z }
}
