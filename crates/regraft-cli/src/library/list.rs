//! The catalogue.

use std::collections::BTreeMap;
use std::fmt::Write;

use regraft::library::Library;
use regraft_trial::{Card, CardKind};
use serde_json::{Value, json};

use super::{cards, grade};
use crate::arguments::Format;

/// Everything in the library, for people or as one JSON object.
pub fn list(library: &Library, format: Format) -> String {
    match format {
        Format::Text => as_text(library),
        Format::Json => as_json(library).to_string() + "\n",
    }
}

fn as_text(library: &Library) -> String {
    let all = CardKind::ALL.map(|kind| (kind, cards(library, kind)));
    let ids = all.iter().flat_map(|(_, cards)| cards).map(|card| card.id().text.chars().count());
    let width = ids.max().unwrap_or(0);
    let mut text = String::new();
    for (kind, cards) in &all {
        let _ = writeln!(text, "{}", kind.folder());
        for card in cards {
            let grade = grade(library, card).map(|grade| format!("  [{}]", grade_words(grade)));
            let _ =
                writeln!(text, "  {:width$}  {}{}", card.id().text, card.title(), grade.unwrap_or_default());
        }
        text.push('\n');
    }
    text + "`regraft library show ID` shows every number with its source. In brackets: grade of the evidence.\n"
}

/// `strong moderate` of `strong_moderate`.
pub fn grade_words(grade: &str) -> String {
    grade.replace('_', " ")
}

fn as_json(library: &Library) -> Value {
    let of_kind = |kind: CardKind| -> Value {
        let entry = |card: &Card| {
            let mut entry = json!({ "id": card.id().text, "title": card.title() });
            if let Some(grade) = grade(library, card) {
                entry["grade"] = json!(grade);
            }
            entry
        };
        cards(library, kind).iter().map(entry).collect()
    };
    let all: BTreeMap<&str, Value> =
        CardKind::ALL.into_iter().map(|kind| (kind.folder(), of_kind(kind))).collect();
    json!(all)
}
