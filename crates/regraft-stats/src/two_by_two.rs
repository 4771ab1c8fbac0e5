//! Shares of two groups: the chi-square test and the odds ratio.

use crate::estimate::critical_value;
use crate::math;

/// Patients with the event and all patients of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// With the event, 0 … `n`.
    pub events: f64,
    /// All.
    pub n: f64,
}

/// (p₁ − p₀)/√(p(1 − p)(1/n₁ + 1/n₀)), p the share in both groups together; its square is Pearson's chi-square without
/// correction. R's `prop.test(correct = FALSE)`.
///
/// NaN where a group is empty or everyone or nobody has the event.
pub fn two_proportions(treated: Share, control: Share) -> f64 {
    let n = treated.n + control.n;
    let p = (treated.events + control.events) / n;
    let difference = treated.events / treated.n - control.events / control.n;
    let variance = p * (1.0 - p) * (1.0 / treated.n + 1.0 / control.n);
    if variance > 0.0 { difference / variance.sqrt() } else { f64::NAN }
}

/// Odds of the treated over the odds of the control group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OddsRatio {
    /// exp(`log_ratio`).
    pub ratio: f64,
    /// Lower end of Wald's interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The coefficient of the logistic regression on the group.
    pub log_ratio: f64,
    /// √(1/a + 1/b + 1/c + 1/d), from the information.
    pub standard_error: f64,
}

/// The odds ratio: maximum of the likelihood of a logistic regression on the group alone, which is ad/bc. R's
/// `glm(family = binomial)`. `level` in (0, 1); `None` where a cell of the table is empty.
pub fn odds_ratio(treated: Share, control: Share, level: f64) -> Option<OddsRatio> {
    let cells = [treated.events, treated.n - treated.events, control.events, control.n - control.events];
    if cells.iter().any(|cell| *cell <= 0.0) {
        return None;
    }
    let log_ratio = math::ln(cells[0] * cells[3] / (cells[1] * cells[2]));
    let standard_error = cells.iter().map(|cell| 1.0 / cell).sum::<f64>().sqrt();
    let z = critical_value(level);
    let end = |shift: f64| math::exp(log_ratio + shift * standard_error);
    Some(OddsRatio { ratio: end(0.0), low: end(-z), high: end(z), log_ratio, standard_error })
}

#[cfg(test)]
mod tests;
