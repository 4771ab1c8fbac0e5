//! The table of parameters: one row is one patient.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, Found, NameError, Program, SourceId, Sources, Span, Target};
use regraft_sim::Patients;

use super::codes;
use super::sheet::{Cell, Sheet, unknown_column};

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

/// Reads a table of parameters.
///
/// Each column but `ID` (in any case) names a parameter or the starting value of a state, by its full
/// name or an end of it that only one has. Without `ID` the patients are 1 … n. Gives all problems;
/// rows with problems are left out of the table.
pub fn read_patients(sources: &Sources, id: SourceId, program: &Program) -> (PatientTable, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut patients = Patients::default();
    if let Some(sheet) = Sheet::read(id, &sources.get(id).text, &mut problems) {
        read_sheet(&sheet, program, &mut patients, &mut problems);
    }
    (PatientTable { patients }, problems)
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Patient,
    Override(Target),
    Nothing,
}

fn read_sheet(sheet: &Sheet, program: &Program, patients: &mut Patients, problems: &mut Vec<Diagnostic>) {
    let meanings = meanings(&sheet.heading, program, problems);
    patients.overrides = meanings.iter().filter_map(|meaning| meaning.target()).collect();
    let mut seen: BTreeMap<u64, Span> = BTreeMap::new();
    let mut next = 0;
    sheet.rows(problems, |cells, problems| {
        next += 1;
        let before = problems.len();
        let named = meanings.iter().position(|meaning| *meaning == Meaning::Patient);
        let number = match named {
            Some(column) => cells[column].patient(problems),
            None => Some(next),
        };
        let values = row_values(&meanings, cells, &sheet.heading, problems);
        let (Some(number), true) = (number, problems.len() == before) else { return };
        let span = named.map_or(cells[0].span, |column| cells[column].span);
        if let Some(first) = seen.insert(number, span) {
            let message = format!("patient {number} is given twice");
            let problem = Diagnostic::error(codes::DUPLICATE_PATIENT, span, message);
            problems.push(problem.with_label(first, "first here"));
        }
        patients.numbers.push(number);
        patients.values.extend(values);
    });
    if sheet.n_rows() == 0 {
        problems.push(Diagnostic::error(codes::TABLE, sheet.span, "the table has no patients"));
    }
}

impl Meaning {
    fn target(self) -> Option<Target> {
        if let Meaning::Override(target) = self { Some(target) } else { None }
    }
}

fn row_values(
    meanings: &[Meaning],
    cells: &[Cell],
    heading: &[Cell],
    problems: &mut Vec<Diagnostic>,
) -> Vec<f64> {
    let mut values = Vec::new();
    for ((meaning, cell), name) in meanings.iter().zip(cells).zip(heading) {
        if meaning.target().is_none() {
            continue;
        }
        if cell.is_missing() {
            let message = format!("column `{}` has no value", name.text);
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, cell.span, message));
        }
        values.extend(cell.number(name.text, problems));
    }
    values
}

fn meanings(heading: &[Cell], program: &Program, problems: &mut Vec<Diagnostic>) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = Vec::new();
    for cell in heading {
        let found = if cell.text.eq_ignore_ascii_case("id") && program.find(cell.text).is_err() {
            Ok(Meaning::Patient)
        } else {
            meaning(cell, program)
        };
        let found = found.and_then(|meaning| match meaning.target() {
            Some(_) if meanings.contains(&meaning) => Err(Diagnostic::error(
                codes::DUPLICATE_COLUMN,
                cell.span,
                format!("column `{}` sets what an earlier column sets", cell.text),
            )),
            _ => Ok(meaning),
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
        Err(NameError::Unknown(near)) => Err(unknown_column(cell, near.as_deref())),
        Err(NameError::Ambiguous(all)) => Err(wrong(format!("several things are called `{}`", cell.text))
            .with_help(format!("write one of `{}`", all.join("`, `")))),
    }
}
