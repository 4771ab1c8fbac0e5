//! Published trials: arms and reported numbers, and which of them may stand beside a result.
//!
//! A row is returned only where it was read in its source (`verified = yes`) and may be used
//! (`use = calibrate`). The direction that verified rows tell may be read for plausibility too where they are context
//! (`directions`). Remembered rows and rows kept for validation never leave.

pub mod overlaps;
mod published;
pub mod reconstitution;
mod reported;
pub(crate) mod table;

use regraft_model::{Diagnostic, Span};

use crate::codes;
use crate::name::Name;
use crate::reader::{Bound, Reader, with_nearest};

use published::publish;
pub use published::{CiKind, Published, Transform};
pub use reported::Reported;

/// The evidence tables.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// One row per published arm.
    pub arms: Vec<ArmRow>,
    /// One row per reported number.
    pub outcomes: Vec<OutcomeRow>,
}

/// What a row may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// May be fitted and shown.
    Calibrate,
    /// Only for validation: never fitted, never shown here.
    Validate,
    /// Neither; read for plausibility.
    Context,
}

/// A published arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmRow {
    /// Line of the table, from 1.
    pub line: usize,
    /// The trial.
    pub trial_id: String,
    /// The arm.
    pub arm_id: String,
    /// What it may be used for.
    pub usage: Use,
    /// The disease.
    pub disease: String,
    /// The treatment, in words.
    pub regimen: String,
    /// Patients.
    pub n: Option<f64>,
    /// The citation.
    pub citation: String,
    /// Identifiers of the source.
    pub source: String,
}

/// A reported number with what the built-in tables say of it beside.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeRow {
    /// The row; its use and whether it was read are always said.
    pub reported: Reported,
    /// The treatment, in words.
    pub regimen: String,
    /// Identifiers of the source.
    pub source: String,
}

/// Which rows of the outcomes are meant. What is not written may be anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// The trial.
    pub trial_id: Name,
    /// The arm.
    pub arm_id: Name,
    /// The outcome.
    pub outcome: Name,
    /// When.
    pub time_value: Option<f64>,
    /// The number itself, where nothing else tells two rows apart.
    pub value: Option<f64>,
    /// Texts of further columns, `(column, text)`.
    pub texts: Vec<(&'static str, Name)>,
    /// Where the selector stands.
    pub span: Span,
}

impl Selector {
    pub(crate) fn read(mut table: Reader<'_>) -> Self {
        let selector = Selector {
            trial_id: table.text("trial_id"),
            arm_id: table.text("arm_id"),
            outcome: table.text("outcome"),
            time_value: table.optional_number("time_value", Bound::Finite),
            value: table.optional_number("value", Bound::Finite),
            texts: ["time_unit", "unit", "definition", "regimen", "subtype", "ci_level", "source"]
                .into_iter()
                .filter_map(|key| table.optional_text(key).map(|text| (key, text)))
                .collect(),
            span: table.span(),
        };
        table.finish();
        selector
    }

    pub(crate) fn unknown(span: Span) -> Self {
        let missing = || Name::missing(span);
        let (trial_id, arm_id, outcome) = (missing(), missing(), missing());
        Selector { trial_id, arm_id, outcome, time_value: None, value: None, texts: Vec::new(), span }
    }

    fn selects(&self, row: &OutcomeRow) -> bool {
        let same_texts = self.texts.iter().all(|(column, text)| text_of(row, column) == text.text);
        let reported = &row.reported;
        let same_time = self.time_value.is_none() || self.time_value == reported.time_value;
        let same_value = self.value.is_none() || self.value == reported.value;
        self.selects_arm(row)
            && reported.outcome == self.outcome.text
            && same_texts
            && same_time
            && same_value
    }

    fn selects_arm(&self, row: &OutcomeRow) -> bool {
        row.reported.trial_id == self.trial_id.text && row.reported.arm_id == self.arm_id.text
    }
}

fn text_of<'a>(row: &'a OutcomeRow, column: &str) -> &'a str {
    match column {
        "time_unit" => &row.reported.time_unit,
        "unit" => &row.reported.unit,
        "definition" => &row.reported.definition,
        "regimen" => &row.regimen,
        "subtype" => &row.reported.subtype,
        "ci_level" => &row.reported.ci_level,
        _ => &row.source,
    }
}

impl OutcomeRow {
    fn usable(&self) -> bool {
        let Reported { verified, usage, value, .. } = &self.reported;
        *verified == Some(true) && *usage == Some(Use::Calibrate) && value.is_some()
    }
}

impl Evidence {
    /// The selected rows that may be shown, in the order of the table, never empty.
    ///
    /// The interval is the printed one where `ci_level` is a level; a percentage or a number of
    /// patients with known `n` gets Wilson's interval at `wilson_level`; else there is none.
    /// Ranges, quartiles and standard errors are never intervals.
    ///
    /// # Errors
    /// A diagnostic at the selector if no row is selected, or none that may be used here.
    pub fn published(&self, selector: &Selector, wilson_level: f64) -> Result<Vec<Published>, Diagnostic> {
        let selected = self.selected(selector);
        let usable: Vec<Published> =
            selected.iter().filter(|row| row.usable()).map(|row| publish(row, wilson_level)).collect();
        if usable.is_empty() { Err(self.refusal(selector, &selected)) } else { Ok(usable) }
    }

    /// Every row that a selector names, whatever its use.
    pub(crate) fn selected(&self, selector: &Selector) -> Vec<&OutcomeRow> {
        self.outcomes.iter().filter(|row| selector.selects(row)).collect()
    }

    /// That a selector names no row.
    pub(crate) fn no_row(&self, selector: &Selector) -> Diagnostic {
        let what = format!("{}/{} {}", selector.trial_id.text, selector.arm_id.text, selector.outcome.text);
        let message = format!("no row of the evidence is `{what}`");
        let problem = Diagnostic::error(codes::NO_ROW, selector.span, message);
        with_nearest(problem, &selector.outcome.text, self.known_outcomes(selector))
    }

    fn refusal(&self, selector: &Selector, selected: &[&OutcomeRow]) -> Diagnostic {
        let what = format!("{}/{} {}", selector.trial_id.text, selector.arm_id.text, selector.outcome.text);
        let Some(row) = selected.first() else { return self.no_row(selector) };
        let why = match row.reported.usage.unwrap_or(Use::Context) {
            Use::Validate => "it is kept for validation and may not be shown",
            Use::Context => "it is context, neither fitted nor compared",
            Use::Calibrate if row.reported.verified != Some(true) => {
                "it is remembered, not read in its source"
            }
            Use::Calibrate => "it has no number",
        };
        Diagnostic::error(codes::NOT_USABLE, selector.span, format!("`{what}` may not be used: {why}"))
    }

    fn known_outcomes<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = &'a str> {
        let rows = self.outcomes.iter().filter(|row| row.usable() && selector.selects_arm(row));
        rows.map(|row| row.reported.outcome.as_str())
    }

    /// The published arm `TRIAL/ARM` that may be used, if there is one.
    pub fn arm(&self, name: &str) -> Option<&ArmRow> {
        let (trial, arm) = name.split_once('/')?;
        self.arms.iter().find(|row| row.trial_id == trial && row.arm_id == arm && row.usage == Use::Calibrate)
    }
}

#[cfg(test)]
mod tests;
