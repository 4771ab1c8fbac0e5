//! Every source named in `library/` or in a comment of the code exists in `evidence/`.
//!
//! That every number has a unit and a source is checked by the reader of the cards itself
//! (`regraft check`); here the keys are held against the bibliography.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use crate::commands::root;
use crate::modules::{rust_files, sorted};

/// Words that stand where no source can be named; the card then says why.
const WITHOUT_KEY: [&str; 3] = ["assumed", "remembered", "calibrated"];

/// Sources that are not in `evidence/references.bib`.
pub fn problems() -> Result<Vec<String>> {
    let keys = bibliography()?;
    let mut problems = Vec::new();
    for folder in sorted(&root().join("library"))? {
        for file in sorted(&folder)?.iter().filter(|file| file.extension().is_some_and(|e| e == "toml")) {
            let table: Table = toml::from_str(&std::fs::read_to_string(file)?)?;
            let mut named = Vec::new();
            sources(&Value::Table(table), &mut named);
            problems.extend(unknown(&named, &keys).map(|key| missing(file, key)));
        }
    }
    for entry in sorted(&root().join("crates"))? {
        for file in rust_files(&entry.join("src"))? {
            let text = std::fs::read_to_string(&file)?;
            let cited: Vec<String> = text.lines().filter(|l| l.contains("//")).flat_map(citations).collect();
            problems.extend(cited.iter().filter(|key| !keys.contains(*key)).map(|key| missing(&file, key)));
        }
    }
    Ok(problems)
}

fn missing(file: &Path, key: &str) -> String {
    let shown = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    format!("{shown}: the source `{key}` is not in evidence/references.bib")
}

fn bibliography() -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("evidence/references.bib"))?;
    let keys = text.lines().filter_map(|line| line.strip_prefix('@')).filter_map(|rest| rest.split_once('{'));
    Ok(keys.map(|(_, key)| key.split(',').next().unwrap_or_default().trim().to_string()).collect())
}

/// All texts of keys named `source`, wherever they stand; several are joined by `; `.
fn sources(value: &Value, named: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, inner) in table {
                match inner {
                    Value::String(text) if key == "source" => {
                        named.extend(text.split(';').map(|part| part.trim().to_string()));
                    }
                    _ => sources(inner, named),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| sources(item, named)),
        _ => {}
    }
}

fn unknown<'a>(named: &'a [String], keys: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let known = |text: &str| {
        WITHOUT_KEY.contains(&text)
            || text.starts_with("evidence:")
            || text.starts_with("DOI:")
            || keys.contains(text)
    };
    named.iter().map(String::as_str).filter(move |text| !known(text))
}

/// Keys cited in a comment line, as `[Hairer1993]` or `\[Hairer1993, II.4\]`.
fn citations(line: &str) -> Vec<String> {
    let inside = line.split('[').skip(1).filter_map(|rest| rest.split([']', ',', '\\']).next());
    inside.filter(|word| is_key(word)).map(str::to_string).collect()
}

/// A capital, letters, a year, perhaps one letter more.
fn is_key(word: &str) -> bool {
    let name: String = word.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
    let rest = &word[name.len()..];
    let year = rest.get(..4).is_some_and(|year| year.chars().all(|c| c.is_ascii_digit()));
    name.len() > 2 && name.starts_with(|c: char| c.is_ascii_uppercase()) && year && rest.len() <= 5
}
