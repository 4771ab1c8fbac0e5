//! The command as its user meets it: one binary for all integration tests.

mod bad_input;
mod calibrate;
mod design;
mod documents;
mod explore;
mod frontier;
mod hostile;
mod library;
mod model;
mod run;
mod scorecard;
mod sensitivity;
mod terminal;
mod twin;
mod validate;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `regraft` with arguments, in the root of the repository.
fn regraft(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_regraft"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the command starts")
}

/// The object that `regraft` prints; it ends with code 0.
fn json(arguments: &[&str]) -> serde_json::Value {
    let output = regraft(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("one JSON object")
}

/// Fails with code 2, and says `words`.
fn is_refused(arguments: &[&str], words: &str) {
    let output = regraft(arguments);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains(words), "{}", stderr(&output));
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
