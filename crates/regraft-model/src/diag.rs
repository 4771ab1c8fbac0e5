//! Problems in a user's text: plain data, drawn by the doors.

use crate::source::{Sources, Span};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text can be used; the reader should know.
    Warning,
    /// The text cannot be used.
    Error,
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Words beside the place; may be empty.
    pub text: String,
}

/// One problem in a user's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code: `M…` model, `T…` trial and cards, `E…` evidence.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Lower case, no full stop, the culprit in backticks.
    pub message: String,
    /// Where; the first is the main place. Never empty.
    pub labels: Vec<Label>,
    /// What is allowed, the nearest name.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    fn new(severity: Severity, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        let labels = vec![Label { span, text: String::new() }];
        Diagnostic { code, severity, message: message.into(), labels, help: Vec::new() }
    }

    /// Adds a line of help.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a second place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Whether the text cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// `PATH:LINE:COL: error[CODE]: message`, then one `  help: …` line per help.
    pub fn render(&self, sources: &Sources) -> String {
        let span = self.labels[0].span;
        let (line, column) = sources.line_column(span);
        let word = if self.is_error() { "error" } else { "warning" };
        let path = &sources.get(span.source).path;
        let mut text = format!("{path}:{line}:{column}: {word}[{}]: {}", self.code, self.message);
        for help in &self.help {
            text.push_str("\n  help: ");
            text.push_str(help);
        }
        text
    }
}

/// What a message ends with where a name is near: `: did you mean `x`?`; nothing else.
pub fn did_you_mean(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!(": did you mean `{near}`?"))
}

/// The name nearest to `wrong` among `known`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wrong.chars().count() / 3).max(1);
    let lower = wrong.to_lowercase();
    let distance =
        |name: &str| edit_distance(wrong, name).min(edit_distance(&lower, &name.to_lowercase()) + 1);
    known
        .into_iter()
        .filter(|name| name.chars().count().abs_diff(wrong.chars().count()) <= limit)
        .map(|name| (distance(name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Edits that turn `a` into `b`: a character put in, left out or replaced, or two neighbours swapped.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            next[j] = replace.min(next[j - 1] + 1).min(row[j] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
