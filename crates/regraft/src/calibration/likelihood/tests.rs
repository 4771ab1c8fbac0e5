//! One number, two that belong together, and numbers that are weighed.

use super::super::emulator::Responses;
use super::super::targets::of_nothing;
use super::*;

/// Numbers whose function is their feature: means of 100 patients with standard deviation 1.
fn fitted(rows: &[(&str, f64, f64)]) -> Vec<Fitted> {
    let features: Vec<Vec<f64>> = (0..200).map(|member| vec![f64::from(member) / 50.0 - 2.0]).collect();
    let responses = Responses {
        members: (0..200).collect(),
        values: features.iter().map(|x| x[0]).collect(),
        weights: vec![1.0; 200],
        whole: 0.0,
    };
    let emulator = Emulator::fit(Kind::Mean, &responses, &features, &[0], None);
    let one = |(arm, observed, weight): &(&str, f64, f64)| {
        let target =
            Target { observed: *observed, error: Some(0.1), weight: *weight, ..of_nothing(arm, Kind::Mean) };
        Fitted { unit: 1.0, ..Fitted::new(target, emulator.clone()).expect("it has an error") }
    };
    rows.iter().map(one).collect()
}

#[test]
fn one_number_has_a_t_distribution() {
    let likelihood = Likelihood::new(fitted(&[("a", 0.5, 1.0)]), &[0.0]);
    let spreads = [0.0, 0.3, 0.0, 0.0];
    let function = &likelihood.fitted[0].emulator;
    let variance: f64 = 0.01 + 0.09 + function.error(&[0.0]).powi(2);
    let log = |miss: f64| -0.5 * variance.ln() - 2.5 * (1.0 + miss * miss / variance / 4.0).ln();
    for x in [0.0, 0.4, 2.0] {
        assert!((function.linked(&[x]) - x).abs() < 0.05 * (1.0 + x));
        assert!((likelihood.log(&[x], spreads) - log(0.5 - function.linked(&[x]))).abs() < 1e-9, "{x}");
    }
}

#[test]
fn numbers_of_one_arm_share_what_is_peculiar_to_their_trial() {
    let spreads = [0.0, 0.3, 0.0, 0.0];
    let together = Likelihood::new(fitted(&[("a", 1.0, 1.0), ("a", 1.0, 1.0)]), &[0.0]);
    let apart = Likelihood::new(fitted(&[("a", 1.0, 1.0), ("b", 1.0, 1.0)]), &[0.0]);
    let fall = |likelihood: &Likelihood| likelihood.log(&[1.0], spreads) - likelihood.log(&[0.0], spreads);
    assert!(fall(&together) < 0.8 * fall(&apart), "two numbers of one arm say less than two of two arms");
    let (information, pull) = together.pulls(&[0.0], spreads);
    assert!(information[(0, 1)] < 0.0 && pull[0] > 0.0);
}

#[test]
fn a_weight_of_a_half_counts_half() {
    let spreads = [0.0, 0.3, 0.0, 0.0];
    let (whole, half) = (
        Likelihood::new(fitted(&[("a", 1.0, 1.0)]), &[0.0]),
        Likelihood::new(fitted(&[("a", 1.0, 0.5)]), &[0.0]),
    );
    assert!((half.log(&[0.3], spreads) - 0.5 * whole.log(&[0.3], spreads)).abs() < 1e-12);
}
