//! `regraft model check | rates | simulate | explore | sensitivity`: any Antimony model; `export | drugs`: the models of
//! the library.

use std::path::Path;

use anyhow::{Result, bail};
use regraft::ensemble::read_model;
use regraft_model::{Diagnostic, Model, Program, Sources, lower};

use crate::arguments::{ModelAction, ModelArguments};
use crate::exit::Exit;
use crate::{output, problems};

mod explore;
mod export;
mod rates;
mod sensitivity;
mod simulate;

/// Checks or simulates a model, or shows its start.
pub fn model(arguments: &ModelArguments) -> Result<Exit> {
    match &arguments.action {
        ModelAction::Check { file } => check(file),
        ModelAction::Rates { file, format } => rates::rates(file, *format),
        ModelAction::Export { trial, out, libraries } => export::export(trial, out, libraries),
        ModelAction::Drugs { drugs, libraries } => export::drugs(drugs, libraries),
        ModelAction::Explore(arguments) => explore::explore(arguments),
        ModelAction::Sensitivity(arguments) => sensitivity::of(arguments),
        ModelAction::Simulate(arguments) => simulate::simulate(arguments),
    }
}

fn check(file: &Path) -> Result<Exit> {
    let mut sources = Sources::default();
    let (read, found) = read(&mut sources, file)?;
    problems::show(&sources, &found);
    let Some((_, program)) = read.filter(|_| !found.iter().any(Diagnostic::is_error)) else {
        return Ok(Exit::FileErrors);
    };
    output::answer(&format!(
        "{} without errors: {} states, {} parameters, {} observables, {} events\n",
        file.display(),
        program.states.len(),
        program.parameters.len(),
        program.observables.len(),
        program.events.len()
    ))?;
    Ok(Exit::Done)
}

/// A model with its program.
type Lowered = (Model, Program);

/// The model with its program, if it has one, and all problems.
fn read(sources: &mut Sources, file: &Path) -> Result<(Option<Lowered>, Vec<Diagnostic>)> {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let shown = file.display();
    match extension {
        Some("ant") => {}
        Some("xml" | "sbml") => bail!(
            "`{shown}`: SBML is not read, Antimony is; libAntimony translates it: `pip install antimony`, then \
             `import antimony; antimony.loadSBMLFile(\"{shown}\"); antimony.writeAntimonyFile(\"{}\", \
             antimony.getMainModuleName())`",
            file.with_extension("ant").display()
        ),
        _ => bail!("`{shown}` is no Antimony model: its name must end in .ant"),
    }
    let (model, mut found) = read_model(sources, file)?;
    match lower(&model) {
        Ok(program) => Ok((Some((model, program)), found)),
        Err(more) => {
            found.extend(more.into_iter().filter(|problem| !found.contains(problem)).collect::<Vec<_>>());
            Ok((None, found))
        }
    }
}
