//! The index of the modules and the diagram of what feeds what.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use regraft_model::syntax::Statement;

use super::text::{Library, plain};
use crate::commands::root;

/// Names shown on an arrow before they are counted.
const MOST_NAMES: usize = 2;

/// A table: file, what it is, its page.
pub fn modules(library: &Library) -> String {
    let mut table = String::from("| module | what it is | page |\n|---|---|---|\n");
    for file in &library.files {
        let stem = file.name.trim_end_matches(".ant");
        let page = format!("{stem}.md");
        let there = root().join("docs/biology").join(&page).is_file();
        let link = if there { format!("[{stem}]({page})") } else { String::new() };
        let opening = plain(&file.opening()).replace('|', "\\|");
        let model = format!("[`{0}`](../../library/models/{0})", file.name);
        table.push_str(&format!("| {model} | {} | {link} |\n", first_sentence(&opening)));
    }
    table
}

fn first_sentence(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_string(),
    }
}

/// A graph of the instances of a file: an arrow for what one feeds the other.
pub fn diagram(library: &Library, name: &str) -> Result<String> {
    let file = library.file(name)?;
    let mut arrows: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for statement in file.parsed.models.iter().flat_map(|model| &model.statements) {
        let Statement::Same { left, right } = statement else { continue };
        let pair = left.text.split_once('.').zip(right.text.split_once('.'));
        let Some(((to, _), (from, what))) = pair else { continue };
        arrows.entry((from, to)).or_default().insert(what);
    }
    let mut text = String::from("```mermaid\ngraph LR\n");
    for ((from, to), what) in arrows {
        let names: Vec<&str> = what.iter().copied().collect();
        let label =
            if names.len() <= MOST_NAMES { names.join(", ") } else { format!("{} quantities", names.len()) };
        text.push_str(&format!("  {from} -->|{label}| {to}\n"));
    }
    Ok(text + "```\n")
}
