//! `regraft library list | show | diff | sources`.

mod diff;
mod list;
mod show;
mod sources;

use anyhow::Result;
use regraft::library::Library;
use regraft_model::nearest;
use regraft_trial::{Card, CardKind};

use crate::arguments::{Library as Arguments, LibraryAction};
use crate::exit::Exit;
use crate::output::{answer, tell};
use crate::problems;

/// Looks through the library.
pub fn library(arguments: &Arguments) -> Result<Exit> {
    let folders = match &arguments.action {
        LibraryAction::List { libraries, .. }
        | LibraryAction::Show { libraries, .. }
        | LibraryAction::Sources { libraries, .. }
        | LibraryAction::Diff { libraries, .. } => &libraries.library,
    };
    let library = Library::open(folders)?;
    problems::show(&library.sources, &library.diagnostics);
    if library.diagnostics.iter().any(|problem| problem.is_error()) {
        return Ok(Exit::FileErrors);
    }
    let text = match &arguments.action {
        LibraryAction::List { kind, format, .. } => Ok(list::list(&library, kind.as_deref(), *format)),
        LibraryAction::Sources { format, .. } => Ok(sources::sources(&library, *format)),
        LibraryAction::Show { id, .. } => find(&library, id).map(|card| show::show(&library, &card)),
        LibraryAction::Diff { a, b, .. } => both(&library, a, b).map(|(a, b)| diff::diff(&a, &b)),
    };
    match text {
        Ok(text) => answer(&text).map(|()| Exit::Done),
        Err(message) => {
            tell(&format!("error: {message}"));
            Ok(Exit::Usage)
        }
    }
}

/// All cards of a kind, by id.
fn cards(library: &Library, kind: CardKind) -> Vec<Card> {
    library.cards.ids(kind).into_iter().filter_map(|id| library.cards.get(kind, id)).collect()
}

/// The card of an id, whatever its kind; or what is wrong, with the nearest id.
fn find(library: &Library, id: &str) -> Result<Card, String> {
    if let Some(card) = CardKind::ALL.into_iter().find_map(|kind| library.cards.get(kind, id)) {
        return Ok(card);
    }
    let all = CardKind::ALL.into_iter().flat_map(|kind| library.cards.ids(kind));
    Err(match nearest(id, all) {
        Some(near) => format!("there is no card `{id}` in the library: did you mean `{near}`?"),
        None => format!("there is no card `{id}` in the library: `regraft library list` shows them all"),
    })
}

/// Two cards of one kind.
fn both(library: &Library, a: &str, b: &str) -> Result<(Card, Card), String> {
    let (first, second) = match (find(library, a), find(library, b)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(one), Err(other)) => return Err(format!("{one}\nerror: {other}")),
        (Err(one), _) | (_, Err(one)) => return Err(one),
    };
    if first.kind() != second.kind() {
        let (one, other) = (first.kind().word(), second.kind().word());
        return Err(format!("`{a}` is a {one} and `{b}` a {other}: only cards of one kind are compared"));
    }
    Ok((first, second))
}

/// Evidence grade of a regimen's therapy, in the first disease that grades it.
fn grade<'a>(library: &'a Library, card: &Card) -> Option<&'a str> {
    let Card::Regimen(regimen) = card else { return None };
    let grades = library.cards.diseases.values().flat_map(|disease| &disease.grades);
    grades
        .into_iter()
        .find(|grade| grade.therapy.text == regimen.therapy.text)
        .map(|grade| grade.grade.as_str())
}
