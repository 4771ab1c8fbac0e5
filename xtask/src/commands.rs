//! The commands that run other programs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_path_buf()
}

/// Runs a program in the root and fails with its name if it fails.
pub fn run(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let shown = format!("{} {}", program.display(), arguments.join(" "));
    println!("$ {shown}");
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    for (name, value) in variables {
        command.env(name, value);
    }
    let status = command.status().with_context(|| {
        format!("`{}` could not be started: is it installed and on PATH?", program.display())
    })?;
    ensure!(status.success(), "failed: {shown}");
    Ok(())
}

/// Runs cargo in the root.
pub fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    run(Path::new(&cargo_program()), arguments, variables)
}

fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Every test.
pub fn test() -> Result<()> {
    let python = python_environment()?;
    let rust = counted(Path::new(&cargo_program()), &["test", "--workspace"], &[])?;
    let binary = root().join("target/debug").join(format!("regraft{}", std::env::consts::EXE_SUFFIX));
    let binary = binary.to_string_lossy().into_owned();
    let python = counted(
        &python,
        &["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "tests/python"],
        &[("REGRAFT", &binary)],
    )?;
    let version = env!("CARGO_PKG_VERSION");
    let counts = format!(
        "{{\"version\": \"{version}\", \"rust_passed\": {rust}, \"python_passed\": {python}, \"failed\": 0}}\n"
    );
    std::fs::write(root().join("target/tests.json"), counts)?;
    println!("{rust} tests in Rust and {python} in Python passed (target/tests.json)");
    Ok(())
}

/// Runs a program whose output it shows, and adds up the tests that it says have passed.
fn counted(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<u64> {
    let shown = format!("{} {}", program.display(), arguments.join(" "));
    println!("$ {shown}");
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdout(Stdio::piped()).envs(variables.iter().copied());
    let mut child = command.spawn().with_context(|| {
        format!("`{}` could not be started: is it installed and on PATH?", program.display())
    })?;
    let mut passed = 0;
    for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
        let line = line?;
        println!("{line}");
        passed += passed_in(&line);
    }
    ensure!(child.wait()?.success(), "failed: {shown}");
    Ok(passed)
}

/// The number before `passed` in a last line of cargo (`test result: ok. 12 passed; …`) or pytest
/// (`99 passed in 3 s`).
fn passed_in(line: &str) -> u64 {
    let is_sum =
        line.starts_with("test result:") || line.contains(" passed in ") || line.contains(" passed, ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let before = words.iter().position(|word| word.trim_end_matches([';', ',']) == "passed");
    before.filter(|at| is_sum && *at > 0).and_then(|at| words[at - 1].parse().ok()).unwrap_or(0)
}

/// Formatting, clippy and documentation, warnings denied.
pub fn check() -> Result<()> {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    cargo(&["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")])
}

/// The interpreter of the repository's own virtual environment, made if missing, with what the
/// tests need installed.
fn python_environment() -> Result<PathBuf> {
    let folder = root().join("target/python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = std::fs::read_to_string(root().join("tests/python/requirements.txt"))?;
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let system = system_python()?;
    run(&system, &["-m", "venv", &folder.to_string_lossy()], &[])?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(&python, &[&install[..], &["tests/python/requirements.txt"]].concat(), &[])
        .context("the Python packages of the tests could not be installed")?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

/// A Python of at least 3.11.
pub fn system_python() -> Result<PathBuf> {
    let old = "import sys; sys.exit(sys.version_info < (3, 11))";
    for name in ["python3", "python"] {
        if Command::new(name).args(["-c", old]).status().is_ok_and(|status| status.success()) {
            return Ok(name.into());
        }
    }
    bail!("this needs Python 3.11 or newer: no `python3` of that age is on PATH")
}
