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
        doubt: 0,
        seed: 11,
        threads: Some(1),
        engine: Engine::best(),
        command: "a test".into(),
    }
}

#[test]
fn the_mean_effect_is_the_difference_of_the_arms() {
    let (trial, library) = toy(&[]);
    let (answer, ground) = benefit(&library, &trial, &asked(400), &()).expect("it runs");
    let effects = &ground.effects;
    assert_eq!((answer.arm.0.as_str(), answer.versus.0.as_str()), ("graft", "control"));
    let n = effects.numbers.len() as f64;
    let mean = |of: &dyn Fn(usize) -> f64| (0..effects.numbers.len()).map(of).sum::<f64>() / n;
    let difference = mean(&|row| effects.benefit[row].1) - mean(&|row| effects.benefit[row].0);
    let found = answer.all.benefit.estimate.expect("a mean");
    assert!((found - difference).abs() < 1e-12 && found > 0.0, "the graft spares hits: {found}");
}

#[test]
fn the_funnel_adds_up_and_inside_and_outside_are_everyone() {
    let (trial, library) = toy(&[]);
    let (answer, _) = benefit(&library, &trial, &asked(300), &()).expect("it runs");
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
    let (trial, library) = toy(&[]);
    let wrong = Asked {
        arm: Some("grapht".into()),
        endpoint: Some("hitt".into()),
        with: vec!["frailt".into()],
        ..asked(50)
    };
    let error = benefit(&library, &trial, &wrong, &()).expect_err("three names are wrong").to_string();
    for near in ["`graft`", "`hit`", "`frailty`"] {
        assert!(error.contains(&format!("did you mean {near}")), "{error}");
    }
    let wrong = Asked { rules: vec!["frailt < 1".into(), "pace <".into()], ..asked(50) };
    let error = benefit(&library, &trial, &wrong, &()).expect_err("two rules are wrong").to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
}

/// With a posterior the mean is that of all patients as before, and the interval holds what members differ by.
#[test]
fn intervals_hold_the_doubt_of_the_parameters() {
    let (mut trial, mut library) = toy(&[]);
    let alone = benefit(&library, &trial, &asked(400), &()).expect("it runs").0;
    let sets =
        vec![regraft_trial::name::Name { text: "shield_factor".into(), span: trial.trial.file.id.span }];
    let provenance = regraft_trial::quantity::Provenance {
        source: "assumed".into(),
        why: Some("a test".into()),
        span: trial.trial.file.id.span,
    };
    let parameter = regraft_trial::UncertainParameter {
        name: sets[0].clone(),
        title: "Shield".into(),
        sets,
        diseases: Vec::new(),
        with: Vec::new(),
        scale: regraft_trial::uncertainty::Scale::Logit,
        sd: 1.0,
        provenance,
        span: trial.trial.file.id.span,
    };
    // The shield lets from a twentieth to nearly all of the hits through.
    let z = vec![-3.0, -3.0, -1.0, 1.0, 3.0, 3.0];
    let members = crate::posterior::Members { title: "by hand".into(), parameters: vec![parameter], z };
    library.members = Some(std::sync::Arc::new(members));
    let (prepared, problems) = crate::study::prepare(&mut library, "toy_trial").expect("it is there");
    trial = prepared.unwrap_or_else(|| panic!("{problems:?}"));
    let (answer, ground) = benefit(&library, &trial, &asked(600), &()).expect("it runs");
    let effects = &ground.effects;
    assert_eq!((answer.members, alone.members), (6, 1));
    let n = effects.numbers.len() as f64;
    let mean = (0..effects.numbers.len()).map(|row| effects.gain(row)).sum::<f64>() / n;
    let gain = answer.all.benefit.clone();
    assert!((gain.estimate.expect("a mean") - mean).abs() < 1e-12);
    assert!(
        gain.parameters.is_some_and(|own| own > 0.03),
        "members differ in what the graft spares: {gain:?}"
    );
    let width = |value: &Value| value.high.zip(value.low).map(|(high, low)| high - low).expect("an interval");
    assert!(width(&gain) > 1.3 * width(&alone.all.benefit) && alone.all.benefit.parameters.is_none());
    let twice = Asked { doubt: 300, ..asked(600) };
    let gain = benefit(&library, &trial, &twice, &()).expect("it runs").0.all.benefit;
    let parts = gain.parts.expect("patients enough lived twice");
    let parameters = parts.parameters.expect("members have patients enough");
    assert!(
        (parameters + parts.patients + parts.chance - 1.0).abs() < 1e-12 && parameters > 0.3,
        "{parts:?}"
    );
}

/// What trials found is read from the evidence, never from words of the program: in a disease of which no row speaks,
/// every topic says so.
#[test]
fn a_topic_without_a_row_says_so() {
    let (trial, library) = toy(&[]);
    let (answer, _) = benefit(&library, &trial, &asked(60), &()).expect("it runs");
    let topics: Vec<&str> = answer.known.iter().map(|known| known.topic.as_str()).collect();
    for topic in ["age", "duration", "progressive_form", "ketoacidosis", "comorbidity"] {
        let place =
            topics.iter().position(|own| *own == topic).unwrap_or_else(|| panic!("{topic} in {topics:?}"));
        let known = &answer.known[place];
        assert!(known.silent.is_some(), "{known:?}");
        assert_eq!(
            known.rows.is_empty(),
            topic != "comorbidity",
            "rows of any disease stand for this one: {known:?}"
        );
    }
    assert!(answer.known.iter().all(|known| known.rows.iter().all(|row| row.source.len() > 3)));
}
