//! The twin: one patient, described by what a clinic knows, lives several regimens.
//!
//! [`question`] turns the words of a command into facts and a trial without published values whose arms are the
//! regimens; [`twin`] draws patients of the population who are like the person asked about, lets all of them live every
//! regimen with the same fates, and sums up. A twin is not one simulated patient but all that fit the facts.

mod answer;
mod beside;
mod cases;
mod data;
mod doubt;
mod draw;
mod facts;
mod files;
mod outcomes;
mod rows;
mod template;
mod weigh;
mod world;

pub mod page;
pub mod plain;

use regraft_model::{Diagnostic, Sources};
use regraft_sim::Engine;
use regraft_stats::Seed;

use crate::library::Library;
use crate::study::{Prepared, RunOptions, StudyError, Watch};

pub use answer::{Drawn, Fact, Outcome, Population, Regimen, Role, Score, Twin, Value};
pub use cases::Cases;
pub use facts::Settable;
pub use files::Answered;

/// What is asked, as typed.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The disease.
    pub disease: String,
    /// What is known of the patient: `NAME=VALUE`, or `NAME=VALUE~TOLERANCE`.
    pub sets: Vec<String>,
    /// Regimens, each with its product if one is named: `REGIMEN` or `REGIMEN:PRODUCT`. The others are compared with
    /// the last.
    pub regimens: Vec<String>,
    /// The population; chosen by rule if `None`.
    pub population: Option<String>,
    /// How far the twins are followed, years; as the trial taken as a pattern if `None`.
    pub years: Option<f64>,
    /// Repeated measurements, with their path.
    pub data: Option<(String, String)>,
    /// Twins.
    pub patients: usize,
    /// Most people like the patient who live beside the twins with a draw of the posterior each, and most twins who live
    /// once more with another fate.
    pub doubt: usize,
    /// Root of the draws.
    pub seed: u64,
    /// Threads.
    pub threads: Option<usize>,
    /// How the arithmetic is carried out.
    pub engine: Engine,
    /// The command that repeats it.
    pub command: String,
}

/// A question that can be answered: no mistake of the user is possible from here on.
#[derive(Debug, Clone)]
pub struct Question {
    pub(crate) asked: Asked,
    pub(crate) trial: Prepared,
    pub(crate) chosen: template::Chosen,
    pub(crate) facts: facts::Facts,
    pub(crate) rows: Vec<data::Row>,
}

impl Question {
    pub(crate) fn seed(&self) -> Seed {
        Seed(self.asked.seed)
    }

    pub(crate) fn options(&self) -> RunOptions {
        let Asked { patients, doubt, seed, threads, engine, command, .. } = &self.asked;
        RunOptions {
            engine: *engine,
            doubt: *doubt,
            command: command.clone(),
            ..RunOptions::new(*patients, *seed, *threads)
        }
    }
}

/// A population with what can be known of its patients.
pub type Listed = (String, Vec<Settable>);

/// What can be known of a patient, with the population that would be taken.
///
/// # Errors
/// [`StudyError`] for a disease that is not in the library, or without a population there.
pub fn settable(
    library: &Library,
    asked: &Asked,
    words: &mut Sources,
) -> Result<(Option<Listed>, Vec<Diagnostic>), StudyError> {
    let disease = template::disease(library, &asked.disease)?;
    let mut problems = Vec::new();
    let settings = facts::read(asked, words, &mut problems);
    let population = template::population_for(library, &disease, asked, &settings, words, &mut problems);
    let list = |id: String| {
        let (population, disease) = (&library.cards.populations[&id], &library.cards.diseases[&disease]);
        let list = facts::settable(population, disease);
        (id, list)
    };
    Ok((population.map(list), problems))
}

/// Reads what is asked.
///
/// Every mistake is in the list, at its place in `words`: the settings one a line, then the regimens, and the table
/// of measurements. `None` where one of them is an error.
///
/// # Errors
/// [`StudyError`] for a disease that is not in the library.
pub fn question(
    library: &mut Library,
    asked: &Asked,
    words: &mut Sources,
) -> Result<(Option<Question>, Vec<Diagnostic>), StudyError> {
    let disease = template::disease(library, &asked.disease)?;
    let mut problems = Vec::new();
    let settings = facts::read(asked, words, &mut problems);
    let Some(chosen) = template::choose(library, &disease, asked, &settings, words, &mut problems)? else {
        return Ok((None, problems));
    };
    let (trial, found) = crate::study::prepare_made(library, chosen.file.clone(), &chosen.made)?;
    if found.iter().any(Diagnostic::is_error) {
        // A fault of the cards, shown with their own texts.
        return Err(StudyError::Usage(broken(library, &found)));
    }
    let Some(trial) = trial else { return Ok((None, problems)) };
    let facts = facts::resolve(&trial, &settings, &mut problems);
    let rows = data::read(&trial, &facts, asked.data.as_ref(), words, &mut problems);
    let broken = problems.iter().any(Diagnostic::is_error);
    let question = Question { asked: asked.clone(), trial, chosen, facts, rows };
    Ok(((!broken).then_some(question), problems))
}

fn broken(library: &Library, problems: &[Diagnostic]) -> String {
    let texts: Vec<String> = problems.iter().map(|problem| problem.render(&library.sources)).collect();
    format!("the regimens cannot be given to this population:\n{}", texts.join("\n"))
}

/// Draws the twins, lets them live every regimen and sums up.
///
/// # Errors
/// [`StudyError`]: nobody of the population is like the patient, too many unsolved, stopped by the user.
pub fn twin(library: &Library, question: &Question, watch: &dyn Watch) -> Result<Answered, StudyError> {
    let start = std::time::Instant::now();
    let likes = draw::draw(question, watch)?;
    let lived = cases::live(question, likes, watch)?;
    let seconds = start.elapsed().as_secs_f64();
    let beside = beside::live(library, question, &lived, watch)?;
    watch.stage("summing up", 0);
    let twin = answer::answer(library, question, &lived, &beside);
    if watch.cancelled() {
        return Err(StudyError::Cancelled);
    }
    Ok(Answered { twin, lived, beside, seconds })
}

#[cfg(test)]
mod tests;
