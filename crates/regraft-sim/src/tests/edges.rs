//! Models at the edge of arithmetic: what has a solution is solved, what has none fails by name.

use regraft_model::{Program, Sources, lower, read_antimony};

use super::run_one;
use crate::{Plan, SolveStatus};

/// A model in Antimony, made flat.
pub(super) fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    let root = sources.add("test.ant", text);
    let (model, _) = read_antimony(&mut sources, root, &mut |_, _| None);
    lower(&model).unwrap_or_else(|problems| panic!("{}", problems[0].message))
}

/// All states of a model at its end, or the day and the words of its failure.
fn end_of(equations: &str, end: f64) -> Result<Vec<f64>, (f64, String)> {
    let program = program(&format!("model m()\n{equations}\nend"));
    let result = run_one(&program, &Plan { end, ..Plan::default() }, &[end]);
    match &result.status[0] {
        SolveStatus::Finished => Ok(result.trajectories.at(0, 0).to_vec()),
        SolveStatus::Failed { day, cause } => Err((*day, cause.describe(&program))),
        other => panic!("{equations}: {other:?}"),
    }
}

/// Holds that a model is solved, each state to `within`.
fn solves(equations: &str, end: f64, expected: &[f64], within: f64) {
    let found = end_of(equations, end).unwrap_or_else(|(day, cause)| panic!("{equations}: {cause} at {day}"));
    for (state, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error <= within, "{equations} state {state}: {found} is not within {within:e} of {expected}");
    }
}

#[test]
fn amounts_decay_to_nothing() {
    solves("x = 1; x' = -x;", 1e4, &[0.0], 1e-15);
    solves("x = 1e-200; x' = -x;", 10.0, &[0.0], 1e-200);
    solves("x = 1e-310; x' = x;", 10.0, &[0.0], 1e-300);
    solves("x = 1; y = 1; x' = -1e6*x; y' = -x*y;", 1e4, &[0.0, (-1e-6f64).exp()], 1e-9);
    // x = 4 / (t + 2)².
    solves("x = 1; x' = -x^1.5;", 1e3, &[4.0 / (1002.0 * 1002.0)], 1e-10);
    // A share of two amounts that are both gone: e^{−2t} / e^{−t}, which a first-order lag follows.
    solves(
        "a = 1; b = 1; r = 0; a' = -a; b' = -2*b; r' = b/a - r;",
        20.0,
        &[0.0, 0.0, 20.0 * (-20f64).exp()],
        1e-8,
    );
    let share = end_of("a = 1; b = 1; r = 0; a' = -a; b' = -2*b; r' = b/a - r;", 1e4).expect("it is solved");
    assert!(share.iter().all(|value| value.is_finite()), "{share:?}");
}

#[test]
fn powers_of_amounts_that_decay() {
    // ∫ u^{2.5} / (1 + u^{2.5}) dt with u = e^{−t} is ln 2 / 2.5. Amounts of roundoff's size may be negative, and
    // then have no power: such steps are taken again.
    solves("x = 1; y = 0; x' = -x; y' = x^2.5/(1 + x^2.5);", 1e4, &[0.0, 2f64.ln() / 2.5], 1e-7);
    solves("x = 1; y = 0; x' = -50*x; y' = x^2.5/(1 + x^2.5) - y;", 1e4, &[0.0, 0.0], 1e-9);
    let chain = "d = 100; x = 0; y = 1; d' = -300*d; x' = 300*d - 20*x; y' = 1/(1 + (x/5)^1.7) - y;";
    solves(chain, 1e3, &[0.0, 0.0, 1.0], 1e-9);
    solves("x = 0; y = 0; x' = 1; y' = x^2.5/(1 + x^2.5);", 10.0, &[10.0, 8.69975046], 1e-5);
}

#[test]
fn logarithms_of_amounts_that_decay() {
    solves("x = 1; y = 0; x' = -x; y' = ln(x + 1e-3) - y;", 1e3, &[0.0, 1e-3f64.ln()], 1e-7);
    let bare = "x = 1; y = 0; x' = -x; y' = ln(x) - y;";
    // y = 1 − t − e^{−t}, until x is below the smallest amount that is kept, 1e-280.
    solves(bare, 600.0, &[0.0, -599.0], 1e-5);
    let (day, cause) = end_of(bare, 1e3).expect_err("the logarithm of 0 is no number");
    assert!((day - 280.0 * 10f64.ln()).abs() < 1.0, "{cause} at {day}");
}

#[test]
fn stiff_switches() {
    let in_time = "x = 0; x' = 1 - x*(1 + tanh(1e6*(time - 5)));";
    // 5 at the switch, then to ½ with rate 2.
    solves(in_time, 10.0, &[0.5 + 4.5 * (-10f64).exp()], 1e-6);
    solves("x = 0; x' = 1 - (1 + tanh(1e5*(x - 1)));", 10.0, &[1.0], 1e-6);
    solves(
        "x = 0; y = 0; x' = 1; y' = (1 + tanh(1e6*(x - 1)))/2 - y;",
        3.0,
        &[3.0, 1.0 - (-2f64).exp()],
        1e-6,
    );
    solves("x = 1e-12; x' = 1e6*x*(1 - x);", 10.0, &[1.0], 1e-8);
}

