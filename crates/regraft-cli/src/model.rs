//! `regraft model check | simulate`: any Antimony model.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use regraft::ensemble::{
    Columns, CsvSink, EnsembleError, Events, ParquetSink, PatientTable, Request, Tally, columns,
    failures_table, read_events, read_patients, simulate,
};
use regraft::library::Library;
use regraft_model::{Diagnostic, Model, Program, Severity, SourceId, lower};

use crate::arguments::{ModelAction, ModelArguments, SimulateModel};
use crate::exit::Exit;
use crate::{output, problems};

/// Checks or simulates a model.
pub fn model(arguments: &ModelArguments) -> Result<Exit> {
    match &arguments.action {
        ModelAction::Check { file } => check(file),
        ModelAction::Simulate(simulate) => run(simulate),
    }
}

fn check(file: &Path) -> Result<Exit> {
    let mut library = Library::open(&[])?;
    let (read, found) = read(&mut library, file)?;
    problems::show(&library.sources, &found);
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

fn run(arguments: &SimulateModel) -> Result<Exit> {
    let mut library = Library::open(&[])?;
    let (read, mut found) = read(&mut library, &arguments.file)?;
    if read.is_some() {
        // Only units disagree: the numbers can be run as they are, and the reader is told.
        found.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    }
    let tables = match &read {
        Some((model, program)) => Some(read_tables(&mut library, arguments, model, program, &mut found)?),
        None => None,
    };
    problems::show(&library.sources, &found);
    let (Some((model, program)), Some((patients, events))) = (read, tables) else {
        return Ok(Exit::FileErrors);
    };
    if found.iter().any(Diagnostic::is_error) {
        return Ok(Exit::FileErrors);
    }
    let columns = columns(&model, &program);
    if let Some(name) = columns.names.iter().find(|name| ["patient", "time"].contains(&name.as_str())) {
        bail!("the model has a quantity `{name}`, which is also a column of the output: rename it");
    }
    let work = Work { program: &program, patients: &patients, events: &events, columns: &columns };
    let tally = match &arguments.out {
        Some(out) => work.to_parquet(out, &request(arguments))?,
        None => match work.to_text(&request(arguments)) {
            // Whoever read the text has seen enough.
            Err(EnsembleError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {
                return Ok(Exit::Done);
            }
            tally => tally?,
        },
    };
    tell(&tally, arguments.out.as_deref())
}

/// A model with its program.
type Lowered = (Model, Program);

/// The model with its program, if it has one, and all problems.
fn read(library: &mut Library, file: &Path) -> Result<(Option<Lowered>, Vec<Diagnostic>)> {
    if file.extension().is_none_or(|extension| extension != "ant") {
        bail!("`{}` is no Antimony model: its name must end in .ant", file.display());
    }
    let path = library.add_model(file)?;
    let Some((model, mut found)) = library.read_model(&path) else {
        bail!("`{}` cannot be read", file.display());
    };
    match lower(&model) {
        Ok(program) => Ok((Some((model, program)), found)),
        Err(more) => {
            found.extend(more.into_iter().filter(|problem| !found.contains(problem)).collect::<Vec<_>>());
            Ok((None, found))
        }
    }
}

fn read_tables(
    library: &mut Library,
    arguments: &SimulateModel,
    model: &Model,
    program: &Program,
    found: &mut Vec<Diagnostic>,
) -> Result<(PatientTable, Events)> {
    let mut patients = None;
    if let Some(path) = &arguments.parameters {
        let id = add_text(library, path)?;
        let (table, problems) = read_patients(&library.sources, id, program);
        found.extend(problems);
        patients = Some(table);
    }
    let mut events = Events::default();
    if let Some(path) = &arguments.doses {
        let id = add_text(library, path)?;
        let known = patients.as_ref().map(|table| &table.patients);
        let (table, problems) = read_events(&library.sources, id, model, program, known);
        found.extend(problems);
        events = table;
    }
    let patients = patients.unwrap_or_else(|| match events.patients() {
        [] => PatientTable::alike([1]),
        named => PatientTable::alike(named.iter().copied()),
    });
    Ok((patients, events))
}

fn add_text(library: &mut Library, path: &Path) -> Result<SourceId> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}` as comma-separated text", path.display()))?;
    Ok(library.sources.add(path.display().to_string(), text))
}

fn request(arguments: &SimulateModel) -> Request {
    Request {
        end: arguments.to,
        every: arguments.every,
        relative_tolerance: arguments.rtol,
        absolute_tolerance: arguments.atol,
        threads: arguments.threads.map(usize::from),
    }
}

/// What is to be simulated.
struct Work<'a> {
    program: &'a Program,
    patients: &'a PatientTable,
    events: &'a Events,
    columns: &'a Columns,
}

impl Work<'_> {
    fn to_text(&self, request: &Request) -> std::result::Result<Tally, EnsembleError> {
        let mut sink = CsvSink::new(BufWriter::new(stdout().lock()), self.columns)?;
        let tally = simulate(self.program, self.patients, self.events, self.columns, request, &mut sink)?;
        sink.finish()?;
        Ok(tally)
    }

    /// Writes both tables under other names first, so that a file with its right name is whole.
    fn to_parquet(&self, out: &Path, request: &Request) -> Result<Tally> {
        let unfinished = out.with_extension("unfinished");
        let file = File::create(&unfinished).with_context(|| format!("cannot write `{}`", out.display()))?;
        let done = self.write(file, request);
        let tally = match done {
            Ok(tally) => tally,
            Err(error) => {
                // The error that is shown matters more than one of tidying up.
                let _ = std::fs::remove_file(&unfinished);
                return Err(error);
            }
        };
        let failures = failures_path(out);
        let mut file = BufWriter::new(
            File::create(&failures).with_context(|| format!("cannot write `{}`", failures.display()))?,
        );
        failures_table(&tally.failed).write(&mut file)?;
        file.flush()?;
        std::fs::rename(&unfinished, out).with_context(|| format!("cannot write `{}`", out.display()))?;
        Ok(tally)
    }

    fn write(&self, file: File, request: &Request) -> Result<Tally> {
        let mut sink = ParquetSink::new(BufWriter::new(file), self.columns)?;
        let tally = simulate(self.program, self.patients, self.events, self.columns, request, &mut sink)?;
        sink.finish()?;
        Ok(tally)
    }
}

/// `result.failures.parquet` beside `result.parquet`.
fn failures_path(out: &Path) -> PathBuf {
    out.with_extension("failures.parquet")
}

/// Most failed patients named on stderr; all are in the table that `--out` writes.
const MOST_NAMED: usize = 10;

fn tell(tally: &Tally, out: Option<&Path>) -> Result<Exit> {
    let failed = &tally.failed;
    for failure in failed.iter().take(MOST_NAMED) {
        output::tell(&format!("patient {} failed at {}: {}", failure.patient, failure.time, failure.cause));
    }
    let count = format!("{} of {} patients failed", failed.len(), tally.n_patients);
    match out {
        Some(out) => {
            let (values, failures) = (out.display(), failures_path(out));
            output::answer(&format!("{values}\n{}: {count}\n", failures.display()))?;
        }
        None if failed.is_empty() => {}
        None => output::tell(&count),
    }
    let all = tally.n_patients > 0 && failed.len() == tally.n_patients;
    Ok(if all { Exit::TooManyFailed } else { Exit::Done })
}
