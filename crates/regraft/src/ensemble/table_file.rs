//! Tables from files: read as they stream by; their text is kept only to show problems in it.

use std::fs::File;
use std::io::{BufReader, Read, Result};
use std::path::Path;

use regraft_model::{Diagnostic, Model, Program, SourceId, Sources};
use regraft_sim::Patients;

use super::events::{Events, read_events};
use super::patients::{PatientTable, read_parquet_patients, read_patients};
use super::sheet::Reader;

/// Reads a table of parameters from a file: Parquet if its name ends in `.parquet`, else comma-separated text.
///
/// Each column but `ID` (in any case) names a parameter or the starting value of a state, by its full name or an
/// end of it that only one has. Without `ID` the patients are 1 … n. Gives all problems; rows with problems are
/// left out.
///
/// # Errors
/// What prevents the file from being read; problems inside it are in the list.
pub fn read_patients_file(
    sources: &mut Sources,
    path: &Path,
    program: &Program,
) -> Result<(PatientTable, Vec<Diagnostic>)> {
    if is_parquet(path) {
        return read_parquet_patients(sources, path, program);
    }
    read_text(sources, path, |id, reader| read_patients(id, reader, program))
}

/// Reads an event table for `program`, which `model` was lowered to, from a file of comma-separated text.
///
/// With `patients`, an ID that is not among them is a problem. Gives all problems; rows with errors are left
/// out. What the columns mean: `docs/reference/event-table.md`.
///
/// # Errors
/// What prevents the file from being read; problems inside it are in the list.
pub fn read_events_file(
    sources: &mut Sources,
    path: &Path,
    model: &Model,
    program: &Program,
    patients: Option<&Patients>,
) -> Result<(Events, Vec<Diagnostic>)> {
    read_text(sources, path, |id, reader| read_events(id, reader, model, program, patients))
}

/// Whether a file is to be read or written as Parquet.
pub fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// Bytes read from a pipe at most; chosen.
const LARGEST_PIPE: u64 = 1 << 30;

type Found<T> = Result<(T, Vec<Diagnostic>)>;

fn read_text<T>(
    sources: &mut Sources,
    path: &Path,
    read: impl FnOnce(SourceId, Reader) -> Found<T>,
) -> Found<T> {
    let id = sources.add(path.display().to_string(), "");
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        // A pipe can be read once only.
        let mut bytes = Vec::new();
        file.take(LARGEST_PIPE).read_to_end(&mut bytes)?;
        let (table, problems) = read(id, &mut bytes.as_slice())?;
        sources.set_text(id, String::from_utf8_lossy(&bytes));
        return Ok((table, problems));
    }
    let (table, problems) = read(id, &mut BufReader::with_capacity(1 << 16, file))?;
    if !problems.is_empty() {
        sources.set_text(id, String::from_utf8_lossy(&std::fs::read(path)?));
    }
    Ok((table, problems))
}
