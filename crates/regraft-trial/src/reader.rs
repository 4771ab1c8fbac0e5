//! A small reader over the span-preserving TOML tree: take a key, expect a type,
//! report the rest as unknown. Problems are collected, never thrown.

mod value;

use std::cell::RefCell;

use regraft_model::{Diagnostic, SourceId, Sources, Span, nearest};
use toml::de::{DeTable, DeValue};

use crate::codes;
use crate::days::{number_words, repeated};
use crate::name::Name;

pub(crate) use value::{Bound, MOST_DAYS};

/// One text being read, with the problems found so far.
pub(crate) struct Page {
    source: SourceId,
    problems: RefCell<Vec<Diagnostic>>,
}

impl Page {
    /// Adds a problem.
    pub(crate) fn report(&self, problem: Diagnostic) {
        self.problems.borrow_mut().push(problem);
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.source, range.start, range.end)
    }
}

/// Reads a whole text with `read`. The text's syntax errors come first; missing keys are
/// not reported beside them, since a lost line explains those.
pub(crate) fn read_text<T>(
    sources: &Sources,
    id: SourceId,
    read: impl FnOnce(&mut Reader<'_>) -> T,
) -> (T, Vec<Diagnostic>) {
    let text = &sources.get(id).text;
    let (root, errors) = DeTable::parse_recoverable(text);
    let page = Page { source: id, problems: RefCell::new(Vec::new()) };
    let syntax: Vec<Diagnostic> = errors.iter().map(|error| syntax_error(&page, text.len(), error)).collect();
    let mut reader = Reader::new(&page, root.get_ref(), Span::new(id, 0, 0), "this file");
    let value = read(&mut reader);
    reader.finish();
    (value, in_reading_order(sources, syntax, page.problems.into_inner()))
}

fn syntax_error(page: &Page, length: usize, error: &toml::de::Error) -> Diagnostic {
    let span = page.span(error.span().unwrap_or(length..length));
    Diagnostic::error(codes::SYNTAX, span, format!("not TOML: {}", error.message()))
}

fn in_reading_order(
    sources: &Sources,
    syntax: Vec<Diagnostic>,
    mut found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let line = |problem: &Diagnostic| sources.line_column(problem.labels[0].span).0;
    if !syntax.is_empty() {
        let broken: Vec<usize> = syntax.iter().map(line).collect();
        let missing = [codes::MISSING_KEY, codes::NO_SOURCE, codes::EMPTY];
        found.retain(|problem| !missing.contains(&problem.code) && !broken.contains(&line(problem)));
    }
    found.extend(syntax);
    found.sort_by_key(|problem| problem.labels[0].span.start);
    found
}

/// One table of a card. Every key asked for counts as known; [`Reader::finish`] reports
/// the others.
pub(crate) struct Reader<'t> {
    page: &'t Page,
    table: &'t DeTable<'t>,
    span: Span,
    what: String,
    asked: Vec<&'static str>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(page: &'t Page, table: &'t DeTable<'t>, span: Span, what: &str) -> Self {
        Reader { page, table, span, what: what.to_string(), asked: Vec::new() }
    }

    /// Where this table starts.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The page of this table.
    pub(crate) fn page(&self) -> &'t Page {
        self.page
    }

    /// Adds a problem.
    pub(crate) fn report(&self, problem: Diagnostic) {
        self.page.report(problem);
    }

    /// Where the value of `key` stands; the table where it is not written.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.table.get(key).map_or(self.span, |value| self.page.span(value.span()))
    }

    /// Whether `key` is an empty list.
    pub(crate) fn lists_nothing(&self, key: &str) -> bool {
        self.table.get(key).and_then(|value| value.get_ref().as_array()).is_some_and(|list| list.is_empty())
    }

    /// Whether `key` is written.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value of `key`, if written.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<(Span, &'t DeValue<'t>)> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        Some((self.page.span(value.span()), value.get_ref()))
    }

    /// The value of `key`; a missing one is a problem.
    pub(crate) fn require(&mut self, key: &'static str) -> Option<(Span, &'t DeValue<'t>)> {
        let taken = self.take(key);
        if taken.is_none() {
            self.report(Diagnostic::error(
                codes::MISSING_KEY,
                self.span,
                format!("{} lacks `{key}`", self.what),
            ));
        }
        taken
    }

    /// All keys as written, in the order of the text. They all count as known.
    pub(crate) fn entries(&mut self) -> Vec<(Name, Span, &'t DeValue<'t>)> {
        let mut all: Vec<_> = self.table.iter().collect();
        all.sort_by_key(|(key, _)| key.span().start);
        let page = self.page;
        let entry = |key: &'t toml::Spanned<_>, value: &'t toml::Spanned<DeValue<'t>>| {
            let name: &std::borrow::Cow<'t, str> = key.get_ref();
            (
                Name { text: name.to_string(), span: page.span(key.span()) },
                page.span(value.span()),
                value.get_ref(),
            )
        };
        all.into_iter().map(|(key, value)| entry(key, value)).collect()
    }

    /// A required text. Empty where it is missing or wrong.
    pub(crate) fn text(&mut self, key: &'static str) -> Name {
        let found = self.require(key);
        self.as_text(key, found).unwrap_or(Name::missing(self.span))
    }

    /// A text, if written.
    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<Name> {
        let found = self.take(key);
        self.as_text(key, found)
    }

    fn as_text(&self, key: &str, found: Option<(Span, &'t DeValue<'t>)>) -> Option<Name> {
        let (span, value) = found?;
        let Some(text) = value.as_str() else {
            self.page.wrong_type(key, span, value, "a string");
            return None;
        };
        if text.trim().is_empty() {
            self.report(Diagnostic::error(codes::WRONG_TYPE, span, format!("`{key}` is empty")));
        }
        if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
            let message = format!("`{key}` holds a control character");
            self.report(Diagnostic::error(codes::WRONG_TYPE, span, message));
        }
        Some(Name { text: text.to_string(), span })
    }

    /// A required identifier: lower-case letters, digits, `_`; first a letter.
    pub(crate) fn identifier(&mut self, key: &'static str) -> Name {
        let name = self.text(key);
        self.check_identifier(key, &name);
        name
    }

    /// An identifier, if written.
    pub(crate) fn optional_identifier(&mut self, key: &'static str) -> Option<Name> {
        let name = self.optional_text(key)?;
        self.check_identifier(key, &name);
        Some(name)
    }

    fn check_identifier(&self, key: &str, name: &Name) {
        if !name.is_missing() && !is_identifier(&name.text) {
            let message = format!("`{key}` is `{}`, which is not an identifier", name.text);
            let help = "lower-case letters, digits and `_`, a letter first";
            self.report(Diagnostic::error(codes::BAD_IDENTIFIER, name.span, message).with_help(help));
        }
    }

    /// One of a list of words, if written; an unknown word is a problem.
    pub(crate) fn optional_word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let name = self.optional_text(key)?;
        self.as_word(key, &name, words)
    }

    /// One of a list of words; a missing or unknown word is a problem and gives `None`.
    pub(crate) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let name = self.text(key);
        if name.is_missing() { None } else { self.as_word(key, &name, words) }
    }

    /// The meaning of a word that was read; an unknown one is a problem.
    pub(crate) fn as_word<T: Copy>(&self, key: &str, name: &Name, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == name.text);
        if found.is_none() {
            let message = format!("`{key}` cannot be `{}`", name.text);
            let problem = Diagnostic::error(codes::UNKNOWN_WORD, name.span, message);
            self.report(with_nearest(problem, &name.text, words.iter().map(|(word, _)| *word)));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// True or false, if written.
    pub(crate) fn optional_flag(&mut self, key: &'static str) -> Option<bool> {
        let (span, value) = self.take(key)?;
        if value.as_bool().is_none() {
            self.page.wrong_type(key, span, value, "true or false");
        }
        value.as_bool()
    }

    /// True or false; `default` where it is not written.
    pub(crate) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        self.optional_flag(key).unwrap_or(default)
    }

    /// A required plain number; NaN where it is missing or wrong.
    pub(crate) fn number(&mut self, key: &'static str, bound: Bound) -> f64 {
        let found = self.require(key);
        found.and_then(|(span, value)| self.page.plain_number(key, span, value, bound)).unwrap_or(f64::NAN)
    }

    /// A plain number, if written.
    pub(crate) fn optional_number(&mut self, key: &'static str, bound: Bound) -> Option<f64> {
        let (span, value) = self.take(key)?;
        self.page.plain_number(key, span, value, bound)
    }

    /// A whole number from 1 to [`MOST_COUNTED`], if written.
    pub(crate) fn optional_count(&mut self, key: &'static str) -> Option<u32> {
        let (span, value) = self.take(key)?;
        let number = self.page.plain_number(key, span, value, Bound::Positive)?;
        if number.fract() != 0.0 || number > MOST_COUNTED {
            let message = format!(
                "`{key}` is {}, must be a whole number from 1 to {MOST_COUNTED}",
                number_words(number)
            );
            self.report(Diagnostic::error(codes::OUT_OF_RANGE, span, message));
            return None;
        }
        Some(number as u32)
    }

    /// A list of at most [`MOST_ITEMS`] plain numbers, if written.
    pub(crate) fn optional_numbers(&mut self, key: &'static str, bound: Bound) -> Option<Vec<f64>> {
        let (span, items) = self.optional_list(key, "a list of numbers")?;
        if items.len() > MOST_ITEMS {
            let message = format!("`{key}` holds {} numbers, at most {MOST_ITEMS} are possible", items.len());
            self.report(Diagnostic::error(codes::OUT_OF_RANGE, span, message));
            return None;
        }
        Some(
            items
                .into_iter()
                .filter_map(|(span, item)| self.page.plain_number(key, span, item, bound))
                .collect(),
        )
    }

    /// Moments from one day to another, every so many days; too many of them are a problem.
    ///
    /// `key` is where the interval stands.
    pub(crate) fn moments(&self, key: &str, from: f64, to: f64, every: f64) -> Vec<f64> {
        let refused = |message| {
            self.report(Diagnostic::error(codes::OUT_OF_RANGE, self.span_of(key), message));
            Vec::new()
        };
        repeated(from, to, every).unwrap_or_else(refused)
    }

    /// A list of texts; empty if it is not written.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<Name> {
        let Some((_, items)) = self.optional_list(key, "a list of strings") else { return Vec::new() };
        items.into_iter().filter_map(|(span, item)| self.as_text(key, Some((span, item)))).collect()
    }

    /// The items of a list, if written.
    pub(crate) fn optional_list(
        &mut self,
        key: &'static str,
        wanted: &str,
    ) -> Option<(Span, Vec<(Span, &'t DeValue<'t>)>)> {
        let (span, value) = self.take(key)?;
        let Some(list) = value.as_array() else {
            self.page.wrong_type(key, span, value, wanted);
            return None;
        };
        let items = list.iter().map(|item| (self.page.span(item.span()), item.get_ref())).collect();
        Some((span, items))
    }

    /// A table inside, if written.
    pub(crate) fn optional_table(&mut self, key: &'static str) -> Option<Reader<'t>> {
        let (span, value) = self.take(key)?;
        self.page.as_table(key, span, value)
    }

    /// A required table inside.
    pub(crate) fn table(&mut self, key: &'static str) -> Option<Reader<'t>> {
        let (span, value) = self.require(key)?;
        self.page.as_table(key, span, value)
    }

    /// All tables of `[[key]]`; none if it is not written.
    pub(crate) fn tables(&mut self, key: &'static str) -> Vec<Reader<'t>> {
        let Some((_, items)) = self.optional_list(key, "a list of tables") else { return Vec::new() };
        items.into_iter().filter_map(|(span, item)| self.page.as_table(key, span, item)).collect()
    }

    /// Reports that only one of two keys may be written.
    pub(crate) fn refuse_both(&self, one: &str, other: &str) {
        if self.has(one) && self.has(other) {
            let message = format!("{} has both `{one}` and `{other}`", self.what);
            self.report(
                Diagnostic::error(codes::CONTRADICTION, self.span, message).with_help("write one of them"),
            );
        }
    }

    /// Reports a `from_day` after the `to_day`.
    pub(crate) fn refuse_reversed(&self, from: f64, to: f64) {
        if from > to {
            let message = format!("`from_day` {from} is after `to_day` {to}");
            self.report(Diagnostic::error(codes::OUT_OF_RANGE, self.span_of("from_day"), message));
        }
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let message = format!("unknown key `{name}` in {}", self.what);
                let problem = Diagnostic::error(codes::UNKNOWN_KEY, self.page.span(key.span()), message);
                self.report(with_nearest(problem, name, self.asked.iter().copied()));
            }
        }
    }
}

/// Lower-case letters, digits and `_`, a letter first.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Adds "did you mean" where a name is near, and the list of what is known.
pub(crate) fn with_nearest<'a>(
    problem: Diagnostic,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let list = listed(known.iter().copied());
    match nearest(wrong, known.iter().copied()) {
        Some(near) => problem.with_help(format!("did you mean `{near}`? {list}")),
        None => problem.with_help(list),
    }
}

/// `known here: a, b and 3 more`, sorted.
pub(crate) fn listed<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match known.as_slice() {
        [] => "none is known here".to_string(),
        few if few.len() <= MOST_LISTED => format!("known here: {}", few.join(", ")),
        many => {
            format!("known here: {} and {} more", many[..MOST_LISTED].join(", "), many.len() - MOST_LISTED)
        }
    }
}

/// Most numbers in one list. Chosen: more days than any trial states, and few enough to be computed at once.
const MOST_ITEMS: usize = 1000;

/// Highest count. Chosen: above the size of any trial.
const MOST_COUNTED: f64 = 10_000.0;

/// How many known names a message lists.
const MOST_LISTED: usize = 12;
