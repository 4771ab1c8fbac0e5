//! The posterior: its mode by Gauss and Newton's method, and chains around it.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use regraft_stats::{Agreement, Seed, agreement};
use regraft_trial::UncertainParameter;

use super::likelihood::{Density, Likelihood, Spreads};
use super::sampler::{Draws, Ladder};
use crate::posterior::TrialSpread;
use crate::study::in_threads;

/// The mode and the curvature there.
#[derive(Debug, Clone)]
pub struct Mode {
    /// `[parameter]`
    pub z: DVector<f64>,
    /// Covariance by the curvature.
    pub covariance: DMatrix<f64>,
}

/// Draws of several chains.
#[derive(Debug, Clone)]
pub struct Chains {
    /// `[chain][draw][parameter]`
    pub z: Vec<Vec<Vec<f64>>>,
    /// `[chain][draw]`
    pub spreads: Vec<Vec<Spreads>>,
}

/// How long the chains are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Lengths {
    /// Chains, each from a start of its own.
    pub chains: usize,
    /// Sweeps that are dropped first.
    pub warm_up: usize,
    /// Draws kept per chain.
    pub draws: usize,
    /// Sweeps per draw.
    pub every: usize,
    /// Flattened likelihoods that a chain exchanges its point with, the posterior itself among them.
    pub rungs: usize,
}

impl Default for Lengths {
    /// Chosen: a thousand draws say the mean of a parameter to a thirtieth of its standard deviation.
    fn default() -> Lengths {
        Lengths { chains: 4, warm_up: 500, draws: 256, every: 30, rungs: 10 }
    }
}

/// Steps of the search for the mode.
const STEPS: usize = 60;

/// β of the flattest likelihood. Chosen: there a difference of 20 in ln L, which no chain would cross, is one of 2.
const FLATTEST: f64 = 0.1;

/// Features of the parameters at z.
pub fn features(parameters: &[UncertainParameter], z: &[f64]) -> Vec<f64> {
    parameters.iter().zip(z).map(|(parameter, z)| parameter.feature(*z)).collect()
}

/// d linked / d z, `[target, parameter]`.
pub fn slopes(parameters: &[UncertainParameter], likelihood: &Likelihood, z: &[f64]) -> DMatrix<f64> {
    let features = features(parameters, z);
    DMatrix::from_fn(likelihood.fitted.len(), parameters.len(), |target, p| {
        likelihood.fitted[target].emulator.slope(&features, p) * parameters[p].feature_slope(z[p])
    })
}

/// The spreads in the order of the kinds.
pub(super) fn spreads_of(spread: TrialSpread) -> Spreads {
    [spread.share, spread.mean, spread.rate, spread.ratio]
}

/// The spreads by name.
pub fn named(spreads: Spreads) -> TrialSpread {
    let [share, mean, rate, ratio] = spreads;
    TrialSpread { share, mean, rate, ratio, ..TrialSpread::ASSUMED }
}

/// The mode of ln L(z) − |z|²/2 with the spreads assumed before looking.
pub fn mode(parameters: &[UncertainParameter], likelihood: &Likelihood) -> Mode {
    let spreads = spreads_of(TrialSpread::ASSUMED);
    let n = parameters.len();
    let value = |z: &DVector<f64>| {
        likelihood.log(&features(parameters, z.as_slice()), spreads) - 0.5 * z.norm_squared()
    };
    let mut z = DVector::from_iterator(n, parameters.iter().map(|p| p.neutral().min(1.0)));
    let mut best = value(&z);
    let mut covariance = DMatrix::identity(n, n);
    for _ in 0..STEPS {
        let (information, pull) = likelihood.pulls(&features(parameters, z.as_slice()), spreads);
        let slopes = slopes(parameters, likelihood, z.as_slice());
        let curvature = slopes.transpose() * information * &slopes + DMatrix::identity(n, n);
        let gradient = slopes.transpose() * pull - &z;
        let Some(cholesky) = Cholesky::<f64, Dyn>::new(curvature) else { break };
        covariance = cholesky.inverse();
        let step = cholesky.solve(&gradient);
        let halves = (0..12).map(|half| 0.5_f64.powi(half));
        let better = halves.map(|share| &z + &step * share).find(|to| value(to) > best);
        let Some(to) = better else { break };
        let gained = value(&to) - best;
        (best, z) = (best + gained, to);
        if gained < 1e-6 {
            break;
        }
    }
    Mode { z, covariance }
}

