//! Shares of two groups: chi-square tests, the exact test and the odds ratio.

use crate::allocation::Tails;
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

/// The tables that have all four sums of the one seen: number of the treated with the event and its probability, which
/// is the hypergeometric distribution's. Numbers are whole.
fn tables(treated: Share, control: Share) -> impl Iterator<Item = (f64, f64)> + Clone {
    let (n, events) = (treated.n + control.n, treated.events + control.events);
    let choose =
        |n: f64, k: f64| math::ln_gamma(n + 1.0) - math::ln_gamma(k + 1.0) - math::ln_gamma(n - k + 1.0);
    let all = choose(n, events);
    let mass = move |k: f64| math::exp(choose(treated.n, k) + choose(control.n, events - k) - all);
    let (first, last) = ((events - control.n).max(0.0) as u64, events.min(treated.n) as u64);
    (first..=last).map(move |k| (k as f64, mass(k as f64)))
}

/// p-value of Fisher's exact test, two-sided: with all four sums of the table kept, the probability of tables that are no
/// more likely than the one seen. R's `fisher.test`; counts are rounded. 1 where a group is empty.
pub fn fisher_exact(treated: Share, control: Share) -> f64 {
    let whole = |share: Share| Share { events: share.events.round(), n: share.n.round() };
    let (treated, control) = (whole(treated), whole(control));
    let tables = tables(treated, control);
    let seen = tables.clone().find(|(k, _)| *k == treated.events).map_or(1.0, |(_, probability)| probability);
    // As R has it: probabilities that differ by rounding alone are the same.
    let extreme =
        tables.map(|(_, probability)| probability).filter(|probability| *probability <= seen * (1.0 + 1e-7));
    extreme.sum::<f64>().min(1.0)
}

/// [`two_proportions`] times √((N − 1)/N): standardized by the variance of the hypergeometric distribution, which is that
/// over all ways to deal the groups. R's `mantelhaen.test(correct = FALSE)` of one table; recommended where cells are
/// small \[Campbell2007\].
pub fn two_proportions_dealt(treated: Share, control: Share) -> f64 {
    let n = treated.n + control.n;
    two_proportions(treated, control) * ((n - 1.0) / n).sqrt()
}

/// Fisher's exact test: tails of the hypergeometric distribution of the events of the treated, all events given. R's
/// `fisher.test` with `alternative` `greater` and `less`. Where `mid` is set the table that was seen counts half
/// \[Lancaster1961\], which is closer to the level and may exceed it.
///
/// `None` where a group is empty. Numbers are whole.
pub fn exact_tails(treated: Share, control: Share, mid: bool) -> Option<Tails> {
    if treated.n < 1.0 || control.n < 1.0 {
        return None;
    }
    let (mut upper, mut lower, mut own) = (0.0, 0.0, 0.0);
    for (k, probability) in tables(treated, control) {
        if k > treated.events {
            upper += probability;
        } else if k < treated.events {
            lower += probability;
        } else {
            own = if mid { 0.5 * probability } else { probability };
        }
    }
    Some(Tails { upper: (upper + own).min(1.0), lower: (lower + own).min(1.0) })
}

/// √(2 (l₁ − l₀)) with the sign of the difference: the likelihood-ratio test of a logistic regression on the group. R's
/// `anova(glm(family = binomial), test = "LRT")`.
///
/// NaN where a group is empty or everyone or nobody has the event.
pub fn share_likelihood_ratio(treated: Share, control: Share) -> f64 {
    let both = Share { events: treated.events + control.events, n: treated.n + control.n };
    if treated.n < 1.0 || control.n < 1.0 || both.events <= 0.0 || both.events >= both.n {
        return f64::NAN;
    }
    let term = |count: f64, n: f64| if count > 0.0 { count * math::ln(count / n) } else { 0.0 };
    let likelihood = |share: Share| term(share.events, share.n) + term(share.n - share.events, share.n);
    let gain = 2.0 * (likelihood(treated) + likelihood(control) - likelihood(both));
    let difference = treated.events / treated.n - control.events / control.n;
    gain.max(0.0).sqrt().copysign(difference)
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
