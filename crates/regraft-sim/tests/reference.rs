//! The library's immune core against trajectories made with roadrunner (CVODE) on the same model.
//!
//! The tables and the script that made them are in `tests/reference/trajectories`. Error measure: the
//! largest |y − ref| / (|ref| + 10⁻³ max over time of |ref| + 10⁻⁹) over times and all states but drug amounts.

use std::fs;
use std::path::{Path, PathBuf};

use regraft_model::{Found, Program, Sources, Target, lower, read_antimony};
use regraft_sim::{
    Action, Amount, Body, Common, Dose, Engine, Options, Outputs, Patients, Plan, Simulation, Snapshots,
    SolveStatus, Start, simulate,
};
use regraft_stats::Seed;

/// Largest error allowed, in tolerances.
const LARGEST_ERROR: f64 = 2.0;

/// What the tables themselves may be off by, beside that.
const OF_TABLES: f64 = 1e-8;

/// What is added to the size of a state: one that rests at 0 is left with differences of rounding.
const ROUNDING: f64 = 1e-9;

/// A state that neither the reference nor the solution takes beyond this is at rest: what moves it is the rounding of a
/// difference that is 0 (the mobilization of stem cells without G-CSF: 1e-16).
const AT_REST: f64 = 1e-14;

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
    // The drugs of the tables have the numbers of the design, not those of the library's cards.
    let drugs = repository().join("tests/reference/trajectories/drugs.ant");
    let mut load = |path: &str, _: &str| {
        let file = if path == "drugs.ant" { drugs.clone() } else { folder.join(path) };
        Some((path.to_string(), text(&file)))
    };
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
        let reached = (0..case.reference.len()).map(|time| result.trajectories.at(0, time)[column].abs());
        if reached.fold(size, f64::max) < AT_REST {
            continue;
        }
        for (time, row) in case.reference.iter().enumerate() {
            let difference = (result.trajectories.at(0, time)[column] - row[column]).abs();
            let error = difference / (row[column].abs() + 1e-3 * size + ROUNDING);
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
        let allowed = LARGEST_ERROR * tolerance + OF_TABLES;
        assert!(error < allowed, "{name} at {tolerance}: error {error:.1e} in {place}");
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

/// Every bit of a result that must not depend on how it was computed; NaN as one number.
fn bits(result: &Simulation) -> Vec<u64> {
    let of = |value: &f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
    let numbers = [&result.trajectories.values, &result.end.states, &result.end.parameters];
    let events = result.events.iter().flat_map(|event| [of(&event.time), event.event.into()]);
    let counters = result.counters.iter().flat_map(|work| [work.accepted, work.rejected, work.roots]);
    let draws = result.end.draws.iter().map(|&draw| u64::from(draw));
    numbers.into_iter().flatten().map(of).chain(events).chain(counters).chain(draws).collect()
}

/// Cy200 with ATG in the library's model, with random events and parameters that differ from patient to patient.
struct Cohort {
    program: Program,
    case: Case,
    overrides: Vec<Target>,
    values: Vec<f64>,
}

impl Cohort {
    fn new() -> Cohort {
        let program = program("immune_core.ant");
        let case = read_case(&program, "cy200_atg");
        // Without the overrides of the thresholds, so that events happen.
        let is_threshold = |target: &Target| match *target {
            Target::Parameter(parameter) => {
                program.parameters[parameter as usize].name.ends_with("_threshold")
            }
            Target::State(_) => false,
        };
        let kept = case.patient.overrides.iter().zip(&case.patient.values);
        let kept = kept.filter(|(target, _)| !is_threshold(target));
        let (overrides, values) = kept.map(|(&target, &value)| (target, value)).unzip();
        Cohort { program, case, overrides, values }
    }

    /// Patients by number; each number is the same person anywhere.
    fn patients(&self, numbers: std::ops::Range<u64>) -> Patients {
        let own = |number: u64, value: f64| value * (1.0 + 0.001 * ((number * 37) % 100) as f64);
        let values =
            numbers.clone().flat_map(|n| self.values.iter().map(move |&value| own(n, value))).collect();
        Patients { overrides: self.overrides.clone(), values, ..Patients::alike(numbers) }
    }

    fn go(&self, numbers: std::ops::Range<u64>, lanes: usize, threads: usize, engine: Engine) -> Simulation {
        let patients = self.patients(numbers);
        let options = Options { lanes, threads: Some(threads), engine, ..Options::new(Seed(3)) };
        simulate(&self.program, &patients, Start::Fresh, &self.case.plan, &self.case.outputs, &options, &())
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

#[test]
fn the_library_model_gives_the_same_bits_on_any_lanes_threads_and_instructions() {
    let cohort = Cohort::new();
    let best = Engine::best();
    let one = cohort.go(0..70, 8, 1, best);
    assert!(one.events.len() > 50, "the test would show little");
    let expected = bits(&one);
    for lanes in [8, 16, 32, 64] {
        for threads in [1, 2, 4] {
            let other = bits(&cohort.go(0..70, lanes, threads, best));
            assert!(expected == other, "{lanes} lanes, {threads} threads");
        }
    }
    for body in Body::ALL.into_iter().filter(|body| body.is_available()) {
        for machine_code in [true, false] {
            let engine = Engine { body, machine_code };
            let lanes: &[usize] =
                if machine_code || body == Body::Portable { &[32] } else { &[8, 16, 32, 64] };
            for &lanes in lanes {
                assert!(expected == bits(&cohort.go(0..70, lanes, 2, engine)), "{engine:?}, {lanes} lanes");
            }
        }
    }
}

#[test]
fn any_split_into_chunks_gives_the_same_bits() {
    let cohort = Cohort::new();
    // Large enough for routines of its own; the chunks are not.
    let whole = cohort.go(0..70, 32, 2, Engine::best());
    for size in [1, 7, 16, 33] {
        let mut values = Vec::new();
        let mut events = Vec::new();
        let mut counters = Vec::new();
        for first in (0..70).step_by(size) {
            let part = cohort.go(first..70.min(first + size as u64), 32, 2, Engine::best());
            values.extend(part.trajectories.values);
            events.extend(part.events.iter().map(|event| (event.time.to_bits(), event.event)));
            counters.extend(part.counters);
        }
        let same = values.iter().zip(&whole.trajectories.values).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same && values.len() == whole.trajectories.values.len(), "chunks of {size}");
        let whole_events: Vec<_> = whole.events.iter().map(|e| (e.time.to_bits(), e.event)).collect();
        assert_eq!(events, whole_events, "chunks of {size}");
        assert_eq!(counters, whole.counters, "chunks of {size}");
    }
}

/// Going on from snapshots, once with what is known of the states at rest and once with all states integrated.
#[test]
fn states_at_rest_of_the_library_model_move_no_bit() {
    let cohort = Cohort::new();
    let options = Options { threads: Some(1), ..Options::new(Seed(3)) };
    let go = |patients: &Patients, start: Start, plan: &Plan, outputs: &Outputs| {
        simulate(&cohort.program, patients, start, plan, outputs, &options, &())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let (patients, plan) = (cohort.patients(0..70), &cohort.case.plan);
    let moment = Plan { start: plan.start, end: plan.start, ..Plan::default() };
    let before = go(&patients, Start::Fresh, &moment, &Outputs::default()).end;
    let (alike, outputs) = (Patients::alike(0..70), &cohort.case.outputs);
    let known = go(&alike, Start::From(&before), plan, outputs);
    let nothing_known = Snapshots { common: Common::default(), ..before };
    let all = go(&alike, Start::From(&nothing_known), plan, outputs);
    let at_rest = known.end.common.at_rest.len();
    println!("{at_rest} of {} states are at rest", cohort.program.states.len());
    assert!(at_rest >= 5 && all.end.common.at_rest.is_empty(), "the test would show little");
    assert!(known.cost.flops_of_attempt < all.cost.flops_of_attempt);
    assert!(bits(&known) == bits(&all));
}
