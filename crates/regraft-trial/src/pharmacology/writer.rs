//! Lines of a model text, with declarations in columns.

use std::fmt::Write;

use crate::constant::{Constant, ModelUnit};
use crate::quantity::Origin;
use crate::quantity::{SettingValue, origin_of};

/// Lines that declare quantities: `a = 1;  a has b;  // comment`, in columns.
#[derive(Default)]
pub(super) struct Declarations(Vec<(String, String, String)>);

impl Declarations {
    /// A quantity with a value at the start.
    pub(super) fn add(&mut self, name: &str, value: &str, unit: &ModelUnit, comment: &str) {
        self.0.push((
            format!("{name} = {value};"),
            format!("{name} has {};", unit.name),
            comment.to_string(),
        ));
    }

    /// A constant of a card, with what it means and where it comes from.
    pub(super) fn constant(&mut self, name: &str, constant: &Constant) {
        let comment = format!("{}{}", constant.meaning, origin(constant));
        self.add(name, &number(constant.middle), &constant.unit, &comment);
    }

    /// The lines.
    pub(super) fn text(&self) -> String {
        let width = |of: fn(&(String, String, String)) -> &String| {
            self.0.iter().map(|line| of(line).chars().count()).max().unwrap_or(0)
        };
        let (first, second) = (width(|line| &line.0), width(|line| &line.1));
        let mut text = String::new();
        for (value, unit, comment) in &self.0 {
            let _ = writeln!(text, "  {value:first$}  {unit:second$}  // {}", plain(comment));
        }
        text
    }
}

/// ` [waller2003atg]`; where the number is drawn per patient, that too.
fn origin(constant: &Constant) -> String {
    let drawn =
        if matches!(constant.value, SettingValue::PerPatient(_)) { ", differs between patients" } else { "" };
    match origin_of(constant.source()) {
        Origin::Design | Origin::Switch => drawn.to_string(),
        _ => format!("{drawn} [{}]", constant.source()),
    }
}

/// A rule with its comment above it.
pub(super) fn rule(name: &str, expression: &str, unit: &str, comment: &str) -> String {
    format!("  // {}\n  {name} := {expression};  {name} has {unit};\n", plain(comment))
}

/// Declarations of units, each once, sorted by name, in columns.
pub(super) fn units<'a>(used: impl IntoIterator<Item = &'a ModelUnit>) -> String {
    let mut known: Vec<&ModelUnit> = used.into_iter().collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known.dedup();
    let width = known.iter().map(|unit| unit.name.len()).max().unwrap_or(0).max("time_unit".len());
    let mut text = format!("  unit {:width$} = 86400 second;\n", "time_unit");
    for unit in known {
        let _ = writeln!(text, "  unit {:width$} = {};", unit.name, unit.definition);
    }
    text
}

/// The shortest decimal that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() > 20 { format!("{value:e}") } else { plain }
}

/// Words on one line.
pub(super) fn plain(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
