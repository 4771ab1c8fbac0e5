//! The functions and constants of the language, written as terms.

use super::sink::Sink;
use crate::model::{TermId, TermKind};
use crate::program::{Binary, Distribution, Unary};

/// What is known of a function: how many arguments it takes, at least and at most.
pub(super) struct Arity {
    /// Least.
    pub least: usize,
    /// Most.
    pub most: usize,
}

const fn arity(least: usize, most: usize) -> Option<Arity> {
    Some(Arity { least, most })
}

/// Names of all functions, for "did you mean".
pub(super) const FUNCTIONS: [&str; 63] = [
    "abs",
    "acos",
    "acosh",
    "acot",
    "acoth",
    "acsc",
    "acsch",
    "and",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "asec",
    "asech",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "cot",
    "coth",
    "csc",
    "csch",
    "eq",
    "exp",
    "exponential",
    "factorial",
    "floor",
    "geq",
    "gt",
    "implies",
    "leq",
    "ln",
    "log",
    "log10",
    "lognormal",
    "lt",
    "max",
    "min",
    "neq",
    "normal",
    "not",
    "or",
    "piecewise",
    "poisson",
    "pow",
    "power",
    "quotient",
    "rateOf",
    "rem",
    "root",
    "sec",
    "sin",
    "sqr",
    "sqrt",
    "tan",
    "tanh",
    "uniform",
    "xor",
];

/// Functions that Antimony knows and this program refuses by name.
pub(super) const REFUSED: [&str; 12] = [
    "delay",
    "gamma",
    "cauchy",
    "bernoulli",
    "binomial",
    "chisquare",
    "laplace",
    "rayleigh",
    "truncatedNormal",
    "categorical",
    "logistic",
    "weibull",
];

/// A constant of the language.
pub(super) fn constant(name: &str) -> Option<TermKind> {
    let value = match name {
        "time" => return Some(TermKind::Time),
        "pi" => std::f64::consts::PI,
        "exponentiale" => std::f64::consts::E,
        // The value of SBML level 3 (CODATA 2006), so that a model means the same as elsewhere.
        "avogadro" => 6.022_141_79e23,
        "infinity" | "inf" | "INF" | "Inf" => f64::INFINITY,
        "notanumber" | "nan" | "NaN" => f64::NAN,
        "true" => 1.0,
        "false" => 0.0,
        _ => return None,
    };
    Some(TermKind::Number(value, None))
}

/// How many arguments a function of the language takes; none if there is no such function.
pub(super) fn function_arity(name: &str) -> Option<Arity> {
    const MANY: usize = usize::MAX;
    match name {
        "piecewise" | "and" | "or" | "xor" => arity(1, MANY),
        "min" | "max" => arity(1, MANY),
        "log" | "sqrt" | "exponential" | "poisson" | "rateOf" => arity(1, 1),
        "root" => arity(1, 2),
        "pow" | "power" | "rem" | "quotient" | "implies" | "normal" | "uniform" | "lognormal" => arity(2, 2),
        "eq" | "neq" | "lt" | "leq" | "gt" | "geq" => arity(2, 2),
        _ => unary(name)
            .map(|_| Arity { least: 1, most: 1 })
            .or(one_argument(name).then_some(Arity { least: 1, most: 1 })),
    }
}

/// Functions of one argument that are one node of the graph.
fn unary(name: &str) -> Option<Unary> {
    let function = match name {
        "abs" => Unary::Absolute,
        "exp" => Unary::Exp,
        // Antimony's `log` is the natural logarithm.
        "ln" | "log" => Unary::Ln,
        "sqrt" => Unary::Sqrt,
        "sin" => Unary::Sin,
        "cos" => Unary::Cos,
        "tan" => Unary::Tan,
        "asin" | "arcsin" => Unary::Asin,
        "acos" | "arccos" => Unary::Acos,
        "atan" | "arctan" => Unary::Atan,
        "sinh" => Unary::Sinh,
        "cosh" => Unary::Cosh,
        "tanh" => Unary::Tanh,
        "floor" => Unary::Floor,
        "ceil" | "ceiling" => Unary::Ceil,
        "factorial" => Unary::Factorial,
        "not" => Unary::Not,
        _ => return None,
    };
    Some(function)
}

