//! The commands that run other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

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
    run(Path::new(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())), arguments, variables)
}

/// Every test.
pub fn test() -> Result<()> {
    let python = python_environment()?;
    cargo(&["test", "--workspace"], &[])?;
    let binary = root().join("target/debug").join(format!("regraft{}", std::env::consts::EXE_SUFFIX));
    let binary = binary.to_string_lossy().into_owned();
    run(&python, &["-m", "pytest", "-q", "tests/python"], &[("REGRAFT", &binary)])
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
