//! Populations, and patients who fail among others who do not.

use super::*;

#[test]
fn a_hundred_patients_differ_as_their_rows_say() {
    let rows: String = (1..=100).map(|n| format!("{n},{}\n", f64::from(n) / 10.0)).collect();
    let block = Bench::new(ONE_COMPARTMENT).run(
        &format!("ID,CL\n{rows}"),
        "TIME,AMT,CMT\n0,100,2\n",
        &request(10.0, 5.0),
    );
    assert_eq!((block.patients.len(), block.failed.len()), (100, 0));
    for row in 0..100 {
        let k = (row + 1) as f64 / 10.0 / 20.0;
        let expected = 100.0 * (-k * 10.0).exp();
        let found = block.column(row, 1)[2];
        assert!((found - expected).abs() < 1e-3, "patient {row}: {found}, expected {expected}");
    }
}

#[test]
fn who_fails_is_named_and_the_others_are_as_without_them() {
    // x' = a·x² is infinite at 1 / (a·x(0)).
    let text = "model m()\n x = 1; a = 0; x' = a*x^2;\nend";
    let all = Bench::new(text).run("ID,a\n1,0.1\n2,1\n3,-1\n", NO_DOSES, &request(2.0, 0.5));
    assert_eq!(all.failed.iter().map(|failed| failed.patient).collect::<Vec<_>>(), [2]);
    let failure = &all.failed[0];
    assert!((failure.time - 1.0).abs() < 1e-3 && failure.cause.contains("integration"), "{failure:?}");
    assert!(failure.counters.accepted > 0, "{failure:?}");
    let without = Bench::new(text).run("ID,a\n1,0.1\n3,-1\n", NO_DOSES, &request(2.0, 0.5));
    assert_eq!(all.column(0, 0), without.column(0, 0));
    assert_eq!(all.column(2, 0), without.column(1, 0));
    let failed = all.column(1, 0);
    assert!(failed[1].is_finite() && failed[4].is_nan(), "{failed:?}");
}

#[test]
fn no_steady_state_is_the_patients_own_failure() {
    let text = "model m()\n x = 0; k = 0.1; x' = -k*x;\nend";
    let doses = "TIME,AMT,II,SS\n3,10,12,1\n";
    let block = Bench::new(text).run("ID,k\n1,0.1\n2,0\n", doses, &request(6.0, 3.0));
    assert_eq!(block.failed.len(), 1);
    let failure = &block.failed[0];
    assert_eq!((failure.patient, failure.time), (2, 3.0));
    assert!(failure.cause.contains("no steady state") && failure.cause.contains("`x`"), "{}", failure.cause);
    let (well, failed) = (block.column(0, 0), block.column(1, 0));
    assert!((well[1] - 10.0 / (1.0 - (-1.2f64).exp())).abs() < 1e-3, "{well:?}");
    assert!(failed[0] == 0.0 && failed[1].is_nan(), "{failed:?}");
}

#[test]
fn patients_have_their_own_events_and_the_result_does_not_depend_on_threads() {
    let doses = "ID,TIME,AMT,CMT\n1,0,100,2\n2,0,50,2\n2,4,50,2\n3,1,.,2\n";
    let rows = "ID,V\n1,20\n2,20\n3,20\n4,20\n";
    let mut runs = Vec::new();
    for threads in [1, 2] {
        let asked = Request { threads: Some(threads), ..request(8.0, 4.0) };
        runs.push(Bench::new(ONE_COMPARTMENT).run(rows, doses, &asked));
    }
    assert_eq!(runs[0], runs[1]);
    let central = |row: usize| runs[0].column(row, 1);
    assert_eq!((central(0)[0], central(1)[0], central(2)[2], central(3)[2]), (100.0, 50.0, 0.0, 0.0));
    assert!((central(1)[1] - 50.0 - 50.0 * (-0.22f64).exp()).abs() < 1e-3, "{:?}", central(1));
}

#[test]
fn a_value_at_the_time_of_a_dose_is_after_it_however_the_time_is_written() {
    let block =
        Bench::new(ONE_COMPARTMENT).run("", "TIME,AMT,CMT,II,ADDL\n0.1,1,1,0.1,5\n", &request(0.7, 0.1));
    let depot = block.column(0, 0);
    let expected: Vec<f64> =
        (0..8).map(|n| (1..=n.min(6)).map(|m| (-1.5 * 0.1 * f64::from(n - m)).exp()).sum()).collect();
    for (found, expected) in depot.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-5, "{depot:?}, expected {expected:?}");
    }
    assert_eq!(block.times, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
}

#[test]
fn doses_by_weight_give_everybody_what_they_would_get_alone() {
    let doses = "ID,TIME,AMT,CMT,RATE\n1,0,100,1,0\n1,3,40,2,20\n2,0,70,1,0\n2,3,40,2,20\n3,0,70,1,0\n3,3,44,2,22\n4,0,70,1,0\n4,4,1,1,0\n";
    let together =
        Bench::new(ONE_COMPARTMENT).run("ID,V\n1,20\n2,20\n3,30\n4,20\n", doses, &request(8.0, 1.0));
    for patient in 1..=4 {
        let volume = if patient == 3 { 30 } else { 20 };
        let row = format!("ID,V\n{patient},{volume}\n");
        let alone = Bench::new(ONE_COMPARTMENT).run(&row, doses, &request(8.0, 1.0));
        for column in 0..3 {
            assert_eq!(alone.column(0, column), together.column(patient - 1, column), "patient {patient}");
        }
    }
    assert_eq!(together.column(2, 1)[0], 0.0);
    assert!(together.column(1, 1)[4] != together.column(2, 1)[4]);
}

/// What begins at 0 behind a cascade is a little less than 0 in the stages of a step, where p^1.03 has no number.
#[test]
fn a_power_that_is_no_whole_number_begins_at_0() {
    let text = "model m()
  c = 0; m = 0; f = 1; r = 0; x = 0; y = 1; q = 0; z = 1; p = 0; yp := 1 - y - q; zp := 1 - z - p;
  c' = 0.05 - 0.2*c; m' = 50*c - m; r' = (500*c/(1 + 500*c))*f - r; x' = r - x;
  y' = 2*yp - x*y; q' = 3*x*yp - 4*q; z' = 0.2*zp - 6*q*z; p' = 30*q*zp - 0.2*p;
  f' = (1 - f)/4 - p^1.03/(0.27^1.03 + p^1.03)*f;
end";
    let run = |rtol| {
        let request = Request { relative_tolerance: rtol, ..request(20.0, 1.0) };
        Bench::new(text).run("", NO_DOSES, &request)
    };
    let (found, exact) = (run(1e-6), run(1e-10));
    assert_eq!((&found.failed[..], &exact.failed[..]), (&[][..], &[][..]));
    assert!(found.counters.accepted + found.counters.rejected < 1000, "{:?}", found.counters);
    for (value, expected) in found.values.iter().zip(&exact.values) {
        assert!((value - expected).abs() < 1e-5 * expected.abs() + 1e-8, "{value}, expected {expected}");
    }
}
