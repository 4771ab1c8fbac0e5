//! Runs of shipped trials: whole, repeatable, stoppable.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{json, root};

fn run(trial: &str, patients: &str, extra: &[&str], folder: &Path) -> Value {
    let out = folder.to_string_lossy().into_owned();
    let arguments = ["run", trial, "--patients", patients, "--format", "json", "--out", &out];
    json(&[&arguments[..], extra].concat())
}

/// Hashes of all files of a run but the manifest, which holds the time of day.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries =
        fs::read_dir(folder).expect("the run has a folder").map(|entry| entry.expect("readable").path());
    entries
        .filter(|path| path.file_name().is_some_and(|name| name != "manifest.json"))
        .map(|path| {
            (
                path.file_name().expect("a file").to_string_lossy().into_owned(),
                fs::read(&path).expect("readable"),
            )
        })
        .collect()
}

#[test]
fn all_trials_run_to_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (trial, arms) in [("mist", 2), ("halt_ms", 1), ("mesems", 2), ("msc_routes_ms", 4)] {
        let answer = run(trial, "8", &[], &folder.path().join(trial));
        assert_eq!(answer["trial"], trial);
        assert_eq!(answer["arms"].as_array().map(Vec::len), Some(arms));
        assert!(answer["findings"].as_array().is_some_and(|all| all.len() >= 10), "few findings in {trial}");
    }
}

/// A library whose own marrow cells have this efficacy in every patient.
fn library_with_efficacy(folder: &Path, efficacy: f64) -> String {
    let card = "products/msc_marrow_autologous.toml";
    let text = fs::read_to_string(root().join("library").join(card)).expect("the library has this card");
    let number = format!(
        "\"immune.msc.efficacy\" = {{ value = {efficacy}, unit = \"\", source = \"assumed\", why = \"of a test\" }}"
    );
    let lines = text
        .lines()
        .map(|line| if line.starts_with("\"immune.msc.efficacy\"") { number.as_str() } else { line });
    let place = folder.join(format!("efficacy_{efficacy}"));
    fs::create_dir_all(place.join("products")).expect("a temporary folder");
    fs::write(place.join(card), lines.collect::<Vec<_>>().join("\n")).expect("writable");
    place.to_string_lossy().into_owned()
}

/// Findings of one arm alone, without its name.
fn findings_of(answer: &Value, arm: &str) -> Vec<Value> {
    let all = answer["findings"].as_array().expect("a list of findings");
    let of_arm = all.iter().filter(|finding| finding["arm"] == arm && finding["versus"].is_null());
    of_arm
        .map(|finding| serde_json::json!([finding["title"], finding["time_days"], finding["estimate"]]))
        .collect()
}

#[test]
fn cells_without_efficacy_change_nothing_by_any_route() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (efficacy, same) in [(0.0, true), (1.0, false)] {
        let library = library_with_efficacy(folder.path(), efficacy);
        let place = folder.path().join(format!("run_{efficacy}"));
        let answer = run("msc_routes_ms", "24", &["--library", &library], &place);
        let untreated = findings_of(&answer, "none");
        assert!(untreated.len() >= 5);
        for arm in ["vein", "spinal_fluid"] {
            assert_eq!(findings_of(&answer, arm) == untreated, same, "{arm} at efficacy {efficacy}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_thread_and_on_two() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    run("mist", "10", &["--threads", "1"], &one);
    run("mist", "10", &["--threads", "2"], &two);
    let (one, two) = (files(&one), files(&two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs between one thread and two");
    }
}

#[test]
fn a_larger_cohort_extends_a_smaller_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let numbers = |patients: &str| {
        let place = folder.path().join(patients);
        run("mist", patients, &[], &place);
        column(&place.join("patients.parquet"))
    };
    let (few, more) = (numbers("5"), numbers("9"));
    assert_eq!(few.len(), 5);
    assert_eq!(few[..], more[..5]);
}

/// Tables are written while patients come: by patient, then arm.
#[test]
fn rows_are_sorted_by_patient() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("run");
    run("mist", "6", &[], &place);
    let patients: Vec<u64> = column(&place.join("patients.parquet")).iter().map(|row| patient(row)).collect();
    for table in ["outcomes", "events", "decisions", "observables"] {
        let rows = column(&place.join(format!("{table}.parquet")));
        let found: Vec<(usize, bool)> = rows.iter().map(|row| place_of(row, &patients)).collect();
        assert!(!found.is_empty() && found.is_sorted(), "{table} is not in order");
    }
}

/// `{patient: 7, …}`
fn patient(row: &str) -> u64 {
    let number = row.trim_start_matches("{patient: ").split([',', '}']).next();
    number.and_then(|number| number.parse().ok()).expect("the first column is the patient")
}

/// Position of the row's patient in the cohort, and whether it is of the second arm.
fn place_of(row: &str, patients: &[u64]) -> (usize, bool) {
    let position = patients.iter().position(|number| *number == patient(row));
    (position.expect("the patient is in the cohort"), row.contains("arm: \"dmt\""))
}

/// A small cohort has all its observables anyway; the command that repeats the run says what was asked for.
#[test]
fn all_trajectories_can_be_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (usual, all) = (folder.path().join("usual"), folder.path().join("all"));
    run("mist", "5", &[], &usual);
    run("mist", "5", &["--trajectories"], &all);
    let (usual, files_of_all) = (files(&usual), files(&all));
    for name in ["observables.parquet", "outcomes.parquet", "findings.json"] {
        assert!(usual[name] == files_of_all[name], "{name} differs");
    }
    let manifest = fs::read_to_string(all.join("manifest.json")).expect("the run has a manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("it is JSON");
    assert_eq!(manifest["command"], "regraft run mist --patients 5 --seed 1 --trajectories");
}

/// Every row of a table as text, one line each.
pub fn column(path: &Path) -> Vec<String> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let reader =
        SerializedFileReader::new(fs::File::open(path).expect("the table is there")).expect("it is Parquet");
    reader.get_row_iter(None).expect("it has rows").map(|row| row.expect("readable").to_string()).collect()
}

#[test]
fn a_stopped_run_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("stopped");
    let mut child = Command::new(env!("CARGO_BIN_EXE_regraft"))
        .args(["run", "mist", "--patients", "20000", "--out"])
        .arg(&target)
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    wait_for(|| fs::read_dir(folder.path()).is_ok_and(|mut entries| entries.next().is_some()));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(1));
    assert!(!target.exists());
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0, "something was left behind");
}

/// Waits until a condition holds, a minute at most.
pub fn wait_for(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
}
