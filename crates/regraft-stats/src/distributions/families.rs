//! Per family: its range of parameters, its distribution function and the inverse.

use super::Distribution::{self, *};
use crate::error::StatsError;
use crate::math;

/// Truncation must leave at least this probability; below it the rescaled u has too few bits left.
const LEAST_MASS: f64 = 1e-9;

pub(super) fn check(distribution: &Distribution) -> Result<(), StatsError> {
    match distribution {
        Constant { value } => require("constant", "value", *value, value.is_finite(), "finite"),
        Normal { mean, sd } => {
            require("normal", "mean", *mean, mean.is_finite(), "finite")?;
            require("normal", "sd", *sd, not_negative(*sd), "finite and not negative")
        }
        LogNormal { median, cv } => {
            require("log-normal", "median", *median, positive(*median), "finite and positive")?;
            require("log-normal", "cv", *cv, not_negative(*cv), "finite and not negative")
        }
        Uniform { low, high } => {
            require("uniform", "low", *low, low.is_finite(), "finite")?;
            require("uniform", "high", *high, high.is_finite() && high >= low, "finite and not below `low`")
        }
        Beta { alpha, beta } => {
            require("beta", "alpha", *alpha, positive(*alpha), "finite and positive")?;
            require("beta", "beta", *beta, positive(*beta), "finite and positive")
        }
        Triangular { low, mode, high } => check_triangular(*low, *mode, *high),
        Categorical { weights } => check_weights(weights),
        ZeroOr { zero, inner } => check_zero_or(*zero, inner),
        Truncated { inner, low, high } => check_truncated(inner, *low, *high),
    }
}

fn require(
    distribution: &'static str,
    parameter: &'static str,
    value: f64,
    holds: bool,
    must_be: &'static str,
) -> Result<(), StatsError> {
    if holds { Ok(()) } else { Err(StatsError::Parameter { distribution, parameter, value, must_be }) }
}

fn positive(x: f64) -> bool {
    x.is_finite() && x > 0.0
}

fn not_negative(x: f64) -> bool {
    x.is_finite() && x >= 0.0
}

fn check_triangular(low: f64, mode: f64, high: f64) -> Result<(), StatsError> {
    require("triangular", "low", low, low.is_finite(), "finite")?;
    require("triangular", "high", high, high.is_finite() && high > low, "finite and above `low`")?;
    require("triangular", "mode", mode, (low..=high).contains(&mode), "between `low` and `high`")
}

fn check_weights(weights: &[f64]) -> Result<(), StatsError> {
    for &weight in weights {
        require("categorical", "weights", weight, not_negative(weight), "finite and not negative")?;
    }
    let sum = weights.iter().sum();
    require("categorical", "sum of weights", sum, positive(sum), "finite and positive")
}

fn check_zero_or(zero: f64, inner: &Distribution) -> Result<(), StatsError> {
    require("zero or another", "zero", zero, (0.0..=1.0).contains(&zero), "between 0 and 1")?;
    let discrete = matches!(inner, Constant { .. } | Categorical { .. } | ZeroOr { .. });
    require("zero or another", "inner", f64::NAN, !discrete, "one continuous distribution")?;
    inner.check()?;
    let below = cdf(inner, 0.0);
    require("zero or another", "inner below 0", below, below == 0.0, "0: it holds values above 0 alone")
}

fn check_truncated(inner: &Distribution, low: f64, high: f64) -> Result<(), StatsError> {
    let discrete = matches!(inner, Constant { .. } | Categorical { .. } | ZeroOr { .. } | Truncated { .. });
    require("truncated", "inner", f64::NAN, !discrete, "one continuous distribution")?;
    inner.check()?;
    require("truncated", "low", low, !low.is_nan(), "a number or −∞")?;
    require("truncated", "high", high, high > low, "above `low`")?;
    let mass = cdf(inner, high) - cdf(inner, low);
    if mass < LEAST_MASS { Err(StatsError::NothingLeft { low, high, mass }) } else { Ok(()) }
}

