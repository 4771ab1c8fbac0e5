//! The kernel against the scalar evaluation of the same program.

use regraft_model::program::{Binary, Distribution, Node, NodeId, Unary};
use regraft_model::{Found, Program, evaluate};
use regraft_ode::System;

use super::{Kernel, Tapes};
use crate::tests::build::Build;

const UNARY: [Unary; 18] = [
    Unary::Negate,
    Unary::Absolute,
    Unary::Exp,
    Unary::Ln,
    Unary::Sqrt,
    Unary::Sin,
    Unary::Cos,
    Unary::Tan,
    Unary::Asin,
    Unary::Acos,
    Unary::Atan,
    Unary::Sinh,
    Unary::Cosh,
    Unary::Tanh,
    Unary::Floor,
    Unary::Ceil,
    Unary::Factorial,
    Unary::Not,
];

const BINARY: [Binary; 16] = [
    Binary::Add,
    Binary::Subtract,
    Binary::Multiply,
    Binary::Divide,
    Binary::Power,
    Binary::Min,
    Binary::Max,
    Binary::Modulo,
    Binary::Less,
    Binary::LessEqual,
    Binary::Greater,
    Binary::GreaterEqual,
    Binary::Equal,
    Binary::NotEqual,
    Binary::And,
    Binary::Or,
];

/// Every operation as an observable of two states x and y and a parameter p.
fn everything() -> Program {
    let mut build = Build::default();
    let (x, y) = (build.state("x", 0.0), build.state("y", 0.0));
    let p = build.parameter("p", 0.0);
    let mut nodes: Vec<NodeId> = Vec::new();
    for function in UNARY {
        nodes.push(build.unary(function, x));
        nodes.push(build.unary(function, p));
    }
    for function in BINARY {
        nodes.push(build.binary(function, x, y));
        nodes.push(build.binary(function, p, x));
    }
    for exponent in [-3.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 16.0, 0.5, 1.7, 20.0] {
        let exponent = build.number(exponent);
        nodes.push(build.binary(Binary::Power, x, exponent));
    }
    nodes.push(build.node(Node::Select { condition: y, then: x, otherwise: p }));
    nodes.push(build.time());
    for (index, node) in nodes.into_iter().enumerate() {
        build.observable(&format!("o{index}"), node);
    }
    let mut program = build.finish();
    // The rates are the first two observables, so that the flow has something to do.
    program.derivatives.clone_from_slice(&program.observable_nodes[..2]);
    program
}

/// States and parameters at which the functions are tried, among them the corners.
const VALUES: [[f64; 3]; 8] = [
    [0.3, 0.7, 0.9],
    [1.5, -2.0, 3.0],
    [-0.4, 0.0, -7.5],
    [0.0, 1.0, 0.0],
    [4.0, 4.0, 0.25],
    [-3.5, 2.0, 5.0],
    [700.0, -1.0, 1e-3],
    [f64::NAN, 1.0, 2.0],
];

fn no_draw(_: Distribution, _: u32, _: f64, _: f64) -> f64 {
    f64::NAN
}

#[test]
fn every_operation_agrees_with_scalar_evaluation() {
    let program = everything();
    let outputs: Vec<Found> = (0..program.observables.len() as u32).map(Found::Observable).collect();
    let tapes = Tapes::new(&program, &outputs).expect("nothing is drawn");
    let lanes = VALUES.len();
    let mut kernel = Kernel::new(&tapes, lanes, Vec::new());
    for (lane, [x, y, p]) in VALUES.into_iter().enumerate() {
        kernel.set_parameter(lane, 0, p);
        kernel.refresh(lane);
        kernel.load(lane, 2.5, &[x, y]);
        kernel.run_lane(&tapes.outputs, lane, &mut super::NoDraws);
        for (index, &node) in program.observable_nodes.iter().enumerate() {
            let expected = evaluate(&program, node, 2.5, &[x, y], &[p], &mut no_draw);
            let found = kernel.value(lane, tapes.outputs.results[index]);
            // The functions here and the platform's are each within a few units of the last place;
            // powers of numbers near 700 lose up to 1e-12.
            let near = (found - expected).abs() <= 1e-12 * expected.abs().max(1e-300);
            let same = found == expected || (found.is_nan() && expected.is_nan());
            assert!(
                near || same,
                "{:?} at {x}, {y}, {p}: {found}, not {expected}",
                program.nodes[node as usize]
            );
        }
    }
}

