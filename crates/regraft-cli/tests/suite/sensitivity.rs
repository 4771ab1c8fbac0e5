//! `regraft model sensitivity`: what a result depends on.

use std::fs;

use crate::{is_refused, json};

/// y = a t at time 1 with a evenly spread, and b that does nothing.
#[test]
fn a_model_file_has_known_indices() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("line.ant");
    fs::write(&file, "model line()\n a = 2; b = 1; c = 3; x = 0; y = 1;\n x' = a + 2*b; y' = -c*y;\nend\n")
        .expect("writable");
    let file = file.to_string_lossy().into_owned();
    let out = folder.path().join("page").to_string_lossy().into_owned();
    let found = json(&[
        "model",
        "sensitivity",
        &file,
        "--endpoint",
        "x",
        "--at",
        "1",
        "--parameters",
        "a=1:3,b=0.5:1.5,c",
        "--samples",
        "512",
        "--format",
        "json",
        "--out",
        &out,
    ]);
    // Variances 4/12, 4/12 and 0: half each.
    let of = |name: &str| {
        let inputs = found["inputs"].as_array().expect("inputs");
        inputs.iter().find(|input| input["name"] == name).expect("named").clone()
    };
    for name in ["a", "b"] {
        let (first, total) = (of(name)["first"]["value"].as_f64(), of(name)["total"]["value"].as_f64());
        assert!((first.expect("a number") - 0.5).abs() < 0.05, "{name}: {first:?}");
        assert!((total.expect("a number") - 0.5).abs() < 0.05, "{name}: {total:?}");
        assert!((of(name)["elasticity"].as_f64().expect("a number") - 0.5).abs() < 1e-6);
    }
    assert!(of("c")["total"]["value"].as_f64().expect("a number").abs() < 1e-9);
    assert!(fs::read_to_string(format!("{out}/sensitivity.html")).expect("written").contains("<svg"));
}

#[test]
fn a_trial_is_asked_for_traits() {
    let found = json(&[
        "model",
        "sensitivity",
        "mist",
        "--endpoint",
        "autoreactive_memory",
        "--at",
        "400",
        "--parameters",
        "treg_fitness,cytotoxic_sensitivity",
        "--samples",
        "8",
        "--fates",
        "1",
        "--format",
        "json",
    ]);
    assert_eq!(found["inputs"].as_array().map(Vec::len), Some(2));
    assert!(found["mean"].as_f64().expect("a number") > 0.0);
    let relapse = json(&[
        "model",
        "sensitivity",
        "mist",
        "--endpoint",
        "relapse",
        "--at",
        "730",
        "--versus",
        "dmt",
        "--parameters",
        "treg_fitness",
        "--local",
        "--fates",
        "2",
        "--format",
        "json",
    ]);
    assert!(relapse["at_middle"].as_f64().expect("a number").abs() <= 1.0);
}

#[test]
fn wrong_names_are_refused_with_the_nearest() {
    let mist = |more: &[&'static str]| [&["model", "sensitivity", "mist"][..], more].concat();
    is_refused(&mist(&["--endpoint", "autoreactive_memry"]), "did you mean");
    is_refused(
        &mist(&["--endpoint", "relapse", "--parameters", "treg_fitnes"]),
        "did you mean `treg_fitness`?",
    );
    is_refused(&mist(&["--endpoint", "relapse", "--parameters", "age=1:2"]), "has a range");
    is_refused(&mist(&["--endpoint", "relapse", "--arm", "hsc"]), "did you mean `hsct`?");
    is_refused(&mist(&["--endpoint", "relapse", "--at", "99999"]), "within the trial");
}
