//! The library's immune core without a disease card: a healthy person stays healthy.

use regraft_model::{Program, lower};
use regraft_sim::{Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start, simulate};
use regraft_stats::Seed;

use super::bench::{found, override_with, target};
use crate::library::Library;
use crate::study::{prepare, with_settings};

const FIVE_YEARS: f64 = 5.0 * 365.25;
const N_PATIENTS: u64 = 40;

/// Reconstitution readouts that health holds steady.
const STEADY: [&str; 8] = [
    "marrow.neutrophils",
    "marrow.platelets",
    "marrow.hemoglobin",
    "lymphoid.naive_cd4",
    "lymphoid.memory_cd4",
    "lymphoid.naive_cd8",
    "lymphoid.memory_cd8",
    "lymphoid.treg",
];

fn core() -> Program {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let (model, problems) = library.read_model("models/immune_core.ant").expect("the library has a core");
    let errors: Vec<&str> =
        problems.iter().filter(|p| p.is_error()).map(|problem| problem.message.as_str()).collect();
    assert_eq!(errors, [""; 0]);
    lower(&model).expect("the core is a program")
}

/// Forty people for five years with events on; the clone in every row first, then the steady values.
fn five_years(program: &Program) -> Simulation {
    let names = ["clone.autoreactive_memory"].into_iter().chain(STEADY);
    let outputs = Outputs {
        times: (0..=60).map(|month| FIVE_YEARS * f64::from(month) / 60.0).collect(),
        observables: names.map(|name| found(program, name)).collect(),
    };
    let plan = Plan { end: FIVE_YEARS, ..Plan::default() };
    let patients = Patients::alike(0..N_PATIENTS);
    simulate(program, &patients, Start::Fresh, &plan, &outputs, &Options::new(Seed(1)), &())
        .expect("it starts")
}

/// Infections strike, and nobody falls into the diseased state, which lies above 40 Mcell; the threshold of
/// the healthy is far above 10.
#[test]
fn infections_make_no_healthy_person_ill() {
    let program = core();
    let run = five_years(&program);
    let infections = run
        .events
        .iter()
        .filter(|event| program.events[event.event as usize].name.ends_with("infection"))
        .count();
    // 4e-4 per day, 1.07 times that at usual neutrophils and CD4 cells: 31 ± 5.6 in all; some four of these.
    assert!((17..70).contains(&infections), "{infections} infections");
    for patient in 0..N_PATIENTS as usize {
        let memory = |time| run.trajectories.at(patient, time)[0];
        let highest = (0..run.trajectories.n_times).map(memory).fold(0.0, f64::max);
        assert!(highest < 10.0, "patient {patient}: {highest} Mcell");
    }
}

/// Without any event the core stands still: its starting values are its attractor.
#[test]
fn without_events_the_healthy_stand_still() {
    let program = core();
    let run = five_years(&program);
    let undisturbed: Vec<usize> = (0..N_PATIENTS as usize)
        .filter(|patient| run.events.iter().all(|event| event.patient as usize != *patient))
        .collect();
    assert!(undisturbed.len() >= 5, "{} without event", undisturbed.len());
    for patient in undisturbed {
        assert_eq!(run.status[patient], SolveStatus::Finished);
        let (start, end) = (run.trajectories.at(patient, 0), run.trajectories.at(patient, 60));
        for (column, name) in STEADY.iter().enumerate() {
            let drift = end[column + 1] / start[column + 1] - 1.0;
            assert!(drift.abs() < 0.01, "{name} drifts by {:.2} %", 100.0 * drift);
        }
    }
}

/// The most that anything steady may drift in ten years, relative.
const DRIFT: f64 = 0.01;

/// Years for which random people are followed.
const YEARS: f64 = 10.0;

