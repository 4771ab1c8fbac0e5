//! Numbers as unevaluated sums of two doubles: about 106 bits.

/// `high + low`, where `low` is below half a unit in the last place of `high`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub high: f64,
    pub low: f64,
}

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

/// a · b exactly.
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> Pair {
    let high = a * b;
    Pair { high, low: a.mul_add(b, -high) }
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
    fast_two_sum(highs.high, highs.low + a.high.mul_add(b.low, a.low * b.high))
}

/// a · b for a double b.
#[inline(always)]
pub(super) fn times(a: Pair, b: f64) -> Pair {
    let highs = two_product(a.high, b);
    fast_two_sum(highs.high, a.low.mul_add(b, highs.low))
}
