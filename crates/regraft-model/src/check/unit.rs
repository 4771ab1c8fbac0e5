//! Units of expressions: two declared units that are not the same must not meet.
//!
//! A bare number and a quantity without declared unit may stand for any unit; so does a
//! product with one of them. What is left after that is surely wrong.

use crate::code;
use crate::diag::Diagnostic;
use crate::model::{
    DeclaredUnit, Expression, FunctionId, Kind, Model, Quantity, Reaction, Rule, Term, TermId, TermKind,
};
use crate::program::{Binary, Distribution, Unary};
use crate::source::Span;
use crate::units::Unit;

/// Most calls of functions that are followed; behind that a call may stand for any unit.
const MAX_CALLS: usize = 100_000;

/// Deepest chain of calls that is followed; texts with deeper ones are refused.
const MAX_DEPTH: usize = 200;

/// Unit of a value; none if it may be any.
type Inferred = Option<Unit>;

/// All places where two declared units do not fit.
pub fn units(model: &Model) -> Vec<Diagnostic> {
    let mut check = Check::new(model);
    for quantity in &model.quantities {
        check.quantity(quantity);
    }
    for reaction in &model.reactions {
        check.reaction(reaction);
    }
    for event in &model.events {
        check.infer(&event.trigger);
        if let Some(priority) = &event.priority {
            check.infer(priority);
        }
        if let Some(delay) = &event.delay {
            check.assigned(delay, model.time_unit.as_ref().map(|u| u.unit), "the delay of an event");
        }
        for assignment in &event.assignments {
            let target = model.quantity(assignment.target);
            check.assigned(&assignment.value, declared(target), &target.name);
        }
    }
    check.problems
}

/// Problems of the units of one more rule `name := value`.
pub fn unit_of_expression(
    model: &Model,
    value: &Expression,
    unit: Option<&DeclaredUnit>,
    name: &str,
) -> Vec<Diagnostic> {
    let mut check = Check::new(model);
    check.assigned(value, unit.map(|unit| unit.unit), name);
    check.problems
}

fn declared(quantity: &Quantity) -> Inferred {
    quantity.unit.as_ref().map(|unit| unit.unit)
}

