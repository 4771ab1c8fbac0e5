//! Proportions and rates from counts.

use super::{Estimate, critical_value};
use crate::math;

/// Wilson's interval for a proportion of `events` out of `n`, without continuity correction \[Wilson1927\].
///
/// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = events/n. Both NaN unless 0 ≤ events ≤ n and n > 0;
/// `level` in (0, 1). Published counts reconstructed from percentages need not be whole.
pub fn wilson(events: f64, n: f64, level: f64) -> (f64, f64) {
    if !(n > 0.0 && n.is_finite() && (0.0..=n).contains(&events)) {
        return (f64::NAN, f64::NAN);
    }
    let z = critical_value(level);
    let p = events / n;
    let center = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // Exactly 0 and 1 at the borders, where the difference leaves rounding.
    let low = if events == 0.0 { 0.0 } else { (center - half) / scale };
    let high = if events == n { 1.0 } else { (center + half) / scale };
    (low, high)
}

/// Proportion with [`wilson`]'s interval; all NaN on the same conditions.
pub fn proportion(events: f64, n: f64, level: f64) -> Estimate {
    let (low, high) = wilson(events, n, level);
    let value = if low.is_nan() { f64::NAN } else { events / n };
    Estimate { value, low, high }
}

/// Events per person-time with the exact Poisson interval \[Garwood1936\].
///
/// Low = G(α/2; events) / T, high = G(1 − α/2; events + 1) / T, G the gamma quantile of that shape, α = 1
/// − level; low is 0 without events. All NaN unless events ≥ 0 and person_time > 0. The result is per
/// unit of `person_time`.
pub fn rate(events: f64, person_time: f64, level: f64) -> Estimate {
    let usable = events >= 0.0 && events.is_finite() && person_time > 0.0 && person_time.is_finite();
    if !usable {
        return Estimate::UNKNOWN;
    }
    let tail = 0.5 * (1.0 - level);
    let low = if events == 0.0 { 0.0 } else { math::gamma_quantile(events, tail) };
    let high = math::gamma_quantile(events + 1.0, 1.0 - tail);
    Estimate { value: events / person_time, low: low / person_time, high: high / person_time }
}
