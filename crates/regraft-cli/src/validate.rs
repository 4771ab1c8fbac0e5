//! `regraft validate`: simulated courses beside measured ones.

use std::path::PathBuf;

use anyhow::Result;
use regraft::run_folder::RunFolder;
use regraft::study::{RunOptions, StudyError};
use regraft::validation;

use crate::arguments::{TableFormat, Validate};
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;
use crate::run::typed_choices;

mod table;

/// Simulates the groups of a scorecard, writes the folder and prints the table or the JSON.
pub fn validate(arguments: &Validate) -> Result<Exit> {
    let mut library = arguments.uncertain.open(&arguments.libraries)?;
    let (prepared, found) = validation::prepare(&mut library, &arguments.scorecard)?;
    problems::show(&library.sources, &found);
    let Some(prepared) = prepared else { return Ok(Exit::FileErrors) };
    let progress = Progress::new();
    let folder = RunFolder::create(&target(arguments))?;
    progress.guard(&folder);
    let found = validation::run(&prepared, &options(arguments), &progress);
    progress.finish();
    let found = found?;
    validation::write(&found, &prepared, &folder)?;
    if regraft::study::Watch::cancelled(&progress) {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("index.html");
    match arguments.format {
        TableFormat::Json => {
            tell(&format!("page: {}", page.display()));
            answer(&(found.json() + "\n"))?;
        }
        TableFormat::Table => answer(&format!("{}\npage: {}\n", table::table(&found), page.display()))?,
    }
    Ok(Exit::Done)
}

fn target(arguments: &Validate) -> PathBuf {
    let usual =
        || PathBuf::from("validation").join(format!("{}-{}", arguments.scorecard, arguments.draws.seed));
    arguments.out.clone().unwrap_or_else(usual)
}

fn options(arguments: &Validate) -> RunOptions {
    let choices = typed_choices(&arguments.uncertain, &arguments.libraries);
    let (patients, seed) = (arguments.patients, arguments.draws.seed);
    let command =
        format!("regraft validate {} --patients {patients} --seed {seed}{choices}", arguments.scorecard);
    RunOptions { command, ..RunOptions::new(patients as usize, seed, arguments.draws.threads()) }
}
