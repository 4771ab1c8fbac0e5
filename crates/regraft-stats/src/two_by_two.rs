//! Shares of two groups: the chi-square test, the exact test and the odds ratio.

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

/// p-value of Fisher's exact test, two-sided: with all four sums of the table kept, the probability of tables that are no
/// more likely than the one seen. R's `fisher.test`; counts are rounded. 1 where a group is empty.
pub fn fisher_exact(treated: Share, control: Share) -> f64 {
    let [a, n, b, m] = [treated.events, treated.n, control.events, control.n].map(f64::round);
    let with = a + b;
    // P(k + 1)/P(k) of the hypergeometric distribution of the treated with the event.
    let up = |k: f64| (with - k) * (n - k) / ((k + 1.0) * (m - with + k + 1.0));
    let (least, most) = ((with - m).max(0.0), with.min(n));
    // As R has it: probabilities that differ by rounding alone are the same.
    let (mut all, mut extreme, same) = (1.0, 1.0, 1.0 + 1e-7);
    let mut add = |weight: f64| {
        all += weight;
        if weight <= same {
            extreme += weight;
        }
    };
    let (mut k, mut weight) = (a, 1.0);
    while k < most {
        weight *= up(k);
        k += 1.0;
        add(weight);
    }
    (k, weight) = (a, 1.0);
    while k > least {
        k -= 1.0;
        weight /= up(k);
        add(weight);
    }
    (extreme / all).min(1.0)
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
