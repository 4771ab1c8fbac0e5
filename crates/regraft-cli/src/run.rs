//! `regraft run`.

use std::path::PathBuf;

use anyhow::Result;
use regraft::run_folder::RunFolder;
use regraft::study::{self, RunOptions, StudyError, Watch};

use crate::arguments::{Format, Run, typed_doubt};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;

mod table;

/// Simulates a trial, writes its folder and prints the table or the JSON.
pub fn run(arguments: &Run) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let (trial, found) = study::prepare(&mut library, &arguments.trial)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let target = folder::target(arguments.out.as_ref(), &trial.id, arguments.usual.draws.seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let run = study::run(&trial, &library, &options(arguments), &folder, &progress);
    progress.finish();
    let run = run?;
    let report = write(&run, folder, &progress)?.join("report.html");
    match arguments.format {
        Format::Json => {
            tell(&format!("report: {}", report.display()));
            answer(&(run.findings_json() + "\n"))?;
        }
        Format::Text => answer(&format!(
            "{}\nreport: {}\n",
            table::table(&run.findings, &run.answer()),
            report.display()
        ))?,
    }
    Ok(Exit::Done)
}

/// Writes the folder of a run, unless the user stops it before it is whole.
fn write(run: &study::Run, folder: RunFolder, progress: &Progress) -> Result<PathBuf> {
    run.write(&folder)?;
    if progress.cancelled() {
        return Err(StudyError::Cancelled.into());
    }
    Ok(folder.finish()?)
}

fn options(arguments: &Run) -> RunOptions {
    let (patients, draws) = (arguments.patients as usize, &arguments.usual.draws);
    let doubt = arguments.doubt as usize;
    let asked = typed_doubt(arguments.doubt);
    RunOptions {
        engine: arguments.instructions,
        trajectories: arguments.trajectories,
        doubt,
        command: command(
            &arguments.trial,
            arguments.patients,
            draws.seed,
            arguments.trajectories,
            &(asked + &arguments.usual.typed_choices()),
        ),
        ..RunOptions::new(patients, draws.seed, draws.threads())
    }
}

/// The command that repeats a run; threads and folder do not change what is found.
pub fn command(trial: &str, patients: u64, seed: u64, trajectories: bool, choices: &str) -> String {
    let trajectories = if trajectories { " --trajectories" } else { "" };
    format!("regraft run {trial} --patients {patients} --seed {seed}{trajectories}{choices}")
}
