//! Tests of the crate as a whole, on small programs whose solutions are known.

mod amounts;
mod between;
pub(crate) mod build;
mod doses;
mod edges;
mod events;
mod failures;
mod language;
mod one_of_many;
mod rest;
mod rules;
mod sameness;
mod snapshots;
mod switches;
mod tolerances;

use regraft_model::{Found, Program};
use regraft_stats::Seed;

use crate::{Options, Outputs, Patients, Plan, Simulation, Start, simulate};

/// All states at the given times.
fn states_at(program: &Program, times: &[f64]) -> Outputs {
    let observables = (0..program.states.len() as u32).map(Found::State).collect();
    Outputs { times: times.to_vec(), observables }
}

fn options() -> Options {
    Options { threads: Some(1), relative_tolerance: 1e-8, ..Options::new(Seed(7)) }
}

/// One patient, all states at `times`.
fn run_one(program: &Program, plan: &Plan, times: &[f64]) -> Simulation {
    run(program, &Patients::alike([0]), plan, &states_at(program, times))
}

fn run(program: &Program, patients: &Patients, plan: &Plan, outputs: &Outputs) -> Simulation {
    simulate(program, patients, Start::Fresh, plan, outputs, &options(), &()).expect("the call is possible")
}

fn assert_near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} is not within {within} of {expected}");
}
