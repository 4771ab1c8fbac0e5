//! `regraft design`: power, size, duration, type I error.

use std::fs;

use crate::{is_refused, json, regraft, stderr, stdout};

const SMALL: [&str; 6] = ["--patients", "80", "--trials", "200", "--format", "json"];

#[test]
fn a_trial_of_the_library_has_a_power() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("mist").to_string_lossy().into_owned();
    let base = ["design", "mist", "--n-per-arm", "30", "--out", &out];
    let found = json(&[&base[..], &SMALL].concat());
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    assert_eq!(found["n_per_arm"], 30);
    assert!(number("power") > 0.5, "{}", number("power"));
    // The standard error of 200 trials at 5 % is 0.015.
    assert!((number("type_one_error") - 0.05).abs() < 0.08, "{}", number("type_one_error"));
    assert!(number("mc_error") > 0.0 && number("assurance") == number("power"));
    assert!(number("duration_days") > 365.0 && number("duration_low_days") <= number("duration_high_days"));
    let curve = found["curve"].as_array().expect("a curve");
    let power = |at: &serde_json::Value| at["power"].as_f64().expect("a number");
    assert!(curve.len() > 5 && power(&curve[0]) < power(&curve[curve.len() - 1]));
    assert!(found["n_per_arm_for_target"].as_u64().is_some_and(|n| n < 100));
    for name in ["design.html", "design.json", "curve.csv", "curve.parquet", "manifest.json"] {
        assert!(fs::metadata(format!("{out}/{name}")).is_ok_and(|file| file.len() > 0), "{name} is written");
    }
    let page = fs::read_to_string(format!("{out}/design.html")).expect("the page is written");
    assert!(page.contains("<svg") && page.contains("assumed") && !page.contains("http"), "the page is whole");
    // Threads move no bit, and an earlier answer is replaced.
    let again = json(&[&base[..], &SMALL, &["--threads", "1"]].concat());
    assert_eq!(found, again);
}

#[test]
fn identical_arms_and_a_power_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("null").to_string_lossy().into_owned();
    let null = json(&[&["design", "mesems", "--null", "--out", &out][..], &SMALL].concat());
    assert_eq!((&null["power"], null["identical_arms"].as_bool()), (&null["type_one_error"], Some(true)));
    assert!(null["power"].as_f64().is_some_and(|power| power < 0.13), "{}", null["power"]);
    let wanted = json(&[&["design", "mist", "--power", "0.8", "--out", &out][..], &SMALL].concat());
    assert!(wanted["power"].as_f64().is_some_and(|power| (power - 0.8).abs() < 0.12), "{}", wanted["power"]);
    assert_eq!(wanted["n_per_arm"], wanted["n_per_arm_for_target"]);
    let text = regraft(&["design", "admire_cd", "--patients", "60", "--trials", "50", "--out", &out]);
    assert_eq!(text.status.code(), Some(0), "{}", stderr(&text));
    for words in ["type I error", "duration", "per arm", "(assumed)", "chi-square"] {
        assert!(stdout(&text).contains(words), "{words} is missing in {}", stdout(&text));
    }
}

/// A rescue counts as the file says: as the event, or as the end of what counts.
#[test]
fn a_rescue_counts_as_the_design_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(crate::root().join("library/trials/mist.toml")).expect("readable");
    let information = |rescue: &str| {
        let file = folder.path().join(format!("{rescue}.toml"));
        let marks = format!("[design]\nrescue_marks = [\"rescue\"]\nrescue = \"{rescue}\"\n");
        fs::write(&file, text.replace("[design]\n", &marks)).expect("writable");
        let out = folder.path().join(rescue).to_string_lossy().into_owned();
        let base = ["design", &file.to_string_lossy(), "--n-per-arm", "30", "--out", &out];
        let found = json(&[&base[..], &SMALL].concat());
        let lines = found["design"].as_array().expect("lines");
        let line = lines.iter().find(|line| line["what"] == "rescue").expect("it is said").clone();
        assert!(line["value"].as_str().is_some_and(|value| value.contains("rescue:")), "{line}");
        assert_eq!(line["from"], "file");
        found["information"].as_f64().expect("a number")
    };
    let (policy, failure, censor) =
        (information("treatment_policy"), information("failure"), information("censor"));
    assert!(failure > policy && policy > censor, "{failure} {policy} {censor} events");
}

