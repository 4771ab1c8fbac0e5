//! Numbers in, numbers out: draws, estimates, intervals, survival.
//!
//! The crate knows no trial, no model and no patient but a number.
//! Every result is a pure function of its arguments, with the same bits on every platform: only
//! `+ − × ÷` and the exactly rounded square root are used (see [`math`]).
//! The estimators agree with R's `survival` and `cmprsk`; the tables and the script that made them are
//! in `tests/reference/statistics`.
//!
//! ```
//! use regraft_stats::{Seed, Survival, kaplan_meier};
//!
//! let stream = Seed(1).stream(7, "infection");
//! assert_eq!(stream.uniform(3), Seed(1).stream(7, "infection").uniform(3));
//!
//! let data = [(1.0, 1), (2.0, 0), (3.0, 1), (4.0, 0)].map(|(time, status)| Survival { time, status });
//! let curve = kaplan_meier(&data, 0.95);
//! assert_eq!(curve.at(3.5).expect("followed until 4").estimate, 0.375);
//! assert!(curve.at(4.5).is_none());
//! ```

mod error;
pub mod math;

pub mod random;

pub mod distributions;

pub mod estimate;

pub mod survival;

pub mod two_by_two;

pub mod allocation;

pub mod negative_binomial;

pub mod repeated;

pub mod sequential;

pub mod power;

pub mod compare;

pub mod agreement;

pub use agreement::{Agreement, agreement};
pub mod tree;

pub mod weighted;

pub mod clustered;

pub mod decision;

pub mod explained;

pub mod frontier;

pub use clustered::{Doubt, doubt};
pub use compare::{Interval, paired_bootstrap, prediction_interval, resample, trial_of_size};
pub use distributions::{Distribution, Sampler, cholesky, correlate};
pub use error::StatsError;
pub use estimate::{
    Estimate, Z90, mean_interval, mean_interval_of, median_interval, proportion, quantile, rate, variance,
    wilson,
};
pub use explained::{Explained, explained};
pub use random::{Seed, Stream, Streams, name_key};
pub use survival::{
    Curve, CurveKind, Endings, Group, HazardRatio, LogRank, NotEstimable, Point, Survival, at_risk,
    at_risk_of, count_endings, cox_likelihood_ratio, cox_two_groups, cox_two_groups_of, cumulative_incidence,
    cumulative_incidence_of, fine_gray_scores, fine_gray_two_groups, kaplan_meier, kaplan_meier_of, log_rank,
    log_rank_scores, median_time, restricted_mean,
};

pub use tree::{Node, Sample, honest_tree};
pub use weighted::{effective_size, incidence, weighted_incidence, weighted_mean, weighted_quantile};

#[cfg(test)]
mod reference;
