//! What a row of the outcomes reports, whoever reads it.

use regraft_model::Span;

use super::Use;
use super::table::Row;

/// A reported number, or the question for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// Line of the table, from 1.
    pub line: usize,
    /// Where it stands.
    pub span: Span,
    /// The trial.
    pub trial_id: String,
    /// The arm.
    pub arm_id: String,
    /// What it may be used for, where it is said.
    pub usage: Option<Use>,
    /// Patients counted.
    pub n: Option<f64>,
    /// Name of the outcome.
    pub outcome: String,
    /// Its definition.
    pub definition: String,
    /// When, in `time_unit`.
    pub time_value: Option<f64>,
    /// Unit of time.
    pub time_unit: String,
    /// The number; blank where it is asked for.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Lower end of what `ci_level` names.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// `95`, `90`, `range`, `IQR`, `SE` or empty.
    pub ci_level: String,
    /// Whether it was read in the source; `None` where it is not said.
    pub verified: Option<bool>,
    /// Remarks.
    pub note: String,
    /// Subtype, where the row names one of its own.
    pub subtype: String,
}

impl Reported {
    /// Reads a row of the table; whether it may be left open what it is for, the reader says.
    pub(crate) fn read(row: &mut Row<'_>, usage: Option<Use>, verified: Option<bool>) -> Reported {
        Reported {
            line: row.line,
            span: row.span,
            usage,
            trial_id: row.needed("trial_id"),
            arm_id: row.needed("arm_id"),
            n: row.number("n"),
            outcome: row.needed("outcome"),
            definition: row.text("definition"),
            time_value: row.number("time_value"),
            time_unit: row.text("time_unit"),
            value: row.number("value"),
            unit: row.text("unit"),
            ci_low: row.number("ci_low"),
            ci_high: row.number("ci_high"),
            ci_level: row.text("ci_level"),
            verified,
            note: row.text("note"),
            subtype: row.text("subtype"),
        }
    }
}
