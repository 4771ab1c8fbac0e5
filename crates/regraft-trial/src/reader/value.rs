//! Single values of the TOML tree: tables and numbers within bounds.

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
}

impl Bound {
    fn admits(self, value: f64) -> bool {
        match self {
            Bound::Finite => true,
            Bound::NotNegative => value >= 0.0,
            Bound::Positive => value > 0.0,
            Bound::Share => (0.0..=1.0).contains(&value),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Bound::Finite => "a finite number",
            Bound::NotNegative => "0 or more",
            Bound::Positive => "more than 0",
            Bound::Share => "between 0 and 1",
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
            let message = format!("`{key}` is {number}, must be {}", bound.words());
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