#[test]
fn rules_that_jump_and_bend() {
    solves("x = 0; x' = piecewise(1, time < 5, -1);", 10.0, &[0.0], 2e-6);
    solves("x = 0; k := floor(time); x' = k;", 10.0, &[45.0], 5e-6);
    solves("x = 0; x' = rem(time, 1);", 10.0, &[5.0], 5e-6);
    solves("x = 1; k := piecewise(1, x > 0.5, 1000); x' = -k*x;", 10.0, &[0.0], 1e-9);
    // −0.1 down to 0.1, then e^{−t}.
    solves("x = 1; x' = max(-x, -0.1);", 20.0, &[0.1 * (-11f64).exp()], 1e-7);
    solves("x = 1; x' = -piecewise(1, x > 0, 0);", 10.0, &[0.0], 1e-7);
    // e^{−t} − 0.1/… with a bend at ½: x' = −(x − 0.5) − 0.1, then −(0.5 − x) − 0.1.
    let bend = 6f64.ln();
    solves("x = 1; x' = -abs(x - 0.5) - 0.1;", 2.0, &[0.5 + 0.1 - 0.1 * (2.0 - bend).exp()], 1e-6);
}

#[test]
fn what_is_no_number_and_not_needed_does_no_harm() {
    // q is 0/0 at the start, and nothing depends on it.
    solves("a = 0; q := a/a; x = 1; a' = 1; x' = -x;", 1.0, &[1.0, (-1f64).exp()], 1e-7);
    solves("x = 1; r := sqrt(x - 2); x' = -x;", 1.0, &[(-1f64).exp()], 1e-7);
    // The condition is not a number from day 1 on, and so does not hold.
    solves("x = 1; y = 0; x' = -1; y' = 0; E1: at (ln(x) < -1e9): y = 1;", 3.0, &[-2.0, 0.0], 1e-9);
}

#[test]
fn what_is_no_number_and_needed_fails_by_name() {
    for (equations, day, words) in [
        ("a = 0; x = 1; a' = 0; x' = a/a;", 0.0, "0 divided by 0 in the rate of `x`"),
        ("a = 0; q := a/a; x = 1; a' = 1; x' = -q*x;", 0.0, "0 divided by 0 in the rate of `x`"),
        ("a = 0; q = a/a; x = 1; x' = -q*x;", 0.0, "starting value of `q` is not finite"),
        ("x = 0; y = 0; x' = 0; y' = ln(x);", 0.0, "the logarithm of 0 in the rate of `y`"),
        ("x = 0; y = 0; x' = 0; y' = x^(-1);", 0.0, "0 to the power of -1 in the rate of `y`"),
        ("x = 800; y = 0; x' = 0; y' = exp(x);", 0.0, "a number beyond 1.8e308 in the rate of `y`"),
        ("x = -1; x' = -x^0.5;", 0.0, "-1 to the power of 0.5 in the rate of `x`"),
        ("x = -1; y = 0; x' = 0; y' = piecewise(sqrt(x), x < 0, ln(x));", 0.0, "the square root of -1"),
        ("x = 2; y = 0; x' = 0; y' = acos(x);", 0.0, "the arc sine or cosine of 2 in the rate of `y`"),
        ("x = 1; y = 0; x' = -1; y' = x*ln(x);", 1.0, "the logarithm of "),
        ("x = 1; x' = exp(x);", (-1f64).exp(), "integration failed"),
        ("x = 1; y = 0; x' = -1; y' = 0; E1: at (x < 0.5): y = 1/(y - y);", 0.5, "event `E1` assigns"),
    ] {
        let (found, cause) = end_of(equations, 5.0).expect_err(equations);
        assert!((found - day).abs() < 1e-4, "{equations}: {cause} at {found}");
        assert!(cause.contains(words), "{equations}: {cause}");
    }
}

#[test]
fn constants_that_are_computed_have_their_values() {
    // Functions of numbers are left to the engine: here three deep, in an event, an observable and a rate.
    let constant = 3f64.mul_add(2f64.exp(), 1.0);
    solves(
        "x = 0; y = 0; x' = exp(2)*3 + 1; y' = 0; E1: at (time > 1): y = exp(2)*3 + 1;",
        2.0,
        &[2.0 * constant, constant],
        1e-12 * constant,
    );
}

