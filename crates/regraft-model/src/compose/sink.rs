//! Where the terms of one expression are written.

use crate::model::{Expression, Term, TermId, TermKind};
use crate::program::{Binary, Unary};
use crate::source::Span;

/// Where terms are written: they take the place of the expression being read.
pub(super) struct Sink {
    terms: Vec<Term>,
    /// Of the expression being read.
    pub span: Span,
}

impl Sink {
    pub(super) fn new(span: Span) -> Sink {
        Sink { terms: Vec::new(), span }
    }

    pub(super) fn push(&mut self, kind: TermKind) -> TermId {
        self.terms.push(Term { kind, span: self.span });
        self.terms.len() as TermId - 1
    }

    pub(super) fn number(&mut self, value: f64) -> TermId {
        self.push(TermKind::Number(value, None))
    }

    pub(super) fn unary(&mut self, function: Unary, a: TermId) -> TermId {
        self.push(TermKind::Unary(function, a))
    }

    pub(super) fn binary(&mut self, operator: Binary, a: TermId, b: TermId) -> TermId {
        self.push(TermKind::Binary(operator, a, b))
    }

    /// The expression whose whole is `root`; without one, something invalid.
    pub(super) fn finish(mut self, root: Option<TermId>) -> Expression {
        match root {
            Some(root) => self.terms.truncate(root as usize + 1),
            None => self.terms = vec![Term { kind: TermKind::Invalid, span: self.span }],
        }
        Expression { terms: self.terms }
    }
}
