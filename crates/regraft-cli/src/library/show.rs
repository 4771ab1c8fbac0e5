//! One card: what it is, what it says in words, and every number with unit and source.

mod cards;
mod names;
mod plans;
mod trial;

use std::fmt::Write;

use regraft::library::Library;
use regraft::report::grade_word;
use regraft_trial::pharmacology::drug_model;
use regraft_trial::{Card, NumberAt};

use super::grade;
use crate::words;

/// The card as text.
pub fn show(library: &Library, card: &Card) -> String {
    let mut text = head(library, card);
    text.push_str(&match card {
        Card::Trial(file) => trial::trial(library, file),
        other => cards::words_of(other),
    });
    text + &numbers(&numbers_of(card)) + &part_of_model(library, card)
}

/// The text of the model that is written from a drug card.
fn part_of_model(library: &Library, card: &Card) -> String {
    let Card::Drug(drug) = card else { return String::new() };
    let text = drug_model(drug, &library.cards.sensitivities);
    if text.is_empty() { text } else { format!("\nits part of a trial's model\n\n{text}") }
}

fn head(library: &Library, card: &Card) -> String {
    let mut text = format!("{} · {} · {}\n", card.id().text, card.kind().word(), card.title());
    let _ = writeln!(text, "{}", library.sources.get(card.id().span.source).path);
    if let Some(grade) = grade(library, card) {
        let _ = writeln!(text, "grade of the evidence: {}", grade_word(grade));
    }
    if let Some(summary) = card.summary() {
        let _ = writeln!(text, "\n{}", words::wrap(summary, words::WIDTH));
    }
    text
}

/// Numbers to list. Days and levels of analyses are in the words about a trial already.
fn numbers_of(card: &Card) -> Vec<NumberAt> {
    let mut all = card.numbers();
    all.retain(|number| !number.path.starts_with("analysis.") && !number.path.starts_with("arm."));
    all
}

/// A heading with one entry per line, or nothing without entries. Spaces before an entry are kept.
fn section(title: &str, entries: &[String]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let line = |entry: &String| {
        let indent = 2 + entry.len() - entry.trim_start().len();
        format!("{}{}\n", " ".repeat(indent), words::hang(entry, indent + 4, words::WIDTH))
    };
    let lines: String = entries.iter().map(line).collect();
    format!("\n{title}\n{lines}")
}

/// Stated numbers with their sources, then those that belong to the design.
fn numbers(all: &[NumberAt]) -> String {
    let (stated, design): (Vec<&NumberAt>, Vec<&NumberAt>) = all.iter().partition(|n| !n.source.is_empty());
    let mut text = String::new();
    if !stated.is_empty() {
        text.push_str("\nnumbers and their sources\n");
    }
    let path = stated.iter().map(|n| n.path.chars().count()).max().unwrap_or(0);
    let value = stated.iter().map(|n| quantity(n).chars().count()).max().unwrap_or(0);
    for group in stated.chunk_by(|a, b| a.source == b.source && a.why == b.why) {
        for number in group {
            let shown = quantity(number);
            let _ = writeln!(text, "  {:path$}  {shown:>value$}  {}", number.path, number.source);
        }
        if let Some(why) = &group[0].why {
            let _ = writeln!(text, "      {}", words::hang(why, 6, words::WIDTH));
        }
    }
    text + &section("by design", &by_design(&design))
}

/// One entry per list of bare numbers.
fn by_design(design: &[&NumberAt]) -> Vec<String> {
    let mut lists: Vec<(&str, &str, Vec<f64>)> = Vec::new();
    for number in design {
        let path = stem(&number.path);
        match lists.iter_mut().find(|(known, unit, _)| *known == path && *unit == number.unit) {
            Some((.., values)) => values.push(number.value),
            None => lists.push((path, &number.unit, vec![number.value])),
        }
    }
    let entry = |(path, unit, values): &(&str, &str, Vec<f64>)| {
        format!("{path}  {} {unit}", words::series(values)).trim_end().to_string()
    };
    lists.iter().map(entry).collect()
}

/// A path without the `[2]` that tells numbers of one list apart.
pub fn stem(path: &str) -> &str {
    match path.strip_suffix(']').and_then(|open| open.rsplit_once('[')) {
        Some((stem, count)) if count.chars().all(|c| c.is_ascii_digit()) => stem,
        _ => path,
    }
}

/// `50 mg/kg`.
pub fn quantity(number: &NumberAt) -> String {
    format!("{} {}", words::short(number.value), number.unit).trim_end().to_string()
}
