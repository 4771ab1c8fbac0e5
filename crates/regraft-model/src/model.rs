//! The typed model: what the text means, sub-models joined, names resolved.

use crate::diag::Diagnostic;
use crate::program::{Binary, Distribution, Unary};
use crate::source::Span;
use crate::units::{Unit, UnitError, UnitTable, conversion};

/// Index into [`Model::quantities`].
pub type QuantityId = u32;
/// Index into [`Model::functions`].
pub type FunctionId = u32;
/// Index into [`Expression::terms`].
pub type TermId = u32;

/// A model made of one text and everything it imports.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// Name of the main model.
    pub name: String,
    /// What the reader is told about it; may be empty.
    pub label: String,
    /// Everything that has a value, in order of appearance.
    pub quantities: Vec<Quantity>,
    /// Reactions in order of appearance.
    pub reactions: Vec<Reaction>,
    /// Events in order of appearance.
    pub events: Vec<Event>,
    /// Functions that the model may call.
    pub functions: Vec<Function>,
    /// Declared units by name.
    pub units: UnitTable,
    /// The unit of time, if declared (`unit time_unit = …`).
    pub time_unit: Option<DeclaredUnit>,
    /// Errors of its text that leave the model incomplete; with any it cannot be lowered.
    /// Errors of units alone are not among them.
    pub faults: Vec<Diagnostic>,
}

/// A unit that a text gives to something.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredUnit {
    /// As written.
    pub text: String,
    /// Its meaning.
    pub unit: Unit,
    /// Where it is given.
    pub span: Span,
}

/// What sort of thing a quantity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number, a rule or a variable without further meaning.
    Parameter,
    /// A size that species can be in.
    Compartment,
    /// A species. Its name means its concentration where it is in a compartment and not
    /// `substance_only`, else its amount.
    Species {
        /// The compartment, if any.
        compartment: Option<QuantityId>,
        /// Not changed by reactions.
        boundary: bool,
        /// The name means an amount even inside a compartment.
        substance_only: bool,
    },
    /// The rate of a reaction (amount per time); its rule is the kinetic law.
    Reaction,
}

/// What determines a quantity after the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Nothing, or reactions and events.
    None,
    /// Its value at all times.
    Assignment(Expression),
    /// Its rate of change.
    Rate(Expression),
}

/// Something that has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Full name: path through the sub-models, joined by `.`.
    pub name: String,
    /// Where it first appears.
    pub span: Span,
    /// Display name; may be empty.
    pub label: String,
    /// Declared unit.
    pub unit: Option<DeclaredUnit>,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Declared `const`.
    pub constant: bool,
    /// Value at the start.
    pub initial: Option<Expression>,
    /// What determines it afterwards.
    pub rule: Rule,
}

/// A species in a reaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Participant {
    /// The species.
    pub species: QuantityId,
    /// How many of it take part.
    pub stoichiometry: Stoichiometry,
    /// Not changed by this reaction.
    pub boundary: bool,
    /// Where it stands.
    pub span: Span,
}

/// How many of a species take part in a reaction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stoichiometry {
    /// A number.
    Number(f64),
    /// The value of a quantity.
    Quantity(QuantityId),
}

/// A reaction: its rate, in amount per time, is the value of `quantity`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaction {
    /// The rate.
    pub quantity: QuantityId,
    /// What is used up.
    pub reactants: Vec<Participant>,
    /// What comes to be.
    pub products: Vec<Participant>,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Full name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Fires when this becomes true.
    pub trigger: Expression,
    /// Delay in the model's time unit.
    pub delay: Option<Expression>,
    /// Larger fires first.
    pub priority: Option<Expression>,
    /// Counts as true before the start.
    pub true_before_start: bool,
    /// Still happens if its condition has gone false during the delay.
    pub persistent: bool,
    /// Right-hand sides are read at the trigger.
    pub values_from_trigger: bool,
    /// What is assigned.
    pub assignments: Vec<EventAssignment>,
}

/// One assignment of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventAssignment {
    /// What is assigned.
    pub target: QuantityId,
    /// Where the target is named.
    pub span: Span,
    /// The new value.
    pub value: Expression,
}

/// A function of the text. It may call functions with a smaller index only.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub span: Span,
    /// Names of its arguments.
    pub arguments: Vec<String>,
    /// Its value; names in it are [`TermKind::Argument`].
    pub body: Expression,
}

