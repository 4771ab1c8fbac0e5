//! How far trials that nothing was fitted to lie from what is predicted of them.
//!
//! A trial whose numbers moved parameters says little of how well the next one is predicted. Here the spread between
//! trials is estimated on published numbers of other trials, so that an interval is as wide as experience says.

use regraft_ode::math;
use regraft_stats::math::{normal_cdf, normal_quantile, student_quantile};

use super::map::Stat;
use super::view::{View, variance};
use crate::posterior::{TrialMiss, TrialSpread, Unseen};

/// A published number beside what is predicted without a trial's own effect, on the scale of such effects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Miss {
    /// The trial.
    pub trial_id: String,
    /// Which spread moves it.
    pub kind: Kind,
    /// The two numbers.
    pub seen: Seen,
    /// Variance between members of the posterior.
    pub members: f64,
}

/// Kinds of outcome by the spread that moves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Share,
    Mean,
    Rate,
    Ratio,
    Time,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Share, Kind::Mean, Kind::Rate, Kind::Ratio, Kind::Time];

    fn of(self, spread: &TrialSpread) -> f64 {
        match self {
            Kind::Share => spread.share,
            Kind::Mean => spread.mean,
            Kind::Rate => spread.rate,
            Kind::Ratio => spread.ratio,
            Kind::Time => spread.time,
        }
    }
}

/// What was published, and what is predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen {
    /// Events among patients whose log odds are predicted.
    Count { events: f64, n: f64, log_odds: f64 },
    /// Published minus predicted, with the variance that patients and chance give it.
    Value { miss: f64, variance: f64 },
}

/// The published number of a row beside what trials without an effect of their own would find, `draws`, in the unit of
/// the statistic; `None` where it has no place on a scale of effects.
pub(super) fn miss(
    own: &View<'_>,
    versus: Option<&View<'_>>,
    draws: &[f64],
    trial_id: &str,
    published: f64,
) -> Option<Miss> {
    let raw = own.raw_of(published)?;
    let of = |kind, seen, members| Some(Miss { trial_id: trial_id.to_string(), kind, seen, members });
    let of_values = |kind, values: &[f64], observed: f64, unit: f64, members: f64| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (miss, spread) = (observed - mean, variance(values));
        if !(miss.is_finite() && spread > 0.0 && unit > 0.0) {
            return None;
        }
        let seen = Seen::Value { miss: miss / unit, variance: spread / (unit * unit) };
        of(kind, seen, members / (unit * unit))
    };
    if own.stat().is_share() {
        if !(0.0..=1.0).contains(&raw) {
            return None;
        }
        let (share, n) = (own.at_the_mean().smooth_share(), own.n() as f64);
        let seen = Seen::Count { events: raw * n, n, log_odds: math::ln(share / (1.0 - share)) };
        return of(Kind::Share, seen, own.logit_variance());
    }
    let logs =
        || draws.iter().filter(|value| **value > 0.0).map(|value| math::ln(*value)).collect::<Vec<f64>>();
    if let Some(versus) = versus {
        let members = own.member_variance() + versus.member_variance();
        let is_fit = own.stat() == Stat::HazardRatio && raw > 0.0;
        return is_fit.then(|| of_values(Kind::Ratio, &logs(), math::ln(raw), 1.0, members)).flatten();
    }
    match own.stat() {
        Stat::AnnualRate if raw > 0.0 => {
            of_values(Kind::Rate, &logs(), math::ln(raw), 1.0, own.member_variance())
        }
        Stat::MedianDay if raw > 0.0 => {
            of_values(Kind::Time, &logs(), math::ln(raw), 1.0, own.member_variance())
        }
        Stat::AnnualRate | Stat::MedianDay | Stat::RateRatio | Stat::Difference | Stat::HazardRatio => None,
        _ => of_values(Kind::Mean, draws, raw, own.patient_spread(), own.member_variance()),
    }
}

/// Points at which a distribution stands.
const POINTS: usize = 200;

/// Step of the logarithm of the spread.
const STEP: f64 = 0.05;

/// Steps up and down from the assumed spread: a twelfth to twelve times of it.
const REACH: i32 = 50;

/// ln of the factor on all assumed spreads varies before looking by this much. Chosen: says next to nothing.
const COMMON_SD: f64 = 1.0;

