//! Single numbers read off a curve: median time, restricted mean.

use super::curve::{Curve, CurveKind};
use crate::estimate::{Estimate, critical_value};

/// Time at which half have had the event; `None` if the curve does not get there.
///
/// The first time with an estimate at or beyond ½. Where the curve runs exactly at ½ (to 1.5 · 10⁻⁸), the
/// middle of that stretch, as R's `quantile.survfit`; its start if the stretch never ends.
pub fn median_time(curve: &Curve) -> Option<f64> {
    const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;
    let beyond = |estimate: f64| match curve.kind {
        CurveKind::Survival => 0.5 - estimate,
        CurveKind::Incidence => estimate - 0.5,
    };
    let first = curve.estimate.iter().position(|estimate| beyond(*estimate) > -TOLERANCE)?;
    let start = curve.times[first];
    if beyond(curve.estimate[first]) > TOLERANCE {
        return Some(start);
    }
    let stop = (first..curve.times.len()).find(|step| beyond(curve.estimate[*step]) > TOLERANCE);
    Some(stop.map_or(start, |step| 0.5 * (start + curve.times[step])))
}

/// Mean time without event up to `horizon`: the area under a Kaplan–Meier curve from 0 to `horizon`.
///
/// Variance Σ dᵢ/(nᵢ(nᵢ − dᵢ)) A(tᵢ)², A(tᵢ) the area from tᵢ to the horizon; normal interval at the
/// curve's level. R's `print(survfit, rmean = horizon)`. `None` for an incidence curve, and where the
/// curve is not known up to `horizon`.
pub fn restricted_mean(curve: &Curve, horizon: f64) -> Option<Estimate> {
    if curve.kind != CurveKind::Survival || !horizon.is_finite() {
        return None;
    }
    curve.at(horizon)?;
    let mut area = 0.0;
    let mut variance = 0.0;
    let n_steps = curve.times.partition_point(|start| *start < horizon);
    for step in (0..n_steps).rev() {
        let stop = if step + 1 < n_steps { curve.times[step + 1] } else { horizon };
        area += curve.estimate[step] * (stop - curve.times[step]);
        let (n, d) = (curve.at_risk[step] as f64, curve.events[step] as f64);
        if d < n {
            variance += d / (n * (n - d)) * area * area;
        }
    }
    let half = critical_value(curve.level) * variance.sqrt();
    Some(Estimate { value: area, low: area - half, high: area + half })
}