#[test]
fn all_lanes_at_once_give_the_bits_of_each_lane_alone() {
    let program = everything();
    let tapes = Tapes::new(&program, &[]).expect("nothing is drawn");
    let at = |kernel: &mut Kernel, lanes: usize| -> Vec<u64> {
        let mut y = vec![0.0; 2 * lanes];
        for lane in 0..lanes {
            let [first, second, p] = VALUES[lane % VALUES.len()];
            (y[lane], y[lanes + lane]) = (first, second);
            kernel.set_parameter(lane, 0, p);
            kernel.refresh(lane);
        }
        let mut dy = vec![0.0; 2 * lanes];
        kernel.derivatives(&vec![1.0; lanes], &y, &mut dy);
        dy.iter().map(|value| value.to_bits()).collect()
    };
    let alone = at(&mut Kernel::new(&tapes, VALUES.len(), Vec::new()), VALUES.len());
    for lanes in [1, 3, 8, 12, 16, 32, 64] {
        let together = at(&mut Kernel::new(&tapes, lanes, Vec::new()), lanes);
        for state in 0..2 {
            for lane in 0..lanes {
                let expected = alone[state * VALUES.len() + lane % VALUES.len()];
                assert_eq!(together[state * lanes + lane], expected, "lane {lane} of {lanes}");
            }
        }
    }
}

#[test]
fn the_jacobian_and_the_flow_beside_it_agree_with_scalar_evaluation() {
    let mut build = Build::default();
    let (x, y) = (build.state("x", 0.0), build.state("y", 0.0));
    let k = build.parameter("k", 0.0);
    let time = build.time();
    let product = build.times(x, y);
    let rate = build.binary(Binary::Divide, product, k);
    build.rate(0, rate);
    let inflow = build.times(time, k);
    let rate = build.binary(Binary::Subtract, inflow, y);
    build.rate(1, rate);
    let program = build.finish();
    let tapes = Tapes::new(&program, &[]).expect("nothing is drawn");
    let mut kernel = Kernel::new(&tapes, 1, vec![1]);
    kernel.set_parameter(0, 0, 4.0);
    kernel.refresh(0);
    kernel.set_input(0, 1, 10.0);
    let (mut dy, mut jacobian, mut by_time) = ([0.0; 2], [0.0; 3], [0.0; 2]);
    kernel.derivatives_and_jacobian(&[0.5], &[2.0, 6.0], &mut dy, &mut jacobian, &mut by_time);
    assert_eq!(kernel.pattern().rows, [0, 0, 1]);
    assert_eq!(kernel.pattern().columns, [0, 1, 1]);
    assert_eq!(dy, [3.0, 2.0 - 6.0 + 10.0]);
    assert_eq!(jacobian, [1.5, 0.5, -1.0]);
    assert_eq!(by_time, [0.0, 4.0]);
    let mut alone = [0.0; 2];
    kernel.derivatives(&[0.5], &[2.0, 6.0], &mut alone);
    assert_eq!(alone, dy);
}

#[test]
fn what_depends_on_parameters_alone_is_left_to_the_set_up() {
    let mut build = Build::default();
    let x = build.state("x", 0.0);
    let (a, b) = (build.parameter("a", 0.0), build.parameter("b", 0.0));
    let ratio = build.binary(Binary::Divide, a, b);
    let scale = build.unary(Unary::Ln, ratio);
    let rate = build.times(scale, x);
    build.rate(0, rate);
    let tapes = Tapes::new(&build.finish(), &[]).expect("nothing is drawn");
    // The ratio, its logarithm, and ∂f/∂x = scale · 1; left is the product with x.
    assert_eq!(tapes.setup.ops.len(), 3);
    assert_eq!(tapes.flow.ops.len(), 1);
    assert_eq!(tapes.flow_and_jacobian.ops.len(), 1);
}
