//! Why a value was not finite: the first operation in a rate that gives no number.

use regraft_model::Program;
use regraft_model::evaluate::{children, evaluate_all};
use regraft_model::program::{Binary, Node, NodeId, Unary};
use regraft_ode::Failure;

use crate::result::{Cause, Impossible};

/// Where a patient stood when the integrator gave up.
pub(crate) struct Standing<'a> {
    pub time: f64,
    /// `[state]`
    pub states: &'a [f64],
    /// `[parameter]`
    pub parameters: &'a [f64],
    /// The step that was tried last.
    pub step: f64,
}

/// The cause of a failure, as exactly as can be told.
///
/// Where every rate still is finite, as just before an amount runs out, the rates a little further on are looked
/// at, along the tangent, from 2⁻¹⁰ to 2¹⁰ steps ahead.
pub(crate) fn diagnose(program: &Program, failure: Failure, standing: &Standing) -> Cause {
    let cause = match failure {
        Failure::NotFinite => here(program, standing).or_else(|| ahead(program, standing)),
        Failure::SingularMatrix => here(program, standing),
        _ => None,
    };
    cause.unwrap_or(Cause::Solver(failure))
}

fn here(program: &Program, standing: &Standing) -> Option<Cause> {
    look(program, &values(program, standing))
}

fn ahead(program: &Program, standing: &Standing) -> Option<Cause> {
    let values = values(program, standing);
    let slope = |state: usize| values[program.derivatives[state] as usize];
    (-10..=10).find_map(|power| {
        let way = standing.step * 2f64.powi(power);
        let moved = standing.states.iter().enumerate().map(|(state, value)| value + way * slope(state));
        let states: Vec<f64> = moved.collect();
        let finite = way > 0.0 && states.iter().all(|value| value.is_finite());
        finite
            .then(|| here(program, &Standing { time: standing.time + way, states: &states, ..*standing }))
            .flatten()
    })
}

fn values(program: &Program, standing: &Standing) -> Vec<f64> {
    evaluate_all(program, standing.time, standing.states, standing.parameters)
}

/// The first rate that is not finite, and the operation that makes it so.
fn look(program: &Program, values: &[f64]) -> Option<Cause> {
    let finite = |node: NodeId| values[node as usize].is_finite();
    let state = program.derivatives.iter().position(|&rate| !finite(rate))?;
    let mut node = program.derivatives[state];
    while let Some(culprit) = used(&program.nodes[node as usize], values).find(|&operand| !finite(operand)) {
        node = culprit;
    }
    let operation = operation(&program.nodes[node as usize], values)?;
    Some(Cause::RateNotFinite { state: state as u32, operation })
}

/// The operands whose values a node's own value comes from.
fn used(node: &Node, values: &[f64]) -> impl Iterator<Item = NodeId> + use<> {
    let operands = match *node {
        Node::Select { condition, then, otherwise } => {
            let chosen = if values[condition as usize] != 0.0 { then } else { otherwise };
            [Some(chosen), None, None]
        }
        _ => children(node),
    };
    operands.into_iter().flatten()
}

/// What is impossible in a node whose operands are finite; `None` for leaves.
fn operation(node: &Node, values: &[f64]) -> Option<Impossible> {
    let of = |id: NodeId| values[id as usize];
    match *node {
        Node::Unary(Unary::Ln, a) => Some(Impossible::Logarithm(of(a))),
        Node::Unary(Unary::Sqrt, a) => Some(Impossible::SquareRoot(of(a))),
        Node::Unary(Unary::Asin | Unary::Acos, a) => Some(Impossible::Arc(of(a))),
        Node::Binary(Binary::Divide | Binary::Modulo, a, b) if of(b) == 0.0 => {
            Some(Impossible::Division(of(a)))
        }
        Node::Binary(Binary::Power, a, b) => Some(Impossible::Power(of(a), of(b))),
        Node::Unary(..) | Node::Binary(..) => Some(Impossible::Overflow),
        _ => None,
    }
}
