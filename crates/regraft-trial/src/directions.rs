//! In whom trials and cohorts found more or less benefit or harm: topics, and the rows of the evidence that tell the
//! direction of each.
//!
//! Only the direction is taken from a row, and only for plausibility: nothing is fitted to it.

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::codes;
use crate::evidence::{Evidence, OutcomeRow, Selector, Use};
use crate::name::Name;
use crate::reader::{Reader, read_text, with_nearest};

/// A card of directions.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// Identifier of the card.
    pub id: Name,
    /// The topics, in the order of the card; at least one.
    pub topics: Vec<Topic>,
}

/// Something by which patients differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Name.
    pub name: Name,
    /// Title for people.
    pub title: String,
    /// Names of traits or readings that are it.
    pub features: Vec<Name>,
    /// What was found; nothing where no row of the evidence tells it.
    pub found: Vec<Direction>,
}

/// A direction that rows tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Diseases to which it is held; all where empty.
    pub diseases: Vec<Name>,
    /// In whom it was found.
    pub therapy: String,
    /// Of what it speaks.
    pub of: Of,
    /// The rows.
    pub rows: Rows,
    /// Whether more of the published number is better.
    pub more_is_better: bool,
    /// What was compared.
    pub why: String,
    /// Where it stands.
    pub span: Span,
}

/// Of what a direction speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The outcome of those who are treated.
    Outcome,
    /// The outcome of those with whom they are compared.
    OutcomeVersus,
    /// The difference between the two.
    Gain,
    /// The harm of those who are treated.
    Harm,
    /// The harm of those with whom they are compared.
    HarmVersus,
}

const OF: [(&str, Of); 5] = [
    ("outcome", Of::Outcome),
    ("outcome_versus", Of::OutcomeVersus),
    ("gain", Of::Gain),
    ("harm", Of::Harm),
    ("harm_versus", Of::HarmVersus),
];

impl Of {
    /// Its word in a card.
    pub fn word(self) -> &'static str {
        OF.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

/// The rows that tell a direction.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// One value where the feature is low and one where it is high.
    Pair {
        /// Where it is low.
        low: Box<Selector>,
        /// Where it is high.
        high: Box<Selector>,
    },
    /// As a pair, each against those who were compared with them.
    Gain {
        /// Where it is low: treated, compared.
        low: Box<[Selector; 2]>,
        /// Where it is high.
        high: Box<[Selector; 2]>,
    },
    /// High over low: a ratio of hazards, odds or risks.
    Ratio(Box<Selector>),
    /// The words of the row tell it: whether the higher fare better.
    Stated(Box<Selector>, bool),
}

/// What the rows of a direction say.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// 1 where the higher fare better, −1 where they fare worse.
    pub sign: f64,
    /// The rows in words, with their numbers where these may be shown.
    pub words: String,
    /// Identifiers of their sources.
    pub source: String,
}

impl Directions {
    /// Reads a card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }

    /// Problems with what stands elsewhere: diseases that are not there, rows that are not or may not be read.
    pub fn check(&self, evidence: &Evidence, diseases: &[String]) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for direction in self.topics.iter().flat_map(|topic| &topic.found) {
            for disease in direction.diseases.iter().filter(|one| !diseases.contains(&one.text)) {
                let message = format!("there is no disease `{}`", disease.text);
                let problem = Diagnostic::error(codes::UNKNOWN_DISEASE, disease.span, message);
                problems.push(with_nearest(problem, &disease.text, diseases.iter().map(String::as_str)));
            }
            problems.extend(direction.told(evidence).err());
        }
        problems
    }
}

impl Direction {
    /// Whether it is held to trials of a disease.
    pub fn is_of(&self, disease: &str) -> bool {
        self.diseases.is_empty() || self.diseases.iter().any(|own| own.text == disease)
    }

    /// What its rows say.
    ///
    /// # Errors
    /// A diagnostic at a selector that does not name one row that may be read, or at the direction where its rows say
    /// nothing.
    pub fn told(&self, evidence: &Evidence) -> Result<Told, Diagnostic> {
        let read = |selector: &Selector| plausible(evidence, selector).map(Read::of);
        let (away, words, source) = match &self.rows {
            Rows::Pair { low, high } => {
                let (low, high) = (read(low)?, read(high)?);
                (
                    high.value - low.value,
                    format!("{low} where it is low, {high} where it is high"),
                    low.source,
                )
            }
            Rows::Gain { low, high } => {
                let (low, low_versus) = (read(&low[0])?, read(&low[1])?);
                let (high, high_versus) = (read(&high[0])?, read(&high[1])?);
                let away = (high.value - high_versus.value) - (low.value - low_versus.value);
                let words = format!(
                    "{low} against {} where it is low, {} against {} where it is high",
                    low_versus.number(),
                    high.number(),
                    high_versus.number()
                );
                (away, words, low.source)
            }
            Rows::Ratio(row) => {
                let row = read(row)?;
                (row.value - 1.0, format!("{row}, high over low"), row.source)
            }
            Rows::Stated(row, better) => {
                let row = read(row)?;
                let sign = if *better == self.more_is_better { 1.0 } else { -1.0 };
                (sign, format!("{row} ({})", row.definition), row.source)
            }
        };
        let sign = if self.more_is_better { away } else { -away };
        if sign == 0.0 {
            let message = "the rows of this direction are equal, so they tell none";
            return Err(Diagnostic::error(codes::CONTRADICTION, self.span, message));
        }
        Ok(Told { sign: sign.signum(), words, source })
    }
}

