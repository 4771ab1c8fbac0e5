//! Against the results and models of others, where they are at hand.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use super::*;

/// The folder of test material beside the repository.
fn beside(path: &str) -> Option<PathBuf> {
    let place = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance")).join(path);
    if !place.exists() {
        // Straight to the terminal: what a test that passes prints is kept from it.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not here", place.display());
        return None;
    }
    Some(place)
}

/// NONMEM's results for 54 dosing scenarios, to the five digits that are printed. There lag time and
/// bioavailability are those of the central compartment.
#[test]
fn nonmem_scenarios() {
    let Some(path) = beside("regimens/nmtest.csv") else { return };
    let text = std::fs::read_to_string(path).expect("readable");
    let text = text.replacen("\"lagt\",\"bioav\"", "\"lagt2\",\"bioav2\"", 1);
    let mut scenarios: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[5] == "0" {
            let measured = (cells[1].parse().expect("a time"), cells[2].parse().expect("a value"));
            scenarios.entry(cells[0].parse().expect("a number")).or_default().push(measured);
        }
    }
    assert_eq!(scenarios.len(), 54);
    let mut bench = Bench::new(ONE_COMPARTMENT);
    let (events, found) = bench.doses(&text, None);
    assert!(!found.iter().any(Diagnostic::is_error), "{}", bench.render(&found));
    let patients = PatientTable::alike(scenarios.keys().copied());
    let all = bench.simulate(&patients, &events, &request(130.0, 1.0)).expect("it runs");
    assert_eq!(all.failed, []);
    let mut wrong = Vec::new();
    for (row, (scenario, measured)) in scenarios.iter().enumerate() {
        let cp = all.column(row, 2);
        let worst = measured.iter().map(|(time, value)| {
            let found = cp[*time as usize];
            if *value == 0.0 { found.abs() } else { (found / value - 1.0).abs() }
        });
        let worst = worst.fold(0.0, f64::max);
        if worst > 1e-4 {
            wrong.push(format!("scenario {scenario}: {worst:e}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Curated models of several kinds run to finite values.
#[test]
fn curated_models_give_finite_values() {
    let Some(folder) = beside("antimony") else { return };
    for (number, end) in [(10, 1000.0), (5, 100.0), (22, 100.0), (9, 100.0), (28, 100.0), (31, 100.0)] {
        let path = folder.join(format!("BIOMD{number:010}.ant"));
        let text = std::fs::read_to_string(&path).expect("readable");
        let block = Bench::new(&text).run("", NO_DOSES, &request(end, end / 50.0));
        assert_eq!(block.failed, [], "{}", path.display());
        assert!(block.n_columns > 0, "{}", path.display());
        assert!(block.values.iter().all(|value| value.is_finite()), "{}", path.display());
    }
}