struct Check<'a> {
    model: &'a Model,
    calls: usize,
    /// Calls that are being followed, one inside the other.
    depth: usize,
    /// Place of the outermost call that is being followed; problems inside are shown there.
    call: Option<Span>,
    problems: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    fn new(model: &'a Model) -> Self {
        Check { model, calls: 0, depth: 0, call: None, problems: Vec::new() }
    }

    fn quantity(&mut self, quantity: &Quantity) {
        let unit = declared(quantity);
        if let Some(initial) = &quantity.initial {
            self.assigned(initial, unit, &quantity.name);
        }
        match &quantity.rule {
            Rule::None => {}
            Rule::Assignment(value) => self.assigned(value, unit, &quantity.name),
            Rule::Rate(value) => {
                let rate = unit.zip(self.time()).map(|(unit, time)| unit.per(time));
                self.assigned(value, rate, &format!("{}'", quantity.name));
            }
        }
    }

    /// The rate of a reaction changes amounts per time.
    fn reaction(&mut self, reaction: &Reaction) {
        let law = self.model.quantity(reaction.quantity);
        let (Some(value), None) = (law.assignment(), declared(law)) else { return };
        let silent = self.problems.len();
        let rate = self.infer(value);
        self.problems.truncate(silent);
        let (Some(rate), Some(time)) = (rate, self.time()) else { return };
        for participant in reaction.reactants.iter().chain(&reaction.products) {
            let species = self.model.quantity(participant.species);
            let Some(amount) = self.amount_unit(species) else { continue };
            if !rate.times(time).is_same(&amount) {
                let message = format!(
                    "the rate of `{}` is in {rate}, which does not change `{}`, in {amount}, per time",
                    law.name, species.name
                );
                self.problems.push(Diagnostic::error(code::UNIT_MISMATCH, value.span(), message));
                return;
            }
        }
    }

    /// Unit of the amount of a species, where unit and compartment are declared.
    fn amount_unit(&self, species: &Quantity) -> Inferred {
        let unit = declared(species)?;
        match (species.kind, species.volume()) {
            (Kind::Species { .. }, Some(volume)) => Some(unit.times(declared(self.model.quantity(volume))?)),
            (Kind::Species { .. }, None) => Some(unit),
            _ => None,
        }
    }

    fn time(&self) -> Inferred {
        self.model.time_unit.as_ref().map(|unit| unit.unit)
    }

    fn assigned(&mut self, value: &Expression, wanted: Inferred, name: &str) {
        let (Some(found), Some(wanted)) = (self.infer(value), wanted) else { return };
        if !found.is_same(&wanted) {
            let message = format!("`{name}` is in {wanted}, its value is in {found}");
            self.report(code::UNIT_MISMATCH, value.span(), message, Some((found, wanted)));
        }
    }

    fn infer(&mut self, value: &Expression) -> Inferred {
        self.infer_with(value, &[])
    }

    fn infer_with(&mut self, value: &Expression, arguments: &[Inferred]) -> Inferred {
        let mut units: Vec<Inferred> = Vec::with_capacity(value.terms.len());
        for term in &value.terms {
            let unit = self.term(term, value, &units, arguments);
            units.push(unit);
        }
        units.pop().flatten()
    }

    fn term(
        &mut self,
        term: &Term,
        value: &Expression,
        units: &[Inferred],
        arguments: &[Inferred],
    ) -> Inferred {
        let of = |id: TermId| units[id as usize];
        match &term.kind {
            TermKind::Number(_, unit) => unit.as_ref().map(|unit| unit.unit),
            TermKind::Quantity(id) => declared(self.model.quantity(*id)),
            TermKind::Argument(index) => arguments[*index as usize],
            TermKind::Time => self.time(),
            TermKind::RateOf(id) => {
                let unit = declared(self.model.quantity(*id));
                unit.zip(self.time()).map(|(unit, time)| unit.per(time))
            }
            TermKind::Unary(function, a) => self.unary(*function, of(*a), term.span),
            TermKind::Binary(operator, a, b) => {
                let exponent = literal(value, *b);
                self.binary(*operator, of(*a), of(*b), exponent, term.span)
            }
            TermKind::Select { then, otherwise, .. } => {
                self.alike(of(*then), of(*otherwise), "the branches are", term.span)
            }
            TermKind::Draw(distribution, a, b) => self.draw(*distribution, of(*a), b.and_then(of), term.span),
            TermKind::Call(function, given) => {
                let given: Vec<Inferred> = given.iter().map(|id| of(*id)).collect();
                self.call(*function, &given, term.span)
            }
            TermKind::Invalid => None,
        }
    }

    fn unary(&mut self, function: Unary, a: Inferred, span: Span) -> Inferred {
        match function {
            Unary::Negate | Unary::Absolute | Unary::Floor | Unary::Ceil => a,
            Unary::Sqrt => a.map(|unit| unit.power(0.5)),
            Unary::Not => None,
            _ => {
                let unit = a?;
                if !unit.is_dimensionless() {
                    let message = format!("`{}` of something in {unit}", word(function));
                    self.report(code::NOT_DIMENSIONLESS, span, message, None);
                }
                Some(Unit::ONE)
            }
        }
    }

    fn binary(
        &mut self,
        operator: Binary,
        a: Inferred,
        b: Inferred,
        exponent: Option<f64>,
        span: Span,
    ) -> Inferred {
        match operator {
            Binary::Add => self.alike(a, b, "a sum of", span),
            Binary::Subtract => self.alike(a, b, "a difference of", span),
            Binary::Min | Binary::Max | Binary::Modulo => self.alike(a, b, "values are", span),
            Binary::Multiply => a.zip(b).map(|(a, b)| a.times(b)),
            Binary::Divide => a.zip(b).map(|(a, b)| a.per(b)),
            Binary::Power => self.power(a, b, exponent, span),
            Binary::And | Binary::Or => None,
            _ => {
                self.alike(a, b, "a comparison of", span);
                None
            }
        }
    }

    fn power(&mut self, base: Inferred, b: Inferred, exponent: Option<f64>, span: Span) -> Inferred {
        if let Some(unit) = b.filter(|unit| !unit.is_dimensionless()) {
            self.report(code::NOT_DIMENSIONLESS, span, format!("an exponent in {unit}"), None);
        }
        let base = base?;
        match exponent {
            Some(exponent) => Some(base.power(exponent)),
            None if base.is_same(&Unit::ONE) => Some(base),
            None => None,
        }
    }

    fn draw(&mut self, distribution: Distribution, a: Inferred, b: Inferred, span: Span) -> Inferred {
        match distribution {
            Distribution::Exponential => a.map(|rate| rate.power(-1.0)),
            Distribution::Normal | Distribution::Uniform => self.alike(a, b, "the arguments are", span),
            Distribution::LogNormal | Distribution::Poisson => None,
        }
    }

    /// The unit of two values that must have the same.
    fn alike(&mut self, a: Inferred, b: Inferred, what: &str, span: Span) -> Inferred {
        let (Some(left), Some(right)) = (a, b) else { return a.or(b) };
        if !left.is_same(&right) {
            self.report(code::UNIT_MISMATCH, span, format!("{what} {left} and {right}"), Some((left, right)));
        }
        Some(left)
    }

    /// Follows a call into the function with the units of its arguments.
    fn call(&mut self, function: FunctionId, given: &[Inferred], span: Span) -> Inferred {
        self.calls += 1;
        if self.calls > MAX_CALLS || self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let outermost = self.call.is_none();
        self.call.get_or_insert(span);
        let model = self.model;
        let unit = self.infer_with(&model.functions[function as usize].body, given);
        self.depth -= 1;
        if outermost {
            self.call = None;
        }
        unit
    }

    fn report(&mut self, code: &'static str, span: Span, message: String, pair: Option<(Unit, Unit)>) {
        let mut problem = Diagnostic::error(code, self.call.unwrap_or(span), message);
        if self.call.is_some() {
            problem = problem.with_label(span, "inside the function");
        }
        if let Some((from, to)) = pair.filter(|(from, to)| from.is_like(to)) {
            problem =
                problem.with_help(format!("they differ by a factor of {}", round(from.scale / to.scale)));
        }
        self.problems.push(problem);
    }
}

/// Number that a term is, also with a sign in front.
fn literal(value: &Expression, id: TermId) -> Option<f64> {
    match value.terms[id as usize].kind {
        TermKind::Number(number, _) => Some(number),
        TermKind::Unary(Unary::Negate, inner) => match value.terms[inner as usize].kind {
            TermKind::Number(number, _) => Some(-number),
            _ => None,
        },
        _ => None,
    }
}

fn round(factor: f64) -> f64 {
    format!("{factor:.6e}").parse().unwrap_or(factor)
}

fn word(function: Unary) -> &'static str {
    match function {
        Unary::Exp => "exp",
        Unary::Ln => "ln",
        Unary::Sin => "sin",
        Unary::Cos => "cos",
        Unary::Tan => "tan",
        Unary::Asin => "asin",
        Unary::Acos => "acos",
        Unary::Atan => "atan",
        Unary::Sinh => "sinh",
        Unary::Cosh => "cosh",
        Unary::Tanh => "tanh",
        _ => "factorial",
    }
}