/// A row that was read.
struct Read {
    name: String,
    value: f64,
    unit: String,
    definition: String,
    source: String,
    /// Whether its number may be shown beside a simulation.
    is_shown: bool,
}

impl Read {
    fn of(whole: &OutcomeRow) -> Read {
        let row = &whole.reported;
        Read {
            name: format!("{}/{} {}", row.trial_id, row.arm_id, row.outcome),
            value: row.value.unwrap_or(f64::NAN),
            unit: row.unit.clone(),
            definition: row.definition.clone(),
            source: whole.source.clone(),
            is_shown: row.usage == Some(Use::Calibrate),
        }
    }

    fn number(&self) -> String {
        if !self.is_shown {
            return "(context: its direction alone is read)".into();
        }
        match self.unit.as_str() {
            "percent" => format!("{} %", self.value),
            "hazard_ratio" | "odds_ratio" | "relative_risk" => format!("{}", self.value),
            "p_value" => format!("p {}", self.value),
            unit => format!("{} {unit}", self.value),
        }
    }
}

impl std::fmt::Display for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.number())
    }
}

/// The one row that a selector names and that may be read for plausibility: verified, and not kept for validation.
fn plausible<'a>(evidence: &'a Evidence, selector: &Selector) -> Result<&'a OutcomeRow, Diagnostic> {
    let selected = evidence.selected(selector);
    let refused = |why: String| {
        let what = format!("{}/{} {}", selector.trial_id.text, selector.arm_id.text, selector.outcome.text);
        Diagnostic::error(codes::NOT_USABLE, selector.span, format!("`{what}` may not be used: {why}"))
    };
    match selected.as_slice() {
        [] => Err(evidence.no_row(selector)),
        rows if rows.iter().any(|row| row.reported.usage == Some(Use::Validate)) => {
            Err(refused("it is kept for validation and may not be read".into()))
        }
        [row] if row.reported.verified != Some(true) => {
            Err(refused("it is remembered, not read in its source".into()))
        }
        [row] if row.reported.value.is_none() => Err(refused("it has no number".into())),
        [row] => Ok(row),
        rows => Err(refused(format!(
            "{} rows are meant; a `definition` or a `time_value` tells them apart",
            rows.len()
        ))),
    }
}

fn read(reader: &mut Reader<'_>) -> Directions {
    let card = Directions {
        id: reader.identifier("id"),
        topics: reader.tables("topic").into_iter().map(read_topic).collect(),
    };
    reader.optional_text("note");
    if !reader.has("topic") {
        let problem = Diagnostic::error(codes::EMPTY, reader.span(), "this card has no `[[topic]]`");
        reader.report(problem.with_help("name a topic, its `title`, its `features` and what was `found`"));
    }
    card
}

fn read_topic(mut table: Reader<'_>) -> Topic {
    let topic = Topic {
        name: table.identifier("name"),
        title: table.text("title").text,
        features: table.texts("features"),
        found: table.tables("found").into_iter().filter_map(read_direction).collect(),
    };
    table.finish();
    topic
}

fn read_direction(mut table: Reader<'_>) -> Option<Direction> {
    let diseases = table.texts("diseases");
    let therapy = table.text("therapy").text;
    let of = table.word("of", &OF);
    let mut selector = |key: &'static str| table.optional_table(key).map(Selector::read);
    let (low, high) = (selector("low"), selector("high"));
    let (low_versus, high_versus) = (selector("low_versus"), selector("high_versus"));
    let (ratio, stated) = (selector("ratio"), selector("stated"));
    let higher = table.optional_word("higher", &[("better", true), ("worse", false)]);
    let better = table.optional_word("better", &[("more", true), ("less", false)]);
    let why = table.text("why").text;
    let rows = match (low, high, low_versus, high_versus, ratio, stated, higher) {
        (Some(low), Some(high), None, None, None, None, None) => {
            Some(Rows::Pair { low: Box::new(low), high: Box::new(high) })
        }
        (Some(low), Some(high), Some(low_versus), Some(high_versus), None, None, None) => {
            Some(Rows::Gain { low: Box::new([low, low_versus]), high: Box::new([high, high_versus]) })
        }
        (None, None, None, None, Some(ratio), None, None) => Some(Rows::Ratio(Box::new(ratio))),
        (None, None, None, None, None, Some(stated), Some(better)) => {
            Some(Rows::Stated(Box::new(stated), better))
        }
        _ => None,
    };
    let needs_better = !matches!(rows, Some(Rows::Stated(..)) | None);
    if rows.is_none() {
        let message = "a direction is told by `low` and `high` (for a gain with `low_versus` and `high_versus`), by `ratio`, or by `stated` with `higher`";
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span(), message));
    }
    if needs_better != better.is_some() && rows.is_some() {
        let message = if needs_better {
            "this direction lacks `better`: `more` or `less` of the published number"
        } else {
            "`better` does nothing beside `stated`"
        };
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span(), message));
    }
    let span = table.span();
    table.finish();
    Some(Direction {
        diseases,
        therapy,
        of: of?,
        rows: rows?,
        more_is_better: better.unwrap_or(true),
        why,
        span,
    })
}

#[cfg(test)]
mod tests;
