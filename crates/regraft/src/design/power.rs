//! Many simulated trials of one size: how often they reject, how long they take, and how sure that is.

use regraft_stats::{Z90, math, variance};

use super::members::Moves;
use super::plan::Plan;
use super::setting::{Group, Setting};
use super::trial::{Deck, Ended};
use crate::posterior::Split;
use crate::study::{Watch, in_threads};

/// What trials of one size show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trials {
    /// Patients of a trial, both arms together.
    pub n: usize,
    /// Number of trials.
    pub trials: usize,
    /// Share that rejected.
    pub rejected: f64,
    /// Share that rejected in favor of the treated.
    pub in_favor: f64,
    /// Standard error of `rejected`, by the number of trials.
    pub error_of_trials: f64,
    /// Standard error of `rejected`, by the size of the pool.
    pub error_of_pool: f64,
    /// Share whose test gave no number.
    pub without_number: f64,
    /// Share that ended at each look, the final one last.
    pub ended_at: Vec<f64>,
    /// Days from the first entry to the end: mean, 10 % and 90 % quantile.
    pub days: [f64; 3],
    /// Mean days from the first entry to the last.
    pub enrollment_days: f64,
    /// Mean number of patients who had entered at the end.
    pub enrolled: f64,
    /// Mean information at the end: events, or patients.
    pub information: f64,
    /// Share that rejected with the patients of each member, where trials were drawn within members.
    pub by_member: Vec<f64>,
}

impl Trials {
    /// The share of the parameters where trials were drawn within members; `None` elsewhere, or where all trials agree.
    ///
    /// The variance of the members' power, less what the number of their trials gives it, p (1 − p)/trials, and less
    /// what the size of their part of the pool gives it: a member has one of M parts, so its power wobbles by M times the
    /// variance that the whole pool gives.
    pub fn split(&self) -> Option<Split> {
        let members = self.by_member.len() as f64;
        let whole = self.rejected * (1.0 - self.rejected);
        if members < 2.0 || whole <= 0.0 {
            return None;
        }
        let seen = variance(&self.by_member);
        let each = self.trials as f64 / members;
        let of_trials =
            self.by_member.iter().map(|p| p * (1.0 - p)).sum::<f64>() / members / (each - 1.0).max(1.0);
        let of_pool = members * self.error_of_pool * self.error_of_pool;
        let error = seen * (2.0 / (members - 1.0)).sqrt();
        let at = |z: f64| ((seen - of_trials - of_pool + z * error) / whole).clamp(0.0, 1.0);
        let parameters = at(0.0);
        Some(Split {
            parameters,
            parameters_low: at(-Z90),
            parameters_high: at(Z90),
            patients_and_chance: 1.0 - parameters,
        })
    }

    /// Standard error of `rejected` of both kinds.
    pub fn error(&self) -> f64 {
        self.error_of_trials.hypot(self.error_of_pool)
    }
}

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Patients of a trial, both arms together.
    pub n: usize,
    /// Number of trials.
    pub trials: usize,
    /// Information that is expected at the end.
    pub planned: f64,
    /// What the pool moves of the drift: [`wobble`].
    pub wobble: f64,
    /// All patients of a trial live with the parameters of one member, and members take turns; how far their drifts
    /// are moved.
    pub within: Option<&'a Moves>,
}

/// Pieces into which a series is cut. Moves no result.
const CHUNKS: usize = 64;

/// Runs a series of trials; the result does not depend on the number of threads.
pub fn run(setting: &Setting<'_>, series: Series<'_>, threads: Option<usize>, watch: &dyn Watch) -> Trials {
    let size = series.trials.div_ceil(CHUNKS).max(1);
    let starts: Vec<usize> = (0..series.trials).step_by(size).collect();
    let chunks = in_threads(threads, &starts, |start| {
        if watch.cancelled() {
            return Vec::new();
        }
        chunk(setting, series, *start..(start + size).min(series.trials))
    });
    sum_up(setting, series, chunks.into_iter().flatten().collect())
}

/// The information that trials of this size have at their end if no look stops them: the mean of a few.
pub fn planned_information(setting: &Setting<'_>, n: usize) -> f64 {
    let mut deck = Deck::of((0..setting.pool.n() as u32).collect());
    let close = |number: u64| {
        let patients = setting.enroll(&mut deck, PILOT + number, n);
        let last = patients.last().map_or(0.0, |patient| patient.entry);
        super::analysis::information(setting, &patients, last + setting.plan.follow_up_days)
    };
    (0..PILOTS).map(close).sum::<f64>() / PILOTS as f64
}

/// Trials behind the information that is planned. Chosen: its error is then a hundredth of that of one trial.
const PILOTS: u64 = 100;

/// Numbers of trials that are used for nothing else.
const PILOT: u64 = 1 << 40;

