//! Which crate may use which: lower ranks only.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::commands::root;

/// Crates with rank, one line, and what the crate must not know.
const CRATES: [(&str, u8, &str, &str); 8] = [
    ("regraft-model", 0, "the model language", "files, trials, patients, time stepping"),
    (
        "regraft-tape",
        0,
        "straight-line arithmetic for many lanes, interpreted or as machine code",
        "equations, time",
    ),
    ("regraft-ode", 1, "many small ODE systems side by side", "species, doses, units, text"),
    ("regraft-stats", 0, "numbers in, numbers out", "models, trials, patients"),
    ("regraft-sim", 2, "a program run for many patients", "arms, endpoints, files, evidence"),
    ("regraft-trial", 2, "what a trial is", "how anything is simulated"),
    (
        "regraft",
        3,
        "the study, end to end; the only library crate that touches files",
        "how anything is shown on a terminal",
    ),
    ("regraft-cli", 4, "the command `regraft`", "science"),
];

/// Workspace dependencies by crate, from cargo's metadata. Development dependencies do not count.
fn dependencies() -> Result<BTreeMap<String, Vec<String>>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    Ok(packages.iter().map(|package| (text(&package["name"]), used_by(package))).collect())
}

fn used_by(package: &Value) -> Vec<String> {
    let all = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<String> = all
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev") && !dependency["path"].is_null())
        .map(|dependency| text(&dependency["name"]))
        .collect();
    names.sort();
    names
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn rank(name: &str) -> Option<u8> {
    CRATES.iter().find(|known| known.0 == name).map(|known| known.1)
}

/// Uses that do not go down, and crates without a rank.
pub fn problems() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let judged = |name: &str| !["xtask", "regraft-bench"].contains(&name);
    for (name, uses) in dependencies()?.into_iter().filter(|(name, _)| judged(name)) {
        let Some(own) = rank(&name) else {
            problems.push(format!("crate `{name}` has no rank in xtask/src/direction.rs"));
            continue;
        };
        for used in uses {
            if rank(&used).is_none_or(|other| other >= own) {
                problems.push(format!("`{name}` (rank {own}) may not use `{used}`: only lower ranks"));
            }
        }
    }
    Ok(problems)
}

const BEGIN: &str = "<!-- crates: written by `cargo xtask docs` -->";
const END: &str = "<!-- end of crates -->";

/// Writes the table of crates into ARCHITECTURE.md.
pub fn write_docs() -> Result<()> {
    let path = root().join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).context("ARCHITECTURE.md has no mark for the crates")?;
    let (_, after) = rest.split_once(END).context("ARCHITECTURE.md has no end mark for the crates")?;
    std::fs::write(path, format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(&dependencies()?)))?;
    Ok(())
}

fn table(dependencies: &BTreeMap<String, Vec<String>>) -> String {
    let mut table = String::from("| rank | crate | what | must not know | uses |\n|---|---|---|---|---|\n");
    for (name, rank, what, unknown) in CRATES {
        let uses = dependencies.get(name).map(|used| used.join(", ")).unwrap_or_default();
        table.push_str(&format!("| {rank} | `{name}` | {what} | {unknown} | {uses} |\n"));
    }
    table
}
