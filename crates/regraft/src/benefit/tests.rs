//! Who benefits in the toy trial, where the graft halves a hazard and everyone is equally at risk.

use super::*;
use crate::study::toy::toy;

fn asked(patients: usize) -> Asked {
    Asked {
        arm: None,
        versus: None,
        endpoint: Some("hit".into()),
        harms: vec!["death_before_crossing".into()],
        harm_weight: 1.0,
        day: None,
        rules: vec!["frailty < 0.5 and pace > 0.8".into(), "pace > 100".into()],
        with: vec!["frailty".into()],
        depth: 2,
        patients,
        seed: 11,
        threads: Some(1),
        engine: Engine::best(),
        command: "a test".into(),
    }
}

#[test]
fn the_mean_effect_is_the_difference_of_the_arms() {
    let (trial, _) = toy(&[]);
    let (answer, effects) = benefit(&trial, &asked(400), &()).expect("it runs");
    assert_eq!((answer.arm.0.as_str(), answer.versus.0.as_str()), ("graft", "control"));
    let n = effects.numbers.len() as f64;
    let mean = |of: &dyn Fn(usize) -> f64| (0..effects.numbers.len()).map(of).sum::<f64>() / n;
    let difference = mean(&|row| effects.benefit[row].1) - mean(&|row| effects.benefit[row].0);
    let found = answer.all.benefit.estimate.expect("a mean");
    assert!((found - difference).abs() < 1e-12 && found > 0.0, "the graft spares hits: {found}");
}

#[test]
fn the_funnel_adds_up_and_inside_and_outside_are_everyone() {
    let (trial, _) = toy(&[]);
    let (answer, _) = benefit(&trial, &asked(300), &()).expect("it runs");
    let set = &answer.sets[0];
    assert_eq!(set.steps.len(), 2);
    assert_eq!(set.steps[0].turned_away + set.steps[0].left, answer.n);
    assert_eq!(set.steps[1].turned_away + set.steps[1].left, set.steps[0].left);
    assert_eq!(set.inside.n + set.outside.n, answer.n);
    assert_eq!(answer.sets[1].inside.n, 0);
    assert!(answer.sets[1].inside.net.estimate.is_none(), "nobody has no mean");
    let in_leaves: usize = answer.leaves.iter().map(|leaf| leaf.group.n).sum();
    assert_eq!(in_leaves, answer.n, "every patient is in one leaf");
}

#[test]
fn everything_unknown_is_told_at_once() {
    let (trial, _) = toy(&[]);
    let wrong = Asked {
        arm: Some("grapht".into()),
        endpoint: Some("hitt".into()),
        with: vec!["frailt".into()],
        ..asked(50)
    };
    let error = benefit(&trial, &wrong, &()).expect_err("three names are wrong").to_string();
    for near in ["`graft`", "`hit`", "`frailty`"] {
        assert!(error.contains(&format!("did you mean {near}")), "{error}");
    }
    let wrong = Asked { rules: vec!["frailt < 1".into(), "pace <".into()], ..asked(50) };
    let error = benefit(&trial, &wrong, &()).expect_err("two rules are wrong").to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
}
