//! Reading Antimony: text to tokens to statements.

mod expression;
mod parser;
mod reaction;
mod statement;
mod token;

use crate::diag::Diagnostic;
use crate::source::{SourceId, Sources, Span};
use crate::syntax::{ExpressionText, FileText};

/// Reads one text. Never fails: what could be read, and all problems.
pub fn parse(sources: &Sources, source: SourceId) -> (FileText, Vec<Diagnostic>) {
    let text = &sources.get(source).text;
    let (tokens, problems) = token::tokens(text, Span::new(source, 0, text.len()));
    parser::Parser::new(text, tokens, problems).file()
}

/// Reads a single expression that stands at `span` in some other text.
pub fn parse_expression(text: &str, span: Span) -> (ExpressionText, Vec<Diagnostic>) {
    let (tokens, problems) = token::tokens(text, span);
    parser::Parser::new(text, tokens, problems).only_expression()
}
