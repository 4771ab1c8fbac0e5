//! `regraft model simulate`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use regraft::ensemble::{
    Ensemble, EnsembleError, Events, PatientTable, Request, SimError, Tally, Watch, columns,
    read_events_file, read_patients_file, simulate as run_ensemble,
};
use regraft::study::Watch as _;
use regraft_model::{Diagnostic, Model, Program, Severity, Sources};

use crate::arguments::SimulateModel;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{output, problems};
use answer::Answer;

mod answer;
mod files;

/// Simulates a table of patients.
pub fn simulate(arguments: &SimulateModel) -> Result<Exit> {
    let mut sources = Sources::default();
    let (read, mut found) = super::read(&mut sources, &arguments.file)?;
    if read.is_some() {
        // Only units disagree: the numbers can be run as they are, and the reader is told.
        found.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    }
    let tables = match &read {
        Some((model, program)) => Some(read_tables(&mut sources, arguments, model, program, &mut found)?),
        None => None,
    };
    problems::show(&sources, &found);
    let (Some((model, program)), Some((patients, events))) = (read, tables) else {
        return Ok(Exit::FileErrors);
    };
    if found.iter().any(Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    drop(sources);
    let columns = columns(&model, &program);
    if let Some(name) = columns.names.iter().find(|name| ["patient", "time"].contains(&name.as_str())) {
        bail!("the model has a quantity `{name}`, which is also a column of the output: rename it");
    }
    run(arguments, &Ensemble { program: &program, patients: &patients, events: &events, columns: &columns })
}

fn read_tables(
    sources: &mut Sources,
    arguments: &SimulateModel,
    model: &Model,
    program: &Program,
    found: &mut Vec<Diagnostic>,
) -> Result<(PatientTable, Events)> {
    let cannot = |path: &Path| format!("cannot read `{}`", path.display());
    let mut patients = arguments.patients.map(|n| PatientTable::alike(1..=n));
    if let Some(path) = &arguments.parameters {
        let read = read_patients_file(sources, path, program);
        let (table, problems) = read.with_context(|| cannot(path))?;
        found.extend(problems);
        patients = Some(table);
    }
    let mut events = Events::default();
    if let Some(path) = &arguments.doses {
        let known = patients.as_ref().map(|table| &table.patients);
        let read = read_events_file(sources, path, model, program, known);
        let (table, problems) = read.with_context(|| cannot(path))?;
        found.extend(problems);
        events = table;
    }
    let patients = patients.unwrap_or_else(|| match events.patients() {
        [] => PatientTable::alike([1]),
        named => PatientTable::alike(named.iter().copied()),
    });
    Ok((patients, events))
}

fn run(arguments: &SimulateModel, ensemble: &Ensemble) -> Result<Exit> {
    let request = request(arguments);
    let n = ensemble.patients.patients.n_patients();
    let is_population = arguments.patients.is_some()
        || arguments.parameters.is_some()
        || !ensemble.events.patients().is_empty();
    let progress = Progress::new();
    let mut answer = Answer::begin(arguments, ensemble.columns, request.times()?, n, is_population)?;
    progress.guard_files(answer.unfinished());
    progress.stage("patients", n as u64);
    let ended = run_ensemble(ensemble, &request, &mut answer, &Bar(&progress));
    progress.finish();
    match ended {
        Ok(tally) => {
            answer.finish()?;
            tell(&tally, &answer)
        }
        // Whoever read the text has seen enough.
        Err(EnsembleError::Output(error)) if answer.reader_went_away(&error) => Ok(Exit::Done),
        Err(EnsembleError::Simulation(SimError::Cancelled)) => bail!("stopped; nothing was written"),
        Err(error) => Err(error.into()),
    }
}

fn request(arguments: &SimulateModel) -> Request {
    Request {
        end: arguments.to,
        every: arguments.every,
        relative_tolerance: arguments.rtol,
        absolute_tolerance: arguments.atol,
        seed: arguments.seed,
        threads: arguments.threads.map(usize::from),
        engine: arguments.instructions,
    }
}

/// The progress bar as the ensemble sees it.
struct Bar<'a>(&'a Progress);

impl Watch for Bar<'_> {
    fn patients_done(&self, n: usize) {
        self.0.advance(n as u64);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

fn tell(tally: &Tally, answer: &Answer) -> Result<Exit> {
    let (n, n_failed) = (tally.n_patients, tally.n_failed);
    for failure in &answer.first_failed {
        output::tell(&format!("patient {} failed at {}: {}", failure.patient, failure.time, failure.cause));
    }
    let count = format!("{n_failed} of {n} patients failed");
    let written = answer.written();
    if let Some((failures, others)) = written.split_last() {
        let others: String = others.iter().map(|path| format!("{}\n", path.display())).collect();
        let text = format!("{others}{}: {count}\n", failures.display());
        // Where values or a summary are on stdout nothing else is.
        if answer.is_on_stdout() { output::tell(text.trim_end()) } else { output::answer(&text)? }
    } else if n_failed > 0 {
        output::tell(&count);
    }
    Ok(if n > 0 && n_failed == n { Exit::TooManyFailed } else { Exit::Done })
}
