//! Symbolic derivatives in the shared graph.
//!
//! For each variable the nodes that depend on it are visited once in topological order,
//! so the work is the number of (node, variable) pairs that depend on each other.
//! d(aᵇ) for a fixed b is b·aᵇ⁻¹·da, without a logarithm, so that Hill terms are smooth
//! at 0. |a|, min and max take the derivative of the branch; steps have derivative 0.

use super::graph::Graph;
use crate::evaluate::children;
use crate::program::{Binary, Node, NodeId, Unary};

/// A variable by which is differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// A state.
    State(u32),
    /// Time.
    Time,
}

/// A derivative: root `row` (index into the roots) by `variable`, not a constant 0.
pub(super) struct Derivative {
    pub row: usize,
    pub variable: Variable,
    pub node: NodeId,
}

/// Non-zero derivatives of `roots` by every state and by time, by variable, then row.
///
/// # Errors
/// Indices of roots that cannot be differentiated (factorial of something that changes).
pub(super) fn differentiate(
    graph: &mut Graph,
    roots: &[NodeId],
    n_states: usize,
) -> Result<Vec<Derivative>, Vec<usize>> {
    let columns = dependents(graph, roots, n_states);
    let n_nodes = graph.nodes.len();
    let mut slopes: Vec<Option<NodeId>> = vec![None; n_nodes];
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (index, column) in columns.iter().enumerate() {
        let variable = if index == n_states { Variable::Time } else { Variable::State(index as u32) };
        for id in column {
            slopes[*id as usize] = slope(graph, *id, &slopes);
            if slopes[*id as usize].is_none() {
                refused.extend((0..roots.len()).filter(|row| column.binary_search(&roots[*row]).is_ok()));
                break;
            }
        }
        for (row, root) in roots.iter().enumerate() {
            if let Some(node) = slopes[*root as usize].filter(|node| !graph.is(*node, 0.0)) {
                found.push(Derivative { row, variable, node });
            }
        }
        for id in column {
            slopes[*id as usize] = None;
        }
    }
    if refused.is_empty() { Ok(found) } else { Err(refused) }
}

/// For each state, and last for time, the nodes below `roots` that depend on it, ascending.
fn dependents(graph: &Graph, roots: &[NodeId], n_states: usize) -> Vec<Vec<NodeId>> {
    let reached = graph.reachable(roots);
    let words = n_states / 64 + 1;
    let mut bits = vec![0u64; words * graph.nodes.len()];
    let mut columns = vec![Vec::new(); n_states + 1];
    for id in (0..graph.nodes.len()).filter(|id| reached[*id]) {
        let variable = match graph.nodes[id] {
            Node::State(state) => Some(state as usize),
            Node::Time => Some(n_states),
            _ => None,
        };
        if let Some(variable) = variable {
            bits[id * words + variable / 64] |= 1 << (variable % 64);
        }
        for child in children(&graph.nodes[id]).into_iter().flatten() {
            for word in 0..words {
                bits[id * words + word] |= bits[child as usize * words + word];
            }
        }
        for word in 0..words {
            let mut rest = bits[id * words + word];
            while rest != 0 {
                columns[word * 64 + rest.trailing_zeros() as usize].push(id as NodeId);
                rest &= rest - 1;
            }
        }
    }
    columns
}

/// Derivative of a node that depends on the variable, from those of its children; none if
/// it has none. A child without an entry does not depend on the variable.
fn slope(graph: &mut Graph, id: NodeId, slopes: &[Option<NodeId>]) -> Option<NodeId> {
    let zero = graph.constant(0.0);
    let of = |child: NodeId| slopes[child as usize].unwrap_or(zero);
    match graph.nodes[id as usize] {
        Node::State(_) | Node::Time => Some(graph.constant(1.0)),
        Node::Constant(_) | Node::Parameter(_) | Node::Draw { .. } => Some(zero),
        Node::Unary(function, a) => unary_slope(graph, function, a, id, of(a)),
        Node::Binary(operator, a, b) => binary_slope(graph, operator, (a, b), id, (of(a), of(b))),
        Node::Select { condition, then, otherwise } => Some(graph.select(condition, of(then), of(otherwise))),
    }
}

