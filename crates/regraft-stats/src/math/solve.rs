//! Root of an increasing function: Newton's method kept inside a bracket.

/// x in `[low, high]` with f(x) = 0, for increasing f; `evaluate` gives (f, f′).
///
/// A Newton step that leaves the bracket, and every twentieth, is replaced by a midpoint, so that the bracket
/// shrinks to neighboring numbers whatever f′ says. Without a sign change the nearer end is returned.
pub(super) fn increasing_root(
    mut low: f64,
    mut high: f64,
    start: f64,
    evaluate: impl Fn(f64) -> (f64, f64),
) -> f64 {
    let mut x = start.clamp(low, high);
    for step in 1..400 {
        let (value, slope) = evaluate(x);
        if value == 0.0 {
            return x;
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let inside = newton > low && newton < high;
        if inside && (newton - x).abs() <= f64::EPSILON * x.abs() {
            return newton;
        }
        let bisect = !inside || step % 20 == 0;
        let next = if bisect { midpoint(low, high) } else { newton };
        if next <= low || next >= high {
            return x;
        }
        x = next;
    }
    x
}

/// Between the ends: geometric when they are positive and far apart, so that tiny roots are found too.
fn midpoint(low: f64, high: f64) -> f64 {
    if low > 0.0 && high > 4.0 * low { (low * high).sqrt() } else { 0.5 * (low + high) }
}
