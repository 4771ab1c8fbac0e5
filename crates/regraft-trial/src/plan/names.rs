//! Names of the cards in the program, and units of the cards in the model's.

use regraft_model::program::{Found, NameError, Target};
use regraft_model::{Diagnostic, Span};

use super::Planner;
use crate::codes;
use crate::name::Name;

impl Planner<'_> {
    pub(super) fn error(&mut self, code: &'static str, span: Span, message: String) {
        self.problems.push(Diagnostic::error(code, span, message));
    }

    fn find(&mut self, name: &str, span: Span) -> Option<Found> {
        if name.is_empty() {
            return None;
        }
        match self.program.find(name) {
            Ok(found) => Some(found),
            Err(error) => {
                self.problems.push(name_problem(name, span, error));
                None
            }
        }
    }

    /// Something that can be set: a state or parameter.
    pub(super) fn target(&mut self, name: &Name) -> Option<Target> {
        match self.find(&name.text, name.span)? {
            Found::State(index) => Some(Target::State(index)),
            Found::Parameter(index) => Some(Target::Parameter(index)),
            Found::Observable(_) => {
                self.wrong_sort(name, "is computed by the model, so it cannot be set");
                None
            }
            Found::Event(_) => {
                self.wrong_sort(name, "is an event of the model, so it cannot be set");
                None
            }
        }
    }

    /// Something that has a value.
    pub(super) fn readable(&mut self, name: &str, span: Span) -> Option<Found> {
        let found = self.find(name, span)?;
        if matches!(found, Found::Event(_)) {
            self.error(
                codes::WRONG_SORT,
                span,
                format!("`{name}` is an event of the model and has no value"),
            );
            return None;
        }
        Some(found)
    }

    /// An event.
    pub(super) fn event(&mut self, name: &Name) -> Option<u32> {
        match self.find(&name.text, name.span)? {
            Found::Event(index) => Some(index),
            _ => {
                self.wrong_sort(name, "is not an event of the model");
                None
            }
        }
    }

    /// An observable that was added for an expression.
    pub(super) fn condition(&mut self, name: &str, span: Span) -> Option<u32> {
        match self.find(name, span)? {
            Found::Observable(index) => Some(index),
            _ => {
                let message =
                    format!("`{name}` is the name of a condition and of something else in the model");
                self.error(codes::WRONG_SORT, span, message);
                None
            }
        }
    }

    fn wrong_sort(&mut self, name: &Name, words: &str) {
        self.error(codes::WRONG_SORT, name.span, format!("`{}` {words}", name.text));
    }

    /// A value in the unit that the model declares for `target`; as it is where the model declares none.
    pub(super) fn in_model_unit(
        &mut self,
        value: f64,
        unit: &str,
        target: Target,
        span: Span,
    ) -> Option<f64> {
        let quantity = match target {
            Target::State(index) => &self.program.states[index as usize],
            Target::Parameter(index) => &self.program.parameters[index as usize],
        };
        if quantity.unit == unit || quantity.unit.is_empty() {
            return Some(value);
        }
        let converted = (self.convert)(value, unit, &quantity.unit).filter(|converted| converted.is_finite());
        if converted.is_none() {
            let message = match unit {
                "" => format!("a number without unit cannot be `{}`", quantity.name),
                _ => format!("`{unit}` is not a unit of `{}`", quantity.name),
            };
            let problem = Diagnostic::error(codes::MODEL_UNIT, span, message);
            self.problems.push(problem.with_help(format!("the model declares `{}`", quantity.unit)));
        }
        converted
    }
}

fn name_problem(name: &str, span: Span, error: NameError) -> Diagnostic {
    match error {
        NameError::Unknown(near) => {
            let problem = Diagnostic::error(codes::UNKNOWN_NAME, span, format!("the model has no `{name}`"));
            match near {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem,
            }
        }
        NameError::Ambiguous(names) => {
            let message = format!("`{name}` is the last part of several names of the model");
            let problem = Diagnostic::error(codes::AMBIGUOUS_NAME, span, message);
            problem.with_help(format!("write one of {}", names.join(", ")))
        }
    }
}
