//! The posterior: its mode by Gauss and Newton's method, and chains around it.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use regraft_ode::math;
use regraft_stats::{Agreement, Seed, agreement};
use regraft_trial::UncertainParameter;

use super::likelihood::{Likelihood, Spreads};
use super::sampler::elliptical_step;
use crate::posterior::TrialSpread;

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
    /// Steps that are dropped first.
    pub warm_up: usize,
    /// Draws kept per chain.
    pub draws: usize,
    /// Steps per draw.
    pub every: usize,
}

impl Default for Lengths {
    /// Chosen: a thousand draws say the mean of a parameter to a thirtieth of its standard deviation.
    fn default() -> Lengths {
        Lengths { chains: 4, warm_up: 2000, draws: 256, every: 240 }
    }
}

/// ln τ varies before looking by this much around its assumed value: two thirds lie between 0.6 and 1.6 of it.
pub(super) const SPREAD_SD: f64 = 0.5;

/// Steps of the search for the mode.
const STEPS: usize = 60;

/// The ellipse of the sampler is wider than the curvature says. Chosen: a narrow ellipse would miss the tails.
const WIDER: f64 = 1.25;

/// Features of the parameters at z.
pub fn features(parameters: &[UncertainParameter], z: &[f64]) -> Vec<f64> {
    parameters.iter().zip(z).map(|(parameter, z)| parameter.feature(*z)).collect()
}

/// d feature / d z.
fn stretch(parameter: &UncertainParameter, z: f64) -> f64 {
    const H: f64 = 1e-6;
    (parameter.feature(z + H) - parameter.feature(z - H)) / (2.0 * H)
}

/// d linked / d z, `[target, parameter]`.
pub fn slopes(parameters: &[UncertainParameter], likelihood: &Likelihood, z: &[f64]) -> DMatrix<f64> {
    let features = features(parameters, z);
    DMatrix::from_fn(likelihood.fitted.len(), parameters.len(), |target, p| {
        likelihood.fitted[target].emulator.slope(&features, p) * stretch(&parameters[p], z[p])
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

/// Chains around the mode; each depends on the seed and its number alone, and runs on a thread of its own.
pub fn chains(
    parameters: &[UncertainParameter],
    likelihood: &Likelihood,
    mode: &Mode,
    lengths: Lengths,
    seed: Seed,
) -> Chains {
    let factor = Cholesky::<f64, Dyn>::new(&mode.covariance * (WIDER * WIDER))
        .map_or_else(|| DMatrix::identity(parameters.len(), parameters.len()), |cholesky| cholesky.l());
    let run = |number: usize| chain(parameters, likelihood, mode, &factor, lengths, seed, number);
    let found: Vec<(Vec<Vec<f64>>, Vec<Spreads>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..lengths.chains).map(|number| scope.spawn(move || run(number))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a chain does not panic")).collect()
    });
    let (z, spreads) = found.into_iter().unzip();
    Chains { z, spreads }
}

fn chain(
    parameters: &[UncertainParameter],
    likelihood: &Likelihood,
    mode: &Mode,
    factor: &DMatrix<f64>,
    lengths: Lengths,
    seed: Seed,
    number: usize,
) -> (Vec<Vec<f64>>, Vec<Spreads>) {
    let stream = seed.stream(number as u64, "calibrate:chain");
    let normals = seed.stream(number as u64, "calibrate:direction");
    let n = parameters.len() as u64;
    let z_of = |y: &[f64]| &mode.z + factor * DVector::from_column_slice(y);
    let assumed = spreads_of(TrialSpread::ASSUMED);
    let mut spreads = assumed;
    // The ellipse is that of y; what the normal law of y adds is taken back.
    let log = |y: &[f64], spreads: Spreads| {
        let z = z_of(y);
        let square: f64 = y.iter().map(|y| y * y).sum();
        likelihood.log(&features(parameters, z.as_slice()), spreads) - 0.5 * z.norm_squared() + 0.5 * square
    };
    let mut drawn = 0;
    let mut direction = || {
        drawn += n;
        (drawn - n..drawn).map(|index| normals.normal(index)).collect::<Vec<f64>>()
    };
    let mut y = direction();
    let mut index = 0;
    let mut current = log(&y, spreads);
    let (mut kept_z, mut kept_spreads) = (Vec::new(), Vec::new());
    for step in 0..lengths.warm_up + lengths.draws * lengths.every {
        let fixed = spreads;
        current = elliptical_step(&mut y, &direction(), current, |y| log(y, fixed), &stream, &mut index);
        for kind in 0..spreads.len() {
            let mut proposed = spreads;
            let move_by = 0.4 * normal_at(&stream, &mut index);
            proposed[kind] *= math::exp(move_by);
            let prior = |spread: f64| {
                let off = math::ln(spread / assumed[kind]) / SPREAD_SD;
                -0.5 * off * off
            };
            let to = log(&y, proposed);
            let gain = to - current + prior(proposed[kind]) - prior(spreads[kind]);
            index += 1;
            if math::ln(stream.uniform(index - 1)) < gain {
                (spreads, current) = (proposed, to);
            }
        }
        if step >= lengths.warm_up && (step - lengths.warm_up) % lengths.every == lengths.every - 1 {
            kept_z.push(z_of(&y).as_slice().to_vec());
            kept_spreads.push(spreads);
        }
    }
    (kept_z, kept_spreads)
}

/// A standard normal draw made of one uniform draw.
fn normal_at(stream: &regraft_stats::Stream, index: &mut u64) -> f64 {
    *index += 1;
    regraft_stats::math::normal_quantile(stream.uniform(*index - 1))
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
