//! A comma-separated table, read line by line; every cell knows its place.

use std::io::Result;

use regraft_model::{Diagnostic, SourceId, Span, nearest};

use super::codes;
use lines::{Line, Lines};

mod lines;

pub(super) use lines::Reader;

/// A cell: its text without blanks and quotes, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub text: &'a str,
    pub span: Span,
}

impl Cell<'_> {
    /// Whether nothing is given: empty, or one of the field's words for it.
    pub fn is_missing(&self) -> bool {
        matches!(self.text, "" | "." | "NA" | "na")
    }

    /// The cell as a finite number; nothing if it is missing. Anything else is a problem.
    pub fn number(&self, column: &str, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        if self.is_missing() {
            return None;
        }
        let number = self.text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            let message = format!("column `{column}` holds `{}`, must be a finite number", self.text);
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, self.span, message));
        }
        number
    }

    /// The cell as a patient's number: whole, 0 or more.
    pub fn patient(&self, problems: &mut Vec<Diagnostic>) -> Option<u64> {
        let number = self.text.parse().ok().and_then(patient_number);
        if number.is_none() {
            let message = format!("patient `{}` must be a whole number, 0 or more", self.text);
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, self.span, message));
        }
        number
    }
}

/// A number as that of a patient: whole, 0 or more.
pub(super) fn patient_number(number: f64) -> Option<u64> {
    (whole(number) && number >= 0.0).then_some(number as u64)
}

/// Whether a number is whole and small enough to be exactly so.
pub(super) fn whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}

/// Problems of a table after which it is not read further.
pub(super) const MOST_PROBLEMS: usize = 1000;

/// A table: its heading, and its rows as they come.
pub(super) struct Sheet<'r> {
    heading: Line,
    lines: Lines<'r>,
    /// Place of the heading.
    pub span: Span,
    id: SourceId,
}

impl<'r> Sheet<'r> {
    /// Reads the heading of a text; `None`, with a problem, if it has none.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn read(
        id: SourceId,
        reader: Reader<'r>,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<Option<Sheet<'r>>> {
        let mut lines = Lines::new(id, reader);
        let mut heading = Line::default();
        if !lines.next(&mut heading, problems)? {
            if problems.is_empty() {
                let message = "the table is empty: it needs a heading";
                problems.push(Diagnostic::error(codes::TABLE, Span::new(id, 0, 0), message));
            }
            return Ok(None);
        }
        let span = heading.span(id);
        let Some(cells) = split(id, heading.start, &heading.text, problems) else { return Ok(None) };
        report_repeats(&cells, problems);
        Ok(Some(Sheet { heading, lines, span, id }))
    }

    /// The cells of the heading.
    pub fn heading(&self) -> Vec<Cell<'_>> {
        split(self.id, self.heading.start, &self.heading.text, &mut Vec::new()).unwrap_or_default()
    }

    /// The rows that have as many cells as the heading; the others are problems. Gives the number of all rows.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn rows(
        mut self,
        problems: &mut Vec<Diagnostic>,
        mut each: impl FnMut(&[Cell], &mut Vec<Diagnostic>),
    ) -> Result<usize> {
        let width = self.heading().len();
        let mut line = Line::default();
        let mut n_rows = 0;
        while problems.len() < MOST_PROBLEMS && self.lines.next(&mut line, problems)? {
            n_rows += 1;
            let Some(cells) = split(self.id, line.start, &line.text, problems) else { continue };
            if cells.len() == width {
                each(&cells, problems);
            } else {
                let message = format!("the row has {} cells, the heading has {width}", cells.len());
                problems.push(Diagnostic::error(codes::TABLE, line.span(self.id), message));
            }
        }
        if problems.len() >= MOST_PROBLEMS {
            let message = format!("more than {MOST_PROBLEMS} problems: the rest of the table was not read");
            problems.push(Diagnostic::error(codes::TABLE, line.span(self.id), message));
        }
        Ok(n_rows)
    }
}

/// Says that a column means nothing; the nearest of `known` is asked after, or `allowed` says what may stand there.
pub(super) fn unknown_column<'a>(
    cell: &Cell,
    known: impl IntoIterator<Item = &'a str>,
    allowed: &str,
) -> Diagnostic {
    let problem =
        Diagnostic::error(codes::UNKNOWN_COLUMN, cell.span, format!("unknown column `{}`", cell.text));
    match nearest(cell.text, known) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help(allowed),
    }
}

/// The cells of a line that starts at byte `start`; `None`, with a problem, if a quote stays open.
fn split<'a>(
    id: SourceId,
    start: usize,
    line: &'a str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Cell<'a>>> {
    let mut cells = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                cells.push(cell(id, start, line, from, at));
                from = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        let span = Span::new(id, start + from, start + line.len());
        problems.push(Diagnostic::error(codes::TABLE, span, "the quote is not closed on this line"));
        return None;
    }
    cells.push(cell(id, start, line, from, line.len()));
    Some(cells)
}

fn cell<'a>(id: SourceId, start: usize, line: &'a str, from: usize, to: usize) -> Cell<'a> {
    let raw = &line[from..to];
    let text = raw.trim();
    let begin = start + from + (raw.len() - raw.trim_start().len());
    let span = Span::new(id, begin, begin + text.len());
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Cell { text: bare.trim(), span }
}

fn report_repeats(heading: &[Cell], problems: &mut Vec<Diagnostic>) {
    for (index, cell) in heading.iter().enumerate() {
        if let Some(first) = heading[..index].iter().find(|other| other.text.eq_ignore_ascii_case(cell.text))
        {
            let problem = Diagnostic::error(
                codes::DUPLICATE_COLUMN,
                cell.span,
                format!("column `{}` is given twice", cell.text),
            );
            problems.push(problem.with_label(first.span, "first here"));
        }
    }
}
