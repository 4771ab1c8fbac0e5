//! Default absolute tolerances, and that a dose to come changes nothing before it.

use super::build::Build;
use super::{options, run_one};
use crate::{Action, Amount, Dose, Options, Plan, default_absolute_tolerances};
use regraft_model::program::Binary;
use regraft_model::{Program, Target};

/// Blood cells at 250, a drug at 0 that kills them, and something of unknown size.
fn program() -> Program {
    let mut build = Build::default();
    let (cells, drug) = (build.state("cells", 250.0), build.state("drug", 0.0));
    build.state("unknown", 0.0);
    let (k, zero) = (build.parameter("k", 0.1), build.number(0.0));
    let kill = build.times(k, drug);
    build.decays(0, cells, kill);
    build.decays(1, drug, k);
    build.rate(2, zero);
    build.finish()
}

fn dosed(amount: f64) -> Plan {
    let dose = |state, value| Dose::new(5.0, Action::Add { state, amount: Amount::fixed(value) });
    Plan { end: 10.0, doses: vec![dose(1, amount), dose(0, 1e4)], ..Plan::default() }
}

#[test]
fn tolerances_follow_the_starting_value_the_dose_or_what_was_declared() {
    let options = Options { relative_tolerance: 1e-6, typical_sizes: vec![0.0, 0.0, 2.0], ..options() };
    let found = default_absolute_tolerances(&program(), &dosed(40.0), &options).expect("nothing is drawn");
    // A state that does not start at 0 keeps its own size, whatever is added to it.
    assert_eq!(found, [(1e-2, 250.0), (1e-1, 40.0), (1e-2, 2.0)].map(|(share, size)| share * 1e-6 * size));
    let bare = Options { typical_sizes: Vec::new(), ..options };
    let found = default_absolute_tolerances(&program(), &Plan::default(), &bare).expect("nothing is drawn");
    assert_eq!(found, [250.0, 1e-3, 1e-3].map(|size| 1e-2 * 1e-6 * size));
}

#[test]
fn what_events_add_is_the_size_of_a_state_that_starts_at_0() {
    let mut build = Build::default();
    let (cells, sign) = (build.state("cells", 250.0), build.state("sign", 0.0));
    let (k, rise) = (build.parameter("k", 0.1), build.parameter("rise", 0.5));
    build.decays(0, cells, k);
    build.decays(1, sign, k);
    let more = build.binary(Binary::Add, sign, rise);
    let fewer = build.times(cells, rise);
    build.above(k, cells, vec![(Target::State(1), more), (Target::State(0), fewer)]);
    let program = build.finish();
    let options = Options { relative_tolerance: 1e-6, ..options() };
    let found = default_absolute_tolerances(&program, &Plan::default(), &options).expect("nothing is drawn");
    assert_eq!(found, [(1e-2, 250.0), (1e-1, 0.5)].map(|(share, size)| share * 1e-6 * size));
}

#[test]
fn a_dose_to_come_changes_no_bit_before_it() {
    let program = program();
    let times = [1.0, 2.0, 3.0, 4.0];
    let small = run_one(&program, &dosed(1.0), &times);
    let large = run_one(&program, &dosed(1e6), &times);
    assert_eq!(small.trajectories.values, large.trajectories.values);
    assert_ne!(small.end.states, large.end.states);
}
