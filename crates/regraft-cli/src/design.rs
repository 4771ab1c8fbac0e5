//! `regraft design`.

use std::time::Instant;

use anyhow::Result;
use regraft::design::{self, Asked, Plan};
use regraft::run_folder::RunFolder;
use regraft::study::{self, RunOptions, StudyError, Watch};

use crate::arguments::{Design, Format};
use crate::exit::Exit;
use crate::folder;
use crate::output::{answer, tell};
use crate::problems;
use crate::progress::Progress;

mod table;

/// Simulates trials of a design, writes its folder and prints the table or the JSON.
pub fn design(arguments: &Design) -> Result<Exit> {
    let mut library = arguments.usual.open()?;
    let (trial, found) = study::prepare(&mut library, &arguments.trial)?;
    problems::show(&library.sources, &found);
    let Some(trial) = trial else { return Ok(Exit::FileErrors) };
    let plan = Plan::of(&trial)?;
    let name = format!("design-{}", trial.id);
    let target = folder::target(arguments.out.as_ref(), &name, arguments.usual.draws.seed);
    let progress = Progress::new();
    let folder = RunFolder::create(&target)?;
    progress.guard(&folder);
    let options = options(arguments);
    let start = Instant::now();
    let done = design::run(&trial, &plan, &asked(arguments), &options, &progress);
    progress.finish();
    let (found, pool) = done?;
    design::write(&found, &trial, &pool, &library, &options, start.elapsed().as_secs_f64(), &folder)?;
    if progress.cancelled() {
        return Err(StudyError::Cancelled.into());
    }
    let page = folder.finish()?.join("design.html");
    match arguments.format {
        Format::Json => {
            tell(&format!("report: {}", page.display()));
            answer(&(found.json() + "\n"))?;
        }
        Format::Text => answer(&format!("{}\nreport: {}\n", table::table(&found), page.display()))?,
    }
    Ok(Exit::Done)
}

fn asked(arguments: &Design) -> Asked {
    Asked {
        n_per_arm: arguments.n_per_arm.map(|n| n as usize),
        power: arguments.power,
        trials: arguments.trials as usize,
        null: arguments.null,
    }
}

fn options(arguments: &Design) -> RunOptions {
    let draws = &arguments.usual.draws;
    let options = RunOptions::new(arguments.patients as usize, draws.seed, draws.threads());
    RunOptions { command: command(arguments), ..options }
}

/// The command that repeats it; threads and folder do not change what is found.
fn command(arguments: &Design) -> String {
    let n = arguments.n_per_arm.map(|n| format!(" --n-per-arm {n}")).unwrap_or_default();
    let power = arguments.power.map(|power| format!(" --power {power}")).unwrap_or_default();
    let null = if arguments.null { " --null" } else { "" };
    format!(
        "regraft design {}{n}{power}{null} --trials {} --patients {} --seed {}{}",
        arguments.trial,
        arguments.trials,
        arguments.patients,
        arguments.usual.draws.seed,
        arguments.usual.typed_choices()
    )
}
