//! `regraft check`: all problems of files at once.

use std::path::Path;

use anyhow::Result;
use regraft::library::Library;
use regraft::study;
use regraft_model::{Diagnostic, lower};
use regraft_trial::CardKind;

use crate::arguments::Check;
use crate::exit::Exit;
use crate::problems;

/// Checks every file; a trial with everything it names, a model with everything it imports.
pub fn check(arguments: &Check) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    let mut found = Vec::new();
    let mut trials = Vec::new();
    for file in &arguments.files {
        let before = library.diagnostics.len();
        match kind_of(file) {
            Some(Kind::Model) => found.extend(check_model(&mut library, file)?),
            Some(Kind::Card(kind)) => {
                let id = library.add_file(kind, file)?;
                found.extend(library.diagnostics.split_off(before));
                if kind == CardKind::Trial {
                    trials.push(id);
                }
            }
            None => {
                eprintln!("error: cannot tell what `{}` is: {}", file.display(), WHAT_FILES_ARE);
                return Ok(Exit::Usage);
            }
        }
    }
    for trial in trials {
        found.extend(study::check(&mut library, &trial));
    }
    remove_repeats(&mut found);
    problems::show(&library.sources, &found);
    if found.iter().any(Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    println!("{} files without errors", arguments.files.len());
    Ok(Exit::Done)
}

const WHAT_FILES_ARE: &str = "a model ends in .ant; a card lies in a folder named diseases, drugs, products, regimens, populations, endpoints or trials, or is a trial file with [[arm]]";

enum Kind {
    Model,
    Card(CardKind),
}

fn kind_of(file: &Path) -> Option<Kind> {
    if file.extension().is_some_and(|e| e == "ant") {
        return Some(Kind::Model);
    }
    study::card_kind(file).map(Kind::Card)
}

fn check_model(library: &mut Library, file: &Path) -> Result<Vec<Diagnostic>> {
    let path = library.add_model(file)?;
    let Some((model, mut problems)) = library.read_model(&path) else { return Ok(Vec::new()) };
    if !problems.iter().any(Diagnostic::is_error)
        && let Err(more) = lower(&model)
    {
        problems.extend(more);
    }
    Ok(problems)
}

/// A card that several trials use is reported once.
fn remove_repeats(found: &mut Vec<Diagnostic>) {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for problem in found.drain(..) {
        if !kept.contains(&problem) {
            kept.push(problem);
        }
    }
    *found = kept;
}
