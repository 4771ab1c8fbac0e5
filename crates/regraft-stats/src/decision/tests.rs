use super::*;
use crate::random::Seed;

/// A worth of `tests/reference/decision/decision.csv`.
fn reference(what: &str) -> f64 {
    let table = include_str!("../../../../tests/reference/decision/decision.csv");
    let line = table.lines().find_map(|line| line.strip_prefix(&format!("{what},")));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no row `{what}`"))
}

fn draws(n: usize, name: &str) -> Vec<f64> {
    (0..n).map(|member| Seed(1).stream(member as u64, name).normal(0)).collect()
}

/// Members without luck: both halves are the whole.
fn exact(rows: Vec<Vec<f64>>) -> Utilities {
    let mean: Vec<f64> = rows.concat();
    Utilities { n_options: rows[0].len(), first: mean.clone(), second: mean.clone(), mean }
}

fn two(n: usize) -> (Utilities, Vec<f64>, Vec<f64>) {
    let (a, b) = (draws(n, "a"), draws(n, "b"));
    let rows = a.iter().zip(&b).map(|(a, b)| vec![0.0, 0.3 + a + 0.5 * b]).collect();
    (exact(rows), a, b)
}

/// Within four of its own standard errors, which are themselves small.
fn near(what: &str, found: Worth, most_error: f64) {
    let expected = reference(what);
    assert!(found.error < most_error, "{what}: error {}", found.error);
    let far = (found.value - expected).abs();
    assert!(far < 4.0 * found.error + 0.002, "{what}: {} ± {}, not {expected}", found.value, found.error);
}

#[test]
fn two_options_with_closed_forms() {
    let (utilities, a, b) = two(4000);
    near("two_evpi", perfect(&utilities), 0.015);
    near("two_evppi_a", partial(&utilities, &a), 0.015);
    near("two_evppi_b", partial(&utilities, &b), 0.015);
    near("two_evsi_a_half", measured(&utilities, &a, 0.5), 0.015);
    near("two_evsi_trial_50", trial(&utilities, &[0, 1], &[2.0, 2.0], 50.0, Seed(3)), 0.015);
}

#[test]
fn three_bent_options_against_nested_monte_carlo() {
    let (a, b) = (draws(4000, "a"), draws(4000, "b"));
    let rows = a.iter().zip(&b).map(|(a, b)| vec![0.0, 0.2 + a - 0.3 * b * b, -0.1 + 0.8 * b + 0.4 * a * b]);
    let utilities = exact(rows.collect());
    near("three_evpi", perfect(&utilities), 0.02);
    near("three_evppi_a", partial(&utilities, &a), 0.02);
    near("three_evppi_b", partial(&utilities, &b), 0.02);
}

/// With ten patients a member the naive estimate is far too high; taking out luck mends it.
#[test]
fn luck_of_few_patients_does_not_look_like_knowledge() {
    let n = 2000;
    let (truth, a, _) = two(n);
    let noisy = |half: usize, member: usize, option: usize| {
        let luck = Seed(2).stream(member as u64, "luck").normal((2 * option + half) as u64);
        truth.mean[2 * member + option] + 2.0 / 5f64.sqrt() * luck
    };
    let half = |which: usize| -> Vec<f64> {
        (0..n).flat_map(|member| [noisy(which, member, 0), noisy(which, member, 1)]).collect()
    };
    let (first, second) = (half(0), half(1));
    let mean = first.iter().zip(&second).map(|(a, b)| (a + b) / 2.0).collect();
    let utilities = Utilities { n_options: 2, mean, first, second };
    let naive = {
        let best = utilities.mean.chunks(2).map(|row| row[0].max(row[1])).sum::<f64>() / n as f64;
        let mean = |option: usize| utilities.mean.iter().skip(option).step_by(2).sum::<f64>() / n as f64;
        best - mean(0).max(mean(1))
    };
    assert!(naive > 1.25 * reference("two_evpi"), "{naive}");
    near("two_evpi", perfect(&utilities), 0.02);
    near("two_evppi_a", partial(&utilities, &a), 0.02);
    near("two_evsi_trial_50", trial(&utilities, &[0, 1], &[2.0, 2.0], 50.0, Seed(3)), 0.02);
}

#[test]
fn what_does_not_matter_is_worth_nothing() {
    let (utilities, ..) = two(500);
    let other = draws(500, "other");
    assert!(partial(&utilities, &other).value < 0.03);
    assert_eq!(partial(&utilities, &vec![1.0; 500]).value, 0.0, "a parameter that is known");
    // One option far ahead: nothing that is learned changes the choice.
    let rows = draws(500, "a").iter().map(|a| vec![0.0, 100.0 + a]).collect();
    assert_eq!(perfect(&exact(rows)).value, 0.0);
}

#[test]
fn a_larger_trial_is_worth_more_and_never_more_than_everything() {
    let (utilities, ..) = two(1000);
    let worth = |n: f64| trial(&utilities, &[0, 1], &[2.0, 2.0], n, Seed(3)).value;
    let (small, middle, large) = (worth(5.0), worth(50.0), worth(100_000.0));
    assert!(small < middle && middle < large, "{small} {middle} {large}");
    assert!((large - perfect(&utilities).value).abs() < 0.01);
}

#[test]
fn luck_alone_leaves_no_spread() {
    let members: Vec<[f64; 3]> = (0..2000)
        .map(|member| {
            let draw = |index| Seed(4).stream(member, "m").normal(index);
            let (a, b) = (draw(0), draw(1));
            [(a + b) / 2.0, a, b]
        })
        .collect();
    let pulled = without_luck(&members);
    assert!(pulled[1999] - pulled[0] < 1.5, "of 4.6 as found: {}", pulled[1999] - pulled[0]);
    assert!(without_luck(&[]).is_empty());
}
