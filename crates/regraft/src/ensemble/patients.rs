//! The table of parameters: one row is one patient.

use std::io;

use regraft_model::{Diagnostic, Found, NameError, Program, SourceId, Target};
use regraft_sim::Patients;

use super::codes;
use super::sheet::{Cell, Reader, Sheet, unknown_column};

mod parquet;

pub(super) use parquet::read_parquet_patients;

/// The patients of an ensemble and in what they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientTable {
    /// Numbers and overriding values; no factors.
    pub patients: Patients,
}

impl PatientTable {
    /// Patients with these numbers, all as the model says.
    pub fn alike(numbers: impl IntoIterator<Item = u64>) -> PatientTable {
        PatientTable { patients: Patients::alike(numbers) }
    }
}

/// Reads a table of parameters as comma-separated text.
///
/// # Errors
/// What the reader reports.
pub fn read_patients(
    id: SourceId,
    reader: Reader,
    program: &Program,
) -> io::Result<(PatientTable, Vec<Diagnostic>)> {
    let mut problems = Vec::new();
    let mut patients = Patients::default();
    if let Some(sheet) = Sheet::read(id, reader, &mut problems)? {
        patients = read_sheet(sheet, program, &mut problems)?;
    }
    Ok((PatientTable { patients }, problems))
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Patient,
    Override(Target),
    Nothing,
}

fn read_sheet(sheet: Sheet, program: &Program, problems: &mut Vec<Diagnostic>) -> io::Result<Patients> {
    let heading: Vec<String> = sheet.heading().iter().map(|cell| cell.text.to_string()).collect();
    let meanings = meanings(&sheet.heading(), program, problems);
    let overrides = meanings.iter().filter_map(|meaning| meaning.target()).collect();
    let mut patients = Patients { overrides, ..Patients::default() };
    let named = meanings.iter().position(|meaning| *meaning == Meaning::Patient);
    let (mut places, mut next) = (Vec::new(), 0);
    let span = sheet.span;
    let n_rows = sheet.rows(problems, |cells, problems| {
        next += 1;
        let before = problems.len();
        let number = match named {
            Some(column) => cells[column].patient(problems),
            None => Some(next),
        };
        let kept = patients.values.len();
        row_values(&meanings, cells, &heading, &mut patients.values, problems);
        let (Some(number), true) = (number, problems.len() == before) else {
            patients.values.truncate(kept);
            return;
        };
        patients.numbers.push(number);
        places.extend(named.map(|column| cells[column].span));
    })?;
    for (first, second) in repeats(&patients.numbers) {
        let message = format!("patient {} is given twice", patients.numbers[second]);
        let problem = Diagnostic::error(codes::DUPLICATE_PATIENT, places[second], message);
        problems.push(problem.with_label(places[first], "first here"));
    }
    if n_rows == 0 {
        problems.push(Diagnostic::error(codes::TABLE, span, "the table has no patients"));
    }
    Ok(patients)
}

/// Most repeats that are told.
const MOST_REPEATS: usize = 100;

/// Rows whose number an earlier row has: the earlier row and the row, in the order of the rows.
fn repeats(numbers: &[u64]) -> Vec<(usize, usize)> {
    if numbers.is_sorted_by(|a, b| a < b) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by_key(|&row| (numbers[row], row));
    let mut repeats: Vec<(usize, usize)> = order
        .chunk_by(|&a, &b| numbers[a] == numbers[b])
        .flat_map(|same| same[1..].iter().map(|&row| (same[0], row)))
        .collect();
    repeats.sort_unstable_by_key(|&(_, row)| row);
    repeats.truncate(MOST_REPEATS);
    repeats
}

impl Meaning {
    fn target(self) -> Option<Target> {
        if let Meaning::Override(target) = self { Some(target) } else { None }
    }
}

fn row_values(
    meanings: &[Meaning],
    cells: &[Cell],
    heading: &[String],
    values: &mut Vec<f64>,
    problems: &mut Vec<Diagnostic>,
) {
    for ((meaning, cell), name) in meanings.iter().zip(cells).zip(heading) {
        if meaning.target().is_none() {
            continue;
        }
        if cell.is_missing() {
            let message = format!("column `{name}` has no value");
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, cell.span, message));
        }
        values.extend(cell.number(name, problems));
    }
}

/// Names of the column that numbers the patients, in any case: the field's, and that of the values that are written.
const NUMBER_COLUMNS: [&str; 2] = ["ID", "patient"];

fn meanings(heading: &[Cell], program: &Program, problems: &mut Vec<Diagnostic>) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = Vec::new();
    for cell in heading {
        let numbers = NUMBER_COLUMNS.iter().any(|name| cell.text.eq_ignore_ascii_case(name));
        let found = if numbers && program.find(cell.text).is_err() {
            Ok(Meaning::Patient)
        } else {
            meaning(cell, program)
        };
        let found = found.and_then(|meaning| {
            if !meanings.contains(&meaning) {
                return Ok(meaning);
            }
            let message = format!("column `{}` sets what an earlier column sets", cell.text);
            Err(Diagnostic::error(codes::DUPLICATE_COLUMN, cell.span, message))
        });
        meanings.push(found.unwrap_or_else(|problem| {
            problems.push(problem);
            Meaning::Nothing
        }));
    }
    meanings
}

fn meaning(cell: &Cell, program: &Program) -> Result<Meaning, Diagnostic> {
    let wrong = |message: String| Diagnostic::error(codes::UNKNOWN_COLUMN, cell.span, message);
    match program.find(cell.text) {
        Ok(Found::State(state)) => Ok(Meaning::Override(Target::State(state))),
        Ok(Found::Parameter(parameter)) => Ok(Meaning::Override(Target::Parameter(parameter))),
        Ok(Found::Observable(_)) => {
            let message = format!("`{}` follows from a rule and cannot be set", cell.text);
            Err(wrong(message).with_help("set what its rule is made of"))
        }
        Ok(Found::Event(_)) => Err(wrong(format!("`{}` is an event, it has no value", cell.text))),
        Err(NameError::Unknown(_)) if cell.text.starts_with("__index_level_") => {
            let problem = wrong(format!("`{}` is the index of a pandas table, not a quantity", cell.text));
            Err(problem.with_help("write the table with `index=False`, or with the index as a column `ID`"))
        }
        Err(NameError::Unknown(near)) => {
            let known = near.as_deref().into_iter().chain(NUMBER_COLUMNS);
            Err(unknown_column(
                cell,
                known,
                "a column is `ID`, a parameter, or a state by its starting value",
            ))
        }
        Err(NameError::Ambiguous(all)) => Err(wrong(format!("several things are called `{}`", cell.text))
            .with_help(format!("write one of `{}`", all.join("`, `")))),
    }
}
