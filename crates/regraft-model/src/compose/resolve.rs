//! Written expressions to typed ones: names, functions and units get their meaning.

use super::builtin;
use super::sink::Sink;
use super::unit_scope::read_unit;
use crate::code;
use crate::diag::{Diagnostic, nearest};
use crate::model::{Expression, Function, Model, QuantityId, TermId, TermKind, Unfound};
use crate::program::Binary;
use crate::source::Span;
use crate::syntax::{ExpressionText, Name, TermText};
use crate::units::UnitTable;

/// What a name means, or the names it could have been.
pub(super) enum Meaning {
    /// A quantity.
    Quantity(QuantityId),
    /// Nothing; the nearest known name, if one is near.
    Unknown(Option<String>),
    /// Several quantities.
    Ambiguous(Vec<String>),
}

/// What is known where an expression stands.
pub(super) struct Context<'a> {
    /// Meaning of a name.
    pub lookup: &'a dyn Fn(&str) -> Meaning,
    /// Arguments of the function whose body it is.
    pub arguments: &'a [Name],
    /// Functions that may be called.
    pub functions: &'a [Function],
    /// Declared units.
    pub units: &'a UnitTable,
    /// Whether random draws are allowed.
    pub draws: bool,
}

/// Resolves an expression that is not part of a model text but speaks of the model.
/// Names may be full or a unique last part. Random draws are refused.
pub fn resolve_free(text: &ExpressionText, model: &Model, span: Span) -> (Expression, Vec<Diagnostic>) {
    let lookup = |name: &str| match model.find(name) {
        Ok(id) => Meaning::Quantity(id),
        Err(Unfound::Ambiguous(names)) => Meaning::Ambiguous(names),
        Err(Unfound::Unknown) => {
            let full = model.quantities.iter().map(|q| q.name.as_str());
            let last = full.clone().filter_map(|name| name.rsplit('.').next());
            Meaning::Unknown(nearest(name, full.chain(last)).map(str::to_string))
        }
    };
    let context = Context {
        lookup: &lookup,
        arguments: &[],
        functions: &model.functions,
        units: &model.units,
        draws: false,
    };
    let mut problems = Vec::new();
    let value = resolve(text, span, &context, &mut problems);
    (value, problems)
}

/// Resolves `text`, which stands at `span`. What means nothing becomes [`TermKind::Invalid`].
pub(super) fn resolve(
    text: &ExpressionText,
    span: Span,
    context: &Context,
    problems: &mut Vec<Diagnostic>,
) -> Expression {
    let mut sink = Sink::new(span);
    let mut ids: Vec<TermId> = Vec::with_capacity(text.terms.len());
    for (index, (term, span)) in text.terms.iter().enumerate() {
        sink.span = *span;
        let id = match term {
            TermText::Call(name, arguments) if name == "rateOf" => rate_of(
                arguments.first().map(|a| &text.terms[*a as usize]),
                arguments.len(),
                context,
                &mut sink,
                problems,
            ),
            _ => resolve_term(term, &ids, text, context, &mut sink, problems),
        };
        debug_assert_eq!(index, ids.len());
        ids.push(id);
    }
    sink.finish(ids.last().copied())
}

fn resolve_term(
    term: &TermText,
    ids: &[TermId],
    text: &ExpressionText,
    context: &Context,
    sink: &mut Sink,
    problems: &mut Vec<Diagnostic>,
) -> TermId {
    let id = |old: TermId| ids[old as usize];
    match term {
        TermText::Number(value, None) => sink.number(*value),
        TermText::Number(value, Some(unit)) => {
            let unit = read_unit(unit, context.units, problems).map(Box::new);
            sink.push(TermKind::Number(*value, unit))
        }
        TermText::Name(name) => {
            let kind = name_meaning(name, sink.span, context, problems);
            sink.push(kind)
        }
        TermText::Unary(function, a) => sink.unary(*function, id(*a)),
        TermText::Binary(Binary::Modulo, a, b) => builtin::remainder(id(*a), id(*b), sink),
        TermText::Binary(operator, a, b) => {
            if *operator == Binary::Divide && matches!(text.terms[*b as usize].0, TermText::Number(0.0, _)) {
                problems.push(Diagnostic::warning(code::ZERO_DIVISION, sink.span, "division by zero"));
            }
            sink.binary(*operator, id(*a), id(*b))
        }
        TermText::Call(name, arguments) => {
            let arguments: Vec<TermId> = arguments.iter().map(|a| id(*a)).collect();
            call(name, arguments, context, sink, problems)
        }
    }
}

