//! The kernel against the scalar evaluation of the same program.

use regraft_model::program::{Binary, Distribution, Node, NodeId, Unary};
use regraft_model::{Found, Program, evaluate};
use regraft_ode::System;
use regraft_ode::system::control_row;
use regraft_ode::tableau::STAGES;
use regraft_tape::{Body, Code, Engine, Instruction, Rows};

use super::rewrite::Rewriter;
use super::{Kernel, Routines, Tapes};
use crate::tests::build::Build;
use crate::uniform::shared;

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
    let tapes = Tapes::new(&program, &outputs, None).expect("nothing is drawn");
    let lanes = VALUES.len();
    let mut kernel = Kernel::standing(&tapes, lanes);
    for (lane, [x, y, p]) in VALUES.into_iter().enumerate() {
        kernel.set_parameter(lane, 0, p);
        kernel.refresh(lane);
        kernel.load(2.5, &[x, y]);
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

/// Every engine of this machine.
fn engines() -> Vec<Engine> {
    let bodies = Body::ALL.into_iter().filter(|body| body.is_available());
    bodies.flat_map(|body| [false, true].map(|machine_code| Engine { body, machine_code })).collect()
}

fn routines(tapes: &Tapes, width: usize, engine: Engine) -> Routines {
    Routines::new(tapes, width, engine, super::Known::default(), shared(tapes, &Vec::new()))
}

#[test]
fn all_lanes_at_once_give_the_bits_of_each_lane_alone() {
    let program = everything();
    let tapes = Tapes::new(&program, &[], Some(&[])).expect("nothing is drawn");
    let at = |lanes: usize, engine: Engine| -> Vec<u64> {
        let routines = routines(&tapes, lanes, engine);
        let mut kernel = Kernel::new(&tapes, &routines, &[]);
        let mut y = Rows::new(2, lanes);
        for lane in 0..lanes {
            let [first, second, p] = VALUES[lane % VALUES.len()];
            (y[lane], y[lanes + lane]) = (first, second);
            kernel.set_parameter(lane, 0, p);
            kernel.refresh(lane);
        }
        let mut dy = Rows::new(2, lanes);
        let mut t = Rows::new(1, lanes);
        t.fill(1.0);
        (0..lanes).for_each(|lane| kernel.derivatives(lane, &t, &y, &mut dy));
        dy.iter().map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }).collect()
    };
    let plain = Engine { body: Body::Portable, machine_code: false };
    let alone = at(VALUES.len(), plain);
    for engine in engines() {
        for lanes in [1, 3, 8, 12, 16, 32, 64] {
            let together = at(lanes, engine);
            for state in 0..2 {
                for lane in 0..lanes {
                    let expected = alone[state * VALUES.len() + lane % VALUES.len()];
                    assert_eq!(
                        together[state * lanes + lane],
                        expected,
                        "lane {lane} of {lanes}, {engine:?}"
                    );
                }
            }
        }
    }
}

/// x' = x y / k, y' = t k − y + an infusion.
fn product_and_inflow() -> Program {
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
    build.finish()
}

#[test]
fn the_stages_solve_their_linear_systems() {
    let tapes = Tapes::new(&product_and_inflow(), &[], Some(&[1])).expect("nothing is drawn");
    for engine in engines() {
        let routines = routines(&tapes, 8, engine);
        let mut kernel = Kernel::new(&tapes, &routines, &[1]);
        for lane in 0..8 {
            kernel.set_parameter(lane, 0, 4.0);
            kernel.refresh(lane);
            kernel.set_input(lane, 1, 10.0);
        }
        assert!(!kernel.is_autonomous());
        let (mut y, mut k) = (Rows::new(2, 8), Rows::new(2 * STAGES, 8));
        y[..8].fill(2.0);
        y[8..].fill(6.0);
        let mut control = Rows::new(control_row::BY_TIME + 2, 8);
        control[control_row::TIME * 8..][..8].fill(0.5);
        control[control_row::DIAGONAL * 8..][..8].fill(3.0);
        control[control_row::IN_TIME * 8..][..8].fill(0.25);
        kernel.begin(&y, &mut k, &mut control);
        // f = (3, 2 − 6 + 10) + 0.25 · (0, 4), J = [1.5, 0.5; 0, −1], W = 3 − J.
        let solve = |f: [f64; 2]| {
            let second = f[1] / 4.0;
            ((f[0] + 0.5 * second) / 1.5, second)
        };
        let close = |found: (f64, f64), expected: (f64, f64)| {
            (found.0 - expected.0).abs() < 1e-14 && (found.1 - expected.1).abs() < 1e-14
        };
        assert!(close((k[3], k[STAGES * 8 + 3]), solve([3.0, 7.0])), "{engine:?}");
        assert_eq!(control[control_row::SOUND * 8], 1.0);
        assert_eq!(control[(control_row::BY_TIME + 1) * 8], 4.0);
        let stage = &mut k[2 * 8..];
        stage[..8].fill(0.5);
        stage[STAGES * 8..][..8].fill(-1.0);
        kernel.stage(&y, stage, &mut control);
        assert!(close((stage[3], stage[STAGES * 8 + 3]), solve([3.5, 5.0])), "{engine:?}");
    }
}

