//! What differs between two cards, number by number.

use std::fmt::Write;

use regraft_trial::{Card, Difference, NumberAt, diff as differences};

use super::show::{quantity, stem};
use crate::words;

/// Every number that differs, with its source. Bare numbers of one list (days) are drawn together.
pub fn diff(first: &Card, second: &Card) -> String {
    let all = differences(first, second);
    let ids = [first.id().text.as_str(), second.id().text.as_str()];
    let mut text = String::new();
    for group in groups(&all) {
        let sides = [
            side(group.iter().filter_map(|difference| difference.first.as_ref())),
            side(group.iter().filter_map(|difference| difference.second.as_ref())),
        ];
        let width = ids.map(|id| id.chars().count()).into_iter().max().unwrap_or(0);
        let _ = writeln!(text, "{}", if group.len() > 1 { stem(&group[0].path) } else { &group[0].path });
        for (id, side) in ids.iter().zip(sides) {
            let _ = writeln!(text, "  {id:width$}  {}", words::hang(&side, width + 4, 118));
        }
    }
    let verb = if all.len() == 1 { "differs" } else { "differ" };
    let _ = writeln!(text, "{} {verb}", words::count(all.len(), "number"));
    text
}

/// Neighbours that are bare numbers of the same list.
fn groups(all: &[Difference]) -> Vec<&[Difference]> {
    all.chunk_by(|a, b| is_bare(a) && is_bare(b) && stem(&a.path) == stem(&b.path)).collect()
}

fn is_bare(difference: &Difference) -> bool {
    [&difference.first, &difference.second].into_iter().flatten().all(|number| number.source.is_empty())
}

/// One card's side of a group.
fn side<'a>(numbers: impl Iterator<Item = &'a NumberAt>) -> String {
    let numbers: Vec<&NumberAt> = numbers.collect();
    let Some(first) = numbers.first() else { return "not stated".to_string() };
    if numbers.len() > 1 {
        let values: Vec<f64> = numbers.iter().map(|number| number.value).collect();
        return format!("{} {}  [by design]", words::series(&values), first.unit);
    }
    let source = if first.source.is_empty() { "by design" } else { &first.source };
    match &first.why {
        Some(why) => format!("{}  [{source}: {why}]", quantity(first)),
        None => format!("{}  [{source}]", quantity(first)),
    }
}