/// Chains around the mode; each depends on the seed and its number alone, whatever runs beside it.
pub fn chains(
    parameters: &[UncertainParameter],
    likelihood: &Likelihood,
    mode: &Mode,
    lengths: Lengths,
    threads: Option<usize>,
    seed: Seed,
) -> Chains {
    let density = Density::new(parameters, likelihood, spreads_of(TrialSpread::ASSUMED));
    let center: Vec<f64> = mode.z.iter().copied().chain([0.0; 4]).collect();
    let information = information(mode, density.information_on_spreads());
    let numbers: Vec<usize> = (0..lengths.chains).collect();
    let found = in_threads(threads, &numbers, |number| {
        let draws = Draws::of(seed.stream(*number as u64, "calibrate:ladder"));
        let ladder = Ladder::new(&density, &betas(lengths.rungs), &center, &information, draws);
        chain(ladder, &density, lengths)
    });
    let (z, spreads) = found.into_iter().unzip();
    Chains { z, spreads }
}

/// Powers of the likelihood from 1 to [`FLATTEST`], their square roots evenly spaced: so neighbors exchange about as often
/// everywhere.
fn betas(rungs: usize) -> Vec<f64> {
    let root = |rung: usize| 1.0 - (1.0 - FLATTEST.sqrt()) * rung as f64 / (rungs.max(2) - 1) as f64;
    (0..rungs).map(|rung| root(rung) * root(rung)).collect()
}

/// Curvature of −ln L at the mode, of parameters and spreads.
fn information(mode: &Mode, on_spreads: Spreads) -> DMatrix<f64> {
    let n = mode.z.len();
    let precision = Cholesky::<f64, Dyn>::new(mode.covariance.clone())
        .map_or_else(|| DMatrix::identity(n, n), |cholesky| cholesky.inverse());
    let own = precision - DMatrix::identity(n, n);
    DMatrix::from_fn(n + on_spreads.len(), n + on_spreads.len(), |i, j| match (i < n, j < n) {
        (true, true) => own[(i, j)],
        _ if i == j => on_spreads[i - n],
        _ => 0.0,
    })
}

/// Draws of one ladder.
fn chain(
    mut ladder: Ladder<'_, Density<'_>>,
    density: &Density<'_>,
    lengths: Lengths,
) -> (Vec<Vec<f64>>, Vec<Spreads>) {
    for _ in 0..lengths.warm_up {
        ladder.sweep(true);
    }
    let (mut z, mut spreads) = (Vec::new(), Vec::new());
    for _ in 0..lengths.draws {
        for _ in 0..lengths.every {
            ladder.sweep(false);
        }
        let point = ladder.point();
        z.push(point[..point.len() - 4].to_vec());
        spreads.push(density.spreads(point));
    }
    (z, spreads)
}

impl Chains {
    /// All draws, chain by chain.
    pub fn all(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.z.iter().flatten()
    }

    /// Number of draws.
    pub fn n_draws(&self) -> usize {
        self.z.iter().map(Vec::len).sum()
    }

    /// Mean and standard deviation of a parameter.
    pub fn moments(&self, parameter: usize) -> (f64, f64) {
        moments(self.all().map(|z| z[parameter]))
    }

    /// Agreement of the chains on a parameter.
    pub fn agreement(&self, parameter: usize) -> Agreement {
        let chains: Vec<Vec<f64>> =
            self.z.iter().map(|chain| chain.iter().map(|z| z[parameter]).collect()).collect();
        agreement(&chains)
    }

    /// Median of each spread.
    pub fn spread(&self) -> Spreads {
        std::array::from_fn(|kind| {
            let mut all: Vec<f64> = self.spreads.iter().flatten().map(|spreads| spreads[kind]).collect();
            all.sort_by(f64::total_cmp);
            regraft_stats::quantile(&all, 0.5)
        })
    }

    /// Covariance of the parameters.
    pub fn covariance(&self) -> DMatrix<f64> {
        let n = self.z[0][0].len();
        let means: Vec<f64> = (0..n).map(|p| self.moments(p).0).collect();
        let count = self.n_draws() as f64;
        let mut sum = DMatrix::zeros(n, n);
        for z in self.all() {
            let off = DVector::from_fn(n, |p, _| z[p] - means[p]);
            sum.ger(1.0, &off, &off, 1.0);
        }
        sum / (count - 1.0)
    }
}

fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (square / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests;
