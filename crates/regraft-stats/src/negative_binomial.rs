//! Numbers of events of two groups: negative binomial regression with the time as offset.

use crate::allocation::Scores;
use crate::estimate::critical_value;
use crate::math;

/// Events of one patient and the time in which they were counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    /// Number of events, a whole number ≥ 0.
    pub events: f64,
    /// In any one unit, > 0.
    pub time: f64,
}

/// Rate of the treated over the rate of the control group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateRatio {
    /// exp(`log_ratio`).
    pub ratio: f64,
    /// Lower end of Wald's interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Maximum of the likelihood.
    pub log_ratio: f64,
    /// From the expected information, the dispersion known.
    pub standard_error: f64,
    /// α: the variance of a count with mean μ is μ + α μ²; 0 where the counts vary no more than Poisson's.
    pub dispersion: f64,
}

/// Ratio of rates by negative binomial regression on the group, the logarithm of the time as offset
/// \[VenablesRipley2002, 7.4\]. R's `MASS::glm.nb`; where the counts vary no more than Poisson's it is Poisson regression.
///
/// Wald's interval at `level` in (0, 1). `None` where a group has no patients or no events.
pub fn rate_ratio(treated: &[Count], control: &[Count], level: f64) -> Option<RateRatio> {
    let groups = [treated, control];
    let has_events = |group: &[Count]| group.iter().any(|count| count.events > 0.0);
    if !groups.iter().all(|group| has_events(group)) {
        return None;
    }
    let dispersion = dispersion(&groups);
    let fits = groups.map(|group| Fit::of(group, dispersion));
    let log_ratio = fits[0].log_rate - fits[1].log_rate;
    let standard_error = (1.0 / fits[0].information + 1.0 / fits[1].information).sqrt();
    let z = critical_value(level);
    let end = |shift: f64| math::exp(log_ratio + shift * standard_error);
    Some(RateRatio { ratio: end(0.0), low: end(-z), high: end(z), log_ratio, standard_error, dispersion })
}

/// √(2 (l₁ − l₀)) with the sign of the logarithm of the ratio: the likelihood-ratio test of no difference, the dispersion
/// fitted with and without it. R's `anova` of two `MASS::glm.nb`. A group without events has the rate 0.
///
/// NaN where a group has no patients, or nobody has an event.
pub fn likelihood_ratio(treated: &[Count], control: &[Count]) -> f64 {
    let everyone: Vec<Count> = treated.iter().chain(control).copied().collect();
    if treated.is_empty() || control.is_empty() || everyone.iter().all(|count| count.events == 0.0) {
        return f64::NAN;
    }
    let groups = [treated, control];
    let with_events: Vec<&[Count]> =
        groups.into_iter().filter(|group| group.iter().any(|count| count.events > 0.0)).collect();
    let gain = 2.0 * (largest_likelihood(&with_events) - largest_likelihood(&[&everyone]));
    let rate = |group: &[Count]| {
        let total = |of: fn(&Count) -> f64| group.iter().map(of).sum::<f64>();
        total(|count| count.events) / total(|count| count.time)
    };
    gain.max(0.0).sqrt().copysign(rate(treated) - rate(control))
}

/// (y − μ)/(1 + αμ) of each patient, rate and dispersion those of both groups together: what a patient adds to the score
/// of the ratio at 1. `None` where nobody has an event.
pub fn rate_scores(treated: &[Count], control: &[Count]) -> Option<Scores> {
    let everyone: Vec<Count> = treated.iter().chain(control).copied().collect();
    if everyone.iter().all(|count| count.events == 0.0) {
        return None;
    }
    let dispersion = dispersion(&[&everyone]);
    let rate = math::exp(Fit::of(&everyone, dispersion).log_rate);
    let score = |count: &Count| {
        let mean = rate * count.time;
        (count.events - mean) / (1.0 + dispersion * mean)
    };
    let of = |group: &[Count]| group.iter().map(score).collect();
    Some(Scores { treated: of(treated), control: of(control) })
}

/// Logarithm of the likelihood at its maximum, a rate for each group and one dispersion; what no parameter moves is left
/// out. Groups without events must not be among them.
fn largest_likelihood(groups: &[&[Count]]) -> f64 {
    let dispersion = dispersion(groups);
    let of_group = |group: &&[Count]| {
        let rate = math::exp(Fit::of(group, dispersion).log_rate);
        let each = |count: &Count| {
            let (y, mean) = (count.events, rate * count.time);
            let known = if y > 0.0 { y * math::ln(mean) } else { 0.0 };
            if dispersion == 0.0 {
                return known - mean;
            }
            let rising: f64 = (1..y as u32).map(|j| math::ln_1_plus(dispersion * f64::from(j))).sum();
            rising + known - (y + 1.0 / dispersion) * math::ln_1_plus(dispersion * mean)
        };
        group.iter().map(each).sum::<f64>()
    };
    groups.iter().map(of_group).sum()
}

