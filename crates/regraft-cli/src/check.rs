//! `regraft check`: all problems of files at once.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use regraft::library::Library;
use regraft::{claims, study, validation};
use regraft_model::{Diagnostic, Sources, lower};
use regraft_trial::CardKind;

use crate::arguments::Check;
use crate::exit::{self, Exit};
use crate::output::{answer, tell};
use crate::{problems, words};

/// Checks every file; a trial with everything it names, a model with everything it imports, another card
/// with every trial of the library that names it.
pub fn check(arguments: &Check) -> Result<Exit> {
    let mut library = Library::open(&arguments.libraries.library)?;
    let mut checked = Checked::default();
    for file in &arguments.files {
        if let Err(error) = checked.read(&mut library, file) {
            tell(&exit::words(&error));
            checked.unread = checked.unread.or(Some(Exit::Failed));
        }
    }
    checked.found.extend(std::mem::take(&mut library.diagnostics));
    checked.follow(&mut library);
    remove_repeats(&library.sources, &mut checked.found);
    problems::show(&library.sources, &checked.found);
    if checked.found.iter().any(Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    if let Some(exit) = checked.unread {
        return Ok(exit);
    }
    answer(&format!("{} without errors\n", words::count(arguments.files.len(), "file")))?;
    Ok(Exit::Done)
}

/// What the files of the call hold.
#[derive(Default)]
struct Checked {
    found: Vec<Diagnostic>,
    /// Trials among them.
    trials: Vec<String>,
    /// Paths of the other cards, as messages show them.
    cards: Vec<String>,
    /// How the command ends because of files that were not read.
    unread: Option<Exit>,
}

impl Checked {
    fn read(&mut self, library: &mut Library, file: &Path) -> Result<()> {
        match kind_of(file)? {
            Some(Kind::Model) => self.found.extend(check_model(library, file)?),
            Some(Kind::Scorecard) => {
                let id = library.add_scorecard(file)?;
                self.found.extend(validation::prepare(library, &id)?.1);
            }
            Some(Kind::Claim) => {
                let id = library.add_claim(file)?;
                self.found.extend(claims::prepare(library, &[id])?.1);
            }
            Some(Kind::Uncertainty) => library.add_uncertainty(file)?,
            Some(Kind::Directions) => library.add_directions(file)?,
            Some(Kind::Card(kind)) => {
                let id = library.add_file(kind, file)?;
                if kind == CardKind::Trial {
                    self.trials.push(id);
                } else {
                    self.cards.push(file.display().to_string());
                }
            }
            None => {
                tell(&format!("error: cannot tell what `{}` is: {WHAT_FILES_ARE}", file.display()));
                self.unread = Some(Exit::Usage);
            }
        }
        Ok(())
    }

    /// Problems that show only where cards meet: in a trial.
    fn follow(&mut self, library: &mut Library) {
        for trial in &self.trials {
            self.found.extend(study::check(library, trial));
        }
        if self.cards.is_empty() {
            return;
        }
        let others: Vec<String> = library.cards.trials.keys().cloned().collect();
        for trial in others.iter().filter(|trial| !self.trials.contains(trial)) {
            let problems = study::check(library, trial);
            let here = |problem: &Diagnostic| {
                let source = problem.labels[0].span.source;
                self.cards.contains(&library.sources.get(source).path)
            };
            self.found.extend(problems.into_iter().filter(here));
        }
    }
}

const WHAT_FILES_ARE: &str = "a model ends in .ant; a card lies in a folder named diseases, drugs, sensitivities, products, regimens, populations, endpoints, trials, scorecards, claims, uncertainty or directions, or is a trial file with [[arm]]";

enum Kind {
    Model,
    Scorecard,
    Claim,
    Uncertainty,
    Directions,
    Card(CardKind),
}

/// What a file is; `None` if it cannot be told.
///
/// # Errors
/// If there is no such file.
fn kind_of(file: &Path) -> Result<Option<Kind>> {
    let about = std::fs::metadata(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    anyhow::ensure!(!about.is_dir(), "`{}` is a folder: name the files in it", file.display());
    if file.extension().is_some_and(|e| e == "ant") {
        return Ok(Some(Kind::Model));
    }
    let folder = file.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
    match folder {
        Some("claims") => return Ok(Some(Kind::Claim)),
        Some("scorecards") => return Ok(Some(Kind::Scorecard)),
        Some("uncertainty") => return Ok(Some(Kind::Uncertainty)),
        Some("directions") => return Ok(Some(Kind::Directions)),
        _ => {}
    }
    if !about.is_file() {
        // A pipe can be read only once, so its content cannot tell what it is.
        return Ok(Some(Kind::Card(CardKind::Trial)));
    }
    Ok(study::card_kind(file).map(Kind::Card))
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

/// A card or model that several trials use is reported once.
fn remove_repeats(sources: &Sources, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    found.retain(|problem| {
        let span = problem.labels[0].span;
        let path = sources.get(span.source).path.clone();
        seen.insert((path, span.start, problem.code, problem.message.clone()))
    });
}
