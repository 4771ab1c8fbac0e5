//! The event table against closed formulas, by superposition of single doses.

use super::*;

const KA: f64 = 1.5;
const K: f64 = 1.1 / 20.0;

/// Where and how one dose is given.
#[derive(Clone, Copy)]
enum Way {
    /// At once into the depot.
    Depot,
    /// At once into the central compartment.
    Central,
    /// Into the central compartment during so many hours.
    Infusion(f64),
}

/// Central amount `since` hours after `amount` was given.
fn central(amount: f64, way: Way, since: f64) -> f64 {
    if since < 0.0 {
        return 0.0;
    }
    match way {
        Way::Depot => amount * KA / (KA - K) * ((-K * since).exp() - (-KA * since).exp()),
        Way::Central => amount * (-K * since).exp(),
        Way::Infusion(hours) => {
            let running = since.min(hours);
            amount / hours / K * (1.0 - (-K * running).exp()) * (-K * (since - running)).exp()
        }
    }
}

/// Doses at these times: amount, way, times.
type Doses<'a> = &'a [(f64, Way, Vec<f64>)];

/// Checks the central amount at every hour of 60.
fn check(table: &str, doses: Doses) {
    let block = Bench::new(ONE_COMPARTMENT).run("", table, &request(60.0, 1.0));
    assert!(block.failed.is_empty(), "{table}: {:?}", block.failed);
    let found = block.column(0, 1);
    for (time, found) in block.times.iter().zip(found) {
        let sum = doses.iter().flat_map(|(amount, way, times)| {
            times.iter().map(move |given| central(*amount, *way, time - given))
        });
        let expected: f64 = sum.sum();
        assert!(
            (found - expected).abs() <= 3e-5 * expected.abs().max(1.0),
            "{table}: at {time} {found}, expected {expected}"
        );
    }
}

/// `first`, and so many times again after each `every`.
fn repeated(first: f64, every: f64, further: i32) -> Vec<f64> {
    (0..=further).map(|n| first + f64::from(n) * every).collect()
}

/// Doses for ever before `first` and so many after it.
fn steady(first: f64, every: f64, further: i32) -> Vec<f64> {
    (-400..=further).map(|n| first + f64::from(n) * every).collect()
}

#[test]
fn further_doses_follow_at_their_interval() {
    check("TIME,AMT,CMT,II,ADDL\n2,100,1,12,3\n", &[(100.0, Way::Depot, repeated(2.0, 12.0, 3))]);
    check("TIME,AMT,CMT,II,ADDL\n0,100,central,10,2\n", &[(100.0, Way::Central, repeated(0.0, 10.0, 2))]);
}

#[test]
fn a_rate_is_an_infusion_and_infusions_overlap() {
    let table = "time,amt,cmt,rate,ii,addl,evid\n0,100,2,5,8,2,1\n3,30,2,10,0,0,1\n";
    check(
        table,
        &[(100.0, Way::Infusion(20.0), repeated(0.0, 8.0, 2)), (30.0, Way::Infusion(3.0), vec![3.0])],
    );
}

#[test]
fn lag_time_and_bioavailability() {
    let table = "TIME,AMT,CMT,ALAG,F\n0,100,2,2.5,0.4\n";
    check(table, &[(40.0, Way::Central, vec![2.5])]);
    // At a given rate less of the drug takes less time.
    let table = "TIME,AMT,CMT,RATE,LAGT,BIOAV\n1,100,2,10,2,0.5\n";
    check(table, &[(50.0, Way::Infusion(5.0), vec![3.0])]);
    // A numbered column is for one compartment.
    let table = "TIME,AMT,CMT,LAG1,LAG2,F2\n0,100,2,7,2,0.5\n0,60,1,7,2,0.5\n";
    check(table, &[(50.0, Way::Central, vec![2.0]), (60.0, Way::Depot, vec![7.0])]);
}

#[test]
fn a_modelled_rate_or_duration_comes_from_its_column() {
    let table = "TIME,AMT,CMT,RATE,RAT2,DUR2,F\n0,100,2,-1,10,3,0.5\n20,100,2,-2,10,4,0.5\n";
    check(table, &[(50.0, Way::Infusion(5.0), vec![0.0]), (50.0, Way::Infusion(4.0), vec![20.0])]);
}

#[test]
fn a_steady_state_is_that_of_doses_for_ever() {
    check("TIME,AMT,CMT,II,SS\n0,100,1,12,1\n", &[(100.0, Way::Depot, steady(0.0, 12.0, 0))]);
    check("TIME,AMT,CMT,II,SS,ADDL\n0,100,2,3,1,4\n", &[(100.0, Way::Central, steady(0.0, 3.0, 4))]);
}

#[test]
fn a_steady_state_of_infusions_also_of_long_ones() {
    let table = "TIME,AMT,CMT,II,SS,RATE,ADDL\n0,100,2,12,1,10,1\n";
    check(table, &[(100.0, Way::Infusion(10.0), steady(0.0, 12.0, 1))]);
    let table = "TIME,AMT,CMT,II,SS,RATE\n0,100,2,12,1,2\n";
    check(table, &[(100.0, Way::Infusion(50.0), steady(0.0, 12.0, 0))]);
    let table = "TIME,AMT,CMT,II,SS,RATE\n0,96,2,12,1,4\n";
    check(table, &[(96.0, Way::Infusion(24.0), steady(0.0, 12.0, 0))]);
}

