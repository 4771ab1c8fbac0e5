//! Time to event: curves, the log-rank test, the hazard ratio, the restricted mean.
//!
//! Times start at 0 and must not be NaN; a negative time counts as 0. Everyone at risk at a time includes
//! those whose time it is: a censoring at the time of an event comes after it.

mod cox;
mod curve;
mod fine_gray;
mod incidence;
mod kaplan_meier;
mod log_rank;
mod summary;
mod tally;

pub use cox::{Group, HazardRatio, NotEstimable, cox_likelihood_ratio, cox_two_groups, cox_two_groups_of};
pub use curve::{Curve, CurveKind, Point};
pub use fine_gray::{fine_gray_scores, fine_gray_two_groups};
pub use incidence::{cumulative_incidence, cumulative_incidence_of};
pub use kaplan_meier::{kaplan_meier, kaplan_meier_of};
pub use log_rank::{LogRank, log_rank, log_rank_scores};
pub use summary::{median_time, restricted_mean};
pub use tally::{Endings, count_endings};

/// One patient's follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survival {
    /// Time of the event or of the end of follow-up, in any one unit, ≥ 0.
    pub time: f64,
    /// 0 = censored, 1 = event of interest, 2 and above = competing events.
    pub status: u8,
}

/// How many are still followed just before each of `times`: those whose time is not below it.
pub fn at_risk(data: &[Survival], times: &[f64]) -> Vec<usize> {
    let mut ends: Vec<f64> = data.iter().map(|patient| patient.time.max(0.0)).collect();
    ends.sort_by(f64::total_cmp);
    times.iter().map(|time| ends.len() - ends.partition_point(|end| end < time)).collect()
}

/// [`at_risk`] of follow-up counted up.
pub fn at_risk_of(endings: &[Endings], times: &[f64]) -> Vec<usize> {
    let left = |time: &f64| endings.iter().filter(|ending| ending.time >= *time).map(Endings::total).sum();
    times.iter().map(left).collect()
}

#[cfg(test)]
mod tests;
