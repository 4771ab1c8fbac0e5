//! Every number in `library/` has a unit and a source that exists.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use crate::commands::root;
use crate::modules::sorted;

/// Sources that need no entry in the bibliography but a reason.
const WITH_REASON: [&str; 3] = ["assumed", "remembered", "calibrated"];

/// Numbers without unit, source or reason, and sources that are not in `evidence/`.
pub fn problems() -> Result<Vec<String>> {
    let keys = bibliography()?;
    let mut problems = Vec::new();
    for folder in sorted(&root().join("library"))? {
        for file in sorted(&folder)?.iter().filter(|file| file.extension().is_some_and(|e| e == "toml")) {
            let table: Table = toml::from_str(&std::fs::read_to_string(file)?)?;
            check(&Value::Table(table), &keys, "", &mut |key, what| {
                problems.push(format!("{}: `{key}` {what}", shown(file)));
            });
        }
    }
    Ok(problems)
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn bibliography() -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("evidence/references.bib"))?;
    let keys = text.lines().filter_map(|line| line.strip_prefix('@')).filter_map(|rest| rest.split_once('{'));
    Ok(keys.map(|(_, key)| key.trim_end_matches([',', ' ']).to_string()).collect())
}

/// Walks a card; a table with `value` or `distribution` is a number.
fn check(value: &Value, keys: &BTreeSet<String>, path: &str, report: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Table(table) => {
            if table.contains_key("value") || table.contains_key("distribution") {
                check_number(table, keys, path, report);
            }
            for (key, inner) in table {
                let inner_path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                check(inner, keys, &inner_path, report);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                check(item, keys, &format!("{path}[{i}]"), report);
            }
        }
        _ => {}
    }
}

fn check_number(table: &Table, keys: &BTreeSet<String>, path: &str, report: &mut dyn FnMut(&str, &str)) {
    if table.contains_key("value") && !table.contains_key("unit") {
        report(path, "has no unit");
    }
    let Some(source) = table.get("source").and_then(Value::as_str) else {
        return report(path, "has no source");
    };
    if WITH_REASON.contains(&source) {
        if !table.contains_key("why") {
            report(path, "is assumed, remembered or calibrated but does not say why");
        }
    } else if !source.starts_with("evidence:") && !keys.contains(source) {
        report(path, &format!("names the source `{source}`, which is not in evidence/references.bib"));
    }
}
