//! Which values may be infinite or NaN though the rates are finite.
//!
//! A slope may have no value where the rate has one: that of √x at 0, or of 1/(1 + eˣ) where eˣ is beyond all
//! numbers. Such an entry of the Jacobian counts as 0 for the step: the method then is less stable in it for this
//! one step, and its error is still estimated, but the patient goes on.

use regraft_model::Program;
use regraft_model::program::{Binary, Node, NodeId, Unary};

use super::compile::{Class, Compiler, operands, whole_exponent};

/// Whether each node, `[node]`, may be no finite number at finite states: it needs an operation other than sums,
/// products and whole powers.
pub(super) fn risky(program: &Program, compiler: &Compiler) -> Vec<bool> {
    let mut risky: Vec<bool> = Vec::with_capacity(program.nodes.len());
    for (id, node) in program.nodes.iter().enumerate() {
        let live = compiler.class(id as NodeId) == Class::Live;
        let from_operand = |operand: NodeId| risky[operand as usize];
        let inherits = !is_truth(node) && operands(node).into_iter().flatten().any(from_operand);
        risky.push(live && (inherits || may_fail(program, compiler, node)));
    }
    risky
}

/// Comparisons and logic give 0 or 1, whatever they are given.
fn is_truth(node: &Node) -> bool {
    use Binary::{And, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, Or};
    let binary = |function| {
        matches!(function, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual | And | Or)
    };
    matches!(*node, Node::Unary(Unary::Not, _))
        || matches!(*node, Node::Binary(function, ..) if binary(function))
}

/// Whether the operation of a node may give no finite number from finite ones, overflow of sums and products aside.
fn may_fail(program: &Program, compiler: &Compiler, node: &Node) -> bool {
    let live = |operand: NodeId| compiler.class(operand) == Class::Live;
    let whole = |operand: NodeId| whole_exponent(&program.nodes[operand as usize]);
    match *node {
        Node::Binary(Binary::Divide | Binary::Modulo, _, below) => live(below),
        Node::Binary(Binary::Power, _, exponent) => whole(exponent).is_none_or(|power| power < 0),
        Node::Unary(function, _) => !matches!(
            function,
            Unary::Negate
                | Unary::Absolute
                | Unary::Not
                | Unary::Floor
                | Unary::Ceil
                | Unary::Sin
                | Unary::Cos
        ),
        _ => false,
    }
}