#[test]
fn a_steady_state_counts_the_lag_time() {
    let table = "TIME,AMT,CMT,II,SS,LAG\n0,100,2,12,1,5\n";
    check(table, &[(100.0, Way::Central, steady(5.0, 12.0, 0))]);
    let table = "TIME,AMT,CMT,II,SS,RATE,LAG,ADDL\n0,100,2,12,1,4,7.5,2\n";
    check(table, &[(100.0, Way::Infusion(25.0), steady(7.5, 12.0, 2))]);
}

#[test]
fn a_second_steady_state_is_added() {
    let table = "TIME,AMT,CMT,II,SS,ADDL\n0,100,1,24,1,2\n12,50,2,24,2,1\n";
    let later = |way, first, further: i32| (way, steady(first, 24.0, further));
    let (first, second) = (later(Way::Depot, 0.0, 2), later(Way::Central, 12.0, 1));
    let block = Bench::new(ONE_COMPARTMENT).run("", table, &request(60.0, 1.0));
    for (time, found) in block.times.iter().zip(block.column(0, 1)) {
        let of = |amount: f64, (way, times): &(Way, Vec<f64>)| -> f64 {
            times.iter().map(|given| central(amount, *way, time - given)).sum()
        };
        // Before 12 the second course has not begun.
        let expected = of(100.0, &first) + if *time >= 12.0 { of(50.0, &second) } else { 0.0 };
        assert!((found - expected).abs() <= 3e-5 * expected, "at {time} {found}, expected {expected}");
    }
}

#[test]
fn a_constant_infusion_has_a_steady_state_and_ends() {
    let block =
        Bench::new(ONE_COMPARTMENT).run("", "TIME,AMT,CMT,SS,RATE\n0,0,1,1,100\n", &request(24.0, 6.0));
    assert!((block.column(0, 0)[0] - 100.0 / KA).abs() < 1e-3, "{block:?}");
    assert!((block.column(0, 2)[0] - 1000.0 / 20.0 * 100.0 / K).abs() < 1.0, "{block:?}");
    assert!(block.column(0, 0)[4] < 1e-6, "{block:?}");
}

#[test]
fn a_reset_ends_infusions_and_cancels_doses_to_come() {
    // The infusion would last 20 hours, and two doses would follow.
    let table = "TIME,AMT,CMT,EVID,RATE,II,ADDL\n0,100,2,1,5,30,2\n10,0,2,3,0,0,0\n15,80,1,4,0,0,0\n";
    let block = Bench::new(ONE_COMPARTMENT).run("", table, &request(60.0, 1.0));
    for (time, found) in block.times.iter().zip(block.column(0, 1)) {
        let expected = match *time {
            t if t < 10.0 => central(100.0, Way::Infusion(20.0), t),
            t => central(80.0, Way::Depot, t - 15.0),
        };
        assert!(
            (found - expected).abs() <= 3e-5 * expected.max(1.0),
            "at {time} {found}, expected {expected}"
        );
    }
}

#[test]
fn a_reset_goes_back_to_the_starting_values_of_the_patient() {
    let text = "model m()\n x = 5; y = 0; k = 0.1; x' = -k*x; y' = k*x;\nend";
    let block = Bench::new(text).run("ID,x\n7,8\n9,3\n", "TIME,AMT,EVID\n4,0,3\n", &request(4.0, 2.0));
    assert_eq!(block.patients, [7, 9]);
    assert_eq!((block.column(0, 0)[2], block.column(1, 0)[2]), (8.0, 3.0));
    assert!((block.column(0, 0)[1] - 8.0 * (-0.2f64).exp()).abs() < 1e-5);
}

#[test]
fn a_slow_drug_reaches_its_steady_state_too() {
    // Half-life 2,000 intervals: plain repetition would need tens of thousands.
    let text = "model m()\n x = 0; k = 3.5e-4; x' = -k*x;\nend";
    let block = Bench::new(text).run("", "TIME,AMT,II,SS\n0,100,1,1\n", &request(0.0, 1.0));
    assert!(block.failed.is_empty(), "{:?}", block.failed);
    let expected = 100.0 / (1.0 - (-3.5e-4f64).exp());
    let found = block.column(0, 0)[0];
    assert!((found / expected - 1.0).abs() < 1e-4, "{found}, expected {expected}");
}

#[test]
fn saturable_elimination_reaches_its_steady_state() {
    let text = "model m()\n x = 0; vmax = 10; km = 5; x' = -vmax*x/(km + x);\nend";
    let mut bench = Bench::new(text);
    let steady = bench.run("", "TIME,AMT,II,SS,ADDL\n0,80,12,1,3\n", &request(48.0, 12.0));
    assert!(steady.failed.is_empty(), "{:?}", steady.failed);
    let long = bench.run("", "TIME,AMT,II,ADDL\n0,80,12,600\n", &request(7200.0, 7200.0));
    let expected = long.column(0, 0)[1];
    for found in &steady.column(0, 0)[..4] {
        assert!((found / expected - 1.0).abs() < 1e-4, "{found}, expected {expected}");
    }
}
