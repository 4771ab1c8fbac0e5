//! Resamples and small trials: what is drawn, and what a resample without a number does.

use super::super::hand_made::{TwoArms, against, plan, times};
use super::*;
use regraft_stats::{kaplan_meier, paired_bootstrap};

/// Every third of `n` patients has the event, on day 1 + 0.37 k; the others are censored on day 1000.
fn a_third(n: usize) -> Vec<(f64, u8)> {
    (0..n).map(|k| if k % 3 == 0 { (1.0 + 0.37 * k as f64, 1) } else { (1000.0, 0) }).collect()
}

fn width(ends: &Ends) -> f64 {
    ends.high - ends.low
}

/// All days come from one pass, with the resamples of the one-day functions of the statistics crate.
#[test]
fn many_days_at_once_agree_with_one_day_at_a_time() {
    let arms = TwoArms::of(90, times(&a_third(90)), times(&a_third(90)), Some(40));
    let setting = arms.setting();
    let plan = against(Method::KaplanMeier, &[10.0, 20.0]);
    let both = bootstrap(&plan, &setting, 0);
    for (day, together) in [10.0, 20.0].into_iter().zip(both) {
        let alone = bootstrap(&against(Method::KaplanMeier, &[day]), &setting, 0).remove(0);
        assert_eq!(alone, together);
    }
    let one_arm = plan_of_one(&[20.0]);
    let mut statistic = |rows: &[usize]| {
        let times = setting.sample(&one_arm, 0, rows).times();
        kaplan_meier(&times, 0.95).at(20.0).map(|point| 100.0 * point.estimate)
    };
    let name = "bootstrap:endpoint:kaplan_meier";
    let expected = paired_bootstrap(90, 400, setting.seed, name, &mut statistic, 0.95).unwrap();
    let found = bootstrap(&one_arm, &setting, 0).remove(0).unwrap();
    assert_eq!((found.low, found.high), (expected.low, expected.high));
}

fn plan_of_one(days: &[f64]) -> AnalysisPlan {
    plan(Method::KaplanMeier, days)
}

/// Arms that share patients differ little where the patients' fates go together.
#[test]
fn pairs_give_a_narrower_interval_where_arms_go_together() {
    let n = 150;
    // The second arm's patients have the same fates, a little later; or those of somebody else.
    let first = a_third(n);
    let together: Vec<(f64, u8)> = first.iter().map(|(day, status)| (day + 0.5, *status)).collect();
    let apart: Vec<(f64, u8)> = (0..n).map(|k| together[(k + 1) % n]).collect();
    let ends = |second: &[(f64, u8)]| {
        let arms = TwoArms::of(n, times(&first), times(second), None);
        bootstrap(&against(Method::KaplanMeier, &[900.0]), &arms.setting(), 0).remove(0).unwrap()
    };
    assert_eq!(width(&ends(&together)), 0.0, "the same patients have the event in both arms");
    assert!(width(&ends(&apart)) > 10.0);
    let ratio = |second: &[(f64, u8)]| {
        let arms = TwoArms::of(n, times(&first), times(second), None);
        bootstrap(&against(Method::HazardRatio, &[]), &arms.setting(), 0).remove(0).unwrap()
    };
    assert!(width(&ratio(&together)) < 0.5 * width(&ratio(&apart)));
}

#[test]
fn a_smaller_trial_predicts_less() {
    let of_size = |size| {
        let arms = TwoArms::of(300, times(&a_third(300)), times(&a_third(300)), Some(size));
        predict(&plan_of_one(&[900.0]), &arms.setting(), 0).remove(0).unwrap()
    };
    let (small, large) = (of_size(25), of_size(225));
    // Widths go with 1/√size: three times.
    assert!((2.4..3.6).contains(&(width(&small) / width(&large))), "{small:?} {large:?}");
    // Share of a third, 25 patients: 66.7 ± 1.96 · 9.4.
    assert!((small.low - 48.2).abs() < 6.0 && (small.high - 85.1).abs() < 6.0, "{small:?}");
}

/// In a trial each arm holds its own patients: sharing them in the simulation does not narrow the prediction.
#[test]
fn a_predicted_difference_is_between_different_patients() {
    let arms = TwoArms::of(300, times(&a_third(300)), times(&a_third(300)), Some(50));
    let found = predict(&against(Method::KaplanMeier, &[900.0]), &arms.setting(), 0).remove(0).unwrap();
    // 1.96 · √2 · 100 · √(2/9 / 50) = 18.5 each way.
    assert!((found.high - 18.5).abs() < 4.0 && (found.low + 18.5).abs() < 4.0, "{found:?}");
}

