//! The units that one model declares.

use std::collections::BTreeMap;

use crate::code;
use crate::diag::{Diagnostic, nearest};
use crate::model::DeclaredUnit;
use crate::source::Span;
use crate::syntax::{ModelText, Name, Statement};
use crate::units::{UnitError, UnitTable, parse_unit};

/// Where each unit is declared.
pub(super) type UnitPlaces = BTreeMap<String, Span>;

/// Names of units that Antimony gives a role: the unit of time, of amounts, of sizes.
const DEFAULTS: [&str; 6] = ["substance", "time_unit", "volume", "area", "length", "extent"];

/// Whether Antimony gives a unit of this name a role.
pub(super) fn is_default_unit(name: &str) -> bool {
    DEFAULTS.contains(&name)
}

/// Reads all `unit x = …` of a model; one may use another, in any order.
/// Gives the units and where each is declared.
pub(super) fn declared_units(model: &ModelText, problems: &mut Vec<Diagnostic>) -> (UnitTable, UnitPlaces) {
    let mut waiting = definitions(model, problems);
    let places = waiting.iter().map(|(name, _)| (name.text.clone(), name.span)).collect();
    let mut table = UnitTable::new();
    loop {
        let before = waiting.len();
        let names: Vec<&str> = waiting.iter().map(|(name, _)| name.text.as_str()).collect();
        let mut still = Vec::new();
        for (name, definition) in &waiting {
            match parse_unit(&definition.text, &table) {
                // A name that is also a unit of SBML (`unit volume = …`) means the declared one.
                Ok(_) if uses_any(&definition.text, &names, &name.text) => still.push((*name, *definition)),
                Ok(unit) => {
                    table.insert(name.text.clone(), unit);
                }
                Err(_) => still.push((*name, *definition)),
            }
        }
        if still.len() == before {
            report(&still, &table, problems);
            return (table, places);
        }
        waiting = still;
    }
}

type Definition<'a> = (&'a Name, &'a Name);

fn definitions<'a>(model: &'a ModelText, problems: &mut Vec<Diagnostic>) -> Vec<Definition<'a>> {
    let mut found: Vec<Definition> = Vec::new();
    for statement in &model.statements {
        let Statement::Unit { name, definition } = statement else { continue };
        if is_default_unit(&name.text) && definition.text == name.text {
            continue; // `unit time_unit = time_unit` says nothing.
        }
        if let Some((first, _)) = found.iter().find(|(other, _)| other.text == name.text) {
            let message = format!("unit `{}` is defined twice", name.text);
            problems.push(
                Diagnostic::error(code::DUPLICATE, name.span, message)
                    .with_label(first.span, "first defined here"),
            );
            continue;
        }
        found.push((name, definition));
    }
    found
}

/// Whether `text` uses a unit that still waits to be read, other than itself.
fn uses_any(text: &str, waiting: &[&str], itself: &str) -> bool {
    let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
    words.into_iter().any(|word| word != itself && waiting.contains(&word))
}

fn report(waiting: &[Definition], table: &UnitTable, problems: &mut Vec<Diagnostic>) {
    for (name, definition) in waiting {
        let problem = match parse_unit(&definition.text, table) {
            Err(error) => unit_problem(&error, definition, table),
            Ok(_) => {
                let message = format!("unit `{}` is defined by itself", name.text);
                Diagnostic::error(code::RECURSION, name.span, message)
            }
        };
        problems.push(problem);
    }
}

/// Reads the unit written at `text`; a problem is reported.
pub(super) fn read_unit(
    text: &Name,
    table: &UnitTable,
    problems: &mut Vec<Diagnostic>,
) -> Option<DeclaredUnit> {
    match parse_unit(&text.text, table) {
        Ok(unit) => Some(DeclaredUnit { text: text.text.clone(), unit, span: text.span }),
        Err(error) => {
            problems.push(unit_problem(&error, text, table));
            None
        }
    }
}

fn unit_problem(error: &UnitError, text: &Name, table: &UnitTable) -> Diagnostic {
    const COMMON: [&str; 9] =
        ["second", "litre", "gram", "item", "mole", "dimensionless", "metre", "kilogram", "joule"];
    let problem = Diagnostic::error(code::UNKNOWN_UNIT, text.span, error.to_string());
    let UnitError::Unknown(name) = error else { return problem };
    match nearest(name, table.keys().map(String::as_str).chain(COMMON)) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help("declare it: `unit name = 1e-3 gram / litre`"),
    }
}
