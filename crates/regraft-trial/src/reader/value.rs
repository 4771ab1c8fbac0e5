//! Single values of the TOML tree: tables and numbers within bounds.

use crate::days::number_words;
use regraft_model::{Diagnostic, Span};
use toml::de::DeValue;

use super::{Page, Reader};
use crate::codes;

/// What a plain number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Any finite number.
    Finite,
    /// Finite and ≥ 0.
    NotNegative,
    /// Finite and > 0.
    Positive,
    /// 0 … 1.
    Share,
    /// More than 0 and less than 1.
    Level,
    /// A day: within [`MOST_DAYS`] of day zero.
    Day,
    /// Days from now on: 0 … [`MOST_DAYS`].
    Later,
    /// A length in days: more than 0, at most [`MOST_DAYS`].
    Length,
}

/// A hundred years. Chosen: no patient's course is longer, and a slip of the pen beyond it is found here
/// rather than in hours of computing.
pub(crate) const MOST_DAYS: f64 = 36_525.0;

impl Bound {
    fn admits(self, value: f64) -> bool {
        match self {
            Bound::Finite => true,
            Bound::NotNegative => value >= 0.0,
            Bound::Positive => value > 0.0,
            Bound::Share => (0.0..=1.0).contains(&value),
            Bound::Level => 0.0 < value && value < 1.0,
            Bound::Day => value.abs() <= MOST_DAYS,
            Bound::Later => (0.0..=MOST_DAYS).contains(&value),
            Bound::Length => 0.0 < value && value <= MOST_DAYS,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Bound::Finite => "a finite number",
            Bound::NotNegative => "0 or more",
            Bound::Positive => "more than 0",
            Bound::Share => "between 0 and 1",
            Bound::Level => "more than 0 and less than 1",
            Bound::Day => "within a hundred years of day zero (-36525 to 36525)",
            Bound::Later => "between 0 and 36525 (a hundred years)",
            Bound::Length => "more than 0 and at most 36525 (a hundred years)",
        }
    }
}

impl Page {
    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&self, key: &str, span: Span, value: &DeValue<'_>, wanted: &str) {
        let found = match value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.report(Diagnostic::error(
            codes::WRONG_TYPE,
            span,
            format!("`{key}` must be {wanted}, not {found}"),
        ));
    }

    /// Reads a table.
    pub(crate) fn as_table<'t>(
        &'t self,
        key: &str,
        span: Span,
        value: &'t DeValue<'t>,
    ) -> Option<Reader<'t>> {
        let Some(table) = value.as_table() else {
            self.wrong_type(key, span, value, "a table");
            return None;
        };
        Some(Reader::new(self, table, span, &format!("`{key}`")))
    }

    /// Reads a finite number within `bound`.
    pub(crate) fn plain_number(
        &self,
        key: &str,
        span: Span,
        value: &DeValue<'_>,
        bound: Bound,
    ) -> Option<f64> {
        let Some(number) = to_number(value) else {
            self.wrong_type(key, span, value, "a number");
            return None;
        };
        if !number.is_finite() {
            self.report(Diagnostic::error(
                codes::NOT_FINITE,
                span,
                format!("`{key}` must be a finite number"),
            ));
            return None;
        }
        if !bound.admits(number) {
            let message = format!("`{key}` is {}, must be {}", number_words(number), bound.words());
            self.report(Diagnostic::error(codes::OUT_OF_RANGE, span, message));
            return None;
        }
        Some(number)
    }
}

/// A TOML integer or float as a number. An integer too large for 64 bits becomes ∞.
fn to_number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(whole) => Some(
            i64::from_str_radix(whole.as_str(), whole.radix()).map_or(f64::INFINITY, |number| number as f64),
        ),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}
