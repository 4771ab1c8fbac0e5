//! The library's immune core against trajectories made with roadrunner (CVODE) on the same model.
//!
//! The tables and the script that made them are in `tests/reference/trajectories`. Error measure: the
//! largest |y − ref| / (|ref| + 10⁻³ max over time of |ref|) over times and all states but drug amounts.

use std::fs;
use std::path::{Path, PathBuf};

use regraft_model::{Found, Program, Sources, Target, lower, read_antimony};
use regraft_sim::{
    Action, Amount, Dose, Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start, simulate,
};
use regraft_stats::Seed;

/// Largest error allowed.
const LARGEST_ERROR: f64 = 1e-5;

/// Drug amounts and infused cells: they decay to nothing, where a relative error has no meaning.
const DRUGS: [&str; 13] =
    ["C1", "C2", "C3", "C4", "ATG", "RTX", "RTp", "PRD", "ISX", "GD1", "SC", "ML", "MT"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rows of a table without quoting; the header is the first.
fn table(name: &str) -> Vec<Vec<String>> {
    let path = repository().join("tests/reference/trajectories").join(name);
    text(&path).lines().map(|line| line.split(',').map(str::to_string).collect()).collect()
}

/// A model of the library, made flat.
fn program(model: &str) -> Program {
    let folder = repository().join("library/models");
    let mut sources = Sources::default();
    let root = sources.add(model, text(&folder.join(model)));
    let mut load = |path: &str, _: &str| Some((path.to_string(), text(&folder.join(path))));
    let (model, _) = read_antimony(&mut sources, root, &mut load);
    lower(&model).unwrap_or_else(|problems| panic!("{}", problems[0].message))
}

fn found(program: &Program, name: &str) -> Found {
    program.find(name).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

fn target(program: &Program, name: &str) -> Target {
    match found(program, name) {
        Found::State(state) => Target::State(state),
        Found::Parameter(parameter) => Target::Parameter(parameter),
        other => panic!("{name} cannot be set: {other:?}"),
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// One case of the reference: its patient, its plan and the table.
struct Case {
    patient: Patients,
    plan: Plan,
    outputs: Outputs,
    /// Symbol and factor (library value = factor · reference) of each output.
    columns: Vec<(String, f64)>,
    /// `[time][column]`, in units of the library.
    reference: Vec<Vec<f64>>,
}

fn read_case(program: &Program, case: &str) -> Case {
    let rows = table(&format!("{case}.csv"));
    let symbols = table("symbols.csv");
    let named = |symbol: &String| {
        let row = symbols.iter().find(|row| &row[1] == symbol && (row[0] == "all" || row[0] == case));
        row.map(|row| (symbol.clone(), row[2].clone(), number(&row[3])))
    };
    let columns: Vec<_> = rows[0].iter().skip(1).map(named).collect();
    let times: Vec<f64> = rows[1..].iter().map(|row| number(&row[0])).collect();
    let value =
        |row: &Vec<String>, index: usize| columns[index].as_ref().map(|c| c.2 * number(&row[index + 1]));
    let reference = rows[1..]
        .iter()
        .map(|row| (0..columns.len()).filter_map(|index| value(row, index)).collect())
        .collect();
    let known: Vec<_> = columns.iter().flatten().collect();
    Case {
        patient: patient(program, case),
        plan: Plan {
            start: times[0],
            end: times[times.len() - 1],
            doses: doses(program, case),
            ..Plan::default()
        },
        outputs: Outputs {
            times,
            observables: known.iter().map(|column| found(program, &column.1)).collect(),
        },
        columns: known.iter().map(|column| (column.0.clone(), column.2)).collect(),
        reference,
    }
}

fn patient(program: &Program, case: &str) -> Patients {
    let rows = table("overrides.csv");
    let own: Vec<_> = rows.iter().filter(|row| row[0] == case && !row[4].is_empty()).collect();
    Patients {
        overrides: own.iter().map(|row| target(program, &row[4])).collect(),
        values: own.iter().map(|row| number(&row[5])).collect(),
        ..Patients::alike([0])
    }
}

fn doses(program: &Program, case: &str) -> Vec<Dose> {
    let rows = table("doses.csv");
    let dose = |row: &Vec<String>| {
        let amount = Amount::fixed(number(&row[6]));
        let action = match (row[4].as_str(), target(program, &row[5])) {
            ("add", Target::State(state)) => Action::Add { state, amount },
            ("set", target) => Action::Set { target, value: amount },
            (kind, target) => panic!("a dose of kind {kind} into {target:?}"),
        };
        Dose::new(number(&row[1]), action)
    };
    rows.iter().filter(|row| row[0] == case).map(dose).collect()
}

fn run(program: &Program, case: &Case, relative_tolerance: f64) -> Simulation {
    let options = Options { relative_tolerance, threads: Some(1), lanes: 1, ..Options::new(Seed(1)) };
    simulate(program, &case.patient, Start::Fresh, &case.plan, &case.outputs, &options, &())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The largest error, with the symbol and day where it is.
fn largest_error(case: &Case, result: &Simulation) -> (f64, String) {
    let mut worst = (0.0, String::from("nowhere"));
    for (column, (symbol, _)) in case.columns.iter().enumerate() {
        if DRUGS.contains(&symbol.as_str()) {
            continue;
        }
        let size = case.reference.iter().map(|row| row[column].abs()).fold(0.0, f64::max);
        for (time, row) in case.reference.iter().enumerate() {
            let difference = (result.trajectories.at(0, time)[column] - row[column]).abs();
            // A state that is 0 throughout has to be 0.
            let error = if difference == 0.0 { 0.0 } else { difference / (row[column].abs() + 1e-3 * size) };
            if error > worst.0 || error.is_nan() {
                worst = (error, format!("{symbol} on day {}", case.outputs.times[time]));
            }
        }
    }
    worst
}

/// A case agrees with the reference at the default tolerance.
fn check(case: &str) {
    let program = program("immune_core.ant");
    let name = case;
    let case = read_case(&program, name);
    assert!(case.columns.len() > 50, "few columns of the table have a name: {:?}", case.columns);
    let default = Options::new(Seed(1)).relative_tolerance;
    for tolerance in [default, 1e-7, 1e-8] {
        let result = run(&program, &case, tolerance);
        assert_eq!(result.status, [SolveStatus::Finished], "{name} at {tolerance}");
        assert_eq!(result.events, [], "{name}: the reference has no events");
        let (error, place) = largest_error(&case, &result);
        let steps = result.counters[0].accepted;
        println!("{name}: relative tolerance {tolerance:.0e}, error {error:.1e} ({place}), {steps} steps");
        assert!(error < LARGEST_ERROR, "{name} at {tolerance}: error {error:.1e} in {place}");
    }
}

#[test]
fn a_healthy_person_agrees() {
    check("healthy");
}

#[test]
fn untreated_disease_agrees() {
    check("untreated");
}

#[test]
fn beam_atg_agrees() {
    check("beam_atg");
}

#[test]
fn cy200_atg_agrees() {
    check("cy200_atg");
}

#[test]
fn steroids_agree() {
    check("steroids");
}

#[test]
fn the_library_model_gives_the_same_bits_on_any_lanes_and_threads() {
    let program = program("immune_core.ant");
    let case = read_case(&program, "cy200_atg");
    // Without the overrides of the thresholds, so that events happen.
    let is_threshold = |target: &Target| match *target {
        Target::Parameter(parameter) => program.parameters[parameter as usize].name.ends_with("_threshold"),
        Target::State(_) => false,
    };
    let kept: Vec<usize> = (0..case.patient.overrides.len())
        .filter(|&index| !is_threshold(&case.patient.overrides[index]))
        .collect();
    let n = 20;
    let patients = Patients {
        overrides: kept.iter().map(|&index| case.patient.overrides[index]).collect(),
        values: (0..n).flat_map(|_| kept.iter().map(|&index| case.patient.values[index])).collect(),
        ..Patients::alike(0..n)
    };
    let go = |lanes, threads| {
        let options = Options { lanes, threads: Some(threads), ..Options::new(Seed(3)) };
        simulate(&program, &patients, Start::Fresh, &case.plan, &case.outputs, &options, &())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let bits = |result: &Simulation| -> Vec<u64> {
        result.trajectories.values.iter().map(|value| value.to_bits()).collect()
    };
    let one = go(1, 1);
    assert!(one.events.len() > 20, "the test would show little");
    for (lanes, threads) in [(8, 1), (16, 1), (16, 2), (32, 2)] {
        let other = go(lanes, threads);
        assert_eq!(bits(&one), bits(&other), "{lanes} lanes, {threads} threads");
        assert_eq!(one.events, other.events, "{lanes} lanes, {threads} threads");
        assert_eq!(one.counters, other.counters, "{lanes} lanes, {threads} threads");
    }
}
