//! Where the numbers of the drugs come from.

use std::fmt::Write;

use regraft::library::Library;
use regraft_trial::{Card, CardKind, Origin};
use serde_json::{Value, json};

use super::cards;
use crate::arguments::Format;

/// Names of the counts, in the order of the columns.
const COLUMNS: [&str; 4] = ["read", "recalled", "calibrated", "assumed"];

/// Drug by drug, how many numbers of its card were read, recalled, calibrated and assumed, for people or as one JSON object.
/// Days, thresholds and bare switches are the card's design and are not counted.
pub fn sources(library: &Library, format: Format) -> String {
    let rows: Vec<(Card, [usize; 4])> =
        cards(library, CardKind::Drug).into_iter().map(|card| (card.clone(), counts(&card))).collect();
    match format {
        Format::Text => as_text(&rows),
        Format::Json => as_json(&rows).to_string() + "\n",
    }
}

fn counts(card: &Card) -> [usize; 4] {
    let mut counts = [0; 4];
    for number in card.numbers() {
        match number.origin() {
            Origin::Read | Origin::Evidence => counts[0] += 1,
            Origin::Remembered => counts[1] += 1,
            Origin::Calibrated => counts[2] += 1,
            Origin::Assumed => counts[3] += 1,
            Origin::Switch | Origin::Design => {}
        }
    }
    counts
}

fn total(rows: &[(Card, [usize; 4])]) -> [usize; 4] {
    let mut total = [0; 4];
    for (_, counts) in rows {
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    total
}

fn as_text(rows: &[(Card, [usize; 4])]) -> String {
    let width = rows.iter().map(|(card, _)| card.id().text.chars().count()).max().unwrap_or(0).max(4);
    let line = |name: &str, cells: [String; 4]| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>12}")).collect();
        format!("{name:width$}{}\n", cells.concat())
    };
    let mut text = line("drug", COLUMNS.map(String::from));
    for (card, counts) in rows {
        text += &line(&card.id().text, counts.map(|count| count.to_string()));
    }
    text += &line("all", total(rows).map(|count| count.to_string()));
    let _ = writeln!(
        text,
        "\nread: in a text of the references or a row of the evidence; recalled: known and not read again; \
         calibrated: chosen so that published rows are met; assumed: a reasoned guess.\n\
         `regraft library show ID` shows every number with its source."
    );
    text
}

fn as_json(rows: &[(Card, [usize; 4])]) -> Value {
    let counted = |counts: [usize; 4]| -> Value {
        COLUMNS.iter().zip(counts).map(|(name, count)| ((*name).to_string(), json!(count))).collect()
    };
    let drugs: Vec<Value> = rows
        .iter()
        .map(|(card, counts)| {
            let mut entry = counted(*counts);
            entry["id"] = json!(card.id().text);
            entry["title"] = json!(card.title());
            entry
        })
        .collect();
    json!({ "drugs": drugs, "all": counted(total(rows)) })
}
