//! What differs between two cards, number by number.

use crate::card::Card;
use crate::numbers::NumberAt;

/// A number that differs between two cards, or that one of them lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Path of keys.
    pub path: String,
    /// In the first card.
    pub first: Option<NumberAt>,
    /// In the second card.
    pub second: Option<NumberAt>,
}

/// The numbers that differ in value or unit, in the order of the first card, then what only
/// the second has.
pub fn diff(first: &Card, second: &Card) -> Vec<Difference> {
    let (ours, theirs) = (first.numbers(), second.numbers());
    let find = |list: &[NumberAt], path: &str| list.iter().find(|number| number.path == path).cloned();
    let mut differences = Vec::new();
    for number in &ours {
        let other = find(&theirs, &number.path);
        if !other.as_ref().is_some_and(|other| other.value == number.value && other.unit == number.unit) {
            differences.push(Difference {
                path: number.path.clone(),
                first: Some(number.clone()),
                second: other,
            });
        }
    }
    for number in theirs {
        if find(&ours, &number.path).is_none() {
            differences.push(Difference { path: number.path.clone(), first: None, second: Some(number) });
        }
    }
    differences
}

#[cfg(test)]
mod tests;
