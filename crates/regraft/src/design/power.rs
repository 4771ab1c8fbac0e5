//! Many simulated trials of one size: how often they reject, how long they take, and how sure that is.

use super::setting::{Group, Setting};
use super::trial::{Deck, Ended};
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
    /// Standard error of `rejected` of both kinds.
    pub fn error(&self) -> f64 {
        self.error_of_trials.hypot(self.error_of_pool)
    }
}

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Series {
    /// Patients of a trial, both arms together.
    pub n: usize,
    /// Number of trials.
    pub trials: usize,
    /// Information that is expected at the end.
    pub planned: f64,
    /// All patients of a trial live with the parameters of one member, and members take turns.
    pub within_members: bool,
}

/// Pieces into which a series is cut, each with its own count of the pool. Moves no result.
const CHUNKS: usize = 64;

/// Runs a series of trials; the result does not depend on the number of threads.
pub fn run(setting: &Setting<'_>, series: Series, threads: Option<usize>, watch: &dyn Watch) -> Trials {
    let size = series.trials.div_ceil(CHUNKS).max(1);
    let starts: Vec<usize> = (0..series.trials).step_by(size).collect();
    let chunks = in_threads(threads, &starts, |start| {
        if watch.cancelled() {
            return Chunk::default();
        }
        chunk(setting, series, *start..(start + size).min(series.trials))
    });
    sum_up(setting, series, chunks)
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

#[derive(Default)]
struct Chunk {
    ended: Vec<Ended>,
    /// How often each patient of the pool was drawn, and how often into a trial that rejected.
    drawn: Vec<u32>,
    drawn_rejected: Vec<u32>,
}

fn chunk(setting: &Setting<'_>, series: Series, numbers: std::ops::Range<usize>) -> Chunk {
    let n_pool = setting.pool.n();
    let n_members = if series.within_members { setting.pool.n_members } else { 1 };
    let rows = |member: usize| -> Vec<u32> {
        let own = |row: &u32| n_members == 1 || setting.pool.members[*row as usize] == member;
        (0..n_pool as u32).filter(own).collect()
    };
    let mut decks: Vec<Option<Deck>> = (0..n_members).map(|_| None).collect();
    let mut done = Chunk { drawn: vec![0; n_pool], drawn_rejected: vec![0; n_pool], ended: Vec::new() };
    for number in numbers {
        let member = number % n_members;
        let deck = decks[member].get_or_insert_with(|| Deck::of(rows(member)));
        let (patients, ended) = setting.run(deck, number as u64, series.n, series.planned);
        for patient in &patients {
            done.drawn[patient.row] += 1;
            done.drawn_rejected[patient.row] += u32::from(ended.rejected);
        }
        done.ended.push(ended);
    }
    done
}

fn sum_up(setting: &Setting<'_>, series: Series, chunks: Vec<Chunk>) -> Trials {
    let all: Vec<Ended> = chunks.iter().flat_map(|chunk| chunk.ended.iter().copied()).collect();
    let trials = all.len();
    let share =
        |of: &dyn Fn(&Ended) -> bool| all.iter().filter(|ended| of(ended)).count() as f64 / trials as f64;
    let mean = |of: &dyn Fn(&Ended) -> f64| all.iter().map(of).sum::<f64>() / trials as f64;
    let rejected = share(&|ended| ended.rejected);
    let mut days: Vec<f64> = all.iter().map(|ended| ended.days).collect();
    days.sort_by(f64::total_cmp);
    let n_members = if series.within_members { setting.pool.n_members } else { 0 };
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
        error_of_pool: error_of_pool(setting, series, &chunks, rejected, trials),
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

/// Standard error that comes from the pool's being one of many: the infinitesimal jackknife over patients
/// \[WagerHastieEfron2014\], V = (P/(P − n))² Σᵢ Cov(Nᵢ, R)², less what would be there by chance with so many trials.
///
/// Where arms are alike every allocation is as likely, and the pool adds nothing.
fn error_of_pool(
    setting: &Setting<'_>,
    series: Series,
    chunks: &[Chunk],
    rejected: f64,
    trials: usize,
) -> f64 {
    let (pool, n, b) = (setting.pool.n() as f64, series.n as f64, trials as f64);
    if setting.identical || trials < 2 {
        return 0.0;
    }
    let mut squares = 0.0;
    for row in 0..setting.pool.n() {
        let of = |get: fn(&Chunk) -> &Vec<u32>| {
            chunks.iter().map(|chunk| f64::from(get(chunk).get(row).copied().unwrap_or(0))).sum::<f64>() / b
        };
        let covariance = of(|chunk| &chunk.drawn_rejected) - rejected * of(|chunk| &chunk.drawn);
        squares += covariance * covariance;
    }
    let without_repeats = n <= pool && !series.within_members;
    let share = n / pool;
    let chance = n * (if without_repeats { 1.0 - share } else { 1.0 }) * rejected * (1.0 - rejected) / b;
    let scale = if without_repeats && share < 1.0 { (1.0 - share).powi(-2) } else { 1.0 };
    (scale * (squares - chance).max(0.0)).sqrt()
}

/// Patients of the treated group among `n`, and of the control group.
pub fn sizes_of(setting: &Setting<'_>, n: usize) -> (usize, usize) {
    let treated =
        (0..n).filter(|j| super::trial::group_of(setting.plan.allocation, *j) == Group::Treated).count();
    (treated, n - treated)
}
