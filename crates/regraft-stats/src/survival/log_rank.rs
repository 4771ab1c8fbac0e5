//! The log-rank test of two groups.

use super::tally::{Ending, count, tally};
use super::{Survival, at_risk};
use crate::allocation::Scores;
use crate::math;

/// Result of [`log_rank`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRank {
    /// (O − E)² / V on one degree of freedom; NaN without information (V = 0).
    pub chi_square: f64,
    /// Two-sided p-value; NaN likewise.
    pub p: f64,
    /// Events observed in (a, b).
    pub observed: [f64; 2],
    /// Events expected in (a, b) if the hazards were equal.
    pub expected: [f64; 2],
    /// Variance V of observed − expected.
    pub variance: f64,
}

/// Log-rank test between two groups, events of status 1; all else censors \[Mantel1966\]. R's `survdiff`.
///
/// At each event time E = d n_a/n and V = d (n_a/n)(n_b/n)(n − d)/(n − 1).
pub fn log_rank(a: &[Survival], b: &[Survival]) -> LogRank {
    let ending = |status| if status == 1 { Ending::Event } else { Ending::Censored };
    let everyone: Vec<Survival> = a.iter().chain(b).copied().collect();
    let rows = tally(count(&everyone, ending).into_iter()).rows;
    let times: Vec<f64> = rows.iter().map(|row| row.time).collect();
    let (mut expected_a, mut variance, mut total) = (0.0, 0.0, 0.0);
    for (row, n_a) in rows.iter().zip(at_risk(a, &times)) {
        let (n, d) = (row.at_risk as f64, row.events as f64);
        let share = n_a as f64 / n;
        total += d;
        expected_a += d * share;
        if row.at_risk > 1 {
            variance += d * share * (1.0 - share) * (n - d) / (n - 1.0);
        }
    }
    let observed_a = a.iter().filter(|patient| patient.status == 1).count() as f64;
    let difference = observed_a - expected_a;
    let chi_square = if variance > 0.0 { difference * difference / variance } else { f64::NAN };
    LogRank {
        chi_square,
        p: math::two_sided_p(chi_square),
        observed: [observed_a, total - observed_a],
        expected: [expected_a, total - expected_a],
        variance,
    }
}

/// What each patient adds to observed − expected: 1 for an event, less the cumulative hazard of both groups together
/// (Nelson's) up to the end of the follow-up. Their sum over a group is that group's O − E of [`log_rank`].
pub fn log_rank_scores(treated: &[Survival], control: &[Survival]) -> Scores {
    let ending = |status| if status == 1 { Ending::Event } else { Ending::Censored };
    let everyone: Vec<Survival> = treated.iter().chain(control).copied().collect();
    let rows = tally(count(&everyone, ending).into_iter()).rows;
    let mut hazard = 0.0;
    let steps: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| {
            hazard += row.events as f64 / row.at_risk as f64;
            (row.time, hazard)
        })
        .collect();
    let score = |patient: &Survival| {
        let seen = steps.partition_point(|(time, _)| *time <= patient.time.max(0.0));
        let passed = seen.checked_sub(1).map_or(0.0, |step| steps[step].1);
        f64::from(u8::from(patient.status == 1)) - passed
    };
    let of = |group: &[Survival]| group.iter().map(score).collect();
    Scores { treated: of(treated), control: of(control) }
}
