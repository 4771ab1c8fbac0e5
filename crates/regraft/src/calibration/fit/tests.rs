//! A posterior that is known, and the same draws whatever runs beside.

use regraft_model::{SourceId, Span};
use regraft_trial::name::Name;
use regraft_trial::quantity::Provenance;
use regraft_trial::uncertainty::Scale;

use super::super::emulator::{Emulator, Responses};
use super::super::likelihood::Fitted;
use super::super::recovery::recover;
use super::super::targets::{Kind, Target, of_nothing};
use super::*;

fn parameters(n: usize) -> Vec<UncertainParameter> {
    let span = Span::new(SourceId(0), 0, 0);
    let one = |number: usize| UncertainParameter {
        name: Name { text: format!("p{number}"), span },
        title: format!("Parameter {number}"),
        sets: Vec::new(),
        diseases: Vec::new(),
        with: Vec::new(),
        scale: Scale::Log,
        sd: 0.3,
        provenance: Provenance { source: "assumed".into(), why: None, span },
        span,
    };
    (0..n).map(one).collect()
}

/// Four arms whose mean is x₀ + x₁ with little error each; a third parameter acts on nothing.
fn likelihood() -> Likelihood {
    let stream = |member: usize| Seed(8).stream(member as u64, "features");
    let features: Vec<Vec<f64>> =
        (0..300).map(|member| (0..3).map(|p| stream(member).normal(p)).collect()).collect();
    let responses = Responses {
        members: (0..300).collect(),
        values: features.iter().map(|x| x[0] + x[1]).collect(),
        weights: vec![1.0; 300],
        whole: 0.0,
    };
    let emulator = Emulator::fit(Kind::Mean, &responses, &features, &[0, 1], None);
    let one = |arm: &str| {
        let target = Target { observed: 1.0, error: Some(0.05), ..of_nothing(arm, Kind::Mean) };
        Fitted { unit: 0.1, ..Fitted::new(target, emulator.clone()).expect("it has an error") }
    };
    Likelihood::new(["a", "b", "c", "d"].map(one).to_vec(), &[0.0; 3])
}

const SHORT: Lengths = Lengths { chains: 2, warm_up: 200, draws: 400, every: 2, rungs: 4 };

#[test]
fn the_sum_is_known_the_difference_and_the_idle_parameter_are_not() {
    let (parameters, likelihood) = (parameters(3), likelihood());
    let mode = mode(&parameters, &likelihood);
    assert!((mode.z[0] + mode.z[1] - 1.0).abs() < 0.1 && (mode.z[0] - mode.z[1]).abs() < 0.1);
    let chains = chains(&parameters, &likelihood, &mode, SHORT, Some(1), Seed(1));
    let sum = moments(chains.all().map(|z| z[0] + z[1]));
    let difference = moments(chains.all().map(|z| z[0] - z[1]));
    assert!((sum.0 - 1.0).abs() < 0.05 && sum.1 < 0.1, "{sum:?}");
    assert!((difference.1 / 2.0_f64.sqrt() - 1.0).abs() < 0.15, "as before looking: {difference:?}");
    assert!((chains.moments(2).1 - 1.0).abs() < 0.15);
    assert!(chains.agreement(0).r_hat < 1.05);
}

#[test]
fn chains_depend_on_the_seed_alone() {
    let (parameters, likelihood) = (parameters(3), likelihood());
    let mode = mode(&parameters, &likelihood);
    let short = Lengths { draws: 5, ..SHORT };
    let of = |lengths, seed| chains(&parameters, &likelihood, &mode, lengths, Some(2), Seed(seed)).z;
    let (all, first) = (of(short, 1), of(Lengths { chains: 1, ..short }, 1));
    assert_eq!(all[0], first[0], "a chain does not depend on how many run beside it");
    assert_ne!(of(short, 2)[0], all[0]);
}

#[test]
fn known_parameters_are_found_again_as_often_as_the_intervals_say() {
    let found = recover(&parameters(3), &likelihood(), &[0, 1], 60, Some(1), Seed(4));
    assert_eq!((found.worlds, found.ranks.iter().sum::<usize>()), (60, 120));
    for one in &found.coverage {
        assert!((one.share - one.level).abs() < 0.15, "{one:?}");
    }
}