/// One group's rate at a given dispersion.
struct Fit {
    log_rate: f64,
    /// Σ μ/(1 + αμ).
    information: f64,
}

impl Fit {
    /// Root of Σ (y − μ)/(1 + αμ), which falls in the logarithm of the rate: Newton's method, halved where it overshoots.
    fn of(group: &[Count], dispersion: f64) -> Fit {
        let total = |of: fn(&Count) -> f64| group.iter().map(of).sum::<f64>();
        let mut log_rate = math::ln(total(|count| count.events) / total(|count| count.time));
        let score = |log_rate: f64| {
            let rate = math::exp(log_rate);
            let each = |count: &Count| {
                let mean = rate * count.time;
                let scale = 1.0 + dispersion * mean;
                (
                    (count.events - mean) / scale,
                    mean / scale,
                    mean * (1.0 + dispersion * count.events) / (scale * scale),
                )
            };
            group.iter().map(each).fold((0.0, 0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2))
        };
        let mut now = score(log_rate);
        for _ in 0..100 {
            let mut step = (now.0 / now.2).clamp(-2.0, 2.0);
            let mut next = score(log_rate + step);
            while next.0.abs() > now.0.abs() && step.abs() > f64::EPSILON {
                step *= 0.5;
                next = score(log_rate + step);
            }
            log_rate += step;
            now = next;
            if step.abs() <= 1e-14 * log_rate.abs().max(1.0) {
                break;
            }
        }
        Fit { log_rate, information: now.1 }
    }
}

/// Derivative of the likelihood in the dispersion, the rates at their best:
/// Σ [Σ_{j<y} j/(1 + αj) + ln(1 + αμ)/α² − (y + 1/α) μ/(1 + αμ)].
fn slope(groups: &[&[Count]], dispersion: f64) -> f64 {
    let of_group = |group: &[Count]| {
        let rate = math::exp(Fit::of(group, dispersion).log_rate);
        let each = |count: &Count| {
            let mean = rate * count.time;
            let rising: f64 =
                (1..count.events as u32).map(f64::from).map(|j| j / (1.0 + dispersion * j)).sum();
            let falling = (count.events + 1.0 / dispersion) * mean / (1.0 + dispersion * mean);
            rising + math::ln_1_plus(dispersion * mean) / (dispersion * dispersion) - falling
        };
        group.iter().map(each).sum::<f64>()
    };
    groups.iter().map(|group| of_group(group)).sum()
}

/// Smallest dispersion that is told from none. Chosen: a count with mean 100 would vary a hundredth more than Poisson's.
const LEAST_DISPERSED: f64 = 1e-4;

/// Largest dispersion that is looked for. Chosen: a count with mean 1 would then vary a hundred times Poisson's.
const MOST_DISPERSED: f64 = 100.0;

/// The dispersion with the largest likelihood; 0 where the likelihood falls from 0 on: Σ ((y − μ)² − y) ≤ 0 at Poisson's
/// rates. The root of the slope in ln α, by false position, the end that stays counting half (the Illinois rule).
fn dispersion(groups: &[&[Count]]) -> f64 {
    let excess: f64 = groups
        .iter()
        .map(|group| {
            let rate = math::exp(Fit::of(group, 0.0).log_rate);
            group.iter().map(|c| (c.events - rate * c.time).powi(2) - c.events).sum::<f64>()
        })
        .sum();
    let value = |log: f64| slope(groups, math::exp(log)) * math::exp(log);
    let (mut low, mut high) = (math::ln(LEAST_DISPERSED), math::ln(MOST_DISPERSED));
    let (mut at_low, mut at_high) = (value(low), value(high));
    if excess <= 0.0 || at_low <= 0.0 {
        return 0.0;
    }
    if at_high >= 0.0 {
        return MOST_DISPERSED;
    }
    let mut last_moved = 0_i8;
    for _ in 0..100 {
        let middle = (low * at_high - high * at_low) / (at_high - at_low);
        let at = value(middle);
        if at > 0.0 {
            (low, at_low) = (middle, at);
            at_high *= if last_moved < 0 { 0.5 } else { 1.0 };
            last_moved = -1;
        } else {
            (high, at_high) = (middle, at);
            at_low *= if last_moved > 0 { 0.5 } else { 1.0 };
            last_moved = 1;
        }
        if at == 0.0 || at.abs() < 1e-9 * groups.iter().map(|group| group.len()).sum::<usize>() as f64 {
            return math::exp(middle);
        }
    }
    math::exp(0.5 * (low + high))
}

#[cfg(test)]
mod tests;
