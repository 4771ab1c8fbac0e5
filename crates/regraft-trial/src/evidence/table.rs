//! Reading the evidence tables (comma-separated text with a heading).

use std::collections::BTreeMap;

use csv::StringRecord;
use regraft_model::{Diagnostic, SourceId, Sources, Span, nearest};

use super::{ArmRow, Evidence, OutcomeRow, Reported, Use};
use crate::codes;

impl Evidence {
    /// Reads the two tables. What cannot be read is in the list; the other rows are kept.
    pub fn read(sources: &Sources, arms: SourceId, outcomes: SourceId) -> (Evidence, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let arms = read_rows(sources, arms, &ARM_COLUMNS, &mut problems, read_arm);
        let outcomes = read_rows(sources, outcomes, &OUTCOME_COLUMNS, &mut problems, read_outcome);
        (Evidence { arms, outcomes }, problems)
    }
}

const ARM_COLUMNS: [&str; 8] = ["trial_id", "arm_id", "use", "disease", "regimen", "n", "citation", "source"];

const OUTCOME_COLUMNS: [&str; 18] = [
    "trial_id",
    "arm_id",
    "use",
    "subtype",
    "regimen",
    "n",
    "outcome",
    "definition",
    "time_value",
    "time_unit",
    "value",
    "unit",
    "ci_low",
    "ci_high",
    "ci_level",
    "source",
    "verified",
    "note",
];

/// One row with its place, and the problems of the table.
pub(crate) struct Row<'a> {
    columns: &'a BTreeMap<String, usize>,
    record: StringRecord,
    pub(crate) line: usize,
    pub(crate) span: Span,
    text: &'a str,
    problems: &'a mut Vec<Diagnostic>,
}

pub(crate) fn read_rows<T>(
    sources: &Sources,
    id: SourceId,
    needed: &[&str],
    problems: &mut Vec<Diagnostic>,
    read: impl Fn(&mut Row<'_>) -> Option<T>,
) -> Vec<T> {
    let text = &sources.get(id).text;
    let mut table = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let columns = columns(&mut table);
    let heading = Span::new(id, 0, text.find('\n').unwrap_or(text.len()));
    if let Some(mark) = other_mark(&text[..text.find('\n').unwrap_or(text.len())]) {
        let message = format!("columns must stand apart by commas, here they stand apart by {mark}");
        problems.push(Diagnostic::error(codes::EVIDENCE_TABLE, heading, message));
        return Vec::new();
    }
    let lacking: Vec<&&str> = needed.iter().filter(|column| !columns.contains_key(**column)).collect();
    for column in &lacking {
        let message = format!("the table lacks column `{column}`");
        let problem = Diagnostic::error(codes::EVIDENCE_COLUMN, heading, message);
        problems.push(match nearest(column, columns.keys().map(String::as_str)) {
            Some(near) => problem.with_help(format!("did you mean it by `{near}`?")),
            None => problem,
        });
    }
    if !lacking.is_empty() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    let mut lines = Lines { text, start: 0, line: 1 };
    for record in table.records() {
        match record {
            Ok(record) => {
                let (line, span) = lines.place(id, record.position());
                rows.extend(read(&mut Row { columns: &columns, record, line, span, text, problems }));
            }
            Err(error) => {
                let (_, span) = lines.place(id, error.position());
                problems.push(Diagnostic::error(codes::EVIDENCE_TABLE, span, format!("{}", error)));
            }
        }
    }
    rows
}

/// What stands between the columns of a heading without a comma, where it is a semicolon or a tab.
fn other_mark(heading: &str) -> Option<&'static str> {
    let has = |mark: char| heading.contains(mark);
    match (has(','), has(';'), has('\t')) {
        (false, true, _) => Some("semicolons"),
        (false, false, true) => Some("tabs"),
        _ => None,
    }
}

fn columns(table: &mut csv::Reader<&[u8]>) -> BTreeMap<String, usize> {
    let Ok(heading) = table.headers() else { return BTreeMap::new() };
    heading.iter().enumerate().map(|(index, name)| (name.trim().to_string(), index)).collect()
}

