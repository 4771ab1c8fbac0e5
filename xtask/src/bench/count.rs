//! `bench count`: instructions of one fixed small ensemble under callgrind, against `benches/count.toml`.
//!
//! A count does not depend on how busy the machine is. Callgrind knows no AVX-512, so the AVX2 code is counted.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Options, engine};
use crate::commands::root;

/// The committed figure.
const FILE: &str = "benches/count.toml";
/// How much more is allowed, as a share of the committed figure.
const ALLOWED_MORE: f64 = 0.05;

/// Counts and compares; with `--write` the figure is committed anew. Skipped, and said so, without valgrind.
pub fn run(options: &Options) -> Result<()> {
    if !has_valgrind() {
        println!("bench count: skipped, because `valgrind` is not on PATH");
        return Ok(());
    }
    let binary = engine::program(options)?;
    let counted = count(&binary)?;
    if options.has("--write") {
        let text = format!(
            "# Instructions of the ensemble of `regraft-bench count`, AVX2 code, as callgrind counts them.\n\
             # Written by `cargo xtask bench count --write`; more than 5 % above fails the check.\n\
             instructions = {counted}\n"
        );
        std::fs::write(root().join(FILE), text)?;
        println!("bench count: {counted} instructions written to {FILE}");
        return Ok(());
    }
    let known = committed()?;
    let change = counted as f64 / known as f64 - 1.0;
    println!("bench count: {counted} instructions, {:+.2} % against the committed {known}", 100.0 * change);
    ensure!(
        change <= ALLOWED_MORE,
        "bench count: more than {:.0} % above; if that is meant: `cargo xtask bench count --write`",
        100.0 * ALLOWED_MORE
    );
    Ok(())
}

fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The committed figure.
fn committed() -> Result<u64> {
    let text = std::fs::read_to_string(root().join(FILE)).with_context(|| FILE)?;
    let table: toml::Table = toml::from_str(&text)?;
    let figure = table.get("instructions").and_then(toml::Value::as_integer);
    figure
        .and_then(|figure| u64::try_from(figure).ok())
        .with_context(|| format!("{FILE} has no `instructions`"))
}

/// Instructions inside the function that the benchmark names for this.
fn count(binary: &Path) -> Result<u64> {
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let written = folder.join("callgrind.out");
    let output = Command::new("valgrind")
        // Machine code is written once, before it runs: no check for changed code is needed.
        .args(["--tool=callgrind", "--smc-check=none", "--toggle-collect=measured_ensemble"])
        .arg(format!("--callgrind-out-file={}", written.display()))
        .arg(binary)
        .arg("count")
        .current_dir(root())
        .output()?;
    ensure!(output.status.success(), "valgrind failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&written)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind wrote no total")
}
