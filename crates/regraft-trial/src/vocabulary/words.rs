//! Words in fields: how a text is made plain, and what a rule asks of it.
//!
//! A text is written in small letters; whatever is neither letter, digit nor a point within a number becomes a
//! space. A pattern is a sequence of words made plain in the same way: `cy 200` is found in `Cy 200 mg/kg`. A last
//! word that ends in `*` stands for every word that begins so; `^` before a pattern: the field begins with it;
//! `=`: the field is that and nothing else.

use std::collections::BTreeMap;

use regraft_model::nearest;

use super::FIELDS;

/// The fields of a row, made plain.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    fields: BTreeMap<&'static str, String>,
}

impl Facts {
    /// Sets a field of [`FIELDS`]; another is not kept.
    pub fn set(&mut self, field: &str, text: &str) {
        if let Some(known) = FIELDS.iter().find(|known| **known == field) {
            self.fields.insert(known, normal(text));
        }
    }

    /// The plain text of a field, with a space before and behind; a space where it is not set.
    pub fn words(&self, field: &str) -> &str {
        self.fields.get(field).map_or(" ", String::as_str)
    }
}

/// A text made plain: ` cy 200 mg kg `.
pub fn normal(text: &str) -> String {
    let mut plain = String::from(" ");
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
        let point = *letter == '.' && digit(place.checked_sub(1)) && digit(Some(place + 1));
        if letter.is_alphanumeric() || point {
            plain.push(*letter);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

/// Words that a field must hold, any of them; or must not hold, none of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause {
    field: &'static str,
    negated: bool,
    patterns: Vec<Pattern>,
}

impl Clause {
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        let text = facts.words(self.field);
        self.patterns.iter().any(|pattern| pattern.is_in(text)) != self.negated
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Pattern {
    /// ` cy 200 `, or ` cyclophos` with an open end.
    Within(String),
    First(String),
    Whole(String),
}

impl Pattern {
    fn read(text: &str) -> Option<Pattern> {
        let (kind, rest) = match text.as_bytes().first()? {
            b'^' => (1, &text[1..]),
            b'=' => (2, &text[1..]),
            _ => (0, text),
        };
        let open = rest.ends_with('*');
        let mut plain = normal(rest.trim_end_matches('*'));
        if plain.trim().is_empty() && kind != 2 {
            return None;
        }
        if open {
            plain.truncate(plain.trim_end().len());
        }
        Some(match kind {
            1 => Pattern::First(plain),
            2 => Pattern::Whole(plain),
            _ => Pattern::Within(plain),
        })
    }

    fn is_in(&self, text: &str) -> bool {
        match self {
            Pattern::Within(words) => text.contains(words.as_str()),
            Pattern::First(words) => text.starts_with(words.as_str()),
            Pattern::Whole(words) => text == words,
        }
    }
}

/// Clauses `field: word | word; !field: word`, all of which must hold; problems in words.
pub(super) fn read_clauses(when: &str, lists: &BTreeMap<String, String>) -> (Vec<Clause>, Vec<String>) {
    let (mut clauses, mut problems) = (Vec::new(), Vec::new());
    for part in when.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((field, words)) = part.split_once(':') else {
            problems.push(format!("`{part}` is not `field: word | word`"));
            continue;
        };
        let (negated, name) = match field.trim().strip_prefix('!') {
            Some(name) => (true, name.trim()),
            None => (false, field.trim()),
        };
        let Some(field) = FIELDS.iter().find(|known| **known == name) else {
            let near = nearest(name, FIELDS).map(|near| format!(": did you mean `{near}`?"));
            problems.push(format!("rows have no field `{name}`{}", near.unwrap_or_default()));
            continue;
        };
        let mut patterns = Vec::new();
        for word in words.split('|').map(str::trim) {
            match word.strip_prefix('@') {
                Some(list) => match lists.get(list) {
                    Some(list) => {
                        patterns.extend(list.split('|').filter_map(|word| Pattern::read(word.trim())))
                    }
                    None => problems.push(format!("there is no list of words `{list}`")),
                },
                None => patterns.extend(Pattern::read(word)),
            }
        }
        if patterns.is_empty() {
            problems.push(format!("`{part}` asks for no word"));
        }
        clauses.push(Clause { field, negated, patterns });
    }
    (clauses, problems)
}
