//! Compartments that get another size in an event keep their amounts.

use super::edges::program;
use super::{assert_near, run_one};
use crate::Plan;

fn values(text: &str, at: f64) -> Vec<f64> {
    let result = run_one(&program(text), &Plan { end: at, ..Plan::default() }, &[at]);
    result.trajectories.at(0, 0).to_vec()
}

#[test]
fn a_size_and_a_concentration_set_at_once_mean_the_concentration_in_the_old_size() {
    // Case 01506 of the SBML test suite: S1 = 0.2 in 0.59, which is 0.59 in 0.2, and grows by 0.4 a time.
    let text = "model m()
        compartment C1 = 0.5; species $S1 in C1 = 0;
        C1' = 0.2; S1' = 0.4;
        at time >= 0.45: S1 = 0.2, C1 = 0.2;
      end";
    let found = values(text, 0.5);
    assert_near(found[0], 0.21, 1e-9);
    assert_near(found[1], 0.61, 1e-9);
}

#[test]
fn a_size_that_follows_a_rule_keeps_amounts_when_the_rule_changes() {
    let text = "model m()
        compartment V; species S in V = 10; species $fixed in V = 2; w = 1; V := w; shown := fixed; t = 0; t' = fixed;
        J: S ->; 0.3*S*V;
        at time >= 2: w = 4;
      end";
    let found = values(text, 3.0);
    assert_near(found[0], 10.0 * (-0.9f64).exp() / 4.0, 1e-7);
    assert_near(found[1], 2.0 / 4.0, 1e-12);
    assert_near(found[2], 2.0 * 2.0 + 0.5, 1e-7);
}

#[test]
fn a_size_set_after_a_delay_keeps_the_amounts_of_that_moment() {
    let text = "model m()
        compartment V = 2; species S in V = 10;
        J: S ->; 0.3*S*V;
        at 5 after time >= 1: V = 4;
      end";
    assert_near(values(text, 7.0)[0], 10.0 * (-2.1f64).exp() / 2.0, 1e-7);
}
