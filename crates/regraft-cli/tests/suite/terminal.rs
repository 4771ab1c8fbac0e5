//! Pipes, signals, folders and odd arguments: what a shell may do to the command.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::{regraft, root, stderr, stdout};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regraft"));
    command.args(arguments).current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A run of two patients into `out`.
fn run_into(out: &Path, extra: &[&str]) -> Output {
    let out = out.to_string_lossy().into_owned();
    regraft(&[&["run", "mist", "--patients", "2", "--out", &out], extra].concat())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in
        [&["library", "list"][..], &["library", "show", "mist"], &["--help"], &["check", "README.md"]]
    {
        let mut child = command(arguments).spawn().expect("the command starts");
        drop(child.stdout.take());
        drop(child.stderr.take());
        let code = child.wait().expect("it ends").code();
        assert!(code == Some(0) || code == Some(2), "{arguments:?} ends with {code:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    let full = fs::File::create("/dev/full").expect("Linux has it");
    let output = command(&["library", "list"]).stdout(full).output().expect("the command starts");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write to stdout"), "{}", stderr(&output));
}

#[test]
fn json_is_all_that_stdout_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run_into(&folder.path().join("run"), &["--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let answer = stdout(&output);
    let object: serde_json::Value = serde_json::from_str(&answer).expect("one JSON object");
    assert!(object.is_object() && answer.ends_with("}\n"));
    assert!(stderr(&output).starts_with("report: "), "{}", stderr(&output));
    let written = fs::read_to_string(folder.path().join("run/findings.json")).expect("it is written");
    assert_eq!(written, answer, "the file and stdout differ");
}

#[test]
fn the_table_fits_a_terminal_and_names_each_analysis_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = stdout(&run_into(&folder.path().join("run"), &[]));
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 120).collect();
    assert!(long.iter().all(|line| line.starts_with("report: ")), "{long:?}");
    assert_eq!(text.lines().filter(|line| *line == "Confirmed progression").count(), 1, "{text}");
    assert!(!text.contains("% to"), "a percent sign is repeated: {text}");
    let last = text.lines().last().expect("it has lines");
    assert!(last.starts_with("report: ") && last.ends_with("report.html"), "{last}");
}

#[test]
fn odd_numbers_are_refused_and_large_ones_taken() {
    for (option, value) in [
        ("--patients", "0"),
        ("--patients", "-1"),
        ("--patients", "1.5"),
        ("--patients", "99999999999999999999"),
        ("--threads", "0"),
        ("--threads", "5000"),
        ("--seed", "18446744073709551616"),
        ("--format", "xml"),
    ] {
        let output = regraft(&["run", "mist", option, value]);
        assert_eq!(output.status.code(), Some(2), "{option} {value}: {}", stderr(&output));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output =
        run_into(&folder.path().join("run"), &["--seed", "18446744073709551615", "--threads", "100"]);
    assert!(stdout(&output).starts_with("mist, seed 18446744073709551615\n"), "{}", stderr(&output));
}

#[test]
fn without_a_command_the_help_is_shown() {
    let output = regraft(&[]);
    assert_eq!(output.status.code(), Some(2));
    for word in ["run", "library", "check", "Exit codes"] {
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn folders_of_others_are_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let web = folder.path().join("web");
    fs::create_dir(&web).expect("writable");
    fs::write(web.join("manifest.json"), "{\"name\": \"a web page\"}").expect("writable");
    let run = folder.path().join("run");
    assert!(run_into(&run, &[]).status.success());
    fs::write(run.join("my_notes.txt"), "mine").expect("writable");
    fs::write(folder.path().join("file"), "mine").expect("writable");
    for taken in
        [&web, &run, &folder.path().join("file"), &folder.path().join("file/run"), &folder.path().join("..")]
    {
        let output = run_into(taken, &[]);
        assert_eq!(output.status.code(), Some(1), "{}: {}", taken.display(), stderr(&output));
    }
    assert_eq!(names(folder.path()), ["file", "run", "web"]);
    assert_eq!(fs::read_to_string(run.join("my_notes.txt")).expect("it is still there"), "mine");
}

#[test]
fn a_run_replaces_an_earlier_one_and_goes_where_a_link_points() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = folder.path().join("with space/日本 run");
    for seed in ["1", "2"] {
        let output = run_into(&run, &["--seed", seed]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let manifest = fs::read_to_string(run.join("manifest.json")).expect("it is written");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["seed"], 2);
    assert_eq!(names(&folder.path().join("with space")), ["日本 run"]);
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&run, &link).expect("links can be made");
        assert!(run_into(&link, &[]).status.success());
        assert!(link.is_symlink() && link.join("report.html").is_file());
    }
}

#[test]
fn two_runs_into_one_folder_leave_one_whole_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run").to_string_lossy().into_owned();
    let start = |seed: &str| {
        command(&["run", "mist", "--patients", "2", "--seed", seed, "--out", &out])
            .spawn()
            .expect("it starts")
    };
    let children = [start("1"), start("2")];
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(names(folder.path()), ["run"]);
    assert_eq!(names(&folder.path().join("run")).len(), 9);
}