/// Places in a text, asked for one after the other: lines are counted on from the last.
struct Lines<'a> {
    text: &'a str,
    /// The last place, and its line from 1.
    start: usize,
    line: usize,
}

impl Lines<'_> {
    /// Line from 1 and the stretch of the row's first line.
    fn place(&mut self, id: SourceId, position: Option<&csv::Position>) -> (usize, Span) {
        let Some(position) = position else { return (1, Span::new(id, 0, 0)) };
        let text = self.text;
        let mut start = (position.byte() as usize).min(text.len());
        // The reader's position may still be on the line break of the row before.
        while text[start..].starts_with(['\n', '\r']) {
            start += 1;
        }
        if start < self.start {
            (self.start, self.line) = (0, 1);
        }
        self.line += text[self.start..start].matches('\n').count();
        self.start = start;
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        (self.line, Span::new(id, start, end))
    }
}

impl Row<'_> {
    pub(crate) fn text(&self, column: &str) -> String {
        let cell = self.columns.get(column).and_then(|index| self.record.get(*index));
        cell.unwrap_or("").trim().to_string()
    }

    pub(crate) fn number(&mut self, column: &str) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong(column, &text, "a number");
        }
        number
    }

    pub(crate) fn usage(&mut self) -> Option<Use> {
        let text = self.text("use");
        match text.as_str() {
            "calibrate" => Some(Use::Calibrate),
            "validate" => Some(Use::Validate),
            "context" => Some(Use::Context),
            _ => {
                let near = nearest(&text, ["calibrate", "validate", "context"]);
                let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                self.wrong("use", &text, &format!("`calibrate`, `validate` or `context`{meant}"));
                None
            }
        }
    }

    pub(crate) fn verified(&mut self) -> bool {
        let text = self.text("verified");
        if text != "yes" && text != "no" {
            self.wrong("verified", &text, "`yes` or `no`");
        }
        text == "yes"
    }

    /// A text that may not be blank.
    pub(crate) fn needed(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.wrong(column, "", "a word");
        }
        text
    }

    pub(crate) fn wrong(&mut self, column: &str, text: &str, wanted: &str) {
        let message = format!("column `{column}` holds `{text}`, must be {wanted}");
        self.problems.push(Diagnostic::error(codes::EVIDENCE_CELL, self.cell(column), message));
    }

    /// Where a cell of the row stands; the row's first line where the table has no such column.
    fn cell(&self, column: &str) -> Span {
        let Some(wanted) = self.columns.get(column) else { return self.span };
        let (mut quoted, mut place) = (false, 0);
        let start = self.span.start as usize;
        let mut from = start;
        for (at, byte) in self.text.bytes().enumerate().skip(start) {
            match byte {
                b'"' => quoted = !quoted,
                b',' | b'\n' | b'\r' if !quoted => {
                    if place == *wanted {
                        return Span::new(self.span.source, from, at);
                    }
                    if byte != b',' {
                        return self.span;
                    }
                    (place, from) = (place + 1, at + 1);
                }
                _ => {}
            }
        }
        let end = self.text.len();
        if place == *wanted { Span::new(self.span.source, from, end) } else { self.span }
    }
}

fn read_arm(row: &mut Row<'_>) -> Option<ArmRow> {
    Some(ArmRow {
        line: row.line,
        usage: row.usage()?,
        trial_id: row.text("trial_id"),
        arm_id: row.text("arm_id"),
        disease: row.text("disease"),
        regimen: row.text("regimen"),
        n: row.number("n"),
        citation: row.text("citation"),
        source: row.text("source"),
    })
}

fn read_outcome(row: &mut Row<'_>) -> Option<OutcomeRow> {
    let (usage, verified) = (row.usage()?, row.verified());
    Some(OutcomeRow {
        reported: Reported::read(row, Some(usage), Some(verified)),
        regimen: row.text("regimen"),
        source: row.text("source"),
    })
}