pub(super) fn quantile(distribution: &Distribution, u: f64) -> f64 {
    match distribution {
        Constant { value } => *value,
        Normal { mean, sd } => mean + sd * math::normal_quantile(u),
        LogNormal { median, cv } => median * math::exp(log_sd(*cv) * math::normal_quantile(u)),
        Uniform { low, high } => low + u * (high - low),
        Beta { alpha, beta } => math::beta_quantile(*alpha, *beta, u),
        Triangular { low, mode, high } => triangular_quantile(*low, *mode, *high, u),
        Categorical { weights } => category(weights, u),
        ZeroOr { zero, inner } if u > *zero => quantile(inner, (u - zero) / (1.0 - zero)),
        ZeroOr { .. } => 0.0,
        Truncated { inner, low, high } => {
            let (below, kept) = ends(inner, *low, *high);
            // Rounding at the ends must not leave the bounds.
            quantile(inner, below + u * kept).max(*low).min(*high)
        }
    }
}

/// The share of a distribution below `low`, and that between `low` and `high`.
pub(super) fn ends(inner: &Distribution, low: f64, high: f64) -> (f64, f64) {
    let below = cdf(inner, low);
    (below, cdf(inner, high) - below)
}

pub(super) fn cdf(distribution: &Distribution, x: f64) -> f64 {
    match distribution {
        Constant { value } => step(x >= *value),
        Normal { mean, sd } if *sd == 0.0 => step(x >= *mean),
        Normal { mean, sd } => math::normal_cdf((x - mean) / sd),
        LogNormal { .. } if x <= 0.0 => 0.0,
        LogNormal { median, cv } if *cv == 0.0 => step(x >= *median),
        LogNormal { median, cv } => math::normal_cdf(math::ln(x / median) / log_sd(*cv)),
        Uniform { low, high } if low == high => step(x >= *low),
        Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
        Beta { alpha, beta } => math::beta_regularized(*alpha, *beta, x),
        Triangular { low, mode, high } => triangular_cdf(*low, *mode, *high, x),
        Categorical { weights } => {
            let up_to: f64 =
                weights.iter().enumerate().filter(|(index, _)| *index as f64 <= x).map(|(_, w)| w).sum();
            up_to / weights.iter().sum::<f64>()
        }
        ZeroOr { .. } if x < 0.0 => 0.0,
        ZeroOr { zero, inner } => zero + (1.0 - zero) * cdf(inner, x),
        Truncated { inner, low, high } => {
            let below = cdf(inner, *low);
            ((cdf(inner, x) - below) / (cdf(inner, *high) - below)).clamp(0.0, 1.0)
        }
    }
}

fn step(reached: bool) -> f64 {
    if reached { 1.0 } else { 0.0 }
}

/// Standard deviation of the logarithm, √ln(1 + cv²).
pub(super) fn log_sd(cv: f64) -> f64 {
    math::ln_1_plus(cv * cv).sqrt()
}

/// Below the mode F = (x − low)² / ((high − low)(mode − low)); above it the mirror image.
fn triangular_quantile(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    if u * width < mode - low {
        low + (u * width * (mode - low)).sqrt()
    } else {
        high - ((1.0 - u) * width * (high - mode)).sqrt()
    }
}

fn triangular_cdf(low: f64, mode: f64, high: f64, x: f64) -> f64 {
    if x <= low {
        0.0
    } else if x >= high {
        1.0
    } else if x < mode {
        (x - low) * (x - low) / ((high - low) * (mode - low))
    } else {
        1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))
    }
}

/// The first category at which the running sum of weights passes u of the whole; never one of weight 0.
fn category(weights: &[f64], u: f64) -> f64 {
    let threshold = u * weights.iter().sum::<f64>();
    let mut sum = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        sum += weight;
        if threshold < sum {
            return index as f64;
        }
    }
    weights.iter().rposition(|weight| *weight > 0.0).map_or(f64::NAN, |last| last as f64)
}
