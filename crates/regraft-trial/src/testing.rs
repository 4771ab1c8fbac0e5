//! Reading a card from a text, for tests.

use regraft_model::Sources;

use crate::card::{Card, CardKind};

/// The card and what is wrong with it as `LINE:COL message`.
pub(crate) fn read(kind: CardKind, stem: &str, text: &str) -> (Card, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add(format!("{}/{stem}.toml", kind.folder()), text);
    let (card, problems) = Card::read(kind, &sources, id);
    let shown = problems.iter().map(|problem| {
        let (line, column) = sources.line_column(problem.labels[0].span);
        format!("{line}:{column} {}", problem.message)
    });
    (card, shown.collect())
}

/// A card without problems.
pub(crate) fn good(kind: CardKind, stem: &str, text: &str) -> Card {
    let (card, problems) = read(kind, stem, text);
    assert_eq!(problems, Vec::<String>::new());
    card
}

/// A regimen with a read and a remembered dose of one drug.
pub(crate) const REGIMEN: &str = r#"
id = "r"
title = "R"
therapy = "t"
day_zero = "graft"
[[step]]
kind = "condition"
drug = "poison"
days = [-5, -4]
dose = { value = 50, unit = "mg/kg", source = "smith2001" }
[[step]]
kind = "condition"
drug = "poison"
days = [-1]
dose = { value = 10, unit = "mg/kg", source = "remembered", why = "from a lecture" }
"#;
