//! What a trial finds in two arms, and whether its own test rejects.
//!
//! Hazards are compared by the log-rank test among patients who are followed as the arms state, means by the analysis of
//! covariance with the value at entry, shares by the chi-square test or, where it does not hold, by Fisher's.

use regraft_ode::math;
use regraft_stats::Stream;
use regraft_stats::math::student_quantile;
use regraft_stats::repeated::{Repeated, repeated_measures};
use regraft_stats::two_by_two::{Share, fisher_exact, two_proportions};
use regraft_trial::trial_file::Method;

use super::map::Stat;
use super::view::{Drawn, View};
use crate::findings::statistic::statistics;

/// A ratio beyond these is no number that a trial prints.
const RATIO_ENDS: (f64, f64) = (0.001, 1000.0);

/// Standard normal of which 97.5 in 100 lie below.
const Z975: f64 = 1.959_963_984_540_054;

/// Level of a two-sided test.
const ALPHA: f64 = 0.05;

/// Events expected in an arm below which the chi-square test is not taken: the usual rule of textbooks.
const LEAST_EXPECTED: f64 = 5.0;

/// The ratio of hazards that one trial finds, moved by `shift` on its logarithm, and whether the log-rank test rejects.
pub(super) fn hazard(
    own: &View<'_>,
    versus: &View<'_>,
    member: usize,
    shift: f64,
    stream: &Stream,
) -> Option<(f64, bool)> {
    let shift = shift + own.move_of(member) - versus.move_of(member);
    let (first, second) = (own.drawn_rows(stream), versus.drawn_rows(stream));
    let (own_days, other_days) =
        (own.followed_until(first.len(), stream), versus.followed_until(second.len(), stream));
    let (a, b) =
        (own.sample(own.outcome, &first, &own_days), versus.sample(versus.outcome, &second, &other_days));
    let found = statistics(Method::HazardRatio, a, Some(b), &[None]).into_iter().next()?;
    let ratio = found.or_else(|missing| missing.limit.ok_or(())).ok()?;
    let test = regraft_stats::log_rank(&a.times(), &b.times());
    // The trial's effect moves the test as it moves the logarithm of the ratio.
    let z = if test.variance > 0.0 {
        (test.observed[0] - test.expected[0]) / test.variance.sqrt() + shift * test.variance.sqrt()
    } else {
        0.0
    };
    let ratio = (ratio * math::exp(shift)).clamp(RATIO_ENDS.0, RATIO_ENDS.1);
    Some((ratio, z.abs() > Z975))
}

/// The difference or ratio that one trial finds, and whether its test rejects.
pub(super) fn contrast(
    own: &View<'_>,
    versus: &View<'_>,
    member: usize,
    shifts: (f64, f64),
    stream: &Stream,
) -> Option<(f64, bool)> {
    let (a, b) = (own.draw(member, shifts.0, stream)?, versus.draw(member, shifts.1, stream)?);
    let value = match own.target.stat {
        Stat::RateRatio if b.raw > 0.0 => (a.raw / b.raw).clamp(RATIO_ENDS.0, RATIO_ENDS.1),
        Stat::RateRatio => return None,
        Stat::Difference => a.raw - b.raw,
        _ => a.value - b.value,
    };
    let rejects = match own.target.stat {
        stat if stat.is_share() => shares_differ(a, b),
        Stat::Mean | Stat::MeanChange | Stat::PercentChange | Stat::Difference => {
            let moved = own.moved_by(member, shifts.0) - versus.moved_by(member, shifts.1);
            means_differ(own, versus, moved, stream).unwrap_or_else(|| numbers_differ(a, b))
        }
        _ => numbers_differ(a, b),
    };
    Some((value, rejects))
}

/// Two numbers with the variances that the trial would estimate.
fn numbers_differ(a: Drawn, b: Drawn) -> bool {
    let variance = a.variance + b.variance;
    variance > 0.0 && (a.raw - b.raw).abs() > Z975 * variance.sqrt()
}

/// Shares by the chi-square test; by Fisher's exact test where fewer than five are expected with or without the event.
fn shares_differ(a: Drawn, b: Drawn) -> bool {
    let share = |drawn: Drawn| Share { events: drawn.raw * drawn.n as f64, n: drawn.n as f64 };
    let (first, second) = (share(a), share(b));
    let pooled = (first.events + second.events) / (first.n + second.n);
    let least = first.n.min(second.n) * pooled.min(1.0 - pooled);
    if least < LEAST_EXPECTED {
        return fisher_exact(first, second) < ALPHA;
    }
    two_proportions(first, second).abs() > Z975
}

/// Means by the analysis of covariance with the value at entry, the difference of the drawn patients moved by `moved`.
/// `None` where the model has no answer, as with a handful of patients.
fn means_differ(own: &View<'_>, versus: &View<'_>, moved: f64, stream: &Stream) -> Option<bool> {
    let mut data = Repeated { n_visits: 1, ..Repeated::default() };
    for (treated, view) in [(true, own), (false, versus)] {
        for (entry, value) in view.since_entry(&view.drawn_rows(stream)) {
            data.treated.push(treated);
            data.baseline.push(entry);
            data.values.push(value);
        }
    }
    let found = repeated_measures(&data).ok()?;
    let t = (found.value + moved) / found.standard_error;
    t.is_finite().then(|| t.abs() > student_quantile(found.df, 1.0 - ALPHA / 2.0))
}

#[cfg(test)]
mod tests;
