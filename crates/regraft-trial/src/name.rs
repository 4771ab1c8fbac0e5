//! A word or expression of a card, with its place.

use regraft_model::Span;

/// A word or expression of a card, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The text; empty where the card lacks it (then a diagnostic says so).
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// A name that the card lacks.
    pub(crate) fn missing(span: Span) -> Self {
        Name { text: String::new(), span }
    }

    /// Whether the card lacks it.
    pub fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}
