//! Where an answer goes if nothing else is said.

use std::path::PathBuf;

/// `asked`, or `runs/NAME-SEED` in the present folder; `name` is that of the trial, after the command's own but for a run.
pub fn target(asked: Option<&PathBuf>, name: &str, seed: u64) -> PathBuf {
    asked.cloned().unwrap_or_else(|| PathBuf::from("runs").join(format!("{name}-{seed}")))
}
