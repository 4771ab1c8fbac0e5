//! `bench peers`: the engine and other tools on the same patients, at matched achieved error.
//!
//! Each case is exported by the engine's benchmark, solved once with CVODE at a tolerance of 1e-11 as the
//! reference, and given to `benches/peers/compare.py`, which measures. The tools live in a virtual environment
//! under `target/`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Options, engine, page};
use crate::commands::{cargo, root, run as run_program, system_python};

/// Patients with a reference.
const REFERENCE_PATIENTS: &str = "32";
/// Both cases, as `regraft-bench` names them.
pub const CASES: [&str; 2] = ["bolus", "infusion"];

/// Measures the cases and writes `docs/performance.md`.
pub fn run(options: &Options) -> Result<()> {
    let python = environment()?;
    let binary = engine::program(options)?;
    let diffsol = options.has("--diffsol").then(build_diffsol).transpose()?;
    let rounds = options.number("--rounds", 5)?.to_string();
    let one = options.text("--case");
    for case in CASES.into_iter().filter(|case| one.is_none_or(|wanted| wanted == *case)) {
        prepare(&binary, &python, case)?;
        let (binary, folder) = (binary.to_string_lossy(), engine::folder(case));
        let mut words = vec!["benches/peers/compare.py", &binary, &folder, case, &rounds];
        words.extend(diffsol.as_deref());
        run_program(&python, &words, &NO_BYTECODE)?;
    }
    page::write_peers(&results()?)
}

/// Builds the program around diffsol; its own workspace, since its compiler brings some 170 packages.
fn build_diffsol() -> Result<String> {
    let folder = root().join("target/bench/diffsol");
    let shown = folder.to_string_lossy();
    let manifest = "benches/diffsol/Cargo.toml";
    cargo(&["build", "--release", "--manifest-path", manifest, "--target-dir", &shown], &[])?;
    let name = format!("diffsol-peer{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join("release").join(name).to_string_lossy().into_owned())
}

const NO_BYTECODE: [(&str, &str); 1] = [("PYTHONDONTWRITEBYTECODE", "1")];

/// Exports a case, and solves its reference if its numbers or its equations are not those that were solved last.
pub fn prepare(binary: &Path, python: &Path, case: &str) -> Result<()> {
    let folder = engine::folder(case);
    engine::ask(binary, &["export", "--case", case, "--patients", REFERENCE_PATIENTS, "--to", &folder])?;
    let file = |name: &str| Path::new(&folder).join(name);
    let asked = [std::fs::read(file("case.json"))?, std::fs::read(file("right_hand_side.py"))?].concat();
    let is_solved = file("reference.f64").exists()
        && std::fs::read(file("reference_is_of")).is_ok_and(|solved| solved == asked);
    if !is_solved {
        println!("{case}: the reference is solved at a tolerance of 1e-11");
        run_program(python, &["benches/peers/reference.py", &folder, REFERENCE_PATIENTS], &NO_BYTECODE)?;
        std::fs::write(file("reference_is_of"), asked)?;
    }
    Ok(())
}

/// What was measured, per case, as far as it was.
fn results() -> Result<Vec<Value>> {
    let mut results = Vec::new();
    for case in CASES {
        if let Ok(text) = std::fs::read_to_string(Path::new(&engine::folder(case)).join("peers.json")) {
            results.push(serde_json::from_str(&text)?);
        }
    }
    Ok(results)
}

/// The interpreter of the virtual environment, made if missing, with the tools installed as far as they can be.
pub fn environment() -> Result<PathBuf> {
    let folder = root().join("target/bench/python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = std::fs::read_to_string(root().join("benches/peers/requirements.txt"))?;
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run_program(&system_python()?, &["-m", "venv", &folder.to_string_lossy()], &[])?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let missing: Vec<&str> = wanted
        .split_whitespace()
        .filter(|package| run_program(&python, &[&install[..], &[package]].concat(), &[]).is_err())
        .collect();
    for needed in ["numpy", "antimony", "roadrunner"] {
        run_program(&python, &["-c", &format!("import {needed}")], &[])
            .with_context(|| format!("`{needed}` is needed for the reference and could not be installed"))?;
    }
    match missing[..] {
        [] => std::fs::write(stamp, wanted)?,
        _ => println!("{}", left_out(&missing)),
    }
    Ok(python)
}

/// What is said of packages that could not be installed; the next call tries them again.
fn left_out(missing: &[&str]) -> String {
    let mut said = format!("not installed, and the tools that need them left out: {}", missing.join(", "));
    if missing.iter().any(|package| package.starts_with("numbalsoda")) {
        said += "\nnumbalsoda is compiled where no wheel fits the Python at hand, and that needs a Fortran \
                 compiler and CMake: `apt-get install gfortran cmake`, or `brew install gcc cmake`";
    }
    said
}
