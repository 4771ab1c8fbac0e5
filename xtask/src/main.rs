//! Helper commands: `cargo xtask test | check | tidy | docs | bench`.
//!
//! `test` is every test; `check` is everything else that may block a change. What the
//! continuous integration runs is what a developer runs.

mod bench;
mod biology;
mod commands;
mod direction;
mod lengths;
mod modules;
mod sources;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  test    every test: Rust, then Python in its own virtual environment
  check   formatting, clippy and documentation with warnings denied, then tidy
  tidy    crate direction, module cycles, sources of numbers, lengths of files and functions, generated documents
  docs    writes the generated parts of ARCHITECTURE.md and docs/biology
  bench   peers [--rounds N] [--case bolus|infusion] [--diffsol]: against other tools, at matched error
          goals [--rounds N] [--patients N]: the other goals of the engine
          count [--write]: instructions of one small ensemble, against benches/count.toml
          each with --program FILE to measure another build of regraft-bench
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let result = match command.as_str() {
        "test" => commands::test(),
        "check" => commands::check().and_then(|()| tidy()),
        "tidy" => tidy(),
        "docs" => direction::write_docs().and_then(|()| biology::write_docs()),
        "bench" => bench::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        _ => Err(anyhow::anyhow!("{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// All structural checks; every problem is printed before the command fails.
fn tidy() -> anyhow::Result<()> {
    let mut problems = Vec::new();
    problems.extend(direction::problems()?);
    problems.extend(modules::problems()?);
    problems.extend(sources::problems()?);
    problems.extend(lengths::problems()?);
    problems.extend(biology::problems()?);
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    anyhow::ensure!(problems.is_empty(), "tidy: {} problems", problems.len());
    println!("tidy: crates, modules, sources, lengths and generated documents are in order");
    Ok(())
}
