//! Tests by allocation against SciPy and statsmodels, and against their own promise.

use super::*;
use crate::negative_binomial::{Count, likelihood_ratio, rate_scores};
use crate::reference::{Row, Tolerance::*, table};
use crate::two_by_two::{Share, exact_tails, share_likelihood_ratio, two_proportions_dealt};
use crate::{Seed, Survival, cox_likelihood_ratio, fine_gray_scores, log_rank, log_rank_scores};

fn of_group<T>(name: &str, data: &str, group: f64, one: fn(&Row) -> T) -> Vec<T> {
    let rows = table(name);
    rows.iter().filter(|row| row.text("data") == data && row.number("group") == group).map(one).collect()
}

fn survival(data: &str) -> [Vec<Survival>; 2] {
    let one = |row: &Row| Survival { time: row.number("time"), status: row.number("status") as u8 };
    [1.0, 0.0].map(|group| of_group("survival_data", data, group, one))
}

#[test]
fn scores_of_times_agree_with_their_definitions() {
    for row in table("allocation_survival") {
        let [treated, control] = survival(row.text("data"));
        let sum = |scores: &Scores| scores.treated.iter().sum::<f64>();
        let ranks = log_rank_scores(&treated, &control);
        row.agrees("log_rank_sum", sum(&ranks), Mixed(1e-12));
        row.agrees("log_rank_z", ranks.standardized(), Mixed(1e-12));
        let found = log_rank(&treated, &control);
        assert!((sum(&ranks) - (found.observed[0] - found.expected[0])).abs() < 1e-12);
        let subdistribution = fine_gray_scores(&treated, &control);
        row.agrees("fine_gray_sum", sum(&subdistribution), Mixed(1e-12));
        row.agrees("fine_gray_z", subdistribution.standardized(), Mixed(1e-12));
        // The gain is a small difference of two large sums, and statsmodels stops where it no longer moves.
        row.agrees("cox_likelihood_ratio", cox_likelihood_ratio(&treated, &control), Mixed(1e-6));
    }
}

#[test]
fn tests_of_rates_agree_with_statsmodels() {
    for row in table("allocation_rates") {
        let one = |row: &Row| Count { events: row.number("events"), time: row.number("time") };
        let [treated, control] = [1.0, 0.0].map(|group| of_group("rates_data", row.text("data"), group, one));
        // Both programs find the dispersion to some 1e-5; the gain at the maximum moves by the square of that.
        row.agrees("likelihood_ratio", likelihood_ratio(&treated, &control), Mixed(1e-6));
        let scores = rate_scores(&treated, &control).expect("there are events");
        row.agrees("score_z", scores.standardized(), Mixed(1e-5));
    }
}

