//! Findings against bars, verdicts, and the page.

use super::*;

fn test_found(outcome: Outcome, grade: Option<&str>) -> TestFound {
    TestFound {
        title: "Well at five years".into(),
        trial: "toy".into(),
        arm: "graft".into(),
        versus: None,
        at_day: Some(1826.0),
        estimate: Some(71.234),
        ci_low: Some(65.0),
        ci_high: Some(77.0),
        predicted_low: None,
        predicted_high: None,
        unit: "percent".into(),
        holds: "above",
        bar: 60.0,
        why_bar: "more than half".into(),
        outcome,
        grade: grade.map(str::to_string),
        published: Vec::new(),
    }
}

#[test]
fn a_bar_inside_the_interval_decides_nothing() {
    let ends = Some((65.0, 77.0));
    assert_eq!(Outcome::of(ends, Holds::Above, 60.0), Outcome::Holds);
    assert_eq!(Outcome::of(ends, Holds::Above, 70.0), Outcome::Open);
    assert_eq!(Outcome::of(ends, Holds::Above, 80.0), Outcome::Fails);
    assert_eq!(Outcome::of(ends, Holds::Below, 80.0), Outcome::Holds);
    assert_eq!(Outcome::of(ends, Holds::Below, 60.0), Outcome::Fails);
    assert_eq!(Outcome::of(None, Holds::Below, 60.0), Outcome::Open);
    assert_eq!(Outcome::of(Some((f64::NAN, 70.0)), Holds::Above, 60.0), Outcome::Open);
}

#[test]
fn a_verdict_needs_the_simulation_and_the_trials() {
    let verdict = |tests: &[(Outcome, Option<&str>)]| {
        let tests: Vec<TestFound> =
            tests.iter().map(|(outcome, grade)| test_found(*outcome, *grade)).collect();
        verdict::of_claim(&tests).0
    };
    let (holds, fails, open) = (Outcome::Holds, Outcome::Fails, Outcome::Open);
    assert_eq!(verdict(&[(holds, Some("strong")), (holds, Some("moderate"))]), Verdict::Supported);
    assert_eq!(verdict(&[(holds, Some("strong")), (fails, Some("strong"))]), Verdict::Partly);
    assert_eq!(verdict(&[(holds, Some("strong")), (open, Some("strong"))]), Verdict::Partly);
    assert_eq!(verdict(&[(holds, Some("strong")), (holds, Some("weak"))]), Verdict::Partly);
    assert_eq!(verdict(&[(holds, Some("strong")), (holds, Some("negative"))]), Verdict::NotSupported);
    assert_eq!(verdict(&[(fails, Some("strong")), (open, Some("strong"))]), Verdict::NotSupported);
    assert_eq!(verdict(&[(holds, None)]), Verdict::Unknown);
    assert_eq!(verdict(&[(open, Some("strong"))]), Verdict::Unknown);
    assert_eq!(verdict(&[]), Verdict::Unknown);
}

#[test]
fn the_page_shows_what_was_found_and_why() {
    let tests = vec![test_found(Outcome::Holds, Some("moderate"))];
    let (verdict, why) = verdict::of_claim(&tests);
    let claim = ClaimFound {
        id: "lasting".into(),
        title: "It lasts, they say".into(),
        statement: "It lasts for years.".into(),
        trials_say: "Most stay well.".into(),
        source: "smith2001".into(),
        verdict,
        why,
        tests,
    };
    let found = Claims { version: "1".into(), seed: 7, patients: 300, claims: vec![claim] };
    let page = page(&found);
    for line in [
        "| [It lasts, they say](#it-lasts-they-say) | supported | 1 of 1 | moderate |",
        "| Well at five years | toy, graft | 71\u{a0}% (65 to 77) | above 60\u{a0}% | yes | – |",
        "**Supported**: 1 of 1 findings pass their bar, and the proof of the therapy is moderate or better.",
        "- Well at five years: more than half.",
        "What trials say: Most stay well.\nSources: `smith2001`.",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

const LASTING: &str = r#"id = "lasting"
title = "It lasts"
statement = "It lasts."
trials_say = "It does."
source = "assumed"
why = "a test"
[[test]]
title = "Free of relapse at five years"
trial = "mist"
endpoint = "relapse_free_survival"
method = "kaplan_meier"
arm = "hsct"
at_day = 1826.25
holds = "above"
bar = 60
why = "a test"
"#;

/// A library with this claim beside the built-in ones.
fn prepared(name: &str, text: &str) -> (Option<PreparedClaims>, Vec<String>) {
    let folder = std::env::temp_dir().join(format!("regraft-claims-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("claims")).expect("a folder");
    std::fs::write(folder.join("claims/lasting.toml"), text).expect("it can be written");
    let mut library = Library::open(std::slice::from_ref(&folder)).expect("it can be read");
    std::fs::remove_dir_all(&folder).expect("it is ours");
    let (claims, problems) = prepare(&mut library, &["lasting".to_string()]).expect("the claim is known");
    (claims, problems.into_iter().filter(Diagnostic::is_error).map(|problem| problem.message).collect())
}

#[test]
fn a_claim_brings_the_trials_that_try_it() {
    let (claims, problems) = prepared("good", LASTING);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(claims.expect("it is whole").trials.keys().collect::<Vec<_>>(), ["mist"]);
}

#[test]
fn a_test_must_be_a_finding_of_its_trial() {
    let (_, problems) = prepared("day", &LASTING.replace("1826.25", "1827"));
    assert_eq!(problems, ["no analysis of `mist` gives this finding"]);
    let (_, problems) = prepared("trial", &LASTING.replace("\"mist\"", "\"mits\""));
    assert_eq!(problems, ["unknown trial `mits`"]);
}
