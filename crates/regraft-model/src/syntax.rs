//! A model text as written: statements and expressions with their places.

use crate::program::{Binary, Unary};
use crate::source::Span;

/// A name, possibly a path through sub-models joined by `.`, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Index of a node in an [`ExpressionText`].
pub type TermId = u32;

/// What a node of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum TermText {
    /// A number with the unit written behind it, if any.
    Number(f64, Option<Name>),
    /// A name.
    Name(String),
    /// An operator with one operand.
    Unary(Unary, TermId),
    /// An operator with two operands.
    Binary(Binary, TermId, TermId),
    /// A function with its arguments.
    Call(String, Vec<TermId>),
}

/// An expression: nodes in post-order, so that operands stand before their operator and
/// the last node is the whole. No nesting, so no text can exhaust the stack.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpressionText {
    /// The nodes with their places.
    pub terms: Vec<(TermText, Span)>,
}

impl ExpressionText {
    /// The place of the whole expression; none if it is empty.
    pub fn span(&self) -> Option<Span> {
        self.terms.last().map(|(_, span)| *span)
    }
}

/// How a quantity is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declared {
    /// `species`
    pub species: bool,
    /// `compartment`
    pub compartment: bool,
    /// `const`
    pub constant: bool,
    /// `var`
    pub variable: bool,
    /// `substanceOnly`
    pub substance_only: bool,
    /// `$`
    pub boundary: bool,
}

/// What an assignment determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// `=`: the value at the start.
    Start,
    /// `:=`: the value at all times.
    Rule,
    /// `' =`: the rate of change.
    Rate,
}

/// A participant of a reaction.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantText {
    /// Number or name in front; 1 if none.
    pub stoichiometry: Option<(TermText, Span)>,
    /// `$`: not changed by the reaction.
    pub boundary: bool,
    /// The species.
    pub species: Name,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventText {
    /// Condition.
    pub trigger: ExpressionText,
    /// Delay, if any.
    pub delay: Option<ExpressionText>,
    /// Priority, if any.
    pub priority: Option<ExpressionText>,
    /// `t0`, default true.
    pub true_before_start: Option<bool>,
    /// `persistent`, default true.
    pub persistent: Option<bool>,
    /// `fromTrigger`, default true.
    pub from_trigger: Option<bool>,
    /// Assignments.
    pub assignments: Vec<(Name, ExpressionText)>,
}

/// One statement of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `species S in C`, `const k`, `S in C`.
    Declare {
        /// Words in front.
        declared: Declared,
        /// The quantity.
        name: Name,
        /// Compartment, if given.
        compartment: Option<Name>,
    },
    /// `x = …`, `x := …`, `x' = …`.
    Assign {
        /// What is determined.
        assigned: Assigned,
        /// The quantity.
        name: Name,
        /// The value.
        value: ExpressionText,
    },
    /// `J: A -> B; rate`.
    Reaction {
        /// Name, if given.
        name: Option<Name>,
        /// The arrow, for messages about the whole.
        span: Span,
        /// Left of the arrow.
        reactants: Vec<ParticipantText>,
        /// Right of the arrow.
        products: Vec<ParticipantText>,
        /// Kinetic law, if given.
        rate: Option<ExpressionText>,
    },
    /// `E: at trigger: x = …`.
    Event {
        /// Name, if given.
        name: Option<Name>,
        /// The word `at`.
        span: Span,
        /// The rest.
        event: Box<EventText>,
    },
    /// `A: sub(x, y)`.
    Submodel {
        /// Name of the instance.
        instance: Name,
        /// Name of the model.
        model: Name,
        /// Quantities bound to the model's interface, in order.
        arguments: Vec<Name>,
    },
    /// `A.x is y`.
    Same {
        /// Left name.
        left: Name,
        /// Right name.
        right: Name,
    },
    /// `A is "words"`.
    Label {
        /// The quantity.
        name: Name,
        /// The words.
        text: String,
    },
    /// `x has unit`.
    HasUnit {
        /// The quantity.
        name: Name,
        /// The unit as written.
        unit: Name,
    },
    /// `unit x = …`.
    Unit {
        /// Name of the unit.
        name: Name,
        /// Its definition as written.
        definition: Name,
    },
}

/// A model as written.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelText {
    /// Its name.
    pub name: Name,
    /// Marked with `*`.
    pub main: bool,
    /// Names between the parentheses.
    pub interface: Vec<Name>,
    /// Statements in order.
    pub statements: Vec<Statement>,
}

/// A function as written.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionText {
    /// Its name.
    pub name: Name,
    /// Its arguments.
    pub arguments: Vec<Name>,
    /// Its value.
    pub body: ExpressionText,
}

/// A text as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileText {
    /// Imported paths as written.
    pub imports: Vec<Name>,
    /// Models in order.
    pub models: Vec<ModelText>,
    /// Functions in order.
    pub functions: Vec<FunctionText>,
    /// Statements outside of any model.
    pub loose: Vec<Statement>,
}
