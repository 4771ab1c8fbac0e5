use regraft_stats::Seed;

use super::{Kind, Miss, Points, Seen, estimate, is_inside, log_likelihood, tails};
use crate::posterior::TrialSpread;

fn of(trial: usize, kind: Kind, seen: Seen) -> Miss {
    Miss { trial_id: format!("T{trial}"), kind, seen, members: 0.0 }
}

/// Misses of trials whose effects have the standard deviation `spread`.
fn drawn(spread: f64, n: usize) -> Vec<Miss> {
    let effects = Points::new().effects;
    let one = |trial: usize| {
        let stream = Seed(3).stream(trial as u64, "effect");
        let effect = spread / 2.0_f64.sqrt() * effects[stream.below(0, effects.len())];
        let miss = effect + 0.1 * stream.normal(1);
        of(trial, Kind::Mean, Seen::Value { miss, variance: 0.01 })
    };
    (0..n).map(one).collect()
}

#[test]
fn effects_are_quantiles_of_t_with_four_degrees() {
    let effects = Points::new().effects;
    // scipy.stats.t.ppf([0.0025, 0.2525, 0.7475, 0.9975], 4)
    for (point, wanted) in [(0, -5.597_568), (50, -0.731_538), (149, 0.731_538), (199, 5.597_568)] {
        assert!((effects[point] - wanted).abs() < 1e-5, "{point}: {}", effects[point]);
    }
}

#[test]
fn the_spread_of_drawn_trials_is_found_again() {
    for spread in [0.3, 1.0] {
        let found = estimate(&drawn(spread, 300)).expect("there are numbers").spread.mean;
        assert!((0.85..1.18).contains(&(found / spread)), "{spread}: {found}");
    }
    assert!(estimate(&[]).is_none());
}

#[test]
fn nine_in_ten_lie_inside_and_kinds_without_numbers_follow_the_others() {
    let found = estimate(&drawn(0.9, 300)).expect("there are numbers");
    assert!((0.86..0.94).contains(&found.inside_by_trial), "{}", found.inside_by_trial);
    assert_eq!((found.trials, found.rows), (300, 300));
    let factor = found.spread.mean / TrialSpread::ASSUMED.mean;
    let share = found.spread.share / TrialSpread::ASSUMED.share;
    assert!(share > 1.5 && share <= factor, "{share} {factor}");
}

#[test]
fn a_trial_with_many_numbers_counts_as_one() {
    let mut misses = drawn(0.3, 40);
    let far = |_| of(999, Kind::Mean, Seen::Value { miss: 3.0, variance: 0.01 });
    misses.push(far(0));
    let one = estimate(&misses).expect("there are numbers").spread.mean;
    misses.extend((0..20).map(far));
    let many = estimate(&misses).expect("there are numbers").spread.mean;
    assert!((many / one - 1.0).abs() < 1e-9, "{one} {many}");
}

#[test]
fn counts_have_the_tails_of_the_binomial_and_lie_inside_accordingly() {
    // scipy.stats.binom: cdf(15, 50, 0.3), sf(14, 50, 0.3)
    let (below, above) = tails(15.0, 50.0, 0.3);
    assert!((below - 0.569_178).abs() < 1e-5 && (above - 0.553_167).abs() < 1e-5, "{below} {above}");
    let (points, odds) = (Points::new(), (0.3_f64 / 0.7).ln());
    let count = |events: f64| of(0, Kind::Share, Seen::Count { events, n: 50.0, log_odds: odds });
    assert!(is_inside(&count(15.0), 0.0, &points) && !is_inside(&count(40.0), 0.3, &points));
    assert!(is_inside(&count(40.0), 4.0, &points));
    assert!(log_likelihood(&count(40.0), 2.0, &points) > log_likelihood(&count(40.0), 0.1, &points));
    assert!(log_likelihood(&count(15.0), 0.1, &points) > log_likelihood(&count(15.0), 2.0, &points));
}

#[test]
fn the_likelihood_is_that_of_a_sum_of_t_and_normal() {
    let points = Points::new();
    // scipy.integrate.quad of t.pdf(x, 4, scale=spread / sqrt(2)) * norm.pdf(miss - x, scale=sd): its logarithm
    let wanted = [
        (0.1, 0.3, 0.4, -0.1397),
        (2.0, 0.05, 0.8, -3.9487),
        (1.0, 1.4, 0.3, -1.5214),
        (0.0, 0.001, 1.0, -0.6343),
        (-3.0, 0.5, 2.0, -3.1159),
    ];
    for (miss, sd, spread, wanted) in wanted {
        let miss = of(0, Kind::Mean, Seen::Value { miss, variance: sd * sd });
        let found = log_likelihood(&miss, spread, &points);
        assert!((found - wanted).abs() < 0.02, "{found} {wanted}");
    }
}

#[test]
fn each_trial_is_told_in_units_of_the_spread_that_the_others_say() {
    let mut misses = drawn(0.3, 40);
    misses.push(of(999, Kind::Mean, Seen::Value { miss: 3.0, variance: 0.01 }));
    misses.push(of(999, Kind::Mean, Seen::Value { miss: -0.1, variance: 0.01 }));
    let found = estimate(&misses).expect("there are numbers");
    assert_eq!(
        found.by_trial.iter().map(|one| &one.trial).collect::<Vec<_>>(),
        found.names.iter().collect::<Vec<_>>()
    );
    let far = found.by_trial.iter().find(|one| one.trial == "T999").expect("it has numbers");
    let others = estimate(&misses[..40]).expect("there are numbers").spread.mean;
    let unit = (0.01 + others * others).sqrt();
    assert_eq!((far.rows, far.inside), (2, 1));
    assert!((far.farthest - 3.0 / unit).abs() < 1e-9 && (far.mean - 1.45 / unit).abs() < 1e-9, "{far:?}");
}
