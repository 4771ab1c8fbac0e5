//! What the cards of the library set in the models: card, name, value, source.

use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use crate::modules::sorted;

/// A quantity that a card sets.
pub struct Override {
    /// The card's file name without ending.
    pub card: String,
    /// Name of the quantity: full, or an end of it.
    pub target: String,
    /// The value with its unit, or how it is drawn.
    pub value: String,
    /// Where it comes from.
    pub source: String,
}

/// Folders of cards whose numbers become those of the model.
const FOLDERS: [&str; 4] = ["diseases", "drugs", "products", "populations"];

/// Every quantity that a disease, drug, product or population sets for the whole course.
pub fn overrides(library: &Path) -> Result<Vec<Override>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for file in
            sorted(&library.join(folder))?.iter().filter(|file| file.extension().is_some_and(|e| e == "toml"))
        {
            let card = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let table: Table = toml::from_str(&std::fs::read_to_string(file)?)?;
            for key in ["parameters", "initial"] {
                if let Some(Value::Table(settings)) = table.get(key) {
                    collect(&card, "", settings, &mut found);
                }
            }
            for one in table.get("trait").and_then(Value::as_array).into_iter().flatten() {
                found.extend(of_trait(&card, one));
            }
        }
    }
    Ok(found)
}

/// Settings; dotted keys without quotes are tables in tables.
fn collect(card: &str, above: &str, settings: &Table, found: &mut Vec<Override>) {
    for (key, value) in settings {
        let target = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Table(table) if table.contains_key("value") => found.push(Override {
                card: card.to_string(),
                target,
                value: with_unit(&text(table.get("value")), table),
                source: text(table.get("source")),
            }),
            Value::Table(table) if table.contains_key("per_patient") => found.push(Override {
                card: card.to_string(),
                target,
                value: with_unit(&drawn(table.get("per_patient")), table),
                source: text(table.get("source")),
            }),
            Value::Table(table) => collect(card, &target, table, found),
            other => found.push(Override {
                card: card.to_string(),
                target,
                value: text(Some(other)),
                source: "switch".to_string(),
            }),
        }
    }
}

fn of_trait(card: &str, one: &Value) -> Option<Override> {
    let table = one.as_table()?;
    Some(Override {
        card: card.to_string(),
        target: table.get("sets")?.as_str()?.to_string(),
        value: with_unit(&drawn(table.get("distribution")), table),
        source: text(table.get("source")),
    })
}

/// `lognormal, median 0.5, cv 0.142`.
fn drawn(distribution: Option<&Value>) -> String {
    let Some(table) = distribution.and_then(Value::as_table) else { return String::new() };
    let mut words = vec![text(table.get("kind"))];
    for key in ["value", "probability", "mean", "median", "sd", "cv", "low", "high"] {
        if let Some(value) = table.get(key) {
            words.push(format!("{key} {}", text(Some(value))));
        }
    }
    words.join(", ")
}

fn with_unit(value: &str, table: &Table) -> String {
    let unit = text(table.get("unit"));
    if unit.is_empty() { value.to_string() } else { format!("{value} {unit}") }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}
