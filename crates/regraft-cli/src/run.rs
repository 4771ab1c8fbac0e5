//! `regraft run`.

use std::path::PathBuf;

use anyhow::Result;
use regraft::library::Library;
use regraft::run_folder::RunFolder;
use regraft::study::{self, RunOptions};

use crate::arguments::{Format, Run};
use crate::exit::Exit;
use crate::problems;
use crate::progress::Progress;

mod table;

/// Simulates a trial, writes its folder and prints the table or the JSON.
pub fn run(arguments: &Run) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    let (trial, found) = study::prepare(&mut library, &arguments.trial)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let target = arguments.out.clone().unwrap_or_else(|| default_folder(&trial.id, arguments.seed));
    let folder = RunFolder::create(&target)?;
    let progress = Progress::new();
    let run = study::run(&trial, &library, &options(arguments), &progress);
    progress.finish();
    let run = run?;
    run.write(&folder)?;
    let place = folder.finish()?;
    match arguments.format {
        Format::Json => println!("{}", run.findings_json()),
        Format::Text => print!("{}", table::table(&run.findings)),
    }
    let report = place.join("report.html");
    match arguments.format {
        Format::Json => eprintln!("report: {}", report.display()),
        Format::Text => println!("\nreport: {}", report.display()),
    }
    Ok(Exit::Done)
}

fn options(arguments: &Run) -> RunOptions {
    RunOptions {
        patients: arguments.patients as usize,
        seed: arguments.seed,
        threads: arguments.threads.map(usize::from),
        command: command(arguments),
    }
}

/// The command that repeats the run; threads and folder do not change the result.
fn command(arguments: &Run) -> String {
    let libraries: String =
        arguments.libraries.library.iter().map(|folder| format!(" --library {}", folder.display())).collect();
    format!(
        "regraft run {} --patients {} --seed {}{libraries}",
        arguments.trial, arguments.patients, arguments.seed
    )
}

fn default_folder(trial: &str, seed: u64) -> PathBuf {
    PathBuf::from("runs").join(format!("{trial}-{seed}"))
}