fn chunk(setting: &Setting<'_>, series: Series<'_>, numbers: std::ops::Range<usize>) -> Vec<Ended> {
    let n_pool = setting.pool.n();
    let n_members = series.within.map_or(1, |moves| moves.rows.len());
    let scale = (series.planned * balance(setting.plan)).sqrt();
    let rows = |member: usize| match series.within {
        Some(moves) => moves.rows[member].clone(),
        None => (0..n_pool as u32).collect(),
    };
    let mut decks: Vec<Option<Deck>> = (0..n_members).map(|_| None).collect();
    let one = |number: usize| {
        let member = number % n_members;
        let deck = decks[member].get_or_insert_with(|| Deck::of(rows(member)));
        let moved = series.within.map_or(0.0, |moves| moves.by[member] * scale);
        setting.run(deck, number as u64, series.n, series.planned, moved)
    };
    numbers.map(one).collect()
}

fn sum_up(setting: &Setting<'_>, series: Series<'_>, all: Vec<Ended>) -> Trials {
    let trials = all.len();
    let share =
        |of: &dyn Fn(&Ended) -> bool| all.iter().filter(|ended| of(ended)).count() as f64 / trials as f64;
    let mean = |of: &dyn Fn(&Ended) -> f64| all.iter().map(of).sum::<f64>() / trials as f64;
    let rejected = share(&|ended| ended.rejected);
    let mut days: Vec<f64> = all.iter().map(|ended| ended.days).collect();
    days.sort_by(f64::total_cmp);
    let n_members = series.within.map_or(0, |moves| moves.rows.len());
    let of_member = |member: usize| {
        let own = all.iter().skip(member).step_by(n_members);
        let (rejected, n) =
            own.fold((0_usize, 0_usize), |(r, n), ended| (r + usize::from(ended.rejected), n + 1));
        rejected as f64 / n as f64
    };
    Trials {
        n: series.n,
        trials,
        rejected,
        in_favor: share(&|ended| ended.in_favor),
        error_of_trials: error_of_share(rejected, trials),
        error_of_pool: error_of_pool(setting, series, rejected, mean(&|ended| ended.information)),
        without_number: share(&|ended| ended.without_number),
        ended_at: (0..=setting.plan.looks.len()).map(|look| share(&|ended| ended.look == look)).collect(),
        days: [
            mean(&|ended| ended.days),
            regraft_stats::quantile(&days, 0.1),
            regraft_stats::quantile(&days, 0.9),
        ],
        enrollment_days: mean(&|ended| ended.enrollment_days),
        enrolled: mean(&|ended| ended.enrolled as f64),
        information: mean(&|ended| ended.information),
        by_member: (0..n_members).filter(|member| *member < trials).map(of_member).collect(),
    }
}

/// √(p(1 − p)/n), with p moved half a trial inward so that a share of 0 or 1 is not taken for certain.
fn error_of_share(share: f64, trials: usize) -> f64 {
    let n = trials as f64;
    let p = (share * n + 0.5) / (n + 1.0);
    (p * (1.0 - p) / n).sqrt()
}

/// How much the pool's being one of many moves the drift of the statistic, for one unit of information.
///
/// z/√I of the whole pool in both arms, with each of 32 parts of the patients left out in turn, both arms of a patient
/// together (delete-a-group jackknife \[EfronTibshirani1993, 11.5\]).
pub fn wobble(setting: &Setting<'_>) -> f64 {
    const PARTS: usize = 32;
    let n = setting.pool.n();
    let without = |part: usize| {
        let rows: Vec<usize> = (0..n).filter(|row| row * PARTS / n != part).collect();
        let everyone = setting.everyone(&rows);
        let close = setting.longest();
        let z = super::analysis::test_of(setting, &everyone, close, true, super::analysis::Of::Drift);
        z / super::analysis::information(setting, &everyone, close).max(1.0).sqrt()
    };
    let values: Vec<f64> = (0..PARTS).map(without).filter(|value| value.is_finite()).collect();
    let parts = values.len() as f64;
    let mean = values.iter().sum::<f64>() / parts;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    if values.len() < 2 { 0.0 } else { ((parts - 1.0) / parts * squares).sqrt() }
}

/// Standard error of the power that comes from the pool: the slope of the power in the drift times what the pool moves it.
///
/// Where arms are alike every allocation is as likely, and the pool adds nothing.
fn error_of_pool(setting: &Setting<'_>, series: Series<'_>, rejected: f64, information: f64) -> f64 {
    if setting.identical {
        return 0.0;
    }
    let plan = setting.plan;
    let critical = -math::normal_quantile(plan.alpha / f64::from(plan.sides));
    let share = rejected.clamp(0.5 / series.trials as f64, 1.0 - 0.5 / series.trials as f64);
    let drift = (math::normal_quantile(share) + critical).max(0.0);
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let far = if plan.sides == 2 { density(drift + critical) } else { 0.0 };
    (density(drift - critical) - far) * series.wobble * (information * balance(plan)).sqrt()
}

/// 1 where both arms are of one size, less where they are not: what a unit of information is worth.
pub fn balance(plan: &Plan) -> f64 {
    let (treated, block) = (f64::from(plan.allocation.0), f64::from(plan.allocation.0 + plan.allocation.1));
    4.0 * treated / block * (1.0 - treated / block)
}

/// Patients of the treated group among `n`, and of the control group.
pub fn sizes_of(setting: &Setting<'_>, n: usize) -> (usize, usize) {
    let treated =
        (0..n).filter(|j| super::trial::group_of(setting.plan.allocation, *j) == Group::Treated).count();
    (treated, n - treated)
}
