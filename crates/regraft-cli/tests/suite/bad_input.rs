//! Bad input: all problems at once, each with path, line and column; nothing half written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{regraft, root, stderr};

/// A copy of the shipped trial with one text replaced.
fn changed(folder: &Path, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(root().join("library/trials/mist.toml")).expect("the trial is there");
    assert!(text.contains(from), "the trial no longer holds `{from}`");
    let path = folder.join("mist.toml");
    fs::write(&path, text.replacen(from, to, 1)).expect("writable");
    path
}

/// Runs the trial and gives what stderr says; the run must end with `code` and write nothing.
fn refused(trial: &Path, extra: &[&str], code: i32) -> String {
    let out = trial.with_file_name("run");
    let trial = trial.to_string_lossy().into_owned();
    let place = out.to_string_lossy().into_owned();
    let arguments = ["run", &trial, "--patients", "2", "--out", &place];
    let output = regraft(&[&arguments[..], extra].concat());
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(!out.exists(), "a refused run wrote a folder");
    stderr(&output)
}

fn line_of(path: &Path, needle: &str) -> usize {
    let text = fs::read_to_string(path).expect("readable");
    text.lines().position(|line| line.contains(needle)).expect("the line is there") + 1
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trial = changed(folder.path(), "horizon_days", "horizon_dayz");
    let text = refused(&trial, &[], 3);
    let place = format!("mist.toml:{}:1", line_of(&trial, "horizon_dayz"));
    assert!(text.contains(&place), "no {place} in {text}");
    assert!(text.contains("horizon_dayz") && text.contains("did you mean `horizon_days`"), "{text}");
}

#[test]
fn all_problems_come_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trial = changed(folder.path(), "regimen = \"dmt_mist\"", "regimen = \"dmt_most\"");
    let text = fs::read_to_string(&trial).expect("readable");
    let text = text.replacen("product = \"autologous_pbsc\"", "product = \"autologous_pbcs\"", 1);
    fs::write(&trial, text.replacen("population = \"mist_entry\"", "population = \"mist_entri\"", 1))
        .expect("writable");
    let text = refused(&trial, &[], 3);
    for wrong in ["`dmt_most`", "`autologous_pbcs`", "`mist_entri`"] {
        assert!(text.contains(wrong), "{wrong} is not reported in {text}");
    }
    assert!(text.contains("did you mean `autologous_pbsc`"), "{text}");
}

#[test]
fn a_trial_without_arms_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(root().join("library/trials/halt_ms.toml")).expect("the trial is there");
    let (before, rest) = text.split_once("[[arm]]").expect("it has an arm");
    let (_, after) = rest.split_once("\n[").expect("something follows");
    let trial = folder.path().join("mist.toml");
    fs::write(&trial, format!("{before}[{after}")).expect("writable");
    assert!(refused(&trial, &[], 3).contains("arm"));
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trial = changed(folder.path(), "id = \"mist\"", "id = \"mist");
    assert!(refused(&trial, &[], 3).contains("mist.toml:1:"));
}

#[test]
fn numbers_that_cannot_be_are_refused_in_cards() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let card =
        fs::read_to_string(root().join("library/regimens/ahsct_cy200_atg.toml")).expect("the card is there");
    let wrong = [
        ("value = 2000, unit = \"mg/m2\"", "value = -2000, unit = \"mg/m2\""),
        ("value = 2000, unit = \"mg/m2\"", "value = nan, unit = \"mg/m2\""),
        ("value = 2000, unit = \"mg/m2\"", "value = 2000, unit = \"day\""),
        ("drug = \"atg\"", "drug = \"agt\""),
    ];
    for (from, to) in wrong {
        let place = folder.path().join("library");
        fs::create_dir_all(place.join("regimens")).expect("writable");
        assert!(card.contains(from), "the card no longer holds `{from}`");
        fs::write(place.join("regimens/ahsct_cy200_atg.toml"), card.replacen(from, to, 1)).expect("writable");
        let out = folder.path().join("run").to_string_lossy().into_owned();
        let output = regraft(&[
            "run",
            "mist",
            "--patients",
            "2",
            "--out",
            &out,
            "--library",
            &place.to_string_lossy(),
        ]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{to} was taken: {text}");
        assert!(text.contains("ahsct_cy200_atg.toml:"), "{to}: no place in {text}");
    }
}

#[test]
fn a_model_that_divides_by_zero_gives_failed_patients_or_a_refusal_but_no_panic() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = folder.path().join("models");
    fs::create_dir(&models).expect("writable");
    let text = fs::read_to_string(root().join("library/models/tissue.ant")).expect("the model is there");
    let rule =
        text.lines().find(|line| line.trim_start().starts_with("inflamed'")).expect("the rate rule is there");
    let broken = rule.replace(';', " + 1/(inflamed - inflamed);");
    fs::write(models.join("tissue.ant"), text.replace(rule, &broken)).expect("writable");
    let out = folder.path().join("run");
    let place = folder.path().to_string_lossy().into_owned();
    let output =
        regraft(&["run", "mist", "--patients", "2", "--out", &out.to_string_lossy(), "--library", &place]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(!out.exists());
}

#[test]
fn missing_files_folders_and_trials_are_said_in_one_line() {
    let output = regraft(&["run", "no/such/trial.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let output = regraft(&["run", "mits"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("did you mean `mist`?"));
    let output = regraft(&["library", "list", "--library", "no/such/folder"]);
    assert_eq!(output.status.code(), Some(1));
    let output = regraft(&["run", "mist", "--patients", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a_file");
    fs::write(&file, "not a folder").expect("writable");
    let out = file.join("run").to_string_lossy().into_owned();
    let start = std::time::Instant::now();
    let output = regraft(&["run", "mist", "--patients", "1000", "--out", &out]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("a_file"), "{}", stderr(&output));
    assert!(start.elapsed().as_secs() < 20, "it was found out only after the run");
    let output = regraft(&["run", "mist", "--patients", "2", "--out", &folder.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1), "a folder with other files was taken");
    assert!(file.is_file());
}