#[test]
fn what_depends_on_parameters_alone_is_left_to_the_set_up() {
    let mut build = Build::default();
    let x = build.state("x", 0.0);
    let (a, b) = (build.parameter("a", 0.0), build.parameter("b", 0.0));
    let product = build.times(a, x);
    let rate = build.binary(Binary::Divide, product, b);
    build.rate(0, rate);
    let tapes = Tapes::new(&build.finish(), &[], Some(&[])).expect("nothing is drawn");
    let flow = tapes.flow.expect("it was asked for");
    let computed = flow.derivatives.instructions().iter();
    let codes: Vec<Code> = computed
        .filter_map(|instruction| match instruction {
            Instruction::Apply(code, _) => Some(*code),
            _ => None,
        })
        .collect();
    // a · (1/b) is computed once per patient; left is the product with x.
    assert_eq!(codes, [Code::Multiply]);
}

#[test]
fn rates_written_anew_have_the_values_of_the_program() {
    let mut build = Build::default();
    let (x, y) = (build.state("x", 0.0), build.state("y", 0.0));
    let (a, b) = (build.parameter("a", 0.0), build.parameter("b", 0.0));
    let sum = build.binary(Binary::Add, x, y);
    let (first, second) = (build.binary(Binary::Divide, x, sum), build.binary(Binary::Divide, y, sum));
    let minus = build.unary(Unary::Negate, first);
    let scaled = build.times(a, minus);
    let scaled = build.binary(Binary::Divide, scaled, b);
    let both = build.times(scaled, second);
    let rate = build.binary(Binary::Subtract, both, minus);
    build.rate(0, rate);
    let rate = build.binary(Binary::Add, scaled, both);
    build.rate(1, rate);
    let program = build.finish();
    let mut rewriter = Rewriter::new(&program);
    let new = rewriter.rewrite(&program.derivatives);
    let rewritten = Program { nodes: rewriter.nodes, ..program.clone() };
    for (&old, &new) in program.derivatives.iter().zip(&new) {
        let value =
            |program: &Program, node| evaluate(program, node, 0.0, &[3.0, 5.0], &[0.7, -1.3], &mut no_draw);
        assert!((value(&program, old) - value(&rewritten, new)).abs() < 1e-15);
    }
}

/// x' = ((a b)² + c) x + (a b + a) / (c + d), of four parameters.
fn chains_of_parameters() -> Program {
    let mut build = Build::default();
    let x = build.state("x", 0.0);
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| build.parameter(name, 0.0));
    let product = build.times(a, b);
    let (square, more) = (build.times(product, product), build.binary(Binary::Add, product, a));
    let slope = build.binary(Binary::Add, square, c);
    let sum = build.binary(Binary::Add, c, d);
    let inflow = build.binary(Binary::Divide, more, sum);
    let growth = build.times(slope, x);
    let rate = build.binary(Binary::Add, growth, inflow);
    build.rate(0, rate);
    build.finish()
}

#[test]
fn the_part_that_a_parameter_moves_gives_the_bits_of_the_whole_set_up() {
    let tapes = Tapes::new(&chains_of_parameters(), &[], Some(&[])).expect("nothing is drawn");
    let routines = routines(&tapes, 8, Engine { body: Body::Portable, machine_code: false });
    let mut part = Kernel::new(&tapes, &routines, &[]);
    let mut whole = Kernel::new(&tapes, &routines, &[]);
    let value = |lane: usize, parameter: u32, turn: usize| {
        0.1 + 0.3 * lane as f64 + 0.7 * f64::from(parameter) + turn as f64
    };
    for (lane, parameter) in (0..8).flat_map(|lane| (0..4).map(move |parameter| (lane, parameter))) {
        part.set_parameter(lane, parameter, value(lane, parameter, 0));
        whole.set_parameter(lane, parameter, value(lane, parameter, 0));
    }
    (0..8).for_each(|lane| part.refresh(lane));
    let slopes = |kernel: &mut Kernel| -> Vec<u64> {
        let (mut y, mut dy, t) = (Rows::new(1, 8), Rows::new(1, 8), Rows::new(1, 8));
        y.fill(1.5);
        (0..8).for_each(|lane| kernel.derivatives(lane, &t, &y, &mut dy));
        dy.iter().map(|value| value.to_bits()).collect()
    };
    let changes = [&[0][..], &[1], &[2], &[3], &[0, 3], &[2, 1], &[0, 1, 2, 3]];
    for (turn, changed) in changes.into_iter().enumerate() {
        for lane in 0..8 {
            for &parameter in changed {
                assert!(part.change_parameter(lane, parameter, value(lane, parameter, turn)));
                whole.set_parameter(lane, parameter, value(lane, parameter, turn));
            }
            part.renew(lane);
            whole.refresh(lane);
        }
        assert_eq!(slopes(&mut part), slopes(&mut whole), "parameters {changed:?}");
    }
}
