//! The table of parameters as Parquet: the same columns, checks and messages as comma-separated text.

use std::fs::File;
use std::io::{Error, Result};
use std::path::Path;

use parquet::basic::{ConvertedType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescPtr;
use regraft_model::{Diagnostic, Program, SourceId, Sources, Span};
use regraft_sim::Patients;

use super::{Meaning, PatientTable, meanings, repeats};
use crate::ensemble::codes;
use crate::ensemble::sheet::{MOST_PROBLEMS, Sheet, patient_number};

/// Reads a table of parameters. Messages point at a heading made of the names of its columns, and name the row.
pub(in crate::ensemble) fn read_parquet_patients(
    sources: &mut Sources,
    path: &Path,
    program: &Program,
) -> Result<(PatientTable, Vec<Diagnostic>)> {
    let file = SerializedFileReader::new(File::open(path)?).map_err(Error::other)?;
    let columns = file.metadata().file_metadata().schema_descr().columns().to_vec();
    let heading: Vec<String> = columns.iter().map(|column| quoted(column.name())).collect();
    let heading = heading.join(",");
    let id = sources.add(path.display().to_string(), heading.clone());
    let mut problems = Vec::new();
    let mut patients = Patients::default();
    if let Some(sheet) = Sheet::read(id, &mut heading.as_bytes(), &mut problems)? {
        let cells = sheet.heading();
        let meanings = meanings(&cells, program, &mut problems);
        let spans = cells.iter().map(|cell| cell.span).collect();
        let mut reading = Reading { id, columns, spans, meanings, problems };
        patients = reading.read(&file).map_err(Error::other)?;
        problems = reading.problems;
    }
    Ok((PatientTable { patients }, problems))
}

fn quoted(name: &str) -> String {
    if name.contains(',') { format!("\"{name}\"") } else { name.to_string() }
}

/// A table under way.
struct Reading {
    id: SourceId,
    columns: Vec<ColumnDescPtr>,
    spans: Vec<Span>,
    meanings: Vec<Meaning>,
    problems: Vec<Diagnostic>,
}

impl Reading {
    fn read(&mut self, file: &SerializedFileReader<File>) -> parquet::errors::Result<Patients> {
        let overrides: Vec<_> = self.meanings.iter().filter_map(|meaning| meaning.target()).collect();
        let n_rows = file.metadata().file_metadata().num_rows().max(0) as usize;
        if n_rows == 0 {
            let span = Span::new(self.id, 0, 0);
            self.problems.push(Diagnostic::error(codes::TABLE, span, "the table has no patients"));
        }
        self.refuse_types();
        let mut patients = Patients { overrides, ..Patients::default() };
        if !self.problems.is_empty() {
            return Ok(patients);
        }
        let width = patients.overrides.len();
        patients.values = vec![0.0; n_rows * width];
        patients.numbers = (1..=n_rows as u64).collect();
        let mut to = 0;
        for (column, meaning) in self.meanings.clone().into_iter().enumerate() {
            match meaning {
                Meaning::Patient => self.numbers(file, column, &mut patients.numbers)?,
                Meaning::Override(_) => {
                    self.values(file, column, &mut patients.values[to..], width)?;
                    to += 1;
                }
                Meaning::Nothing => {}
            }
        }
        self.report_repeats(&patients.numbers);
        Ok(patients)
    }

    /// A column that is used must be flat and hold numbers.
    fn refuse_types(&mut self) {
        use ConvertedType as C;
        for ((column, meaning), span) in self.columns.iter().zip(&self.meanings).zip(&self.spans) {
            let physical = matches!(
                column.physical_type(),
                Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE | Physical::BOOLEAN
            );
            let plain = matches!(
                column.converted_type(),
                C::NONE | C::INT_8 | C::INT_16 | C::INT_32 | C::INT_64 | C::UINT_8 | C::UINT_16
            );
            let flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
            if *meaning != Meaning::Nothing && !(physical && plain && flat) {
                let message = format!("column `{}` does not hold numbers", column.name());
                let problem = Diagnostic::error(codes::NOT_A_NUMBER, *span, message);
                self.problems
                    .push(problem.with_help("write it as whole numbers or as 64-bit floating point"));
            }
        }
    }

    fn numbers(
        &mut self,
        file: &SerializedFileReader<File>,
        column: usize,
        numbers: &mut [u64],
    ) -> parquet::errors::Result<()> {
        let span = self.spans[column];
        let problems = &mut self.problems;
        each_value(file, column, &mut |row, value| {
            match value.and_then(patient_number) {
                Some(number) => numbers[row] = number,
                None => {
                    let said = value.map_or(String::new(), |value| value.to_string());
                    let message =
                        format!("patient `{said}` in row {} must be a whole number, 0 or more", row + 1);
                    problems.push(Diagnostic::error(codes::NOT_A_NUMBER, span, message));
                }
            }
            problems.len() < MOST_PROBLEMS
        })
    }

    /// The values of a column into every `width`-th place of `values`.
    fn values(
        &mut self,
        file: &SerializedFileReader<File>,
        column: usize,
        values: &mut [f64],
        width: usize,
    ) -> parquet::errors::Result<()> {
        let (span, name) = (self.spans[column], self.columns[column].name().to_string());
        let problems = &mut self.problems;
        each_value(file, column, &mut |row, value| {
            match value {
                Some(value) if value.is_finite() => values[row * width] = value,
                Some(value) => {
                    let message = format!(
                        "column `{name}` holds `{value}` in row {}, must be a finite number",
                        row + 1
                    );
                    problems.push(Diagnostic::error(codes::NOT_A_NUMBER, span, message));
                }
                None => {
                    let message = format!("column `{name}` has no value in row {}", row + 1);
                    problems.push(Diagnostic::error(codes::NOT_A_NUMBER, span, message));
                }
            }
            problems.len() < MOST_PROBLEMS
        })
    }

    fn report_repeats(&mut self, numbers: &[u64]) {
        let named = self.meanings.iter().position(|meaning| *meaning == Meaning::Patient);
        for (first, second) in repeats(numbers) {
            let message = format!(
                "patient {} is given twice, in rows {} and {}",
                numbers[first],
                first + 1,
                second + 1
            );
            let span = named.map_or(Span::new(self.id, 0, 0), |column| self.spans[column]);
            self.problems.push(Diagnostic::error(codes::DUPLICATE_PATIENT, span, message));
        }
    }
}

/// Values read at once.
const AT_ONCE: usize = 8192;

/// Hands over row by row what a column holds; nothing for null. Ends when `each` says so.
fn each_value(
    file: &SerializedFileReader<File>,
    column: usize,
    each: &mut dyn FnMut(usize, Option<f64>) -> bool,
) -> parquet::errors::Result<()> {
    let mut row = 0;
    for group in 0..file.num_row_groups() {
        let mut numbered = |value: Option<f64>| {
            row += 1;
            each(row - 1, value)
        };
        let reader = file.get_row_group(group)?.get_column_reader(column)?;
        let goes_on = match reader {
            ColumnReader::BoolColumnReader(reader) => {
                through(reader, |value| f64::from(u8::from(value)), &mut numbered)?
            }
            ColumnReader::Int32ColumnReader(reader) => through(reader, f64::from, &mut numbered)?,
            ColumnReader::Int64ColumnReader(reader) => through(reader, |value| value as f64, &mut numbered)?,
            ColumnReader::FloatColumnReader(reader) => through(reader, f64::from, &mut numbered)?,
            ColumnReader::DoubleColumnReader(reader) => through(reader, |value| value, &mut numbered)?,
            _ => false,
        };
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// Goes through one column of a row group; says whether to go on.
fn through<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    as_number: impl Fn(T::T) -> f64,
    each: &mut dyn FnMut(Option<f64>) -> bool,
) -> parquet::errors::Result<bool> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    loop {
        levels.clear();
        values.clear();
        let (records, _, _) = reader.read_records(AT_ONCE, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Ok(true);
        }
        // A column without nulls has no levels.
        levels.resize(records, 1);
        let mut present = values.drain(..);
        for level in &levels {
            let value = if *level > 0 { present.next().map(&as_number) } else { None };
            if !each(value) {
                return Ok(false);
            }
        }
    }
}
