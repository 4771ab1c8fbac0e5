//! Whether known parameters are found again: simulation-based calibration \[Talts2018\].
//!
//! Parameters and spreads are drawn from what is believed before looking, numbers are made of them by the functions and
//! the errors of the likelihood, and the fit is done anew. Over many such worlds the rank of the truth among the
//! draws is uniform, and an interval of 90 % holds it nine times in ten, if sampler and likelihood do what they say.
//! The numbers of a world have errors of their own, so all of them count whole: the weights of real numbers that share
//! patients would make intervals too wide there.

use nalgebra::{Cholesky, DVector, Dyn};
use regraft_ode::math;
use regraft_stats::{Seed, Stream, math::normal_quantile, wilson};
use regraft_trial::UncertainParameter;
use serde::Serialize;

use super::fit::{Lengths, chains, features, mode, spreads_of};
use super::likelihood::{FREEDOM, Fitted, Likelihood, SPREAD_SD, Spreads};
use crate::posterior::TrialSpread;
use crate::study::in_threads;

/// Coverage of one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// Level of the intervals, 0 … 1.
    pub level: f64,
    /// Share of truths inside.
    pub share: f64,
    /// 95 % interval of that share, one truth per world counted as independent of the others of its world.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What many worlds show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovery {
    /// Worlds.
    pub worlds: usize,
    /// Parameters that are judged: those of which the numbers say something.
    pub parameters: usize,
    /// Coverage by level.
    pub coverage: Vec<Coverage>,
    /// Truths by the tenth of the draws in which they lie; alike where all is well.
    pub ranks: Vec<usize>,
}

/// Levels that are shown.
const LEVELS: [f64; 3] = [0.5, 0.8, 0.9];

/// Bins of ranks.
const BINS: usize = 10;

/// Runs so many worlds. `judged` are the columns of the parameters that are judged.
pub(super) fn recover(
    parameters: &[UncertainParameter],
    likelihood: &Likelihood,
    judged: &[usize],
    worlds: usize,
    threads: Option<usize>,
    seed: Seed,
) -> Recovery {
    let all: Vec<usize> = (0..worlds).collect();
    let positions = in_threads(threads, &all, |world| of_world(parameters, likelihood, judged, *world, seed));
    let positions: Vec<f64> = positions.into_iter().flatten().collect();
    let mut ranks = vec![0; BINS];
    for position in &positions {
        ranks[((position * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let coverage = LEVELS.into_iter().map(|level| {
        let inside = positions.iter().filter(|position| (*position - 0.5).abs() <= 0.5 * level).count();
        let share = inside as f64 / positions.len().max(1) as f64;
        let (low, high) = wilson(share * worlds as f64, worlds as f64, 0.95);
        Coverage { level, share, low, high }
    });
    Recovery { worlds, parameters: judged.len(), coverage: coverage.collect(), ranks }
}

/// Chains of a world: shorter than those of a fit, since there are many.
const LENGTHS: Lengths = Lengths { chains: 1, warm_up: 300, draws: 200, every: 4, rungs: 6 };

/// Positions of the truths among the draws, 0 … 1, `[judged]`.
fn of_world(
    parameters: &[UncertainParameter],
    likelihood: &Likelihood,
    judged: &[usize],
    world: usize,
    seed: Seed,
) -> Vec<f64> {
    let stream = seed.stream(world as u64, "calibrate:world");
    let n = parameters.len();
    let truth: Vec<f64> = (0..n as u64).map(|index| stream.normal(index)).collect();
    let assumed = spreads_of(TrialSpread::ASSUMED);
    let spreads: Spreads =
        std::array::from_fn(|kind| assumed[kind] * math::exp(SPREAD_SD * stream.normal((n + kind) as u64)));
    let at = features(parameters, &truth);
    let noise = seed.stream(world as u64, "calibrate:noise");
    let fitted = published(likelihood, &at, spreads, &noise);
    let made = likelihood.with(fitted);
    let found = mode(parameters, &made);
    let chains =
        chains(parameters, &made, &found, LENGTHS, Some(1), Seed(seed.0.wrapping_add(1 + world as u64)));
    let position = |p: &usize| {
        let below = chains.all().filter(|z| z[*p] < truth[*p]).count();
        (below as f64 + 0.5) / (chains.n_draws() as f64 + 1.0)
    };
    judged.iter().map(position).collect()
}

/// Numbers made of a world: the functions at its parameters, and multivariate t errors group by group.
fn published(likelihood: &Likelihood, at: &[f64], spreads: Spreads, noise: &Stream) -> Vec<Fitted> {
    let mut fitted = likelihood.fitted.clone();
    let mut index = 0;
    let mut normal = || {
        index += 1;
        normal_quantile(noise.uniform(index - 1))
    };
    for (rows, scale) in likelihood.scales(spreads) {
        let errors = DVector::from_fn(rows.len(), |_, _| normal());
        let square: f64 = (0..FREEDOM as usize).map(|_| normal()).map(|z| z * z).sum();
        let factor = Cholesky::<f64, Dyn>::new(scale).map(|cholesky| cholesky.l());
        let errors = factor.map_or(errors.clone(), |factor| factor * errors) * (FREEDOM / square).sqrt();
        for (row, error) in rows.iter().zip(errors.iter()) {
            fitted[*row].target.observed = fitted[*row].emulator.linked(at) + error;
        }
    }
    fitted
}