#[test]
fn the_level_is_that_of_the_analysis() {
    let arms = TwoArms::of(300, times(&a_third(300)), times(&a_third(300)), Some(50));
    let at = |level| {
        let plan = AnalysisPlan { level, ..plan_of_one(&[900.0]) };
        predict(&plan, &arms.setting(), 0).remove(0).unwrap()
    };
    // 1.645 / 1.960 = 0.84.
    assert!((0.7..0.97).contains(&(width(&at(0.90)) / width(&at(0.95)))));
}

/// A median that half of the resamples do not reach lies beyond the follow-up in them; leaving them out would
/// pull the interval down.
#[test]
fn a_resample_beyond_the_follow_up_counts_as_beyond() {
    let half: Vec<(f64, u8)> = (0..60).map(|k| if k < 31 { (k as f64, 1) } else { (100.0, 0) }).collect();
    let arms = TwoArms::of(60, times(&half), times(&half), None);
    let found = bootstrap(&plan(Method::MedianDay, &[]), &arms.setting(), 0).remove(0).unwrap();
    assert!(found.low > 15.0 && found.low < 30.0 && found.high == f64::INFINITY, "{found:?}");
}

#[test]
fn too_many_resamples_without_a_number_give_no_interval() {
    // Nobody is followed to day 90 in about e^(−1) of the resamples.
    let mut ends = vec![(50.0, 0); 40];
    ends[0] = (100.0, 0);
    ends[1] = (20.0, 1);
    let arms = TwoArms::of(40, times(&ends), times(&ends), Some(40));
    assert!(bootstrap(&plan_of_one(&[90.0]), &arms.setting(), 0)[0].is_err());
    assert!(bootstrap(&plan_of_one(&[40.0]), &arms.setting(), 0)[0].is_ok());
    let reason = predict(&plan_of_one(&[90.0]), &arms.setting(), 0).remove(0).unwrap_err();
    assert!(reason.contains("often has no estimate"), "{reason}");
}

fn follow_up(days: f64) -> DistributionSpec {
    let text = format!(
        "id = \"t\"\n[follow_up]\ndistribution = {{ kind = \"uniform\", low = {days}, high = {} }}\nunit = \"day\"\nsource = \"assumed\"\nwhy = \"a test\"\n",
        2.0 * days
    );
    let mut sources = regraft_model::Sources::default();
    let id = sources.add("t.toml", text);
    regraft_trial::TrialFile::read(&sources, id).0.follow_up.expect("it is written").distribution
}

#[test]
fn follow_up_is_the_same_person_by_person_in_larger_trials() {
    let spec = follow_up(100.0);
    let small = FollowUps::draw(Some(&spec), 5, 3, Seed(1));
    let large = FollowUps::draw(Some(&spec), 8, 4, Seed(1));
    for trial in 0..3 {
        for arm in 0..2 {
            assert_eq!(small.of(trial, arm), &large.of(trial, arm)[..5]);
        }
    }
    assert!(small.of(0, 0) != small.of(0, 1) && small.of(0, 0) != small.of(1, 0));
    assert!(large.of(2, 1).iter().all(|day| (100.0..200.0).contains(day)));
    assert_eq!(FollowUps::draw(None, 5, 3, Seed(1)).of(2, 1), &[0.0; 0]);
}

#[test]
fn follow_up_cuts_curves_but_not_engraftment_nor_shares() {
    let arms = TwoArms::of(300, times(&a_third(300)), times(&a_third(300)), Some(50));
    let spec = follow_up(30.0);
    let with = |plan: AnalysisPlan| {
        let follow_ups = FollowUps::draw(Some(&spec), 50, 400, Seed(3));
        predict(&plan, &Setting { follow_ups, ..arms.setting() }, 0).remove(0)
    };
    let without = |plan: AnalysisPlan| predict(&plan, &arms.setting(), 0).remove(0);
    let late = || plan_of_one(&[100.0]);
    assert!(with(late()).is_err(), "nobody is followed to day 100");
    let engraftment = || AnalysisPlan { role: "engraftment".into(), ..late() };
    assert_eq!(with(engraftment()), without(engraftment()));
    let share = || plan(Method::Proportion, &[100.0]);
    assert_eq!(with(share()), without(share()));
}
