//! A disease: its model, its differences from the model's defaults, and what is measured in it.

use regraft_model::{Diagnostic, SourceId, Sources};

use crate::codes;
use crate::duration::Past;
use crate::name::Name;
use crate::quantity::{Number, Setting, refuse_twice};
use crate::reader::{Bound, Reader, read_text};

/// A disease card.
#[derive(Debug, Clone, PartialEq)]
pub struct Disease {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// Path of the model's text in the library.
    pub model: Name,
    /// One paragraph for the catalogue.
    pub summary: String,
    /// The model's event with which a patient's course ends.
    pub terminal_event: Option<Name>,
    /// Differences from the model's defaults.
    pub parameters: Vec<Setting>,
    /// States at the start of the burn-in.
    pub initial: Vec<Setting>,
    /// How the diseased starting state is found.
    pub burn_in: Option<Phase>,
    /// What is read at visits.
    pub scores: Vec<Score>,
    /// What is counted at imaging visits.
    pub counts: Vec<Count>,
    /// What the laboratory measures.
    pub labs: Vec<Lab>,
    /// Evidence grades of therapies in this disease.
    pub grades: Vec<Grade>,
    /// Events of the model that are drawn in a patient's course.
    pub drawn_events: Vec<DrawnEvent>,
    /// Assumptions that carry the results, most important first, for people.
    pub assumptions: Vec<String>,
    /// What is not simulated, for people.
    pub not_simulated: Vec<String>,
    /// What years of illness are in it.
    pub past: Option<Past>,
}

/// How an event of the model is drawn and called.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnEvent {
    /// The model's event.
    pub event: Name,
    /// Its mark: `relapse`, `infection`, `autoimmunity`, `toxicity`, `death` or `other`.
    pub kind: String,
    /// Its name for people.
    pub title: String,
}

/// A stretch of the course before the trial: `[burn_in]`, `[run_in]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Length, days, > 0; of a length that is drawn, 0.
    pub days: f64,
    /// The trait that holds each person's own length, if it is drawn.
    pub days_of: Option<Name>,
    /// What is set at its start and set back at its end.
    pub set: Vec<Setting>,
}

impl Phase {
    pub(crate) fn read(reader: &mut Reader<'_>, key: &'static str) -> Option<Self> {
        let mut table = reader.optional_table(key)?;
        table.refuse_both("days", "days_of");
        let days_of = table.optional_text("days_of");
        let days = if days_of.is_some() { 0.0 } else { table.number("days", Bound::Length) };
        let phase = Phase { days, days_of, set: table.settings("set") };
        table.finish();
        Some(phase)
    }
}

/// Which direction of a score is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// Higher is worse.
    Higher,
    /// Lower is worse.
    Lower,
}

/// A clinical score read at visits.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Identifier.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// The model's quantity, or an expression of it, that the score reads.
    pub observable: Name,
    /// Unit of the score; empty for points.
    pub unit: String,
    /// The score is read in these steps, > 0.
    pub step: f64,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Which direction is worse.
    pub worse: Worse,
    /// Standard deviation between visits, before rounding to `step`.
    pub noise_sd: Number,
}

/// Something counted at imaging visits: Poisson with the increase of a cumulative mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// Identifier.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// The model's quantity (or an expression) that is the expected number since the start.
    pub cumulative: Name,
}

/// How a laboratory value is drawn and its error acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Linear axis.
    Linear,
    /// Logarithmic axis.
    Log,
}

/// A laboratory value, measured with a log-normal error.
#[derive(Debug, Clone, PartialEq)]
pub struct Lab {
    /// Identifier.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// The model's quantity, or an expression.
    pub observable: Name,
    /// Unit as shown.
    pub unit: String,
    /// Coefficient of variation of the measurement.
    pub cv: Number,
    /// Axis on which it is drawn.
    pub scale: Scale,
    /// Below this it is reported as this (limit of quantification).
    pub lower_limit: Option<Number>,
    /// Word for the quantity in tables of measured time courses.
    pub measured_as: Option<String>,
}

