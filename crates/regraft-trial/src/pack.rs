//! Any pack of the two tables, row by row as published: arms and reported numbers with all their words.
//!
//! Other than in [`Evidence`](crate::evidence::Evidence), nothing of a pack may be fitted or shown beside a run: it is read to be
//! scored. `value` and `use` may be blank, and so may every column that is not listed as needed.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::codes;
pub use crate::evidence::Reported as PackRow;
use crate::evidence::Use;
use crate::evidence::table::{Row, read_rows};
use crate::vocabulary::Facts;

/// A pack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pack {
    /// One row per published arm.
    pub arms: Vec<PackArm>,
    /// One row per reported number.
    pub rows: Vec<PackRow>,
}

/// A published arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PackArm {
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
    /// Patients.
    pub n: Option<f64>,
    /// All texts, by column.
    pub texts: BTreeMap<&'static str, String>,
}

impl PackArm {
    /// The text of a column; empty where there is none.
    pub fn text(&self, column: &str) -> &str {
        self.texts.get(column).map_or("", String::as_str)
    }

    /// What rules of the vocabulary may ask of the arm.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        for (column, field) in FIELDS_OF_COLUMNS {
            facts.set(field, self.text(column));
        }
        let joined =
            |columns: &[&str]| columns.iter().map(|column| self.text(column)).collect::<Vec<_>>().join(" / ");
        facts.set("treatment", &joined(&TREATMENT));
        facts.set(
            "people",
            &joined(&["subtype", "design", "baseline", "prior_relapse_rate", "prior_or_background"]),
        );
        facts
    }
}

/// Columns whose words say what is given.
const TREATMENT: [&str; 7] =
    ["therapy", "regimen", "conditioning", "conditioning_intensity", "atg", "dose_detail", "graft"];

/// Columns of the arms and the fields by which rules know them.
const FIELDS_OF_COLUMNS: [(&str, &str); 14] = [
    ("disease", "disease"),
    ("subtype", "subtype"),
    ("design", "design"),
    ("therapy", "therapy"),
    ("regimen", "regimen"),
    ("conditioning", "conditioning"),
    ("conditioning_intensity", "intensity"),
    ("atg", "atg"),
    ("dose_detail", "dose"),
    ("mobilisation", "mobilisation"),
    ("graft", "graft"),
    ("prior_or_background", "background"),
    ("baseline", "baseline"),
    ("note", "remarks"),
];

impl PackRow {
    /// When, in days after the source's time zero; `None` where it is not said or the unit is none of time.
    pub fn day(&self) -> Option<f64> {
        Some(self.time_value? * days_of(&self.time_unit)?)
    }

    /// What rules of the vocabulary may ask of the row, beside what they may ask of its arm.
    pub fn add_to(&self, facts: &mut Facts) {
        facts.set("outcome", &self.outcome);
        facts.set("definition", &self.definition);
        facts.set("unit", &self.unit);
        facts.set("note", &self.note);
        facts.set("time", if self.time_value.is_some() { &self.time_unit } else { "" });
        facts.set("method", &format!("{} {} {}", self.outcome, self.definition, self.note));
    }
}

/// Days of a unit of time.
pub fn days_of(unit: &str) -> Option<f64> {
    let unit = unit.trim().trim_end_matches('.').to_lowercase();
    Some(match unit.as_str() {
        "h" | "hr" | "hrs" | "hour" | "hours" => 1.0 / 24.0,
        "d" | "day" | "days" => 1.0,
        "w" | "wk" | "wks" | "week" | "weeks" => 7.0,
        "m" | "mo" | "mos" | "mth" | "mths" | "month" | "months" => 30.4375,
        "q" | "quarter" | "quarters" => 91.3125,
        "y" | "yr" | "yrs" | "year" | "years" | "a" => 365.25,
        _ => return None,
    })
}

/// Columns that the table of arms must have.
const ARM_COLUMNS: [&str; 4] = ["trial_id", "arm_id", "disease", "therapy"];

/// Columns that the table of outcomes must have.
const ROW_COLUMNS: [&str; 3] = ["trial_id", "arm_id", "outcome"];

/// Further texts of an arm that are kept.
const ARM_TEXTS: [&str; 21] = [
    "disease",
    "subtype",
    "design",
    "therapy",
    "regimen",
    "age",
    "age_spread",
    "female_pct",
    "disease_duration",
    "baseline",
    "prior_relapse_rate",
    "prior_or_background",
    "mobilisation",
    "graft",
    "conditioning",
    "conditioning_intensity",
    "atg",
    "dose_detail",
    "follow_up",
    "citation",
    "note",
];

impl Pack {
    /// Reads the two tables. What cannot be read is in the list; the other rows are kept.
    pub fn read(sources: &Sources, arms: SourceId, outcomes: SourceId) -> (Pack, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let arms = read_rows(sources, arms, &ARM_COLUMNS, &mut problems, read_arm);
        let rows = read_rows(sources, outcomes, &ROW_COLUMNS, &mut problems, read_row);
        problems.extend(twice(&arms));
        (Pack { arms, rows }, problems)
    }

    /// The arm of a row.
    pub fn arm_of(&self, row: &PackRow) -> Option<usize> {
        self.arms.iter().position(|arm| arm.trial_id == row.trial_id && arm.arm_id == row.arm_id)
    }
}

/// Arms that stand twice in the table: a row of outcomes would not know which is meant.
fn twice(arms: &[PackArm]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<(&str, &str), &PackArm> = BTreeMap::new();
    let mut found = Vec::new();
    for arm in arms.iter().filter(|arm| !arm.trial_id.is_empty() && !arm.arm_id.is_empty()) {
        let Some(known) = first.insert((&arm.trial_id, &arm.arm_id), arm) else { continue };
        let message = format!(
            "arm `{}` of trial `{}` stands in line {} already: each arm has one row",
            arm.arm_id, arm.trial_id, known.line
        );
        found.push(Diagnostic::error(codes::EVIDENCE_CELL, arm.span, message));
    }
    found
}

/// A number of patients: none is less than nothing.
fn patients(row: &mut Row<'_>) -> Option<f64> {
    let n = row.number("n")?;
    if n < 0.0 {
        row.wrong("n", &n.to_string(), "0 or more");
        return None;
    }
    Some(n)
}

fn read_arm(row: &mut Row<'_>) -> Option<PackArm> {
    Some(PackArm {
        line: row.line,
        span: row.span,
        usage: usage(row),
        trial_id: row.needed("trial_id"),
        arm_id: row.needed("arm_id"),
        n: patients(row),
        texts: ARM_TEXTS.iter().map(|column| (*column, row.text(column))).collect(),
    })
}

fn read_row(row: &mut Row<'_>) -> Option<PackRow> {
    let verified = match row.text("verified").as_str() {
        "" => None,
        _ => Some(row.verified()),
    };
    let usage = usage(row);
    patients(row);
    Some(PackRow::read(row, usage, verified))
}

/// `use` may be blank or absent.
fn usage(row: &mut Row<'_>) -> Option<Use> {
    if row.text("use").is_empty() { None } else { row.usage() }
}

#[cfg(test)]
mod tests;
