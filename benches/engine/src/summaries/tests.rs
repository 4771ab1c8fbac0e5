//! Medians from counts.

use regraft_sim::{SolveStatus, Trajectories};

use super::Summary;

#[test]
fn a_median_is_known_to_two_per_cent_and_failed_patients_do_not_count() {
    let values = vec![3.0, 5.0, 700.0, 1e9, f64::NAN];
    let trajectories = Trajectories { n_patients: 5, n_times: 1, n_observables: 1, values };
    let mut status = vec![SolveStatus::Finished; 5];
    status[4] = SolveStatus::Failed {
        day: 0.0,
        cause: regraft_sim::Cause::DoseNotFinite(regraft_model::Target::State(0)),
    };
    let mut summary = Summary::new(1, 1);
    summary.add(&trajectories, &status);
    let median = summary.medians_at_end()[0];
    assert!((median / 700.0 - 1.0).abs() < 0.02, "{median}");
    assert_eq!(summary.failed, 1);
}

#[test]
fn zero_and_negative_values_are_in_the_first_bin() {
    let summary = Summary::new(1, 1);
    assert_eq!((summary.bin(0.0), summary.bin(-3.0), summary.bin(f64::NAN)), (0, 0, 0));
    assert!(summary.bin(f64::INFINITY) == summary.n_bins - 1 && summary.bin(2.0) < summary.bin(2.1));
}
