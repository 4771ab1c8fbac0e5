//! The table of measured courses of blood and immune cells after a transplant.

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use super::Use;
use super::table::{Row, read_rows};

/// What sort of statement a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// Measured in people and printed as a number.
    Measured,
    /// Said in words.
    Qualitative,
    /// A range of plausible values, not printed by anyone in this form.
    Window,
    /// An outcome of patients, not a course of cells.
    Clinical,
}

impl RowKind {
    /// The word of the table.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

const KINDS: [(&str, RowKind); 4] = [
    ("measured", RowKind::Measured),
    ("qualitative", RowKind::Qualitative),
    ("window", RowKind::Window),
    ("clinical", RowKind::Clinical),
];

/// What the number of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// First day above a threshold, once the value has been at its lowest.
    DayAbove,
    /// First day below a threshold, once the value has been at its highest.
    DayBelow,
    /// Day of return to the normal range.
    DaysToNormal,
    /// The value on a day.
    ValueAt,
    /// The value on a day, relative to the patient's own before treatment.
    RatioToBaseline,
    /// The value on a day, relative to healthy people of the same age.
    RatioToControls,
    /// Share of patients who have passed a threshold by a day.
    ShareRecovered,
    /// Lowest median of patients from the graft to a day, relative to the lower end of the normal range.
    NormalUntil,
}

impl Measure {
    /// The word of the table.
    pub fn word(self) -> &'static str {
        MEASURES.iter().find(|(_, measure)| *measure == self).map_or("", |(word, _)| word)
    }

    /// Whether it needs a day.
    pub fn needs_day(self) -> bool {
        !matches!(self, Measure::DayAbove | Measure::DayBelow | Measure::DaysToNormal)
    }

    /// Whether it needs a threshold.
    pub fn needs_threshold(self) -> bool {
        matches!(self, Measure::DayAbove | Measure::DayBelow | Measure::ShareRecovered)
    }
}

const MEASURES: [(&str, Measure); 8] = [
    ("day_above", Measure::DayAbove),
    ("day_below", Measure::DayBelow),
    ("days_to_normal", Measure::DaysToNormal),
    ("value_at", Measure::ValueAt),
    ("ratio_to_baseline", Measure::RatioToBaseline),
    ("ratio_to_controls", Measure::RatioToControls),
    ("share_recovered", Measure::ShareRecovered),
    ("normal_until", Measure::NormalUntil),
];

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseRow {
    /// Line of the table, from 1.
    pub line: usize,
    /// Where it stands.
    pub span: Span,
    /// What was measured, in the words of the source.
    pub quantity: String,
    /// In whom, in the words of the source.
    pub group: String,
    /// The value in words.
    pub value: String,
    /// Where it was published.
    pub source: String,
    /// Whether it was read in the source.
    pub verified: bool,
    /// Remarks.
    pub note: String,
    /// What sort of statement it is.
    pub kind: RowKind,
    /// What it may be used for.
    pub usage: Use,
    /// Laboratory value or quantity of the model; empty where there is none.
    pub quantity_id: String,
    /// What the number is; `None` where only words are given.
    pub measure: Option<Measure>,
    /// Threshold of a day or share.
    pub threshold: Option<f64>,
    /// Its unit.
    pub threshold_unit: String,
    /// Unit of the number, where it is a level.
    pub unit: String,
    /// Day after the graft of a level.
    pub time_days: Option<f64>,
    /// The number.
    pub number: Option<f64>,
    /// Lower end of the printed range or of the window.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Patients.
    pub n: Option<f64>,
}

const COLUMNS: [&str; 19] = [
    "quantity",
    "group",
    "value",
    "source",
    "verified",
    "note",
    "kind",
    "use",
    "quantity_id",
    "measure",
    "threshold",
    "threshold_unit",
    "unit",
    "time_days",
    "value_number",
    "low",
    "high",
    "n",
    "range",
];

/// Reads the table. What cannot be read is in the list; the other rows are kept.
pub fn read(sources: &Sources, id: SourceId) -> (Vec<CourseRow>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let rows = read_rows(sources, id, &COLUMNS, &mut problems, read_row);
    (rows, problems)
}

fn read_row(row: &mut Row<'_>) -> Option<CourseRow> {
    let kind = word(row, "kind", &KINDS)?;
    let measure = if row.text("measure").is_empty() { None } else { Some(word(row, "measure", &MEASURES)?) };
    let read = CourseRow {
        line: row.line,
        span: row.span,
        quantity: row.text("quantity"),
        group: row.text("group"),
        value: row.text("value"),
        source: row.text("source"),
        verified: row.verified(),
        note: row.text("note"),
        kind,
        usage: row.usage()?,
        quantity_id: row.text("quantity_id"),
        measure,
        threshold: row.number("threshold"),
        threshold_unit: row.text("threshold_unit"),
        unit: row.text("unit"),
        time_days: row.number("time_days"),
        number: row.number("value_number"),
        low: row.number("low"),
        high: row.number("high"),
        n: row.number("n"),
    };
    refuse_half(row, &read);
    Some(read)
}

/// A measure without its day or threshold, or a range that ends before it begins.
fn refuse_half(row: &mut Row<'_>, read: &CourseRow) {
    let lacks_day = read.measure.is_some_and(Measure::needs_day) && read.time_days.is_none();
    let lacks_threshold = read.measure.is_some_and(Measure::needs_threshold) && read.threshold.is_none();
    let word = read.measure.map_or("", Measure::word);
    if lacks_day {
        row.wrong("time_days", "", &format!("a day: `{word}` needs one"));
    }
    if lacks_threshold {
        row.wrong("threshold", "", &format!("a number: `{word}` needs one"));
    }
    if read.low.zip(read.high).is_some_and(|(low, high)| low > high) {
        let low = row.text("low");
        row.wrong("low", &low, "at most `high`");
    }
}

fn word<T: Copy>(row: &mut Row<'_>, column: &str, words: &[(&str, T)]) -> Option<T> {
    let text = row.text(column);
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        row.wrong(column, &text, &format!("one of {}", known.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests;
