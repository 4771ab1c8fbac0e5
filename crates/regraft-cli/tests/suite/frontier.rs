//! `regraft search` and `regraft learn`: a frontier whose points can be run, and what it is worth to know more.

use std::fs;

use serde_json::Value;

use crate::{is_refused, json, regraft, stderr};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn a_point_of_the_frontier_runs_and_gives_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("s").to_string_lossy().into_owned();
    let small =
        ["--patients", "24", "--evaluations", "10", "--population", "6", "--points", "2", "--again", "30"];
    let arguments = [&["search", "mist", "--format", "json", "--out", &out], &small[..]].concat();
    let found = json(&arguments);
    let page = fs::read_to_string(folder.path().join("s/search.html")).expect("there is a page");
    assert!(
        page.contains("<svg") && !page.contains("<script") && !page.contains("http"),
        "it asks for nothing"
    );
    assert!(!page.contains("NaN") && !page.contains("inf\""), "every coordinate is a number");
    let points = found["frontier"].as_array().expect("there are points");
    assert!(!points.is_empty() && points.len() <= 2);
    assert!(found["beside"].as_array().expect("regimens stand beside").len() > 5);
    let point = &points[0];
    let command = point["command"].as_str().expect("a command");
    let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let run = folder.path().join("r").to_string_lossy().into_owned();
    words.extend(["--format", "json", "--out", &run]);
    let again = json(&words);
    let findings = again["findings"].as_array().expect("there are findings");
    let mut compared = 0;
    for (objective, value) in found["objectives"]
        .as_array()
        .expect("aims")
        .iter()
        .zip(point["objectives"].as_array().expect("values"))
    {
        let Some(endpoint) = objective["endpoint"].as_str() else { continue };
        let same = |one: &&Value| one["endpoint"] == endpoint && one["arm"] == "searched";
        let finding = findings.iter().find(same).expect("the run analyses the aim");
        assert!(
            (number(&finding["estimate"]) - number(&value["value"])).abs() < 1e-9,
            "{objective}: {finding}"
        );
        compared += 1;
    }
    assert_eq!(compared, 3);
    // The same seed gives the same bytes, also in the place of the earlier search and on other threads.
    let first = fs::read(folder.path().join("s/search.json")).expect("it is there");
    json(&[&arguments[..], &["--threads", "1"]].concat());
    assert!(first == fs::read(folder.path().join("s/search.json")).expect("it is there"), "other bytes");
}

/// Regimens judged by what the worst draws of the parameters are worse than: the mean stands beside it.
#[test]
fn a_search_is_judged_by_the_worst_draws() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("w").to_string_lossy().into_owned();
    let base = ["search", "mist", "--objective", "relapse", "--objective", "infections"];
    let small =
        ["--patients", "24", "--evaluations", "6", "--population", "4", "--points", "2", "--again", "24"];
    let worst = [
        "--posterior",
        "ensemble:4",
        "--judge",
        "worst",
        "--worst",
        "0.25",
        "--format",
        "json",
        "--out",
        &out,
    ];
    let found = json(&[&base[..], &small, &worst].concat());
    assert_eq!(
        (&found["judged_by"], &found["worst_share"], &found["n_members"]),
        (&"worst".into(), &0.25.into(), &4.into())
    );
    let point = &found["frontier"][0]["objectives"][0];
    assert!(number(&point["worst"]).is_finite() && number(&point["value"]).is_finite(), "{point}");
    assert!(found["command"].as_str().is_some_and(|command| command.contains("--judge worst --worst 0.25")));
    let page = fs::read_to_string(format!("{out}/search.html")).expect("there is a page");
    assert!(page.contains("worst 25 %") && page.contains("other-end") && !page.contains("NaN"));
    is_refused(&["search", "mist", "--judge", "worst"], "add `--posterior ensemble`");
    is_refused(
        &[&base[..], &["--posterior", "ensemble:16", "--judge", "worst"], &small].concat(),
        "fewer than two for each of 16 draws",
    );
}

/// Steroids and early deaths are aims where the disease has them; what is no aim is shown and moves nothing.
#[test]
fn steroids_and_early_deaths_are_aims() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("lupus").to_string_lossy().into_owned();
    let small =
        ["--patients", "24", "--evaluations", "6", "--population", "4", "--points", "2", "--again", "40"];
    let trial = ["search", "lupus_transplant_or_drugs", "--format", "json", "--out", &out];
    let found = json(&[&trial[..], &small].concat());
    let names = |found: &Value, key: &str| -> Vec<String> {
        let all = found[key].as_array().expect("a list");
        all.iter().map(|one| one["name"].as_str().expect("a name").to_string()).collect()
    };
    assert_eq!(names(&found, "objectives"), ["severe", "steroid", "infections"]);
    assert_eq!(names(&found, "shown"), ["relapse", "early_death", "ovarian_failure", "cells"]);
    assert_eq!(found["objectives"][1]["unit"], "mg");
    let beside = found["beside"].as_array().expect("regimens stand beside");
    let steroid = |arm: &str| {
        let one = beside.iter().find(|one| one["title"] == arm).unwrap_or_else(|| panic!("{arm} is there"));
        assert_eq!(one["shown"].as_array().map(Vec::len), Some(4));
        number(&one["objectives"][1]["value"])
    };
    assert!(steroid("Transplant") < 0.9 * steroid("Drugs go on"), "a graft spares steroids");
    let point = &found["frontier"][0];
    assert!(number(&point["shown"][2]["value"]) > 0.0, "women lose their ovaries: {point}");
    let page = fs::read_to_string(format!("{out}/search.html")).expect("there is a page");
    assert!(page.contains("What else they do") && !page.contains("NaN"));
    // Asked for, an objective that is optional is an aim, and the rest is shown.
    let asked = ["--objective", "early_death", "--objective", "steroid"];
    let found = json(&[&trial[..], &small, &asked].concat());
    assert_eq!(names(&found, "objectives"), ["steroid", "early_death"]);
    assert_eq!(names(&found, "shown").len(), 5);
    // Treatment-related deaths are an aim where transplants kill.
    let astis = json(&[&["search", "astis"][..], &trial[2..], &small].concat());
    assert_eq!(names(&astis, "objectives"), ["failure_or_death", "treatment_death", "infections"]);
}