/// Sends a signal after a while; the run must end with `code` and leave nothing, or be whole.
#[cfg(unix)]
fn stopped(patients: &str, after: Duration, signal: &str) -> (Option<i32>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("above/run").to_string_lossy().into_owned();
    let mut child =
        command(&["run", "mist", "--patients", patients, "--out", &out]).spawn().expect("the command starts");
    crate::run::wait_for(|| folder.path().join("above").exists());
    std::thread::sleep(after);
    Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
    let mut told = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut told).expect("text");
    let code = child.wait().expect("it ends").code();
    assert!(!told.contains("panicked"), "{told}");
    (code, names(folder.path()))
}

#[cfg(unix)]
#[test]
fn whenever_a_run_is_stopped_there_is_nothing_or_all_of_it() {
    for signal in ["-INT", "-TERM"] {
        let (code, left) = stopped("100000", Duration::from_millis(100), signal);
        assert_eq!((code, left.len()), (Some(1), 0), "{signal} during screening leaves {left:?}");
    }
    // Somewhere in the arms, the analyses, the writing, or after the end.
    for step in 0..8 {
        match stopped("8", Duration::from_millis(250 * step), "-INT") {
            (Some(0), left) => assert_eq!(left, ["above"]),
            (Some(1), left) => assert!(left.is_empty(), "{left:?} is left"),
            (code, _) => panic!("a stopped run ends with {code:?}"),
        }
    }
}

/// Commands under "Examples:", a line that ends with `\` joined with the next.
fn examples(help: &str) -> Vec<Vec<String>> {
    let shown = help.split("Examples:").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let whole = shown.replace("\\\n", " ");
    let commands = whole.lines().map(str::trim).filter(|line| line.starts_with("regraft "));
    commands.map(|line| crate::documents::typed(line).split_off(1)).collect()
}

#[test]
fn the_help_of_every_command_shows_examples_that_it_takes() {
    for command in [
        &[][..],
        &["run"],
        &["twin"],
        &["benefit"],
        &["design"],
        &["validate"],
        &["search"],
        &["learn"],
        &["claims"],
        &["calibrate"],
        &["dossier"],
        &["library"],
        &["check"],
        &["model"],
        &["model", "simulate"],
        &["model", "explore"],
        &["model", "sensitivity"],
    ] {
        let help = stdout(&regraft(&[command, &["--help"]].concat()));
        let long = help.lines().filter(|line| line.chars().count() > 100).collect::<Vec<_>>();
        assert!(long.is_empty(), "{command:?}: {long:?}");
        let found = examples(&help);
        assert!(!found.is_empty(), "{command:?} shows no example: {help}");
        for example in found {
            let words: Vec<&str> = example.iter().map(String::as_str).chain(["--help"]).collect();
            let output = regraft(&words);
            assert!(output.status.success(), "{words:?}: {}", stderr(&output));
        }
    }
}
