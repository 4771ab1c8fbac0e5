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

/// Parameters of which the second is an effect that may be nothing at all.
fn parameters() -> Vec<regraft_trial::UncertainParameter> {
    use regraft_model::{SourceId, Span};
    use regraft_trial::uncertainty::Scale;
    let span = Span::new(SourceId(0), 0, 0);
    let one = |scale| regraft_trial::UncertainParameter {
        name: regraft_trial::name::Name { text: "p".into(), span },
        title: String::new(),
        sets: Vec::new(),
        diseases: Vec::new(),
        with: Vec::new(),
        scale,
        sd: 0.7,
        provenance: regraft_trial::quantity::Provenance { source: "assumed".into(), why: None, span },
        span,
    };
    vec![one(Scale::Log), one(Scale::Effect)]
}

/// Shares of two arms, one seen at two days, whose log odds are curved in two features, and a mean of a third arm.
fn mixed() -> Likelihood {
    let stream = |member: usize| regraft_stats::Seed(3).stream(member as u64, "features");
    let features: Vec<Vec<f64>> =
        (0..400).map(|member| (0..2).map(|p| stream(member).normal(p)).collect()).collect();
    let of = |kind: Kind| {
        let values: Vec<f64> = features
            .iter()
            .map(|x| x[0] - 0.8 * x[1] + 0.5 * x[0] * x[1] + 0.3 * x[0] * x[0])
            .map(|linked| kind.unlinked(linked))
            .collect();
        let whole = values.iter().sum::<f64>() / 400.0;
        let responses = Responses { members: (0..400).collect(), values, weights: vec![4.0; 400], whole };
        let first = Emulator::fit(kind, &responses, &features, &[0, 1], None);
        Emulator::fit(kind, &responses, &features, &[0, 1], Some(first))
    };
    let (share, mean) = (of(Kind::Share), of(Kind::Mean));
    let one = |arm: &str, kind: Kind, emulator: &Emulator, observed: f64| {
        let target = Target { observed, error: Some(0.2), weight: 0.7, ..of_nothing(arm, kind) };
        Fitted::new(target, emulator.clone()).expect("it has an error")
    };
    let all = vec![
        one("a", Kind::Share, &share, 0.4),
        one("a", Kind::Share, &share, 0.9),
        one("b", Kind::Share, &share, -2.0),
        one("c", Kind::Mean, &mean, 1.0),
    ];
    Likelihood::new(all, &[0.0; 2])
}

#[test]
fn the_density_of_the_sampler_is_the_likelihood_and_its_gradient_the_slope() {
    let (parameters, likelihood) = (parameters(), mixed());
    let density = Density::new(&parameters, &likelihood, [0.35, 0.2, 0.3, 0.25]);
    let mut gradient = vec![9.0; 6];
    for point in
        [[0.1, 0.2, 0.0, 0.0, 0.0, 0.0], [1.3, -0.4, 0.7, -1.1, 0.3, 0.0], [-2.0, -1.5, -2.0, 2.0, 0.0, 1.0]]
    {
        let features: Vec<f64> = parameters.iter().zip(point).map(|(p, z)| p.feature(z)).collect();
        let found = density.log(&point, &mut gradient);
        let expected = likelihood.log(&features, density.spreads(&point));
        assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} {expected}");
        for at in 0..6 {
            let beside = |by: f64| {
                let mut moved = point;
                moved[at] += by;
                density.log(&moved, &mut [0.0; 6])
            };
            let slope = (beside(1e-5) - beside(-1e-5)) / 2e-5;
            assert!(
                (gradient[at] - slope).abs() < 1e-6 * (1.0 + slope.abs()),
                "{at}: {} {slope}",
                gradient[at]
            );
        }
    }
    assert_eq!((gradient[4], gradient[5]), (0.0, 0.0), "there is no rate and no ratio");
}

#[test]
fn functions_upon_functions_are_one_polynomial() {
    let likelihood = mixed();
    let emulator = &likelihood.fitted[0].emulator;
    let polynomial = emulator.polynomial();
    for x in [[0.0, 0.0], [1.0, -2.0], [-0.3, 0.4]] {
        assert!((polynomial.of(&x) - emulator.linked(&x)).abs() < 1e-12);
        let mut slopes = [1.0, 1.0];
        polynomial.add_slopes(&x, 2.0, &mut slopes);
        for (by, slope) in slopes.iter().enumerate() {
            assert!((slope - 1.0 - 2.0 * emulator.slope(&x, by)).abs() < 1e-12);
        }
    }
}
