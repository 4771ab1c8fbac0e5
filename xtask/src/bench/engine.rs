//! The engine's benchmark program: built, called, and its answer read.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Options;
use crate::commands::{cargo, root};

/// The program of `--program FILE`, such as an older build, or the present one, built and optimised.
pub fn program(options: &Options) -> Result<PathBuf> {
    if let Some(file) = options.text("--program") {
        return std::fs::canonicalize(file).with_context(|| file.to_string());
    }
    cargo(&["build", "--release", "--package", "regraft-bench"], &[])?;
    Ok(root().join("target/release").join(format!("regraft-bench{}", std::env::consts::EXE_SUFFIX)))
}

/// Calls the program and reads its JSON.
pub fn ask(binary: &Path, words: &[&str]) -> Result<Value> {
    let output = Command::new(binary).args(words).current_dir(root()).output()?;
    let shown = words.join(" ");
    ensure!(output.status.success(), "regraft-bench {shown}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).with_context(|| format!("regraft-bench {shown} gave no JSON"))
}

/// A number of the answer.
pub fn number(answer: &Value, key: &str) -> Result<f64> {
    answer[key].as_f64().with_context(|| format!("the answer has no number `{key}`"))
}

/// Folder of a case: exported numbers, reference, results.
pub fn folder(case: &str) -> String {
    root().join("target/bench").join(case).to_string_lossy().into_owned()
}