/// Functions of one argument that are written with others.
fn one_argument(name: &str) -> bool {
    let composed = [
        "log10", "sqr", "sec", "csc", "cot", "sech", "csch", "coth", "asec", "acsc", "acot", "asinh",
        "acosh", "atanh", "asech", "acsch", "acoth", "arcsec", "arccsc", "arccot", "arcsinh", "arccosh",
        "arctanh", "arcsech", "arccsch", "arccoth", "log2",
    ];
    composed.contains(&name)
}

/// The draw of this name.
pub(super) fn distribution(name: &str) -> Option<Distribution> {
    let distribution = match name {
        "exponential" => Distribution::Exponential,
        "normal" => Distribution::Normal,
        "uniform" => Distribution::Uniform,
        "lognormal" => Distribution::LogNormal,
        "poisson" => Distribution::Poisson,
        _ => return None,
    };
    Some(distribution)
}

/// Writes a call of a function of the language, its argument count checked, as terms.
pub(super) fn write_call(name: &str, arguments: &[TermId], sink: &mut Sink) -> TermId {
    if let Some(function) = unary(name) {
        return sink.unary(function, arguments[0]);
    }
    match name {
        "piecewise" => piecewise(arguments, sink),
        "min" => fold(Binary::Min, arguments, sink),
        "max" => fold(Binary::Max, arguments, sink),
        "and" => fold(Binary::And, arguments, sink),
        "or" => fold(Binary::Or, arguments, sink),
        "xor" => exclusive_or(arguments, sink),
        _ if arguments.len() == 2 => two_arguments(name, arguments[0], arguments[1], sink),
        "root" => sink.unary(Unary::Sqrt, arguments[0]),
        _ => composed(name, arguments[0], sink),
    }
}

fn fold(operator: Binary, arguments: &[TermId], sink: &mut Sink) -> TermId {
    arguments[1..].iter().fold(arguments[0], |left, right| sink.binary(operator, left, *right))
}

/// Odd number of true arguments.
fn exclusive_or(arguments: &[TermId], sink: &mut Sink) -> TermId {
    let zero = sink.number(0.0);
    let truths: Vec<TermId> = arguments.iter().map(|a| sink.binary(Binary::NotEqual, *a, zero)).collect();
    fold(Binary::NotEqual, &truths, sink)
}

/// `piecewise(value, condition, …, otherwise)`; without `otherwise` it is not a number elsewhere.
fn piecewise(arguments: &[TermId], sink: &mut Sink) -> TermId {
    let pairs = arguments.chunks_exact(2);
    let mut value = match pairs.remainder() {
        [otherwise] => *otherwise,
        _ => sink.number(f64::NAN),
    };
    for pair in pairs.rev() {
        value = sink.push(TermKind::Select { condition: pair[1], then: pair[0], otherwise: value });
    }
    value
}

fn two_arguments(name: &str, a: TermId, b: TermId, sink: &mut Sink) -> TermId {
    match name {
        "pow" | "power" => sink.binary(Binary::Power, a, b),
        "root" => {
            let one = sink.number(1.0);
            let exponent = sink.binary(Binary::Divide, one, a);
            sink.binary(Binary::Power, b, exponent)
        }
        "rem" => remainder(a, b, sink),
        "quotient" => {
            let ratio = sink.binary(Binary::Divide, a, b);
            truncated(ratio, sink)
        }
        "implies" => {
            let not = sink.unary(Unary::Not, a);
            sink.binary(Binary::Or, not, b)
        }
        "eq" => sink.binary(Binary::Equal, a, b),
        "neq" => sink.binary(Binary::NotEqual, a, b),
        "lt" => sink.binary(Binary::Less, a, b),
        "leq" => sink.binary(Binary::LessEqual, a, b),
        "gt" => sink.binary(Binary::Greater, a, b),
        _ => sink.binary(Binary::GreaterEqual, a, b),
    }
}

/// Nearest whole number towards zero.
fn truncated(a: TermId, sink: &mut Sink) -> TermId {
    let zero = sink.number(0.0);
    let (floor, ceil) = (sink.unary(Unary::Floor, a), sink.unary(Unary::Ceil, a));
    let condition = sink.binary(Binary::GreaterEqual, a, zero);
    sink.push(TermKind::Select { condition, then: floor, otherwise: ceil })
}