/// ln of a kind's own factor beside it. Chosen: kinds with few numbers follow the others within half to twice.
const OWN_SD: f64 = 0.4;

/// The most likely spreads; `None` without a number.
///
/// Effects are t distributed with 4 degrees of freedom. A number counts by one over the trial's numbers of its kind,
/// since those of one trial miss together. Kinds share a factor on [`TrialSpread::ASSUMED`] and have one of their own.
pub(crate) fn estimate(misses: &[Miss]) -> Option<Unseen> {
    let mut names: Vec<String> = misses.iter().map(|miss| miss.trial_id.clone()).collect();
    names.sort();
    names.dedup();
    let points = Points::new();
    let likelihoods: Vec<Vec<f64>> = misses.iter().map(|miss| of_all_spreads(miss, &points)).collect();
    let spread = most_likely(misses, &likelihoods, None)?;
    let of_trial = |name: &String| {
        let others = most_likely(misses, &likelihoods, Some(name)).unwrap_or(spread);
        let own: Vec<&Miss> = misses.iter().filter(|miss| miss.trial_id == *name).collect();
        let inside = own.iter().filter(|miss| is_inside(miss, miss.kind.of(&others), &points)).count();
        let off: Vec<f64> = own.iter().map(|miss| miss.standardized(miss.kind.of(&others))).collect();
        let mean = off.iter().sum::<f64>() / off.len() as f64;
        let farthest = off.into_iter().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        TrialMiss { trial: name.clone(), rows: own.len(), inside, mean, farthest }
    };
    let by_trial: Vec<TrialMiss> = names.iter().map(of_trial).collect();
    let (trials, rows) = (names.len(), misses.len());
    let inside = by_trial.iter().map(|one| one.inside).sum();
    let shares: f64 = by_trial.iter().map(|one| one.inside as f64 / one.rows as f64).sum();
    Some(Unseen { spread, trials, rows, inside, inside_by_trial: shares / trials as f64, names, by_trial })
}

impl Miss {
    /// Published minus predicted, in standard deviations of patients, chance, members and a trial's own effect.
    fn standardized(&self, spread: f64) -> f64 {
        let (value, variance) = self.seen.value();
        value / (variance + self.members + spread * spread).sqrt()
    }
}

/// ln L of a number at every spread, `[step + REACH]`.
fn of_all_spreads(miss: &Miss, points: &Points) -> Vec<f64> {
    let assumed = miss.kind.of(&TrialSpread::ASSUMED);
    (-REACH..=REACH).map(|step| log_likelihood(miss, assumed * factor(step), points)).collect()
}

fn factor(step: i32) -> f64 {
    math::exp(STEP * f64::from(step))
}

/// The mode, with the numbers of `without` left out.
fn most_likely(misses: &[Miss], likelihoods: &[Vec<f64>], without: Option<&str>) -> Option<TrialSpread> {
    let steps = (2 * REACH + 1) as usize;
    let counts = |miss: &&Miss| Some(miss.trial_id.as_str()) != without;
    let of_kind: Vec<Option<Vec<f64>>> = Kind::ALL
        .iter()
        .map(|kind| {
            let mut sums = vec![0.0; steps];
            let mut any = false;
            for (miss, own) in misses.iter().zip(likelihoods).filter(|(miss, _)| counts(miss)) {
                if miss.kind != *kind {
                    continue;
                }
                any = true;
                let alike = |other: &&Miss| other.kind == *kind && other.trial_id == miss.trial_id;
                let weight = 1.0 / misses.iter().filter(alike).count() as f64;
                sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += weight * own);
            }
            any.then_some(sums)
        })
        .collect();
    of_kind.iter().any(Option::is_some).then_some(())?;
    let square = |step: i32, sd: f64| 0.5 * (STEP * f64::from(step) / sd).powi(2);
    // For every common step the best step of each kind.
    let at = |common: i32| {
        let mut total = -square(common, COMMON_SD);
        let mut best = [common; Kind::ALL.len()];
        for (best, sums) in best.iter_mut().zip(&of_kind) {
            let Some(sums) = sums else { continue };
            let value = |step: &i32| sums[(step + REACH) as usize] - square(step - common, OWN_SD);
            let found = (-REACH..=REACH).max_by(|a, b| value(a).total_cmp(&value(b))).unwrap_or(common);
            total += value(&found);
            *best = found;
        }
        (total, best)
    };
    let (_, best) = (-REACH..=REACH).map(at).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let [share, mean, rate, ratio, time] = best.map(factor);
    let assumed = TrialSpread::ASSUMED;
    Some(TrialSpread {
        share: share * assumed.share,
        mean: mean * assumed.mean,
        rate: rate * assumed.rate,
        ratio: ratio * assumed.ratio,
        time: time * assumed.time,
    })
}