/// Models whose right-hand side is a number everywhere, but not its derivative: at 0 of a power below 1, where a
/// switch is so steep that the exponential is beyond all numbers, or before a drug is given.
/// Equations, end, the last state there.
fn without_a_slope() -> Vec<(&'static str, f64, f64)> {
    vec![
        // s = √x: −2 s − 2 ln(1 − s) = t, solved by bisection.
        ("x = 0; x' = 1 - sqrt(x);", 10.0, root(|s| -2.0 * s - 2.0 * (1.0 - s).ln() - 10.0).powi(2)),
        ("x = 0; y = 1; x' = -x^0.5; y' = -y;", 10.0, (-10f64).exp()),
        // ∫ √t / (1 + √t) dt = t − 2 √t + 2 ln(1 + √t).
        ("x = 0; y = 0; x' = 1; y' = x^0.5/(1 + x^0.5);", 10.0, hill_half(10.0)),
        ("x = 1; y = 0; x' = -x; y' = sqrt(x) - y;", 1e3, 0.0),
        ("x = 1; y = 0; x' = -50*x; y' = x^0.7/(1 + x^0.7) - y;", 1e4, 0.0),
        ("x = 0; y = 1; x' = -2*x; y' = 1/(1 + (x/5)^0.7) - y;", 1e3, 1.0),
        ("x = 0; y = 0; x' = 1; y' = 1/(1 + exp(-1000*(x - 1))) - y;", 3.0, 0.86466449),
        ("x = 800; y = 0; x' = 0; y' = 1/(1 + exp(x)) - y;", 1.0, 0.0),
        // Here the slope in time is none.
        ("x = 0; x' = sqrt(time);", 1.0, 2.0 / 3.0),
        ("x = 0; y = 0; x' = 0; n = 0; y' = x^n;", 1.0, 1.0),
        ("x = 0; y = 0; x' = -x; y' = x^0.5 - y; E1: at (time > 1): x = x + 1;", 10.0, after_dose(9.0)),
    ]
}

fn hill_half(t: f64) -> f64 {
    t - 2.0 * t.sqrt() + 2.0 * (1.0 + t.sqrt()).ln()
}

/// y of x' = −x, y' = √x − y at a time `t` after x = 1, y = 0: 2 (e^{−t/2} − e^{−t}).
fn after_dose(t: f64) -> f64 {
    2.0 * ((-0.5 * t).exp() - (-t).exp())
}

/// The zero of an ascending function between 0 and 1.
fn root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    low
}

#[test]
fn a_slope_that_is_no_number_never_gives_a_wrong_one() {
    for (equations, end, expected) in without_a_slope() {
        match end_of(equations, end) {
            Ok(found) => {
                let last = found[found.len() - 1];
                assert!((last - expected).abs() < 1e-6, "{equations}: {last} is not {expected}");
            }
            Err((_, cause)) => assert!(cause.starts_with("integration failed"), "{equations}: {cause}"),
        }
    }
}

#[test]
fn a_slope_that_is_no_number_does_not_stop_a_patient() {
    for (equations, end, expected) in without_a_slope() {
        let found =
            end_of(equations, end).unwrap_or_else(|(day, cause)| panic!("{equations}: {cause} at {day}"));
        let last = found[found.len() - 1];
        assert!((last - expected).abs() < 1e-6, "{equations}: {last} is not {expected}");
    }
}

#[test]
fn a_condition_that_stops_being_a_number_has_held_before() {
    // ln x < −5 from day 1 − e^{−5} on, and is no number from day 1 on.
    solves("x = 1; y = 0; x' = -1; y' = 0; E1: at (ln(x) < -5): y = 1;", 3.0, &[-2.0, 1.0], 1e-9);
    // Beside another event later in the same step.
    solves(
        "x = 1; y = 0; z = 0; x' = -1; y' = 0; z' = 0; E1: at (ln(x) < -5): y = time; E2: at (x < -0.5): z = time;",
        3.0,
        &[-2.0, 1.0 - (-5f64).exp(), 1.5],
        1e-8,
    );
    // √(x² − ¼) is no number between ½ and −½: before and after it is small.
    let small = "x' = -1; y' = 0; E1: at (sqrt(x^2 - 0.25) < 0.1): y = y + 1;";
    solves(&format!("x = 1; y = 0; {small}"), 1.0, &[0.0, 1.0], 1e-9);
    solves(&format!("x = 0; y = 0; {small}"), 0.505, &[-0.505, 1.0], 1e-9);
}

#[test]
fn a_rate_in_a_power_of_an_amount_that_starts_at_nothing() {
    // x = (t/2)², from the unstable 0 by the inflow: √x' = 1/2 · (1 + 1e-3/√x).
    solves("x = 0; y = 0; x' = 1; y' = x^1.5;", 4.0, &[4.0, 0.4 * 32.0], 1e-5);
    solves("x = 0; x' = 1 + x^3.97 - x;", 1.0, &[0.6751312454981268], 1e-6);
    solves("x = 0; y = 1; x' = y - x^0.7; y' = -y;", 40.0, &[0.0, 0.0], 1e-3);
}

#[test]
fn an_amount_that_ends_stays_at_nothing() {
    // The tank of Torricelli: x = (1 − t/2)², and empty from t = 2 on; the error makes it slightly negative, where
    // it has no root.
    solves("x = 1; x' = -sqrt(x);", 5.0, &[0.0], 1e-8);
    solves("x = 1; y = 0; x' = -x^0.7; y' = x^0.7 - y^1.5;", 6.0, &[0.0, 0.084_797], 2e-6);
}

#[test]
fn a_model_without_states_has_its_times() {
    assert_eq!(end_of("k = 2; y := 3*k + time;", 5.0), Ok(Vec::new()));
}