/// How well a therapy is proven in this disease.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// The therapy, as `therapy` of regimens.
    pub therapy: Name,
    /// The grade's word.
    pub grade: String,
    /// The grounds.
    pub why: String,
    /// Source of the grounds, if stated.
    pub source: Option<String>,
}

impl Disease {
    /// Reads a disease card. Parsing never fails: what is wrong is in the list, what could be read in the card.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }
}

fn read(reader: &mut Reader<'_>) -> Disease {
    let disease = Disease {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        model: reader.text("model"),
        summary: reader.text("summary").text,
        terminal_event: reader.optional_text("terminal_event"),
        parameters: reader.settings("parameters"),
        initial: reader.settings("initial"),
        burn_in: Phase::read(reader, "burn_in"),
        scores: reader.tables("score").into_iter().map(read_score).collect(),
        counts: reader.tables("count").into_iter().map(read_count).collect(),
        labs: reader.tables("lab").into_iter().map(read_lab).collect(),
        grades: reader.tables("grade").into_iter().map(read_grade).collect(),
        drawn_events: reader.tables("drawn_event").into_iter().map(read_drawn_event).collect(),
        assumptions: reader.texts("assumptions").into_iter().map(|text| text.text).collect(),
        not_simulated: reader.texts("not_simulated").into_iter().map(|text| text.text).collect(),
        past: Past::read(reader),
    };
    reader.optional_text("note");
    let names = disease.scores.iter().map(|score| &score.name);
    let names = names.chain(disease.counts.iter().map(|count| &count.name));
    refuse_twice(reader.page(), names.chain(disease.labs.iter().map(|lab| &lab.name)), "is measured twice");
    disease
}

fn read_score(mut table: Reader<'_>) -> Score {
    let score = Score {
        name: table.identifier("name"),
        title: table.text("title").text,
        observable: table.text("observable"),
        unit: table.optional_text("unit").map_or(String::new(), |unit| unit.text),
        step: table.number("step", Bound::Positive),
        low: table.number("low", Bound::Finite),
        high: table.number("high", Bound::Finite),
        worse: table
            .optional_word("worse", &[("higher", Worse::Higher), ("lower", Worse::Lower)])
            .unwrap_or(Worse::Higher),
        noise_sd: table.quantity("noise_sd", Bound::NotNegative),
    };
    refuse_empty_range(&table, score.low, score.high);
    table.finish();
    score
}

fn refuse_empty_range(table: &Reader<'_>, low: f64, high: f64) {
    if low >= high {
        let message = format!("`low` is {low} and `high` is {high}, which leaves nothing between");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span(), message));
    }
}

fn read_count(mut table: Reader<'_>) -> Count {
    let count = Count {
        name: table.identifier("name"),
        title: table.text("title").text,
        cumulative: table.text("cumulative"),
    };
    table.finish();
    count
}

fn read_lab(mut table: Reader<'_>) -> Lab {
    let lab = Lab {
        name: table.identifier("name"),
        title: table.text("title").text,
        observable: table.text("observable"),
        unit: table.unit(),
        cv: table.quantity("cv", Bound::NotNegative),
        scale: table
            .optional_word("scale", &[("linear", Scale::Linear), ("log", Scale::Log)])
            .unwrap_or(Scale::Linear),
        lower_limit: table.optional_quantity("lower_limit", Bound::NotNegative),
        measured_as: table.optional_text("measured_as").map(|word| word.text),
    };
    table.finish();
    lab
}

fn read_drawn_event(mut table: Reader<'_>) -> DrawnEvent {
    let kinds =
        ["relapse", "infection", "autoimmunity", "toxicity", "death", "other"].map(|word| (word, word));
    let drawn = DrawnEvent {
        event: table.text("event"),
        kind: table.word("kind", &kinds).unwrap_or("other").to_string(),
        title: table.text("title").text,
    };
    table.finish();
    drawn
}

fn read_grade(mut table: Reader<'_>) -> Grade {
    let grade = Grade {
        therapy: table.identifier("therapy"),
        grade: table.text("grade").text,
        why: table.text("why").text,
        source: table.optional_text("source").map(|source| source.text),
    };
    table.finish();
    grade
}
