//! Numbers as unevaluated sums of two doubles: about 106 bits without a fused multiply-add.

/// `high + low`, where `low` is below half a unit in the last place of `high`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub high: f64,
    pub low: f64,
}

/// ln 2.
pub(super) const LN2: Pair = Pair { high: std::f64::consts::LN_2, low: 2.3190468138462996e-17 };

/// π/2.
pub(super) const HALF_PI: Pair = Pair { high: std::f64::consts::FRAC_PI_2, low: 6.123233995736766e-17 };

/// A double as a pair.
#[inline(always)]
pub(super) fn exactly(high: f64) -> Pair {
    Pair { high, low: 0.0 }
}

/// a + b exactly [Knuth].
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    let back = high - a;
    Pair { high, low: (a - (high - back)) + (b - back) }
}

/// a + b exactly for |a| ≥ |b|.
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    Pair { high, low: b - (high - a) }
}

/// a · b exactly [Dekker 1971, Numerische Mathematik 18:224].
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> Pair {
    let (a1, a2) = halves(a);
    let (b1, b2) = halves(b);
    let high = a * b;
    Pair { high, low: ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2 }
}

/// A double as a sum of two of 26 bits [Veltkamp].
#[inline(always)]
fn halves(a: f64) -> (f64, f64) {
    let spread = 134217729.0 * a;
    let high = spread - (spread - a);
    (high, a - high)
}

/// a + b.
#[inline(always)]
pub(super) fn sum(a: Pair, b: Pair) -> Pair {
    let highs = two_sum(a.high, b.high);
    fast_two_sum(highs.high, highs.low + (a.low + b.low))
}

/// a · b.
#[inline(always)]
pub(super) fn product(a: Pair, b: Pair) -> Pair {
    let highs = two_product(a.high, b.high);
    fast_two_sum(highs.high, highs.low + (a.high * b.low + a.low * b.high))
}

/// a · b for a double b.
#[inline(always)]
pub(super) fn times(a: Pair, b: f64) -> Pair {
    let highs = two_product(a.high, b);
    fast_two_sum(highs.high, highs.low + a.low * b)
}

/// a / b for a double a.
#[inline(always)]
pub(super) fn quotient(a: f64, b: Pair) -> Pair {
    let high = a / b.high;
    let back = two_product(high, b.high);
    let rest = ((a - back.high) - back.low) - high * b.low;
    fast_two_sum(high, rest / b.high)
}
