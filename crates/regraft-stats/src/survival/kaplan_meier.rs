//! The product-limit estimate of survival.

use super::Survival;
use super::curve::{Curve, CurveKind};
use super::tally::{Endings, Tally, count_endings, tally};
use crate::estimate::critical_value;

/// Probability of no event of status 1 over time; every other status censors \[KaplanMeier1958\].
///
/// Ŝ(t) = Π (1 − dᵢ/nᵢ) over event times tᵢ ≤ t, variance by Greenwood Ŝ² Σ dᵢ/(nᵢ(nᵢ − dᵢ)), pointwise
/// log-log interval at `level` in (0, 1): R's `survfit(conf.type = "log-log")`. Where another event makes
/// the event of interest impossible, use [`cumulative_incidence`](super::cumulative_incidence).
pub fn kaplan_meier(data: &[Survival], level: f64) -> Curve {
    kaplan_meier_of(&count_endings(data), level)
}

/// [`kaplan_meier`] of follow-up counted up; the same bits.
pub fn kaplan_meier_of(endings: &[Endings], level: f64) -> Curve {
    let censoring = |e: &Endings| Endings { competing: 0, censored: e.censored + e.competing, ..*e };
    let tallies = tally(endings.iter().map(censoring));
    let mut curve = Curve::empty(CurveKind::Survival, level, tallies.end);
    let z = critical_value(level);
    let mut survival = 1.0;
    let mut greenwood = 0.0;
    if tallies.n > 0 && tallies.rows.first().is_none_or(|row| row.time > 0.0) {
        curve.push(0.0, (tallies.n, 0), 1.0, 0.0, z);
    }
    for Tally { time, at_risk, events, .. } in tallies.rows {
        let (n, d) = (at_risk as f64, events as f64);
        survival *= (n - d) / n;
        greenwood += d / (n * (n - d));
        let standard_error = if survival > 0.0 { survival * greenwood.sqrt() } else { 0.0 };
        curve.push(time, (at_risk, events), survival, standard_error, z);
    }
    curve
}
