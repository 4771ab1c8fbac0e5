//! Checks of a whole model: values, rules, loops, units.

pub mod order;
mod structure;
mod unit;

pub use structure::{changes_by_itself, rule_needs, structure};
pub use unit::{unit_of_expression, units};

use crate::diag::Diagnostic;
use crate::model::Model;

/// All problems of a model whose names are resolved.
pub fn check(model: &Model) -> Vec<Diagnostic> {
    let mut problems = structure(model);
    problems.extend(units(model));
    problems
}