/// Scale of the t distribution of effects and members together: their variance is twice its square.
fn scale(miss: &Miss, spread: f64) -> f64 {
    (0.5 * (spread * spread + miss.members)).sqrt()
}

impl Seen {
    /// Published minus predicted with its variance; of a count the log odds with half a patient added to each side
    /// (Haldane 1956), whose variance is 1/(k + ½) + 1/(n − k + ½).
    fn value(self) -> (f64, f64) {
        match self {
            Seen::Value { miss, variance } => (miss, variance),
            Seen::Count { events, n, log_odds } => {
                let (with, without) = (events + 0.5, n - events + 0.5);
                (math::ln(with / without) - log_odds, 1.0 / with + 1.0 / without)
            }
        }
    }
}

/// ln of the density of a miss: a normal error and an effect that is t distributed with 4 degrees of freedom.
///
/// The mean of the density of the wider of the two over points of the narrower one.
fn log_likelihood(miss: &Miss, spread: f64, points: &Points) -> f64 {
    let scale = scale(miss, spread);
    let (value, variance) = miss.seen.value();
    let error = variance.sqrt();
    let density = if error > scale {
        let of = |effect: &f64| normal_density((value - scale * effect) / error) / error;
        points.effects.iter().map(of).sum::<f64>()
    } else {
        let of = |z: &f64| t4_density((value - error * z) / scale) / scale;
        points.normals.iter().map(of).sum::<f64>()
    };
    math::ln((density / POINTS as f64).max(f64::MIN_POSITIVE))
}

fn normal_density(z: f64) -> f64 {
    math::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Density of the t distribution with 4 degrees of freedom: ⅜ (1 + t²/4)^(−5/2).
fn t4_density(t: f64) -> f64 {
    let square = 1.0 + 0.25 * t * t;
    0.375 / (square * square * square.sqrt())
}

/// Whether no more than a twentieth of trials find less, and no more than a twentieth more.
fn is_inside(miss: &Miss, spread: f64, points: &Points) -> bool {
    let scale = scale(miss, spread);
    let (mut below, mut above) = (0.0, 0.0);
    for effect in &points.effects {
        let effect = scale * effect;
        let (less, more) = match miss.seen {
            Seen::Count { events, n, log_odds } => {
                tails(events.round(), n.round(), 1.0 / (1.0 + math::exp(-log_odds - effect)))
            }
            Seen::Value { miss, variance } => {
                let below = normal_cdf((miss - effect) / variance.sqrt());
                (below, 1.0 - below)
            }
        };
        below += less;
        above += more;
    }
    let least = 0.05 * POINTS as f64;
    below >= least && above >= least
}

/// P(K ≤ k) and P(K ≥ k) of a binomial count.
fn tails(k: f64, n: f64, p: f64) -> (f64, f64) {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    let (mut log_mass, odds) = (n * math::ln(1.0 - p), math::ln(p / (1.0 - p)));
    let (mut below, mut at, mut count) = (0.0, math::exp(log_mass), 0.0);
    while count < k {
        below += at;
        count += 1.0;
        log_mass += math::ln((n - count + 1.0) / count) + odds;
        at = math::exp(log_mass);
    }
    (below + at, 1.0 - below)
}

/// Quantiles at the middles of [`POINTS`] equal shares.
struct Points {
    /// Of the t distribution with 4 degrees of freedom.
    effects: Vec<f64>,
    /// Of the normal distribution.
    normals: Vec<f64>,
}

impl Points {
    fn new() -> Points {
        let shares = || (0..POINTS).map(|point| (point as f64 + 0.5) / POINTS as f64);
        let effects = shares().map(|p| student_quantile(4.0, p)).collect();
        Points { effects, normals: shares().map(normal_quantile).collect() }
    }
}

#[cfg(test)]
mod tests;