/// Remainder with the sign of the dividend `a`: sign(a) · (|a| mod |b|), as `%` in Antimony.
pub(super) fn remainder(a: TermId, b: TermId, sink: &mut Sink) -> TermId {
    let (size_a, size_b) = (sink.unary(Unary::Absolute, a), sink.unary(Unary::Absolute, b));
    let size = sink.binary(Binary::Modulo, size_a, size_b);
    let negative = sink.unary(Unary::Negate, size);
    let zero = sink.number(0.0);
    let condition = sink.binary(Binary::GreaterEqual, a, zero);
    sink.push(TermKind::Select { condition, then: size, otherwise: negative })
}

/// 1/f(a), f(1/a) and logarithmic forms.
fn composed(name: &str, a: TermId, sink: &mut Sink) -> TermId {
    let one = sink.number(1.0);
    let inverse = |sink: &mut Sink, x| sink.binary(Binary::Divide, one, x);
    let name = name.strip_prefix("arc").map_or(name.to_string(), |rest| format!("a{rest}"));
    let function_in =
        |table: &[(&str, Unary)]| table.iter().find(|(known, _)| *known == name).map(|(_, f)| *f);
    if let Some(function) = function_in(&RECIPROCALS) {
        let x = sink.unary(function, a);
        return inverse(sink, x);
    }
    if let Some(function) = function_in(&OF_RECIPROCALS) {
        let x = inverse(sink, a);
        return sink.unary(function, x);
    }
    let a = if matches!(name.as_str(), "asech" | "acoth" | "acsch") { inverse(sink, a) } else { a };
    match name.as_str() {
        "sqr" => {
            let two = sink.number(2.0);
            sink.binary(Binary::Power, a, two)
        }
        "log10" => logarithm(a, std::f64::consts::LN_10, sink),
        "log2" => logarithm(a, std::f64::consts::LN_2, sink),
        "acosh" | "asech" => area_cosine(a, sink),
        "atanh" | "acoth" => area_tangent(a, sink),
        _ => area_sine(a, sink),
    }
}

/// 1/f(a)
const RECIPROCALS: [(&str, Unary); 6] = [
    ("sec", Unary::Cos),
    ("csc", Unary::Sin),
    ("cot", Unary::Tan),
    ("sech", Unary::Cosh),
    ("csch", Unary::Sinh),
    ("coth", Unary::Tanh),
];

/// f(1/a)
const OF_RECIPROCALS: [(&str, Unary); 3] =
    [("asec", Unary::Acos), ("acsc", Unary::Asin), ("acot", Unary::Atan)];

fn logarithm(a: TermId, ln_base: f64, sink: &mut Sink) -> TermId {
    let (ln, base) = (sink.unary(Unary::Ln, a), sink.number(ln_base));
    sink.binary(Binary::Divide, ln, base)
}

/// arsinh a = ln(a + √(a² + 1))
fn area_sine(a: TermId, sink: &mut Sink) -> TermId {
    let square = sink.binary(Binary::Multiply, a, a);
    let one = sink.number(1.0);
    let inner = sink.binary(Binary::Add, square, one);
    let root = sink.unary(Unary::Sqrt, inner);
    let sum = sink.binary(Binary::Add, a, root);
    sink.unary(Unary::Ln, sum)
}

/// arcosh a = ln(a + √(a − 1) · √(a + 1))
fn area_cosine(a: TermId, sink: &mut Sink) -> TermId {
    let one = sink.number(1.0);
    let (below, above) = (sink.binary(Binary::Subtract, a, one), sink.binary(Binary::Add, a, one));
    let (left, right) = (sink.unary(Unary::Sqrt, below), sink.unary(Unary::Sqrt, above));
    let product = sink.binary(Binary::Multiply, left, right);
    let sum = sink.binary(Binary::Add, a, product);
    sink.unary(Unary::Ln, sum)
}

/// artanh a = ln((1 + a) / (1 − a)) / 2
fn area_tangent(a: TermId, sink: &mut Sink) -> TermId {
    let (one, two) = (sink.number(1.0), sink.number(2.0));
    let (above, below) = (sink.binary(Binary::Add, one, a), sink.binary(Binary::Subtract, one, a));
    let ratio = sink.binary(Binary::Divide, above, below);
    let ln = sink.unary(Unary::Ln, ratio);
    sink.binary(Binary::Divide, ln, two)
}
