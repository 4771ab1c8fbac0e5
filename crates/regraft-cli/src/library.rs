//! `regraft library list | show | diff`.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use regraft::library::Library;
use regraft_model::nearest;
use regraft_trial::numbers::NumberAt;
use regraft_trial::{Card, CardKind, diff as diff_cards};
use serde_json::{Value, json};

use crate::arguments::{Format, Library as Arguments, LibraryAction};
use crate::exit::Exit;
use crate::problems;

/// Looks through the library.
pub fn library(arguments: &Arguments) -> Result<Exit> {
    let folders = match &arguments.action {
        LibraryAction::List { libraries, .. }
        | LibraryAction::Show { libraries, .. }
        | LibraryAction::Diff { libraries, .. } => &libraries.library,
    };
    let library = Library::open(folders)?;
    problems::show(&library.sources, &library.diagnostics);
    if library.diagnostics.iter().any(|problem| problem.is_error()) {
        return Ok(Exit::FileErrors);
    }
    match &arguments.action {
        LibraryAction::List { format, .. } => list(&library, *format),
        LibraryAction::Show { id, .. } => return show(&library, id),
        LibraryAction::Diff { a, b, .. } => return diff(&library, a, b),
    }
    Ok(Exit::Done)
}

fn cards(library: &Library, kind: CardKind) -> Vec<Card> {
    library.cards.ids(kind).into_iter().filter_map(|id| library.cards.get(kind, id)).collect()
}

fn list(library: &Library, format: Format) {
    if format == Format::Json {
        println!("{}", as_json(library));
        return;
    }
    for kind in CardKind::ALL {
        println!("{}", kind.folder());
        let cards = cards(library, kind);
        let width = cards.iter().map(|card| card.id().text.len()).max().unwrap_or(0);
        for card in &cards {
            println!("  {:width$}  {}", card.id().text, card.title());
        }
        println!();
    }
    println!("`regraft library show ID` shows every number with its source.");
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

/// Evidence grade of a regimen's therapy, in the disease that grades it.
fn grade(library: &Library, card: &Card) -> Option<String> {
    let Card::Regimen(regimen) = card else { return None };
    let therapy = &regimen.therapy.text;
    let grades = library.cards.diseases.values().flat_map(|disease| &disease.grades);
    grades.into_iter().find(|grade| grade.therapy.text == *therapy).map(|grade| grade.grade.clone())
}

/// The card of an id, whatever its kind.
///
/// # Errors
/// With the nearest id, if there is none.
fn find(library: &Library, id: &str) -> Result<Card> {
    if let Some(card) = CardKind::ALL.into_iter().find_map(|kind| library.cards.get(kind, id)) {
        return Ok(card);
    }
    let all: Vec<&str> = CardKind::ALL.into_iter().flat_map(|kind| library.cards.ids(kind)).collect();
    match nearest(id, all) {
        Some(near) => bail!("there is no card `{id}` in the library: did you mean `{near}`?"),
        None => bail!("there is no card `{id}` in the library: `regraft library list` shows them all"),
    }
}

fn found(library: &Library, id: &str) -> std::result::Result<Card, Exit> {
    find(library, id).map_err(|error| {
        eprintln!("error: {error}");
        Exit::Usage
    })
}

fn show(library: &Library, id: &str) -> Result<Exit> {
    let card = match found(library, id) {
        Ok(card) => card,
        Err(exit) => return Ok(exit),
    };
    println!("{} · {} · {}", card.id().text, card.kind().word(), card.title());
    if let Some(path) = library.path_of(card.kind(), id) {
        println!("{path}");
    }
    if let Some(summary) = card.summary() {
        println!("\n{}", wrap(summary.trim(), 100));
    }
    println!();
    print_numbers(&card.numbers());
    Ok(Exit::Done)
}

fn print_numbers(all: &[NumberAt]) {
    let (stated, design): (Vec<&NumberAt>, Vec<&NumberAt>) = all.iter().partition(|n| !n.source.is_empty());
    let path = stated.iter().map(|n| n.path.chars().count()).max().unwrap_or(0);
    let value = stated.iter().map(|n| quantity(n).chars().count()).max().unwrap_or(0);
    for number in &stated {
        println!("  {:path$}  {:>value$}  {}", number.path, quantity(number), source(number));
    }
    if !design.is_empty() {
        println!("\n  by design: {}", wrap_items(&design));
    }
}

fn wrap_items(design: &[&NumberAt]) -> String {
    let items: Vec<String> = design.iter().map(|n| format!("{} {}", n.path, quantity(n))).collect();
    wrap(&items.join(", "), 96).replace('\n', "\n    ")
}

fn quantity(number: &NumberAt) -> String {
    format!("{} {}", number.value, number.unit).trim_end().to_string()
}

fn source(number: &NumberAt) -> String {
    match &number.why {
        Some(why) => format!("{}: {why}", number.source),
        None => number.source.clone(),
    }
}

fn diff(library: &Library, a: &str, b: &str) -> Result<Exit> {
    let (first, second) = match (found(library, a), found(library, b)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(exit), _) | (_, Err(exit)) => return Ok(exit),
    };
    if first.kind() != second.kind() {
        eprintln!("error: `{a}` is a {}, `{b}` a {}", first.kind().word(), second.kind().word());
        return Ok(Exit::Usage);
    }
    let differences = diff_cards(&first, &second);
    let shown = |number: &Option<NumberAt>| match number {
        Some(number) => format!(
            "{}  [{}]",
            quantity(number),
            if number.source.is_empty() { "by design" } else { &number.source }
        ),
        None => "not stated".to_string(),
    };
    for difference in &differences {
        println!(
            "{}\n  {a}: {}\n  {b}: {}",
            difference.path,
            shown(&difference.first),
            shown(&difference.second)
        );
    }
    println!("{} numbers differ", differences.len());
    Ok(Exit::Done)
}

/// Breaks a text into lines of at most `width` characters, at spaces.
fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
