//! The catalogue.

use std::collections::BTreeMap;
use std::fmt::Write;

use regraft::library::Library;
use regraft::report::grade_word;
use regraft_trial::{Card, CardKind};
use serde_json::{Value, json};

use super::{cards, grade};
use crate::arguments::Format;

/// What is in the library, or the cards of one kind, for people or as one JSON object.
pub fn list(library: &Library, kind: Option<&str>, format: Format) -> String {
    let asked = |one: &CardKind| kind.is_none_or(|kind| one.folder() == kind);
    let kinds: Vec<CardKind> = CardKind::ALL.into_iter().filter(asked).collect();
    match format {
        Format::Text => as_text(library, &kinds),
        Format::Json => as_json(library, &kinds).to_string() + "\n",
    }
}

fn as_text(library: &Library, kinds: &[CardKind]) -> String {
    let all: Vec<(CardKind, Vec<Card>)> = kinds.iter().map(|kind| (*kind, cards(library, *kind))).collect();
    let ids = all.iter().flat_map(|(_, cards)| cards).map(|card| card.id().text.chars().count());
    let width = ids.max().unwrap_or(0);
    let mut text = String::new();
    for (kind, cards) in &all {
        let _ = writeln!(text, "{}", kind.folder());
        for (disease, cards) in by_disease(library, cards) {
            let indent = if disease.is_empty() { "  " } else { "    " };
            if !disease.is_empty() {
                let _ = writeln!(text, "  {disease}");
            }
            for card in cards {
                let grade = grade(library, card).map(|grade| format!("  [{}]", grade_word(grade)));
                let (id, grade) = (&card.id().text, grade.unwrap_or_default());
                let _ = writeln!(text, "{indent}{id:width$}  {}{grade}", card.title());
            }
        }
        text.push('\n');
    }
    text.push_str("`regraft library show ID` shows every number with its source.");
    if kinds.contains(&CardKind::Regimen) {
        text.push_str(" In brackets: grade of the evidence.");
    }
    text + "\n"
}

/// Trials under the titles of their diseases; cards of other kinds as they are, under no title.
fn by_disease<'a>(library: &'a Library, cards: &'a [Card]) -> Vec<(&'a str, Vec<&'a Card>)> {
    let mut groups: BTreeMap<&str, Vec<&Card>> = BTreeMap::new();
    for card in cards {
        let disease = match card {
            Card::Trial(file) => {
                let id = &file.disease.text;
                library.cards.diseases.get(id).map_or(id.as_str(), |disease| disease.title.as_str())
            }
            _ => "",
        };
        groups.entry(disease).or_default().push(card);
    }
    groups.into_iter().collect()
}

fn as_json(library: &Library, kinds: &[CardKind]) -> Value {
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
    let all: BTreeMap<&str, Value> = kinds.iter().map(|kind| (kind.folder(), of_kind(*kind))).collect();
    json!(all)
}