fn unary_slope(graph: &mut Graph, function: Unary, a: NodeId, f: NodeId, da: NodeId) -> Option<NodeId> {
    use Binary::{Add, Divide, GreaterEqual, Multiply, Subtract};
    let one = graph.constant(1.0);
    let factor = match function {
        Unary::Negate => return Some(graph.unary(Unary::Negate, da)),
        Unary::Floor | Unary::Ceil | Unary::Not => return Some(graph.constant(0.0)),
        Unary::Factorial if graph.is(da, 0.0) => return Some(da),
        Unary::Factorial => return None,
        Unary::Absolute => {
            let zero = graph.constant(0.0);
            let condition = graph.binary(GreaterEqual, a, zero);
            let negative = graph.unary(Unary::Negate, da);
            return Some(graph.select(condition, da, negative));
        }
        // Quotients keep da on top: one division fewer than a factor 1/….
        Unary::Ln => return Some(graph.binary(Divide, da, a)),
        Unary::Sqrt => {
            let two = graph.constant(2.0);
            let below = graph.binary(Multiply, two, f);
            return Some(graph.binary(Divide, da, below));
        }
        Unary::Asin | Unary::Acos => {
            let square = graph.binary(Multiply, a, a);
            let inside = graph.binary(Subtract, one, square);
            let below = graph.unary(Unary::Sqrt, inside);
            let slope = graph.binary(Divide, da, below);
            return Some(if function == Unary::Asin { slope } else { graph.unary(Unary::Negate, slope) });
        }
        Unary::Atan => {
            let square = graph.binary(Multiply, a, a);
            let below = graph.binary(Add, one, square);
            return Some(graph.binary(Divide, da, below));
        }
        Unary::Exp => f,
        Unary::Sin => graph.unary(Unary::Cos, a),
        Unary::Cos => {
            let sine = graph.unary(Unary::Sin, a);
            graph.unary(Unary::Negate, sine)
        }
        Unary::Sinh => graph.unary(Unary::Cosh, a),
        Unary::Cosh => graph.unary(Unary::Sinh, a),
        // tan' = 1 + tan², tanh' = 1 − tanh².
        Unary::Tan | Unary::Tanh => {
            let square = graph.binary(Multiply, f, f);
            graph.binary(if function == Unary::Tan { Add } else { Subtract }, one, square)
        }
    };
    Some(graph.binary(Multiply, factor, da))
}

fn binary_slope(
    graph: &mut Graph,
    operator: Binary,
    (a, b): (NodeId, NodeId),
    f: NodeId,
    (da, db): (NodeId, NodeId),
) -> Option<NodeId> {
    use Binary::{Add, Divide, LessEqual, Multiply, Subtract};
    let slope = match operator {
        Add => graph.binary(Add, da, db),
        Subtract => graph.binary(Subtract, da, db),
        Multiply => {
            let (left, right) = (graph.binary(Multiply, da, b), graph.binary(Multiply, a, db));
            graph.binary(Add, left, right)
        }
        // (a/b)' = (a' − (a/b)·b') / b
        Divide => {
            let part = graph.binary(Multiply, f, db);
            let above = graph.binary(Subtract, da, part);
            graph.binary(Divide, above, b)
        }
        Binary::Power => power_slope(graph, (a, b), f, (da, db)),
        Binary::Min | Binary::Max => {
            let condition = graph.binary(LessEqual, a, b);
            let (then, otherwise) = if operator == Binary::Min { (da, db) } else { (db, da) };
            graph.select(condition, then, otherwise)
        }
        // a − b·⌊a/b⌋ between the steps.
        Binary::Modulo => {
            let ratio = graph.binary(Divide, a, b);
            let steps = graph.unary(Unary::Floor, ratio);
            let part = graph.binary(Multiply, steps, db);
            graph.binary(Subtract, da, part)
        }
        _ => graph.constant(0.0),
    };
    Some(slope)
}

/// (aᵇ)' = b·aᵇ⁻¹·a' + aᵇ·ln a·b', the second part 0 where a ≤ 0.
fn power_slope(graph: &mut Graph, (a, b): (NodeId, NodeId), f: NodeId, (da, db): (NodeId, NodeId)) -> NodeId {
    use Binary::{Add, Greater, Multiply, Power, Subtract};
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let mut by_base = zero;
    if !graph.is(da, 0.0) {
        let less = graph.binary(Subtract, b, one);
        let power = graph.binary(Power, a, less);
        let factor = graph.binary(Multiply, b, power);
        by_base = graph.binary(Multiply, factor, da);
    }
    if graph.is(db, 0.0) {
        return by_base;
    }
    let ln = graph.unary(Unary::Ln, a);
    let product = graph.binary(Multiply, f, ln);
    let positive = graph.binary(Greater, a, zero);
    let factor = graph.select(positive, product, zero);
    let by_exponent = graph.binary(Multiply, factor, db);
    graph.binary(Add, by_base, by_exponent)
}
