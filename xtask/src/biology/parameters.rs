//! The parameters of a model file as tables: value, unit, meaning, and which cards set another value.

use std::collections::BTreeSet;

use anyhow::Result;
use regraft_model::syntax::{Assigned, ModelText};

use super::cards::Override;
use super::expression::print;
use super::text::{Assignment, File, Library, plain};

/// Parameters, starting values and inputs of every model of a file.
pub fn tables(library: &Library, name: &str) -> Result<String> {
    let file = library.file(name)?;
    let parts = file.parsed.models.iter().map(|model| (model, of_model(library, file, model)));
    let parts: Vec<(&ModelText, String)> = parts.filter(|(_, text)| !text.is_empty()).collect();
    let title = |model: &ModelText| {
        if parts.len() > 1 { format!("### `{}`\n\n", model.name.text) } else { String::new() }
    };
    Ok(parts.iter().map(|(model, text)| title(model) + text).collect())
}

fn of_model(library: &Library, file: &File, model: &ModelText) -> String {
    let all = file.assignments(model);
    let names = |assigned: Assigned| -> BTreeSet<&str> {
        all.iter().filter(|one| one.assigned == assigned).map(|one| one.name.text.as_str()).collect()
    };
    let (rules, rates) = (names(Assigned::Rule), names(Assigned::Rate));
    let feeds = library.feeds(&model.name.text);
    let start =
        |one: &&Assignment<'_>| one.assigned == Assigned::Start && !rules.contains(one.name.text.as_str());
    let is_input = |one: &&Assignment<'_>| feeds.contains_key(one.name.text.as_str());
    let is_state = |one: &&Assignment<'_>| rates.contains(one.name.text.as_str());
    let row = |one: &Assignment<'_>| row(library, file, model, one);
    let starts: Vec<&Assignment<'_>> = all.iter().filter(start).collect();
    let own = starts.iter().copied().filter(|one| !is_input(one));
    let parameters: String = own.clone().filter(|one| !is_state(one)).map(row).collect();
    let states: String = own.filter(is_state).map(row).collect();
    let inputs: String =
        starts.iter().copied().filter(is_input).map(|one| input(&feeds, file, one)).collect();
    let head = |what: &str| {
        format!(
            "| {what} | value | unit | meaning | set by a card (value, source) |\n|---|---|---|---|---|\n"
        )
    };
    let part = |head: String, rows: String| if rows.is_empty() { rows } else { format!("{head}{rows}\n") };
    part(head("parameter"), parameters)
        + &part(head("state, at the start"), states)
        + &part("| input | from | alone | meaning |\n|---|---|---|---|\n".to_string(), inputs)
}

fn row(library: &Library, file: &File, model: &ModelText, one: &Assignment<'_>) -> String {
    let name = &one.name.text;
    let unit = file.units(model).get(name.as_str()).copied().unwrap_or_default();
    let value = print(file, one.value);
    let value = if value.parse::<f64>().is_ok() { value } else { format!("`{value}`") };
    let set: Vec<String> = overriding(library, model, name).map(told).collect();
    format!("| `{name}` | {value} | {unit} | {} | {} |\n", cell(&one.comment), set.join("<br>"))
}

fn input(
    feeds: &std::collections::BTreeMap<&str, BTreeSet<&str>>,
    file: &File,
    one: &Assignment<'_>,
) -> String {
    let name = one.name.text.as_str();
    let from: Vec<String> = feeds[name].iter().map(|source| format!("`{source}`")).collect();
    format!("| `{name}` | {} | {} | {} |\n", from.join(", "), print(file, one.value), cell(&one.comment))
}

/// What cards set of a quantity: by its name alone, or by an end of its full name.
fn overriding<'a>(
    library: &'a Library,
    model: &'a ModelText,
    name: &'a str,
) -> impl Iterator<Item = &'a Override> {
    let instances = library.instances(&model.name.text);
    library.overrides.iter().filter(move |set| match set.target.rsplit_once('.') {
        _ if set.target == name || set.target.ends_with(&format!(".{name}")) && name.contains('.') => true,
        Some((above, last)) => {
            last == name && above.rsplit('.').next().is_some_and(|part| instances.contains(part))
        }
        None => false,
    })
}

fn told(set: &Override) -> String {
    format!("`{}`: {} ({})", set.card, cell(&set.value), cell(&set.source))
}

/// A text that breaks no table.
fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|")
}
