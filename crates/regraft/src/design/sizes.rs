//! From a prepared trial to the answer: the pool, the curve of power against size, the size for a power, the errors.

use regraft_stats::{Seed, math};
use regraft_trial::trial_file::Inference;

use super::answer::{Answer, AtSize, Effect, Look, answer};
use super::bounds::Bounds;
use super::members::{Assured, Moves};
use super::plan::Plan;
use super::pool::{self, Pool};
use super::power::{self, Series, Trials, sizes_of};
use super::setting::Setting;
use crate::study::{Prepared, RunOptions, StudyError, Watch};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Patients of a trial, per arm (half of all).
    pub n_per_arm: Option<usize>,
    /// Power that is wanted.
    pub power: Option<f64>,
    /// Simulated trials at each size.
    pub trials: usize,
    /// Identical arms: what is found is the type I error.
    pub null: bool,
}

/// Power that is looked for where none is asked for.
const USUAL_POWER: f64 = 0.9;

/// Largest size that is looked at, per arm. Chosen: larger than any trial of these diseases.
const LARGEST: usize = 5000;

/// Smallest size. Chosen: a test of fewer is a test of nothing.
const SMALLEST: usize = 4;

/// Patients of the pool for each member of a posterior at least: fewer tell nothing of its effect.
const LEAST_EACH: usize = 4;

/// Trials of one size while the size is looked for.
const QUICK: usize = 400;

/// Everything that was found, for [`answer`].
pub struct Found {
    /// The size asked for, at which the numbers stand.
    pub main: Trials,
    /// The same with identical arms.
    pub null: Trials,
    /// Power within members at each size of the curve, where there are several.
    pub assured: Option<Vec<Assured>>,
    /// Share of the variance between members that is truth, and members without number.
    pub moves: Option<(f64, usize)>,
    /// The same trials at the size asked for, with their p-values from elsewhere: what the arms do, and identical arms.
    pub others: Vec<(Inference, Trials, Trials)>,
    /// The curve, ascending in size; the size asked for among them.
    pub curve: Vec<Trials>,
    /// Power that was looked for.
    pub target: f64,
    /// Patients per arm with that power; `None` where no size has it.
    pub n_for_target: Option<usize>,
    /// Patients per arm with that assurance; `None` where no size has it, or there is one member.
    pub n_for_assurance: Option<usize>,
    /// Treated and control patients of the size asked for.
    pub sizes: (usize, usize),
    /// What the whole pool shows.
    pub effect: Effect,
    /// Power by formula at each size of the curve, where there is one.
    pub formula: Vec<Option<f64>>,
}

