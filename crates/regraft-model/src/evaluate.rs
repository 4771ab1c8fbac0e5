//! Scalar evaluation of a program: for tests, starting values and folding of constants.

use crate::program::{Binary, Distribution, Node, NodeId, Program, Unary};

/// Value of one node.
///
/// `states` and `parameters` hold the values of [`Program::states`] and
/// [`Program::parameters`]; missing ones count as NaN. `draw` is asked for each draw that
/// the node needs, with the index of its stream and its two arguments. The logarithm or
/// root of a negative number and the like give NaN.
pub fn evaluate(
    program: &Program,
    node: NodeId,
    time: f64,
    states: &[f64],
    parameters: &[f64],
    draw: &mut dyn FnMut(Distribution, u32, f64, f64) -> f64,
) -> f64 {
    let needed = needed_nodes(&program.nodes, node);
    let mut values = vec![f64::NAN; node as usize + 1];
    for id in (0..=node as usize).filter(|id| needed[*id]) {
        let of = |id: NodeId| values[id as usize];
        values[id] = value(&program.nodes[id], of, time, states, parameters, draw);
    }
    values[node as usize]
}

/// Value of every node, `[node]`, as [`evaluate`] gives them one by one; draws are NaN.
pub fn evaluate_all(program: &Program, time: f64, states: &[f64], parameters: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::with_capacity(program.nodes.len());
    for node in &program.nodes {
        let of = |id: NodeId| values[id as usize];
        let own = value(node, of, time, states, parameters, &mut |_, _, _, _| f64::NAN);
        values.push(own);
    }
    values
}

/// Value of a node from those of the nodes it refers to.
pub(crate) fn value(
    node: &Node,
    of: impl Fn(NodeId) -> f64,
    time: f64,
    states: &[f64],
    parameters: &[f64],
    draw: &mut dyn FnMut(Distribution, u32, f64, f64) -> f64,
) -> f64 {
    match *node {
        Node::Constant(value) => value,
        Node::Time => time,
        Node::State(index) => states.get(index as usize).copied().unwrap_or(f64::NAN),
        Node::Parameter(index) => parameters.get(index as usize).copied().unwrap_or(f64::NAN),
        Node::Draw { distribution, stream, first, second } => {
            draw(distribution, stream, of(first), of(second))
        }
        Node::Unary(function, a) => apply_unary(function, of(a)),
        Node::Binary(operator, a, b) => apply_binary(operator, of(a), of(b)),
        Node::Select { condition, then, otherwise } => {
            if of(condition) != 0.0 {
                of(then)
            } else {
                of(otherwise)
            }
        }
    }
}

/// Which nodes up to `node` its value needs.
fn needed_nodes(nodes: &[Node], node: NodeId) -> Vec<bool> {
    let mut needed = vec![false; node as usize + 1];
    needed[node as usize] = true;
    for id in (0..=node as usize).rev() {
        if needed[id] {
            for child in children(&nodes[id]).into_iter().flatten() {
                needed[child as usize] = true;
            }
        }
    }
    needed
}

/// The nodes a node refers to.
pub fn children(node: &Node) -> [Option<NodeId>; 3] {
    match *node {
        Node::Constant(_) | Node::Time | Node::State(_) | Node::Parameter(_) => [None; 3],
        Node::Draw { first, second, .. } => [Some(first), Some(second), None],
        Node::Unary(_, a) => [Some(a), None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None],
        Node::Select { condition, then, otherwise } => [Some(condition), Some(then), Some(otherwise)],
    }
}

/// f(a)
pub fn apply_unary(function: Unary, a: f64) -> f64 {
    match function {
        Unary::Negate => -a,
        Unary::Absolute => a.abs(),
        Unary::Exp => a.exp(),
        Unary::Ln => a.ln(),
        Unary::Sqrt => a.sqrt(),
        Unary::Sin => a.sin(),
        Unary::Cos => a.cos(),
        Unary::Tan => a.tan(),
        Unary::Asin => a.asin(),
        Unary::Acos => a.acos(),
        Unary::Atan => a.atan(),
        Unary::Sinh => a.sinh(),
        Unary::Cosh => a.cosh(),
        Unary::Tanh => a.tanh(),
        Unary::Floor => a.floor(),
        Unary::Ceil => a.ceil(),
        Unary::Factorial => factorial(a),
        Unary::Not => truth(a == 0.0),
    }
}

/// f(a, b)
pub fn apply_binary(operator: Binary, a: f64, b: f64) -> f64 {
    match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => a.powf(b),
        // As the comparisons decide, so that NaN is not lost.
        Binary::Min if a.is_nan() || b.is_nan() => f64::NAN,
        Binary::Max if a.is_nan() || b.is_nan() => f64::NAN,
        Binary::Min => a.min(b),
        Binary::Max => a.max(b),
        Binary::Modulo => a - b * (a / b).floor(),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// a! for whole 0 ≤ a ≤ 170, Γ(a + 1) else.
fn factorial(a: f64) -> f64 {
    if a >= 0.0 && a.fract() == 0.0 {
        return if a > 170.0 { f64::INFINITY } else { (1..=a as u32).map(f64::from).product() };
    }
    gamma(a + 1.0)
}

/// Γ(x) by Lanczos' approximation with g = 7 and nine terms; relative error about 1e-15.
/// Coefficients: Paul Godfrey's, as widely reprinted.
fn gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return std::f64::consts::PI / ((std::f64::consts::PI * x).sin() * gamma(1.0 - x));
    }
    let x = x - 1.0;
    let series: f64 = (1..9).map(|i| TERMS[i] / (x + i as f64)).sum();
    let t = x + 7.5;
    (2.0 * std::f64::consts::PI).sqrt() * t.powf(x + 0.5) * (-t).exp() * (TERMS[0] + series)
}