#[test]
fn tests_of_shares_agree_with_scipy_and_statsmodels() {
    for row in table("allocation_shares") {
        let share = |group: &str| Share {
            events: row.number(&format!("{group}_events")),
            n: row.number(&format!("{group}_n")),
        };
        let (treated, control) = (share("treated"), share("control"));
        let exact = exact_tails(treated, control, false).expect("nobody is missing");
        row.agrees("upper", exact.upper, Relative(1e-10));
        row.agrees("lower", exact.lower, Relative(1e-10));
        let mid = exact_tails(treated, control, true).expect("nobody is missing");
        let own = row.number("own");
        assert!((exact.upper - mid.upper - 0.5 * own).abs() < 1e-10, "{}", row.describe());
        assert!((exact.lower - mid.lower - 0.5 * own).abs() < 1e-10, "{}", row.describe());
        let z = two_proportions_dealt(treated, control);
        row.agrees("dealt_chi_square", z * z, Relative(1e-12));
        let ratio = share_likelihood_ratio(treated, control);
        row.agrees("likelihood_ratio", ratio.abs(), Relative(1e-9));
        assert!(ratio * z >= 0.0, "both point the same way");
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').map(|number| number.parse().expect("a number")).collect()
}

/// All ways to deal small groups, counted by SciPy; ours draws 20,000 of them, of which a share is known to 0.0035.
#[test]
fn drawn_ways_to_deal_agree_with_all_of_them() {
    for (place, row) in table("allocation_dealt").iter().enumerate() {
        let scores = Scores { treated: numbers(row.text("treated")), control: numbers(row.text("control")) };
        let stream = Seed(1).stream(place as u64, "deal");
        let found = scores.reallocated(&stream, 20_000).expect("scores differ");
        for (found, column) in [(found.upper, "upper"), (found.lower, "lower")] {
            assert!((found - row.number(column)).abs() < 0.012, "{column} {found}: {}", row.describe());
        }
    }
}

/// Dealt at random, the drawn test rejects as often as its level says and never more, whatever the scores: here most are
/// alike and one is huge. The standard error of 4,000 trials at 5 % is 0.0034.
#[test]
fn the_level_is_kept_whatever_the_scores() {
    let mut rejected = [0, 0];
    for trial in 0..4000_u64 {
        let stream = Seed(3).stream(trial, "scores");
        let one = |place: u64| (stream.uniform(place) * 4.0).floor().powi(6) * stream.uniform(100 + place);
        let scores = Scores { treated: (0..12).map(one).collect(), control: (12..24).map(one).collect() };
        let tails = scores.reallocated(&Seed(4).stream(trial, "deal"), 199).expect("scores differ");
        rejected[0] += usize::from(tails.z().abs() >= -math::normal_quantile(0.025));
        rejected[1] += usize::from(scores.standardized().abs() >= -math::normal_quantile(0.025));
    }
    let level = rejected.map(|n| n as f64 / 4000.0);
    assert!((level[0] - 0.05).abs() < 0.0103, "{level:?}");
    assert!((level[1] - 0.05).abs() < 0.0203, "{level:?}");
}

#[test]
fn what_gives_no_number_gives_none() {
    let alike = Scores { treated: vec![0.1; 3], control: vec![0.1; 4] };
    assert!(alike.standardized().is_nan() && alike.reallocated(&Seed(1).stream(0, "deal"), 99).is_none());
    assert!(Scores::default().standardized().is_nan());
    let nobody = [Count { events: 0.0, time: 1.0 }];
    assert!(rate_scores(&nobody, &nobody).is_none() && likelihood_ratio(&nobody, &nobody).is_nan());
    // A group without events has a likelihood, a score and no Wald's test.
    let some: Vec<Count> = [3.0, 0.0, 1.0, 2.0].map(|events| Count { events, time: 1.0 }).into();
    let none = [nobody[0]; 4];
    assert!(likelihood_ratio(&some, &none) > 1.5 && likelihood_ratio(&none, &some) < -1.5);
    let event = |time: f64| Survival { time, status: 1 };
    let free = |time: f64| Survival { time, status: 0 };
    let ratio =
        cox_likelihood_ratio(&[event(1.0), event(2.0), free(5.0)], &[free(5.0), free(5.0), free(6.0)]);
    // Ratio ∞: the events are those of a treated at risk, so l = −2 ln 2 (of three, then of two treated) against the
    // six and five at risk of a ratio of 1.
    let expected = (2.0 * (-(3.0_f64 * 2.0).ln() + (6.0_f64 * 5.0).ln())).sqrt();
    assert!((ratio - expected).abs() < 1e-9, "{ratio} {expected}");
    assert!(cox_likelihood_ratio(&[free(1.0)], &[free(1.0)]).is_nan());
    let empty = Share { events: 0.0, n: 0.0 };
    assert_eq!(exact_tails(empty, Share { events: 1.0, n: 3.0 }, false), None);
    assert!(share_likelihood_ratio(empty, Share { events: 1.0, n: 3.0 }).is_nan());
}

#[test]
fn a_tail_that_equals_the_level_is_beyond_its_critical_value() {
    let tails = Tails { upper: 50.0 / 2000.0, lower: 1.0 };
    assert!(tails.z() >= -math::normal_quantile(0.025));
    assert!(Tails { upper: 51.0 / 2000.0, lower: 1.0 }.z() < -math::normal_quantile(0.025));
    assert_eq!(Tails { upper: 0.7, lower: 0.6 }.z(), 0.0);
    assert!(Tails { upper: 0.9, lower: 0.01 }.z() < -2.0);
}
