//! `regraft validate`: simulated trials beside published ones, and simulated courses beside measured ones.

use std::path::PathBuf;

use anyhow::Result;
use regraft::run_folder::RunFolder;
use regraft::scoring::{self, Asked};
use regraft::study::{RunOptions, StudyError, Watch};
use regraft::validation;

use crate::arguments::{TableFormat, UseOfRows, Validate};
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;

mod score_table;
mod table;

/// Patients of each simulation where nothing is said.
const TRIAL_PATIENTS: u64 = 1000;
const COURSE_PATIENTS: u64 = 300;

/// Scores published trials, or the groups of a scorecard; writes the folder and prints the table or the JSON.
pub fn validate(arguments: &Validate) -> Result<Exit> {
    match &arguments.scorecard {
        Some(id) => courses(arguments, id),
        None => trials(arguments),
    }
}

fn trials(arguments: &Validate) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let asked = match arguments.use_of_rows {
        UseOfRows::Calibrate => Asked::Calibrate,
        UseOfRows::Validate => Asked::Validate,
        UseOfRows::All => Asked::All,
    };
    let (prepared, found) = scoring::prepare(&mut library, arguments.evidence.as_deref(), asked)?;
    problems::show(&library.sources, &found);
    let Some(prepared) = prepared else { return Ok(Exit::FileErrors) };
    let progress = Progress::new();
    let folder = RunFolder::create(&target(arguments, "trials"))?;
    progress.guard(&folder);
    let evidence = arguments.evidence.as_ref();
    let evidence = evidence.map_or(String::new(), |folder| format!(" --evidence {}", folder.display()));
    let typed = format!("{evidence} --use {}", asked.word());
    let found = scoring::run(&prepared, &mut library, &options(arguments, &typed, TRIAL_PATIENTS), &progress);
    progress.finish();
    let found = found?;
    scoring::write(&found, &prepared, &folder)?;
    finish(arguments, folder, &progress, || found.json(), || score_table::table(&found))
}

fn courses(arguments: &Validate, id: &str) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let (prepared, found) = validation::prepare(&mut library, id)?;
    problems::show(&library.sources, &found);
    let Some(prepared) = prepared else { return Ok(Exit::FileErrors) };
    let progress = Progress::new();
    let folder = RunFolder::create(&target(arguments, id))?;
    progress.guard(&folder);
    let found =
        validation::run(&prepared, &options(arguments, &format!(" {id}"), COURSE_PATIENTS), &progress);
    progress.finish();
    let found = found?;
    validation::write(&found, &prepared, &folder)?;
    finish(arguments, folder, &progress, || found.json(), || table::table(&found))
}

/// Puts the folder in its place, unless the user stops it before it is whole, and prints the table or the JSON.
fn finish(
    arguments: &Validate,
    folder: RunFolder,
    progress: &Progress,
    json: impl Fn() -> String,
    table: impl Fn() -> String,
) -> Result<Exit> {
    if Watch::cancelled(progress) {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("index.html");
    match arguments.format {
        TableFormat::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&(json() + "\n"))?;
        }
        TableFormat::Table => answer(&format!("{}\nreport: {}\n", table(), page.display()))?,
    }
    Ok(Exit::Done)
}

fn target(arguments: &Validate, name: &str) -> PathBuf {
    let usual = || PathBuf::from("validation").join(format!("{name}-{}", arguments.usual.draws.seed));
    arguments.out.clone().unwrap_or_else(usual)
}

fn options(arguments: &Validate, typed: &str, usual: u64) -> RunOptions {
    let choices = arguments.usual.typed_choices();
    let (patients, seed) = (arguments.patients.unwrap_or(usual), arguments.usual.draws.seed);
    let command = format!("regraft validate{typed} --patients {patients} --seed {seed}{choices}");
    RunOptions { command, ..RunOptions::new(patients as usize, seed, arguments.usual.draws.threads()) }
}
