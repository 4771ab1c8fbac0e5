//! What a log-rank test can show, by formula.

use crate::math;

/// Probability that a log-rank test rejects, proportional hazards \[Schoenfeld1981\].
///
/// Z is normal with mean ln(`hazard_ratio`) √(d π (1 − π)) and variance 1, d `events`, π the `share_treated` of the
/// patients; `alpha` of both sides together where `sides` is 2. With one side the hazard ratio that counts is below 1.
pub fn schoenfeld_power(hazard_ratio: f64, events: f64, share_treated: f64, alpha: f64, sides: u32) -> f64 {
    let drift = -math::ln(hazard_ratio) * (events * share_treated * (1.0 - share_treated)).sqrt();
    normal_power(drift, alpha, sides)
}

/// Events with which a log-rank test has the given power, the far side left out \[Schoenfeld1981\]:
/// (z_α + z_β)²/(π(1 − π) ln² hr).
pub fn schoenfeld_events(hazard_ratio: f64, power: f64, share_treated: f64, alpha: f64, sides: u32) -> f64 {
    let z = -math::normal_quantile(alpha / f64::from(sides)) + math::normal_quantile(power);
    let log_ratio = math::ln(hazard_ratio);
    z * z / (share_treated * (1.0 - share_treated) * log_ratio * log_ratio)
}

/// Probability that a statistic that is normal with mean `drift` and variance 1 exceeds its critical value; on two sides
/// that its size does.
pub fn normal_power(drift: f64, alpha: f64, sides: u32) -> f64 {
    let critical = -math::normal_quantile(alpha / f64::from(sides));
    let near = math::normal_cdf(drift - critical);
    if sides == 2 { near + math::normal_cdf(-drift - critical) } else { near }
}

#[cfg(test)]
mod tests;