fn name_meaning(name: &str, span: Span, context: &Context, problems: &mut Vec<Diagnostic>) -> TermKind {
    if let Some(index) = context.arguments.iter().position(|a| a.text == name) {
        return TermKind::Argument(index as u32);
    }
    let problem = match (context.lookup)(name) {
        Meaning::Quantity(id) => return TermKind::Quantity(id),
        Meaning::Ambiguous(names) => ambiguous(name, &names, span),
        Meaning::Unknown(near) => match builtin::constant(name) {
            Some(kind) => return kind,
            None => unknown(name, near, span),
        },
    };
    problems.push(problem);
    TermKind::Invalid
}

/// The message about a name that several quantities share.
pub(super) fn ambiguous(name: &str, names: &[String], span: Span) -> Diagnostic {
    let message = format!("`{name}` could be any of several quantities");
    Diagnostic::error(code::AMBIGUOUS, span, message).with_help(format!("write one of: {}", names.join(", ")))
}

/// The message about a name that nothing has.
pub(super) fn unknown(name: &str, near: Option<String>, span: Span) -> Diagnostic {
    if name.ends_with(".conversionFactor") {
        return Diagnostic::error(code::UNSUPPORTED, span, "conversion factors are not supported");
    }
    let problem = Diagnostic::error(code::UNKNOWN_NAME, span, format!("unknown name `{name}`"));
    match near {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn call(
    name: &str,
    arguments: Vec<TermId>,
    context: &Context,
    sink: &mut Sink,
    problems: &mut Vec<Diagnostic>,
) -> TermId {
    if let Some(index) = context.functions.iter().position(|f| f.name == name) {
        let wanted = context.functions[index].arguments.len();
        if wanted != arguments.len() {
            problems.push(wrong_count(name, wanted, wanted, arguments.len(), sink.span));
            return sink.push(TermKind::Invalid);
        }
        return sink.push(TermKind::Call(index as u32, arguments));
    }
    let Some(arity) = builtin::function_arity(name) else {
        problems.push(unknown_function(name, context, sink.span));
        return sink.push(TermKind::Invalid);
    };
    if arguments.len() < arity.least || arguments.len() > arity.most {
        problems.push(wrong_count(name, arity.least, arity.most, arguments.len(), sink.span));
        return sink.push(TermKind::Invalid);
    }
    if let Some(distribution) = builtin::distribution(name) {
        if !context.draws {
            let message = format!("the random draw `{name}` is not allowed here");
            let problem = Diagnostic::error(code::DRAW, sink.span, message);
            problems.push(problem.with_help("draws are for starting values and event assignments"));
            return sink.push(TermKind::Invalid);
        }
        return sink.push(TermKind::Draw(distribution, arguments[0], arguments.get(1).copied()));
    }
    builtin::write_call(name, &arguments, sink)
}

fn wrong_count(name: &str, least: usize, most: usize, given: usize, span: Span) -> Diagnostic {
    let wanted = match (least, most) {
        (1, 1) => "1 argument".to_string(),
        _ if least == most => format!("{least} arguments"),
        (_, usize::MAX) => format!("at least {least} arguments"),
        _ => format!("{least} to {most} arguments"),
    };
    Diagnostic::error(code::ARGUMENT_COUNT, span, format!("`{name}` takes {wanted}, {given} given"))
}

fn unknown_function(name: &str, context: &Context, span: Span) -> Diagnostic {
    if builtin::REFUSED.contains(&name) {
        return Diagnostic::error(code::UNSUPPORTED, span, format!("the function `{name}` is not supported"));
    }
    let problem = Diagnostic::error(code::UNKNOWN_FUNCTION, span, format!("unknown function `{name}`"));
    let known = context.functions.iter().map(|f| f.name.as_str()).chain(builtin::FUNCTIONS);
    match nearest(name, known) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// `rateOf(x)`: the argument is a name, not a value.
fn rate_of(
    argument: Option<&(TermText, Span)>,
    given: usize,
    context: &Context,
    sink: &mut Sink,
    problems: &mut Vec<Diagnostic>,
) -> TermId {
    let kind = match argument {
        Some((TermText::Name(name), span)) if given == 1 => {
            match name_meaning(name, *span, context, &mut Vec::new()) {
                TermKind::Quantity(id) => TermKind::RateOf(id),
                // An unknown name has been reported where the argument itself was read.
                _ => TermKind::Invalid,
            }
        }
        _ => {
            problems.push(Diagnostic::error(
                code::ARGUMENT_COUNT,
                sink.span,
                "`rateOf` takes the name of a quantity",
            ));
            TermKind::Invalid
        }
    };
    sink.push(kind)
}