/// Random people of both sexes and all ages of the healthy population for ten years, with or without events; the steady
/// values at the start and the end, then the clone.
fn ten_years(n: u64, events: bool) -> Simulation {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let (trial, _) = prepare(&mut library, "healthy_infection").expect("the library has this trial");
    let trial = trial.expect("it has no errors");
    let people = trial.recipe.draw_cohort(Seed(1), &(0..n).collect::<Vec<u64>>());
    let mut patients = with_settings(&people, &trial.protocol.settings);
    let (program, end) = (&trial.program, YEARS * 365.25);
    let own = |name: &str| {
        let column = patients.overrides.iter().position(|known| *known == target(program, name));
        let column = column.unwrap_or_else(|| panic!("{name} differs between people"));
        patients.values.iter().skip(column).step_by(patients.overrides.len()).copied().collect::<Vec<f64>>()
    };
    let women = own("immune.patient.female").iter().sum::<f64>() / n as f64;
    let ages = own("immune.patient.age");
    let (youngest, oldest) = ages.iter().fold((f64::MAX, 0.0f64), |(a, b), age| (a.min(*age), b.max(*age)));
    assert!((0.4..0.6).contains(&women) && youngest < 19.0 && oldest > 74.0, "{women} {youngest} {oldest}");
    override_with(&mut patients, target(program, "immune.hazards.events_on"), f64::from(u8::from(events)));
    let names = STEADY.into_iter().chain(["clone.autoreactive_memory"]);
    let outputs = Outputs {
        times: vec![0.0, end],
        observables: names.map(|name| found(program, &format!("immune.{name}"))).collect(),
    };
    let stop_on = if events { trial.protocol.terminal_event.into_iter().collect() } else { Vec::new() };
    let plan = Plan { end, stop_on, ..Plan::default() };
    simulate(program, &patients, Start::Fresh, &plan, &outputs, &Options::new(Seed(1)), &())
        .expect("it starts")
}

/// Without events nobody drifts.
fn stand_still(n: u64) {
    let run = ten_years(n, false);
    for patient in 0..n as usize {
        assert_eq!(run.status[patient], SolveStatus::Finished);
        let (start, end) = (run.trajectories.at(patient, 0), run.trajectories.at(patient, 1));
        for ((start, end), name) in start.iter().zip(end).zip(STEADY) {
            let drift = (end / start - 1.0).abs();
            assert!(drift < DRIFT, "{name} of person {patient} drifts by {:.2} %", 100.0 * drift);
        }
    }
}

/// Infections leave nobody diseased, where a population has five people in a hundred with an autoimmune disease.
fn infections_leave_nobody_ill(n: u64) {
    let run = ten_years(n, true);
    let alive: Vec<usize> =
        (0..n as usize).filter(|patient| run.status[*patient] == SolveStatus::Finished).collect();
    // Four deaths a million days at 35 years, more in the old.
    assert!(alive.len() as f64 > 0.8 * n as f64, "{} of {n} alive", alive.len());
    assert!(run.events.len() as f64 > YEARS * 0.1 * n as f64, "{} events", run.events.len());
    for patient in alive {
        let memory = run.trajectories.at(patient, 1)[STEADY.len()];
        assert!(memory < 10.0, "person {patient}: {memory} Mcell, diseased are above 40");
    }
}

#[test]
fn healthy_people_stand_still_for_ten_years() {
    stand_still(300);
}

#[test]
fn infections_leave_nobody_of_all_ages_ill() {
    infections_leave_nobody_ill(300);
}

/// The size that is promised: seconds in a release build, more than a minute in a plain one.
#[test]
#[ignore = "for a release build: cargo test --release -p regraft -- --ignored ten_thousand"]
fn ten_thousand_healthy_people_stand_still_for_ten_years() {
    stand_still(10_000);
}

#[test]
#[ignore = "for a release build: cargo test --release -p regraft -- --ignored ten_thousand"]
fn infections_leave_nobody_of_ten_thousand_ill() {
    infections_leave_nobody_ill(10_000);
}
