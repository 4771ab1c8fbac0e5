//! Observables and conditions that other texts write in the words of the model.

use crate::antimony::parse_expression;
use crate::check::unit_of_expression;
use crate::code;
use crate::compose::resolve_free;
use crate::diag::Diagnostic;
use crate::model::{DeclaredUnit, Kind, Model, Quantity, Rule};
use crate::source::Span;
use crate::units::parse_clinical;

impl Model {
    /// Adds an assignment rule `name := expression`.
    ///
    /// The text of the expression stands at `span_of_expression` (with or without its quotes)
    /// in some text, so that messages point into that text. Names are full, or the last part
    /// of a full name that only one quantity has. `unit` may be empty: then none is declared.
    /// Gives all problems; with an error the rule is not added.
    pub fn add_observable(
        &mut self,
        name: &str,
        unit: &str,
        expression: &str,
        span_of_expression: Span,
    ) -> Vec<Diagnostic> {
        let span = span_of_expression;
        let (text, mut problems) = parse_expression(expression, span);
        if problems.iter().any(Diagnostic::is_error) {
            return problems;
        }
        let (value, found) = resolve_free(&text, self, span);
        problems.extend(found);
        if self.quantities.iter().any(|quantity| quantity.name == name) {
            problems.push(Diagnostic::error(code::DUPLICATE, span, format!("`{name}` is defined already")));
        }
        let declared = self.declared_unit(unit, span, &mut problems);
        problems.extend(unit_of_expression(self, &value, declared.as_ref(), name));
        if !problems.iter().any(Diagnostic::is_error) {
            self.quantities.push(Quantity {
                name: name.to_string(),
                span,
                label: String::new(),
                unit: declared,
                kind: Kind::Parameter,
                constant: false,
                initial: None,
                rule: Rule::Assignment(value),
            });
        }
        problems
    }

    fn declared_unit(&self, unit: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<DeclaredUnit> {
        if unit.is_empty() {
            return None;
        }
        match parse_clinical(unit, &self.units) {
            Ok(meaning) => Some(DeclaredUnit { text: unit.to_string(), unit: meaning, span }),
            Err(error) => {
                problems.push(Diagnostic::error(code::UNKNOWN_UNIT, span, error.to_string()));
                None
            }
        }
    }
}