/// Simulates the pool and the trials.
///
/// # Errors
/// [`StudyError`], as a run.
pub fn run(
    trial: &Prepared,
    plan: &Plan,
    asked: &Asked,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<(Answer, Pool), StudyError> {
    let n_members = trial.members.as_ref().map_or(1, |members| members.n_members());
    if n_members > 1 && options.patients < LEAST_EACH * n_members {
        return Err(StudyError::Usage(format!(
            "a pool of {} patients holds hardly any of each of {n_members} members of the posterior: take --patients {} or more, or fewer members",
            options.patients,
            LEAST_EACH * n_members
        )));
    }
    Bounds::of(plan).refuse_coarse_permutations(plan.inference)?;
    let pool = pool::simulate(trial, plan, options, watch)?;
    if pool.n() < 2 {
        return Err(StudyError::Usage("a pool of fewer than two patients makes no trial".into()));
    }
    let found = study(trial, plan, asked, options, &pool, watch)?;
    let looks = looks(plan, &Bounds::of(plan), &found.main);
    Ok((answer(trial, plan, asked, options, &pool, found, looks), pool))
}

fn looks(plan: &Plan, bounds: &Bounds, main: &Trials) -> Vec<Look> {
    let share = |look: usize| plan.looks.get(look).copied().unwrap_or(1.0);
    let look = |(look, critical): (usize, &f64)| Look {
        information: share(look),
        critical: *critical,
        ended: main.ended_at.get(look).copied().unwrap_or(0.0),
    };
    bounds.critical.iter().enumerate().map(look).collect()
}

fn study(
    trial: &Prepared,
    plan: &Plan,
    asked: &Asked,
    options: &RunOptions,
    pool: &Pool,
    watch: &dyn Watch,
) -> Result<Found, StudyError> {
    let bounds = Bounds::of(plan);
    let setting = Setting { plan, pool, seed: Seed(options.seed), bounds: &bounds, identical: asked.null };
    let wobble = if asked.null { 0.0 } else { power::wobble(&setting) };
    let runner = Runner { setting: &setting, trials: asked.trials, threads: options.threads, wobble, watch };
    let published = published_size(trial, plan);
    let target = asked.power.unwrap_or(USUAL_POWER);
    watch.stage("looking for the size", 0);
    let rough = if asked.null { None } else { runner.look_for(target, asked.n_per_arm.or(published)) };
    let middle = asked.n_per_arm.or(published).or(rough).unwrap_or(50);
    let sizes = curve_sizes(rough, middle, asked);
    watch.stage("simulating trials", sizes.len() as u64);
    let mut curve: Vec<Trials> = Vec::with_capacity(sizes.len() + 1);
    for n in sizes {
        curve.push(runner.at(n)?);
        watch.advance(1);
    }
    let n_for_target = if asked.null { None } else { size_on(&curve, target) };
    let n = match (asked.n_per_arm, asked.power) {
        (Some(n), _) => n,
        (None, Some(_)) => n_for_target.unwrap_or(LARGEST),
        (None, None) => middle,
    };
    let main = match curve.iter().find(|trials| trials.n == 2 * n) {
        Some(known) => known.clone(),
        None => runner.at(n)?,
    };
    if curve.iter().all(|trials| trials.n != main.n) {
        curve.push(main.clone());
        curve.sort_by_key(|trials| trials.n);
    }
    let null = if asked.null {
        main.clone()
    } else {
        let setting = Setting { identical: true, ..setting };
        Runner { setting: &setting, ..runner }.at(n)?
    };
    let others = runner.others(n)?;
    let moves = (pool.n_members > 1 && !asked.null).then(|| Moves::of(&setting));
    let moves = moves.filter(|moves| moves.rows.len() > 1);
    let assured = moves.as_ref().map(|moves| runner.assured(&curve, moves)).transpose()?;
    let n_for_assurance = assured.as_ref().and_then(|assured| size_assured(&curve, assured, target));
    let moves = moves.map(|moves| (moves.truth, moves.unknown));
    if watch.cancelled() {
        return Err(StudyError::Cancelled);
    }
    let effect = Effect::of(&Setting { identical: false, ..setting });
    let formula = curve.iter().map(|at| effect.formula(&setting, at)).collect();
    let sizes = sizes_of(&setting, main.n);
    Ok(Found {
        sizes,
        main,
        null,
        others,
        assured,
        moves,
        curve,
        target,
        n_for_target,
        n_for_assurance,
        effect,
        formula,
    })
}

/// Mean of the published sizes of the two arms.
fn published_size(trial: &Prepared, plan: &Plan) -> Option<usize> {
    let sizes = plan.arms.map(|arm| trial.published_sizes[arm]);
    let [Some(a), Some(b)] = sizes else { return None };
    Some((a + b).div_ceil(2).max(SMALLEST))
}

#[derive(Clone, Copy)]
struct Runner<'a> {
    setting: &'a Setting<'a>,
    trials: usize,
    threads: Option<usize>,
    wobble: f64,
    watch: &'a dyn Watch,
}

impl Runner<'_> {
    fn series(&self, n: usize, trials: usize, within: Option<&Moves>) -> Result<Trials, StudyError> {
        let planned = power::planned_information(self.setting, n);
        let series = Series { n, trials, planned, wobble: self.wobble, within };
        let found = power::run(self.setting, series, self.threads, self.watch);
        if self.watch.cancelled() { Err(StudyError::Cancelled) } else { Ok(found) }
    }

    fn at(&self, n_per_arm: usize) -> Result<Trials, StudyError> {
        self.series(2 * n_per_arm, self.trials, None)
    }

    /// The trials of one size with every other p-value that the analysis may have; permutations are left out, since they
    /// take hundreds of times as long as the others.
    fn others(&self, n_per_arm: usize) -> Result<Vec<(Inference, Trials, Trials)>, StudyError> {
        let own = self.setting.plan;
        let cheap = |one: &&Inference| **one != own.inference && **one != Inference::Permutation;
        let one = |inference: &Inference| {
            let plan = Plan { inference: *inference, ..own.clone() };
            let at = |identical: bool| {
                let setting = Setting { plan: &plan, identical, ..*self.setting };
                let runner = Runner { setting: &setting, ..*self };
                runner.at(n_per_arm)
            };
            let null = at(true)?;
            let main = if self.setting.identical { null.clone() } else { at(false)? };
            Ok((*inference, main, null))
        };
        own.test.inferences().iter().filter(cheap).map(one).collect()
    }

    /// As many trials for each member at each size of the curve: as many as asked for in all, and so many for each that
    /// the power of a member is known to 3 %.
    fn assured(&self, curve: &[Trials], moves: &Moves) -> Result<Vec<Assured>, StudyError> {
        const LEAST: usize = 250;
        let n_members = moves.rows.len();
        let each = self.trials.div_ceil(n_members).max(LEAST.min(self.trials));
        self.watch.stage("simulating trials within members", curve.len() as u64);
        let one = |at: &Trials| {
            let found = self.series(at.n, each * n_members, Some(moves))?;
            self.watch.advance(1);
            Ok(Assured::of(&found))
        };
        curve.iter().map(one).collect()
    }

    /// A size with about the power wanted, from a few trials; `None` where the largest has less.
    fn look_for(&self, target: f64, start: Option<usize>) -> Option<usize> {
        let trials = self.trials.min(QUICK);
        let power = |n: usize| self.series(2 * n, trials, None).map_or(0.0, |found| found.rejected);
        let mut n = start.unwrap_or(50).clamp(SMALLEST, LARGEST);
        let mut at = power(n);
        let mut below = None;
        let mut above = None;
        while below.is_none() || above.is_none() {
            if at < target {
                below = Some(n);
                if n >= LARGEST {
                    return None;
                }
                n = (2 * n).min(LARGEST);
            } else {
                above = Some(n);
                if n <= SMALLEST {
                    return Some(n);
                }
                n = (n / 2).max(SMALLEST);
            }
            if below.zip(above).is_none() {
                at = power(n);
            }
        }
        let (low, high) = below.zip(above)?;
        let (mut low, mut high) = (low.min(high), low.max(high));
        while high - low > (high / 8).max(1) {
            let middle = (low + high) / 2;
            if power(middle) < target { low = middle } else { high = middle }
        }
        Some(high)
    }
}

