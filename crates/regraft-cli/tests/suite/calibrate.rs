//! `regraft calibrate` and `regraft dossier`: a small fit, taken up again, used by a run, told by a dossier.

use std::fs;
use std::path::Path;

use crate::{is_refused, json, regraft, stderr, stdout};

/// A fit of one trial that takes seconds.
fn calibrate(out: &Path) -> serde_json::Value {
    let out = out.to_string_lossy().into_owned();
    json(&[
        "calibrate",
        "define",
        "--members",
        "48",
        "--patients",
        "96",
        "--stages",
        "2",
        "--worlds",
        "4",
        "--format",
        "json",
        "--out",
        &out,
    ])
}

#[test]
fn a_small_fit_is_whole_and_is_taken_up_again_and_is_used() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("fit");
    let found = calibrate(&out);
    let rows = found["identified"]["parameters"].as_array().expect("there are parameters");
    assert!(rows.len() > 100 && rows.iter().all(|row| row["r_hat"].as_f64().is_some_and(|r| r < 1.5)));
    assert!(found["checked"].as_array().is_some_and(|rows| rows.len() >= 3), "{}", found["checked"]);
    let coverage = found["recovery"]["coverage"].as_array();
    assert!(found["recovery"].is_null() || coverage.is_some_and(|levels| levels.len() == 3));
    let draws = fs::read(out.join("posterior/mine/draws.parquet")).expect("it was written");
    let page = fs::read_to_string(out.join("identifiability.md")).expect("it was written");
    assert!(page.contains("## Parameters") && page.contains("## How good the functions are"));
    // The kept stages are used again, and give the same posterior to the last bit.
    fs::remove_dir_all(out.join("posterior")).expect("it is there");
    let again = calibrate(&out);
    assert_eq!(again["identified"], found["identified"]);
    assert_eq!(fs::read(out.join("posterior/mine/draws.parquet")).expect("it was written"), draws);
    // A library with that posterior is lived with by default.
    let library = out.to_string_lossy().into_owned();
    let run = |extra: &[&str], name: &str| {
        let target = folder.path().join(name).to_string_lossy().into_owned();
        let arguments = ["run", "define", "--patients", "120", "--format", "json", "--out", &target];
        let found = json(&[&arguments[..], &["--library", &library], extra].concat());
        let manifest =
            fs::read_to_string(folder.path().join(name).join("manifest.json")).expect("it was written");
        (found["findings"].clone(), manifest)
    };
    let (point, manifest) = run(&[], "point");
    assert!(manifest.contains("mean of posterior mine"), "{manifest}");
    let (cards, manifest) = run(&["--posterior", "none"], "cards");
    assert!(manifest.contains("\"posterior\": null") && cards != point);
    let (ensemble, manifest) = run(&["--posterior", "ensemble:8"], "ensemble");
    assert!(manifest.contains("8 draws of posterior mine") && ensemble != point);
    // Whether one set or many, all say how much lies in the parameters; where there is none, that it is not split.
    for found in [&point, &ensemble] {
        let split: Vec<&serde_json::Value> =
            parts(found).filter(|one| one["parameters"].is_number()).collect();
        assert!(!split.is_empty(), "{found}");
        for one in split {
            let share = |name: &str| one[name].as_f64().expect("a share");
            assert!((share("parameters") + share("patients") + share("chance") - 1.0).abs() < 1e-9, "{one}");
            assert!(share("parameters_low") <= share("parameters"), "{one}");
            assert!(share("parameters") <= share("parameters_high"), "{one}");
        }
    }
    let reason =
        |one: &serde_json::Value| one["reason"].as_str().is_some_and(|why| why.contains("as the cards say"));
    assert!(parts(&cards).count() > 0 && parts(&cards).all(|one| one["parameters"].is_null() && reason(one)));
}

/// The parts of the findings that have any.
fn parts(findings: &serde_json::Value) -> impl Iterator<Item = &serde_json::Value> {
    findings
        .as_array()
        .into_iter()
        .flatten()
        .map(|finding| &finding["parts"])
        .filter(|parts| !parts.is_null())
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_string_lossy().into_owned();
    is_refused(&["calibrate", "atopic_usual_care", "--out", &out], "no published number");
    is_refused(&["calibrate", "mst", "--out", &out], "there is no trial `mst`");
    is_refused(&["run", "mist", "--posterior", "ensemble:1"], "ensemble:N");
}

#[test]
fn a_dossier_names_what_is_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("dossier.md").to_string_lossy().into_owned();
    let output = regraft(&["dossier", "mist", "--influence", "low", "--consequence", "high", "--out", &path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("dossier:"));
    let text = fs::read_to_string(&path).expect("it was written");
    assert!(text.contains("Risk: **medium**") && text.contains("**Missing:** the scorecard"), "{text}");
    let output = regraft(&["dossier", "mist", "--scorecard", &path, "--out", &path]);
    assert!(stderr(&output).contains("is not JSON") && fs::read_to_string(&path).expect("kept") == text);
}
