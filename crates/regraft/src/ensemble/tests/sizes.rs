//! Tolerances that fit models of any size, found by a pilot.

use super::*;

/// A chain from a store, and something that grows, in units of `scale`.
fn chain(scale: f64) -> String {
    format!(
        "model m()\n s = {scale:e}; a = 0; b = 0; g = {:e};\n s' = -0.3*s; a' = 0.3*s - 2*a; b' = 2*a - 0.1*b*b/{scale:e}; g' = 0.9*g;\nend",
        1e-9 * scale
    )
}

#[test]
fn a_model_in_tiny_units_is_solved_as_well_as_one_in_large_ones() {
    let exact = Request { relative_tolerance: 1e-10, ..request(30.0, 1.0) };
    let reference = Bench::new(&chain(1.0)).run("", NO_DOSES, &exact);
    for scale in [1e-15, 1e-3, 1.0, 1e12] {
        let found = Bench::new(&chain(scale)).run("", NO_DOSES, &request(30.0, 1.0));
        for (value, expected) in found.values.iter().zip(&reference.values) {
            let error = (value / scale - expected).abs() / (expected.abs() + 1e-6);
            assert!(error < 2e-5, "in units of {scale}: {}, expected {expected}", value / scale);
        }
    }
}

#[test]
fn a_patients_tolerances_are_not_those_of_others() {
    let doses = "ID,TIME,AMT,CMT\n1,0,100,1\n2,0,1e6,1\n3,0,1e-6,2\n3,4,5,1\n";
    let all = Bench::new(ONE_COMPARTMENT).run("ID,V\n1,20\n2,20\n3,20\n4,20\n", doses, &request(8.0, 1.0));
    for patient in 1..=4 {
        let own: String = doses
            .lines()
            .filter(|line| line.starts_with(&patient.to_string()))
            .map(|line| format!("{line}\n"))
            .collect();
        let table = format!("ID,TIME,AMT,CMT\n{own}");
        let alone =
            Bench::new(ONE_COMPARTMENT).run(&format!("ID,V\n{patient},20\n"), &table, &request(8.0, 1.0));
        assert_eq!(alone.column(0, 1), all.column(patient - 1, 1), "patient {patient}");
    }
}

#[test]
fn a_pilot_that_fails_is_no_failure_of_the_patients() {
    // The model's own patient is infinite at time 1; those of the table are not.
    let text = "model m()\n x = 1; a = 1; y = 0; x' = a*x^2; y' = x - y;\nend";
    let block = Bench::new(text).run("ID,a\n1,-1\n2,0\n", NO_DOSES, &request(4.0, 2.0));
    assert_eq!(block.failed, []);
    let x = block.column(0, 0);
    assert!((x[2] - 0.2).abs() < 1e-5 && block.column(1, 0) == [1.0, 1.0, 1.0], "{x:?}");
}

/// A state that holds nothing but the rounding of a balance disturbs neither itself nor the others.
#[test]
fn what_is_rounding_alone_is_solved_with_the_others() {
    let text = "model m()\n a = 0.1; x = 3; y = 1; n = 0;\n x' = a*3 - a*x; y' = -0.01*y; n' = max(a*x*7/3 - 0.7, 0);\nend";
    let block = Bench::new(text).run("ID,a\n1,0.1\n2,0.11\n", NO_DOSES, &request(1000.0, 1000.0));
    assert_eq!(block.failed, []);
    assert!((block.column(0, 1)[1] - (-10.0f64).exp()).abs() < 1e-9);
}
