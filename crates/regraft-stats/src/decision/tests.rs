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
    Utilities {
        n_options: rows[0].len(),
        first: mean.clone(),
        second: mean.clone(),
        mean,
        without: Vec::new(),
    }
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
    let utilities = Utilities { n_options: 2, mean, first, second, without: Vec::new() };
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

/// Members as in truth, ten patients in each, in parts of whom one patient of each member is left out.
fn lived(truth: &Utilities, world: u64) -> Utilities {
    let n = truth.n_members();
    let value = |member: usize, option: usize, patient: usize| {
        let stream = Seed(world).stream(member as u64, "patients");
        truth.mean[2 * member + option] + 2.0 * stream.normal((10 * option + patient) as u64)
    };
    let means = |kept: &dyn Fn(usize) -> bool| -> Vec<f64> {
        let patients: Vec<usize> = (0..10).filter(|patient| kept(*patient)).collect();
        let of = |member: usize, option: usize| {
            patients.iter().map(|patient| value(member, option, *patient)).sum::<f64>()
                / patients.len() as f64
        };
        (0..n).flat_map(|member| [of(member, 0), of(member, 1)]).collect()
    };
    let without = |left: usize| {
        let half = |which: usize| means(&|patient| patient != left && patient % 2 == which);
        let mean = means(&|patient| patient != left);
        Utilities { n_options: 2, mean, first: half(0), second: half(1), without: Vec::new() }
    };
    let all = without(usize::MAX);
    Utilities { without: (0..10).map(without).collect(), ..all }
}

/// The error by patients is how far the worth scatters where the same members have other patients.
#[test]
fn the_error_by_patients_is_what_other_patients_show() {
    let truth = two(300).0;
    let found: Vec<Worth> = (0..60).map(|world| perfect(&lived(&truth, 100 + world))).collect();
    let values: Vec<f64> = found.iter().map(|worth| worth.value).collect();
    let spread = variance(&values).sqrt();
    let said = found.iter().map(|worth| worth.error_by_patients).sum::<f64>() / 60.0;
    // The standard deviation of 60 values is known to an eleventh.
    assert!((said / spread - 1.0).abs() < 0.35, "{spread} found, {said} said");
    // Other members would scatter more.
    let whole = found.iter().map(|worth| worth.error).sum::<f64>() / 60.0;
    assert!(said < whole, "{said} of {whole}");
    assert!(perfect(&truth).error_by_patients.is_nan());
}

#[test]
fn members_apart_are_told_from_luck() {
    let truth = draws(3000, "truth");
    let luck = |half: u64, member: usize| 2.0 * Seed(6).stream(member as u64, "luck").normal(half);
    let one = |(member, truth): (usize, &f64)| {
        let (a, b) = (truth + luck(0, member), truth + luck(1, member));
        [(a + b) / 2.0, a, b]
    };
    let members: Vec<[f64; 3]> = truth.iter().enumerate().map(one).collect();
    let found = between(&members).expect("many members");
    // Truth 1, luck 2; the error as of normal values.
    assert!((found.between - 1.0).abs() < 3.0 * found.between_error, "{found:?}");
    assert!((found.error * 3000.0 - 2.0).abs() < 0.2 && found.between_error < 0.15, "{found:?}");
    assert_eq!(between(&members[..2]), None);
}
