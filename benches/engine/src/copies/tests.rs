//! Copies of a model behave as the model.

use regraft_model::evaluate;
use regraft_sim::{Start, simulate};

use crate::arguments::Arguments;
use crate::case::Case;

fn arguments(words: &str) -> Arguments {
    Arguments::read(words.split(' ').map(str::to_string)).expect("the words are known")
}

#[test]
fn alike_copies_go_the_way_of_one() {
    let course = |copies: u32| {
        let arguments = arguments(&format!("run --case infusion --rtol 1e-7 --copies {copies}"));
        let case = Case::read(&arguments).expect("the case is there");
        let options = case.options(&arguments).expect("the options are good");
        let patients = case.patients(0, 1);
        let result =
            simulate(&case.program, &patients, Start::Fresh, &case.plan, &case.outputs, &options, &())
                .expect("it can be simulated");
        (case.program.states.len(), result)
    };
    let ((n_states, one), (_, two)) = (course(1), course(2));
    for time in 0..one.trajectories.n_times {
        let (alone, joined) = (one.trajectories.at(0, time), two.trajectories.at(0, time));
        for (index, value) in joined.iter().enumerate() {
            let known = alone[index % n_states];
            let near = (value - known).abs() <= 1e-5 * known.abs() + 1e-9;
            assert!(near, "state {index} at time {time}: {value}, alone {known}");
        }
    }
}

#[test]
fn the_jacobian_of_coupled_copies_is_the_derivative() {
    let case = Case::read(&arguments("run --copies 2")).expect("the case is there");
    let start = crate::person::at_start(&case.program, &case.patients(0, 1)).expect("a patient can start");
    let value = |node: u32, states: &[f64]| {
        evaluate(&case.program, node, 0.0, states, &start.parameters, &mut |_, _, _, _| 0.0)
    };
    // The coupled state of each copy against that of the other: only the mean-field term joins them.
    let shared = crate::model::state(&case.program, "copy0.marrow.g_csf").expect("the state has this name");
    let other = crate::model::state(&case.program, "copy1.marrow.g_csf").expect("the state has this name");
    let entry = case.program.jacobian.iter().find(|entry| (entry.row, entry.column) == (shared, other));
    let entry = value(entry.expect("the copies are coupled").node, &start.states);
    let derivative = case.program.derivatives[shared as usize];
    let mut moved = start.states.clone();
    moved[other as usize] += 1e-3;
    let slope = (value(derivative, &moved) - value(derivative, &start.states)) / 1e-3;
    assert!((slope - entry).abs() < 1e-9 && (entry - 0.05).abs() < 1e-12, "{slope} and {entry}");
}
