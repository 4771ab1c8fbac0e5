//! A comma-separated table whose every cell knows its place.

use regraft_model::{Diagnostic, SourceId, Span, nearest};

use super::codes;

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
        let number = self.text.parse().ok().filter(|number: &f64| whole(*number) && *number >= 0.0);
        if number.is_none() {
            let message = format!("patient `{}` must be a whole number, 0 or more", self.text);
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, self.span, message));
        }
        number.map(|number| number as u64)
    }
}

/// Whether a number is whole and small enough to be exactly so.
pub(super) fn whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}

/// A table: its heading, and its rows as they come.
pub(super) struct Sheet<'a> {
    pub heading: Vec<Cell<'a>>,
    /// Place of the heading.
    pub span: Span,
    id: SourceId,
    lines: Vec<(usize, &'a str)>,
}

impl<'a> Sheet<'a> {
    /// Reads the heading of a text; `None`, with a problem, if it has none.
    pub fn read(id: SourceId, text: &'a str, problems: &mut Vec<Diagnostic>) -> Option<Sheet<'a>> {
        let mut lines = lines(text);
        if lines.is_empty() {
            let message = "the table is empty: it needs a heading";
            problems.push(Diagnostic::error(codes::TABLE, Span::new(id, 0, 0), message));
            return None;
        }
        let (start, line) = lines.remove(0);
        let span = Span::new(id, start, start + line.len());
        let heading = split(id, start, line, problems)?;
        report_repeats(&heading, problems);
        Some(Sheet { heading, span, id, lines })
    }

    /// Number of rows, those with problems included.
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// The rows that have as many cells as the heading; the others are problems.
    pub fn rows(
        &self,
        problems: &mut Vec<Diagnostic>,
        mut each: impl FnMut(&[Cell<'a>], &mut Vec<Diagnostic>),
    ) {
        for &(start, line) in &self.lines {
            let Some(cells) = split(self.id, start, line, problems) else { continue };
            if cells.len() == self.heading.len() {
                each(&cells, problems);
            } else {
                let message =
                    format!("the row has {} cells, the heading has {}", cells.len(), self.heading.len());
                let span = Span::new(self.id, start, start + line.len());
                problems.push(Diagnostic::error(codes::TABLE, span, message));
            }
        }
    }
}

/// Says that a column means nothing; the nearest of `known` is asked after.
pub(super) fn unknown_column<'a>(cell: &Cell, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let problem =
        Diagnostic::error(codes::UNKNOWN_COLUMN, cell.span, format!("unknown column `{}`", cell.text));
    match nearest(cell.text, known) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// Lines that are not blank, each with its first byte; a mark of byte order is no part of the first.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len() - body.len();
    let mut lines = Vec::new();
    for line in body.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if !bare.trim().is_empty() {
            lines.push((start, bare));
        }
        start += line.len();
    }
    lines
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