#[test]
fn what_cannot_be_searched_is_said() {
    is_refused(&["search", "astic"], "no table [search]");
    is_refused(&["search", "mist", "--objective", "relapses"], "did you mean `relapse`?");
    is_refused(
        &["search", "mist", "--objective", "relapses", "--objective", "deaths"],
        "no objective `deaths`",
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(crate::root().join("library/trials/mist.toml")).expect("it is there");
    let wrong = text
        .replace("quantity = \"cd34_dose\"\n", "")
        .replace("drugs = [\"prednisone\"]", "drugs = [\"prednisolone\"]")
        .replace("10 * atg <= 240", "10 * agt <= 240")
        .replace("endpoint = \"infection_any\"", "endpoint = \"infection_anny\"");
    let file = folder.path().join("mist.toml");
    fs::write(&file, wrong).expect("it is written");
    let output = regraft(&["search", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3));
    for words in [
        "`set` and `set_times` need `quantity`",
        "has no drug `prednisolone`",
        "unknown name `agt`",
        "unknown endpoint `infection_anny`",
    ] {
        assert!(stderr(&output).contains(words), "{words}: {}", stderr(&output));
    }
}

#[test]
fn knowing_more_is_worth_something_between_arms_that_are_close() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("l").to_string_lossy().into_owned();
    let arguments = [
        "learn",
        "conditioning_intensity_ms",
        "--members",
        "16",
        "--patients",
        "128",
        "--format",
        "json",
        "--out",
        &out,
    ];
    let found = json(&arguments);
    let lessons = found["lessons"].as_array().expect("there are lessons");
    assert_eq!(lessons[0]["kind"], "everything");
    assert!(lessons.len() > 20 && lessons.iter().all(|one| number(&one["worth"]) >= 0.0));
    let shares: f64 = found["arms"].as_array().expect("arms").iter().map(|arm| number(&arm["best"])).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");
    let page = fs::read_to_string(folder.path().join("l/learn.html")).expect("there is a page");
    assert!(page.contains("<svg") && !page.contains("NaN") && !page.contains("http"));
    assert!(lessons.iter().all(|one| number(&one["error_by_patients"]) >= 0.0));
    // What an arm gives less than the best one, with its interval and where the doubt comes from.
    let arms = found["arms"].as_array().expect("arms");
    let others: Vec<&Value> = arms.iter().filter(|arm| !arm["against_best"].is_null()).collect();
    assert_eq!(others.len(), arms.len() - 1);
    for arm in arms {
        let parts = &arm["parts"];
        let shares: f64 = ["parameters", "patients", "chance"].iter().map(|part| number(&parts[part])).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{parts}");
    }
    let other = &others[0]["against_best"];
    assert!(number(&other["value"]) <= 0.0 && number(&other["low"]) < number(&other["high"]), "{other}");
    assert!(found["not_split"].is_null() && page.contains("What one patient will live"));
    // Against its cost an arm loses; with nobody who lives once more nothing is split, and all else stays.
    let dear = json(&[&arguments[..], &["--cost", "beam_atg=100", "--doubt", "0"]].concat());
    assert!(dear["not_split"].as_str().is_some_and(|why| why.contains("--doubt 0")));
    assert!(dear["arms"][0]["parts"].is_null() && dear["arms"][0]["mean"] == found["arms"][0]["mean"]);
    assert_eq!(number(&dear["arms"][1]["best"]), 0.0);
    is_refused(&["learn", "astic"], "name the utility");
    is_refused(&["learn", "mist", "--arm", "hsct"], "two arms or more: known are hsct, dmt");
    // Everything unknown is told at once, with what is known.
    let wrong =
        ["learn", "mist", "--utility", "edss_chang", "--utility", "qqq", "--arm", "xyz", "--arm", "dmtt"];
    for words in [
        "did you mean `edss_change`?",
        "no endpoint `qqq` in the library: the trial analyses ",
        "no arm `xyz`: known are hsct, dmt",
        "did you mean `dmt`?",
    ] {
        is_refused(&wrong, words);
    }
    is_refused(&["learn", "mist", "--cost", "hsc=1", "--out", &out], "did you mean `hsct`?");
}
