//! Jumps of the rates at times known beforehand: no pulse is missed, and each step lies on the right side.

use regraft_model::{Found, Target};

use super::edges::program;
use super::{assert_near, options, run, run_one};
use crate::switches::foresee;
use crate::{Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start, simulate};

/// A model to its end, all states there.
fn end_of(equations: &str, end: f64) -> Vec<f64> {
    let program = program(&format!("model m()\n{equations}\nend"));
    let result = run_one(&program, &Plan { end, ..Plan::default() }, &[end]);
    assert_eq!(result.status[0], SolveStatus::Finished, "{equations}");
    result.trajectories.at(0, 0).to_vec()
}

fn solves(equations: &str, end: f64, expected: f64) {
    let found = end_of(equations, end)[0];
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{equations}: {found}, not {expected}"
    );
}

#[test]
fn a_short_pulse_is_not_stepped_over() {
    // 1000 for a thousandth of a day from 5 on, else decay.
    let text = "x = 1; x' = piecewise(1000, time > 5 && time < 5.001, -x);";
    solves(text, 10.0, ((-5f64).exp() + 1.0) * (-4.999f64).exp());
    solves("x = 0; p := piecewise(1e6, (time >= 1) && (time <= 1 + 1e-6), 0); x' = p;", 1e4, 1.0);
    solves("x = 0; x' = 7*(time > 2)*(time < 2.5);", 100.0, 3.5);
}

#[test]
fn each_side_of_a_jump_is_exact() {
    for comparison in ["time < 5", "time <= 5", "!(time > 5)", "5 - time >= 0", "2*time < 10", "time/5 < 1"] {
        solves(&format!("x = 0; x' = piecewise(1, {comparison}, -1e6);"), 5.0, 5.0);
        solves(&format!("x = 0; x' = piecewise(1, {comparison}, -1e6);"), 6.0, 5.0 - 1e6);
    }
    solves("x = 0; x' = piecewise(1, abs(time - 5) < 1e-3, 0);", 10.0, 2e-3);
}

#[test]
fn what_holds_at_one_moment_alone_happens_there() {
    solves("x = 1; x' = 0; at (time == 20): x = 0.1*x;", 30.0, 0.1);
    solves("x = 0; n = 1; x' = 0; at (time == 7*n): x = x + 1, n = n + 1;", 30.0, 4.0);
    solves("x = 0; x' = 1; at (time == 3 && x > 2): x = 10;", 5.0, 12.0);
    solves("x = 0; x' = piecewise(1e9, time == 3, 1);", 5.0, 5.0);
}

#[test]
fn pulses_that_come_again() {
    // A day in seven, to the middle of the eleventh.
    solves("x = 0; x' = piecewise(1, time % 7 < 1, 0);", 70.5, 10.5);
    solves("x = 0; d = 7; w = 0.01; x' = piecewise(1/w, rem(time, d) < w, 0);", 7000.0, 1000.0);
    solves("x = 0; x' = floor(time/2);", 10.0, 20.0);
    solves("x = 0; x' = ceil(time);", 10.0, 55.0);
    solves("x = 0; x' = rem(time, 3);", 10.0, 3.0 * 4.5 + 0.5);
    solves("x = 0; x' = quotient(time, 3);", 10.0, 3.0 * (1.0 + 2.0) + 3.0);
    // On from 1 to 2, later from 1 to 3.
    solves("x = 0; x' = piecewise(1, time % 5 > 1 && time % 5 < piecewise(2, time < 5, 3), 0);", 10.0, 3.0);
}

#[test]
fn a_moment_that_an_event_moves() {
    let text = "x = 0; stop = 5; x' = piecewise(1, time < stop, 0); E1: at (x > 2): stop = 8;";
    solves(text, 10.0, 8.0);
    solves("x = 0; stop = 5; x' = piecewise(1, time < stop, 0); E1: at (x > 2): stop = 1;", 10.0, 2.0);
    solves(
        "x = 0; on = 0; x' = piecewise(1, time < on + 0.001, 0); E1: at (time > 3): on = time;",
        10.0,
        0.002,
    );
}

#[test]
fn moments_of_each_patient() {
    let program = program(
        "model m()\n  x = 0; on = 1;\n  x' = piecewise(1000, time > on && time < on + 0.001, -x);\nend",
    );
    let Ok(Found::Parameter(on)) = program.find("on") else { panic!("the model has a parameter on") };
    let moments = [0.5, 7.25, 3.0, f64::MAX, -1.0, 0.0, 9.0, 2.0, 1.0];
    let patients = Patients {
        overrides: vec![Target::Parameter(on)],
        values: moments.to_vec(),
        ..Patients::alike(0..moments.len() as u64)
    };
    let (plan, outputs) = (
        Plan { end: 10.0, ..Plan::default() },
        Outputs { times: vec![10.0], observables: vec![Found::State(0)] },
    );
    let go = |lanes| -> Simulation {
        let options = Options { lanes, ..options() };
        simulate(&program, &patients, Start::Fresh, &plan, &outputs, &options, &()).expect("possible")
    };
    let result = go(8);
    for (row, moment) in moments.into_iter().enumerate() {
        // x' = 1000 for a thousandth, then decay.
        let expected = if (0.0..10.0).contains(&moment) { (moment + 1e-3 - 10.0).exp() } else { 0.0 };
        assert_near(result.trajectories.at(row, 0)[0], expected, 1e-9);
    }
    assert_eq!(result.trajectories, go(1).trajectories);
}

#[test]
fn outputs_keep_the_comparison_itself() {
    let program = program("model m()\n  x = 0; on := piecewise(1, time > 5, 0); x' = on;\nend");
    let outputs =
        Outputs { times: vec![0.0, 5.0, 5.5, 6.0], observables: vec![Found::Observable(0), Found::State(0)] };
    let result = run(&program, &Patients::alike([0]), &Plan { end: 6.0, ..Plan::default() }, &outputs);
    let on: Vec<f64> = (0..4).map(|time| result.trajectories.at(0, time)[0]).collect();
    // At 5 time is not yet above 5.
    assert_eq!(on, [0.0, 0.0, 1.0, 1.0]);
    assert_near(result.trajectories.at(0, 3)[1], 1.0, 1e-12);
    assert_eq!(result.end.parameters.len(), program.parameters.len());
}

#[test]
fn conditions_that_come_and_go_with_time_wake_their_events() {
    let text = "x = 0; n = 0; x' = 0; E1: at (time % 7 < 0.001): n = n + 1, x = n + 1;";
    // At the start it holds already; then at 7, 14, …, 70.
    solves(text, 70.5, 10.0);
    solves("x = 0; x' = 0; E1: at (abs(time - 5) < 1e-4): x = x + 1;", 10.0, 1.0);
}

#[test]
fn what_depends_on_states_or_bends_is_left_alone() {
    for equations in [
        "x = 1; x' = piecewise(1, x < 2, 0);",
        "x = 1; x' = piecewise(1, time < x, 0);",
        "x = 1; x' = piecewise(1, time^2 < 4, 0);",
        "x = 1; p = 2; x' = piecewise(1, p < 4, 0);",
        "x = 1; x' = time; E1: at (time > x): x = 2;",
    ] {
        assert!(foresee(&program(&format!("model m()\n{equations}\nend"))).is_none(), "{equations}");
    }
}