/// An expression: terms in post-order; the last is the whole. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The terms; each refers to earlier ones only.
    pub terms: Vec<Term>,
}

/// One node of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where it stands.
    pub span: Span,
}

/// What a node of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum TermKind {
    /// A number with the unit written behind it.
    Number(f64, Option<Box<DeclaredUnit>>),
    /// A quantity.
    Quantity(QuantityId),
    /// Argument of the function whose body this is.
    Argument(u32),
    /// Time.
    Time,
    /// Rate of change of a quantity.
    RateOf(QuantityId),
    /// f(a)
    Unary(Unary, TermId),
    /// f(a, b)
    Binary(Binary, TermId, TermId),
    /// `then` where `condition` is true, else `otherwise`.
    Select {
        /// Condition.
        condition: TermId,
        /// Value where it holds.
        then: TermId,
        /// Value elsewhere.
        otherwise: TermId,
    },
    /// A random draw.
    Draw(Distribution, TermId, Option<TermId>),
    /// A function of the text.
    Call(FunctionId, Vec<TermId>),
    /// Something that could not be resolved; the problem has been reported.
    Invalid,
}

impl Expression {
    /// A single number at `span`.
    pub fn number(value: f64, span: Span) -> Self {
        Expression { terms: vec![Term { kind: TermKind::Number(value, None), span }] }
    }

    /// The whole as a term.
    pub fn root(&self) -> &Term {
        self.terms.last().expect("an expression is never empty")
    }

    /// Place of the whole.
    pub fn span(&self) -> Span {
        self.root().span
    }

    /// The quantities it names, with places, in order; `rateOf` names are not among them.
    pub fn names(&self) -> impl Iterator<Item = (QuantityId, Span)> {
        self.terms.iter().filter_map(|term| match term.kind {
            TermKind::Quantity(id) => Some((id, term.span)),
            _ => None,
        })
    }
}

impl Quantity {
    /// The assignment rule, if it has one.
    pub fn assignment(&self) -> Option<&Expression> {
        match &self.rule {
            Rule::Assignment(value) => Some(value),
            _ => None,
        }
    }

    /// The compartment by whose size an amount is divided to give this value, if any.
    pub fn volume(&self) -> Option<QuantityId> {
        match self.kind {
            Kind::Species { compartment, substance_only: false, .. } => compartment,
            _ => None,
        }
    }
}

/// Why a short or full name means no single quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfound {
    /// No such name.
    Unknown,
    /// The last part of several full names.
    Ambiguous(Vec<String>),
}

impl Model {
    /// Finds a quantity by its full name, or by the end of it (whole parts) where only one has it.
    ///
    /// # Errors
    /// [`Unfound`].
    pub fn find(&self, name: &str) -> Result<QuantityId, Unfound> {
        if let Some(index) = self.quantities.iter().position(|q| q.name == name) {
            return Ok(index as QuantityId);
        }
        let is_end = |full: &str| crate::program::ends_with_path(full, name);
        let all: Vec<usize> =
            (0..self.quantities.len()).filter(|i| is_end(&self.quantities[*i].name)).collect();
        match all.as_slice() {
            [index] => Ok(*index as QuantityId),
            [] => Err(Unfound::Unknown),
            several => {
                Err(Unfound::Ambiguous(several.iter().map(|i| self.quantities[*i].name.clone()).collect()))
            }
        }
    }

    /// The quantity at `id`.
    pub fn quantity(&self, id: QuantityId) -> &Quantity {
        &self.quantities[id as usize]
    }

    /// Declared unit, as written, of a quantity named in full or by a unique last part;
    /// none if there is no such quantity or it has no declared unit.
    pub fn unit_of(&self, name: &str) -> Option<String> {
        let quantity = self.quantity(self.find(name).ok()?);
        quantity.unit.as_ref().map(|unit| unit.text.clone())
    }

    /// The factor f for which a value in `from` times f is the value in `to`. Both are units
    /// as a card writes them (`mg/L`, `1/day`, `cells/uL`) or units that the model declares.
    ///
    /// # Errors
    /// A text that is no unit, or two units of different dimension.
    pub fn convert_factor(&self, from: &str, to: &str) -> Result<f64, UnitError> {
        conversion(from, to, &self.units)
    }
}