#[test]
fn a_design_that_cannot_be_is_refused() {
    is_refused(&["design", "halt_ms", "--patients", "20"], "has one arm");
    is_refused(&["design", "mist", "--power", "1.5"], "above 0 and below 1");
    is_refused(&["design", "mist", "--null", "--power", "0.9"], "cannot be used with");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("mist.toml");
    let text = fs::read_to_string(crate::root().join("library/trials/mist.toml")).expect("readable");
    let wrong = text
        .replace("test = \"log_rank\"", "test = \"logrank\"")
        .replace("looks = [0.5]", "looks = [0.5, 0.3]")
        .replace("treated = \"hsct\"", "treated = \"hsc\"")
        .replace("missed_visits = 0.05", "mised_visits = 0.05");
    fs::write(&file, wrong).expect("writable");
    let output = regraft(&["design", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3));
    for words in ["did you mean `log_rank`", "ascending", "unknown arm `hsc`", "did you mean `missed_visits`"]
    {
        assert!(stderr(&output).contains(words), "{words} is missing in {}", stderr(&output));
    }
}

/// Each member of a posterior has an effect of its own: the assurance is the mean of their powers, with its interval.
#[test]
fn the_assurance_is_that_of_the_members() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("members").to_string_lossy().into_owned();
    let base = ["design", "mesems", "--posterior", "ensemble:4", "--out", &out];
    let found = json(&[&base[..], &SMALL].concat());
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let members: Vec<f64> = found["power_by_member"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|power| power.as_f64().expect("a number"))
        .collect();
    assert_eq!(members.len(), 4);
    assert!((number("assurance") - members.iter().sum::<f64>() / 4.0).abs() < 1e-12);
    assert!(
        number("assurance_ci_low") < number("assurance") && number("assurance") < number("assurance_ci_high")
    );
    assert!((0.0..=1.0).contains(&number("members_truth")));
    let curve = found["curve"].as_array().expect("a curve");
    assert!(curve.iter().all(|at| at["assurance"].is_number() && at["assurance_low"].is_number()));
    let page = fs::read_to_string(format!("{out}/design.html")).expect("the page is written");
    assert!(page.contains("Power of each member of the posterior") && !page.contains("NaN"));
    assert!(
        page.contains("the trial&#39;s design, remembered")
            || page.contains("the trial's design, remembered")
    );
    is_refused(&[&base[..4], &["--patients", "12"]].concat(), "hardly any of each of 4 members");
}

#[test]
fn grounds_of_a_design_are_checked_and_shown() {
    let shown = stdout(&regraft(&["library", "show", "mesems"]));
    for words in [
        "how it would be run, for `regraft design`",
        "negative binomial, cells_first against cells_later",
        "21 patients enter in a year",
        "design.patients_per_year",
        "remembered",
        "Uccelli 2021",
    ] {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    let shown = stdout(&regraft(&["library", "show", "mist"]));
    for words in
        ["what may be varied, for `regraft search`", "atg: Rabbit ATG", "must hold:", "to be lowered"]
    {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("mesems.toml");
    let text = fs::read_to_string(crate::root().join("library/trials/mesems.toml")).expect("readable");
    let wrong = text
        .replace("keys = [\"patients_per_year\"]", "keys = [\"patients_per_yaer\"]")
        .replace("keys = [\"follow_up\", \"follow_up_days\"]", "keys = [\"looks\"]");
    fs::write(&file, wrong).expect("writable");
    let output = regraft(&["check", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3));
    for words in ["did you mean `patients_per_year`", "`looks` is not written in `[design]`"] {
        assert!(stderr(&output).contains(words), "{words} is missing in {}", stderr(&output));
    }
}
