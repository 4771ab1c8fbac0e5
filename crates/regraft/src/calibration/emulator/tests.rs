//! Functions that are known, found again from members with a few patients each.

use regraft_stats::Seed;

use super::*;

/// Features of so many members, standard normal, the first three of five in use.
fn members(n: usize) -> Vec<Vec<f64>> {
    let stream = |member: usize| Seed(5).stream(member as u64, "features");
    (0..n).map(|member| (0..5).map(|p| stream(member).normal(p)).collect()).collect()
}

/// Shares of 8 patients per member with log odds −1 + 0.8 x₀ + 0.3 x₁² − 0.5 x₀ x₁.
fn shares(features: &[Vec<f64>]) -> Responses {
    let odds = |x: &Vec<f64>| -1.0 + 0.8 * x[0] + 0.3 * x[1] * x[1] - 0.5 * x[0] * x[1];
    let value = |(member, x): (usize, &Vec<f64>)| {
        let share = 1.0 / (1.0 + (-odds(x)).exp());
        let stream = Seed(6).stream(member as u64, "patients");
        (0..8).filter(|patient| stream.uniform(*patient) < share).count() as f64 / 8.0
    };
    let values: Vec<f64> = features.iter().enumerate().map(value).collect();
    let whole = values.iter().sum::<f64>() / values.len() as f64;
    Responses { members: (0..features.len()).collect(), weights: vec![8.0; values.len()], values, whole }
}

#[test]
fn a_curved_function_of_two_parameters_is_found_and_the_others_are_nothing() {
    let features = members(1024);
    let emulator = Emulator::fit(Kind::Share, &shares(&features), &features, &[0, 1, 2], None);
    for (x, odds) in [
        ([0.0, 0.0, 0.0, 0.0, 0.0], -1.0),
        ([1.0, 0.0, 0.0, 0.0, 0.0], -0.2),
        ([1.0, 1.0, 0.0, 0.0, 0.0], -0.4),
        ([-1.0, 1.0, 2.0, 0.0, 0.0], -1.0),
    ] {
        let found = emulator.linked(&x);
        assert!((found - odds).abs() < 4.0 * emulator.error(&x).max(0.05), "{x:?}: {found} for {odds}");
    }
    let center = [0.5, 0.0, 0.0, 0.0, 0.0];
    assert!(emulator.slope(&center, 2).abs() < 0.05 && emulator.slope(&center, 3) == 0.0);
    assert!((emulator.slope(&center, 0) - 0.8).abs() < 0.15);
}

#[test]
fn a_later_stage_corrects_and_keeps_what_it_no_longer_shows() {
    let wide = members(1024);
    let first = Emulator::fit(Kind::Share, &shares(&wide), &wide, &[0, 1, 2], None);
    // The second design does not move x₀ at all, and its patients are a little more often ill.
    let narrow: Vec<Vec<f64>> = wide.iter().map(|x| vec![0.0, x[1], x[2], x[3], x[4]]).collect();
    let mut responses = shares(&narrow);
    responses.values.iter_mut().for_each(|value| *value = (*value + 0.1).min(1.0));
    let second = Emulator::fit(Kind::Share, &responses, &narrow, &[0, 1, 2], Some(first.clone()));
    let at = [0.0; 5];
    assert!(second.linked(&at) > first.linked(&at) + 0.2);
    assert!((second.slope(&at, 0) - first.slope(&at, 0)).abs() < 1e-6);
}

#[test]
fn where_nothing_happens_there_is_a_small_share_and_no_slope() {
    let features = members(128);
    let responses = Responses {
        members: (0..128).collect(),
        values: vec![0.0; 128],
        weights: vec![8.0; 128],
        whole: 0.0,
    };
    let emulator = Emulator::fit(Kind::Share, &responses, &features, &[0, 1], None);
    let mean = emulator.mean(&[0.0; 5]);
    assert!(mean > 0.0 && mean < 0.002, "{mean}");
    assert!(emulator.mean(&[3.0, 3.0, 0.0, 0.0, 0.0]) < 0.01);
}