/// Sizes of the curve, per arm: around the one with the power wanted, else around the one asked for.
fn curve_sizes(rough: Option<usize>, middle: usize, asked: &Asked) -> Vec<usize> {
    const AROUND: [f64; 9] = [0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.25, 1.6, 2.0];
    const WIDE: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];
    const FEW: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
    let (center, factors) = match rough {
        _ if asked.null => (middle, &FEW[..]),
        Some(rough) => (rough, &AROUND[..]),
        None => (middle, &WIDE[..]),
    };
    let size = |factor: &f64| ((center as f64 * factor).round() as usize).clamp(SMALLEST, LARGEST);
    let mut sizes: Vec<usize> = factors.iter().map(size).collect();
    if asked.power.is_none() || asked.n_per_arm.is_some() {
        // Sizes that nearly are the one asked for say nothing more.
        sizes.retain(|n| (*n as f64 / middle as f64 - 1.0).abs() > 0.06);
        sizes.push(middle.clamp(SMALLEST, LARGEST));
    }
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Size with the power wanted, by a line through the curve: Φ⁻¹(power) against √n, weighted by the precision of each
/// point, near the power wanted. `None` where no size of the curve has it.
fn size_on(curve: &[Trials], target: f64) -> Option<usize> {
    let reached = curve.iter().any(|trials| trials.rejected >= target);
    if !reached {
        return None;
    }
    let probit = |share: f64| math::normal_quantile(share);
    let goal = probit(target);
    let (mut w, mut wx, mut wy, mut wxx, mut wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for trials in curve {
        let count = trials.trials as f64;
        let share = ((trials.rejected * count + 0.5) / (count + 1.0)).clamp(1e-9, 1.0 - 1e-9);
        let y = probit(share);
        let density = (-0.5 * y * y).exp();
        let distance = y - goal;
        let weight = density * density / (share * (1.0 - share)) * (-0.5 * distance * distance).exp();
        let x = (trials.n as f64 / 2.0).sqrt();
        w += weight;
        wx += weight * x;
        wy += weight * y;
        wxx += weight * x * x;
        wxy += weight * x * y;
    }
    let slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
    let smallest = curve.iter().filter(|trials| trials.rejected >= target).map(|trials| trials.n).min()?;
    if !slope.is_finite() || slope <= 0.0 {
        return Some(smallest / 2);
    }
    let root = (wx + (goal * w - wy) / slope) / w;
    let n = (root.max(0.0) * root.max(0.0)).ceil() as usize;
    Some(n.clamp(SMALLEST, LARGEST))
}

/// Size with the assurance wanted, by a line between the sizes of the curve; `None` where none has it.
fn size_assured(curve: &[Trials], assured: &[Assured], target: f64) -> Option<usize> {
    let after = assured.iter().position(|at| at.mean >= target)?;
    let high = curve[after].n as f64 / 2.0;
    let Some(before) = after.checked_sub(1) else { return Some(high as usize) };
    let low = curve[before].n as f64 / 2.0;
    let share = (target - assured[before].mean) / (assured[after].mean - assured[before].mean);
    Some((low + share * (high - low)).ceil() as usize)
}

/// A point of the curve for the answer.
pub fn at_size(trials: &Trials, formula: Option<f64>, assured: Option<&Assured>) -> AtSize {
    AtSize {
        n_per_arm: trials.n / 2,
        power: trials.rejected,
        mc_error: trials.error(),
        mc_error_trials: trials.error_of_trials,
        mc_error_pool: trials.error_of_pool,
        in_favor: trials.in_favor,
        formula,
        assurance: assured.map(|at| at.mean),
        assurance_low: assured.map(|at| at.quantile(0.1)),
        assurance_high: assured.map(|at| at.quantile(0.9)),
        duration_days: trials.days[0],
        information: trials.information,
        patients_at_end: trials.enrolled,
    }
}
