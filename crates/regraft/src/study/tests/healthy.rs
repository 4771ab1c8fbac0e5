//! The library's immune core without a disease card: a healthy person stays healthy.

use regraft_model::{Found, Program, Target, lower};
use regraft_sim::{Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start, simulate};
use regraft_stats::Seed;

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

fn found(program: &Program, name: &str) -> Found {
    program.find(name).unwrap_or_else(|error| panic!("{name}: {error:?}"))
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

/// Random people of both sexes and all ages of the healthy population, for ten years without events: nobody drifts.
fn stand_still(n: u64) {
    let mut library = Library::open(&[]).expect("the built-in library opens");
    let (trial, _) = prepare(&mut library, "healthy_infection").expect("the library has this trial");
    let trial = trial.expect("it has no errors");
    let people = trial.recipe.draw_cohort(Seed(1), &(0..n).collect::<Vec<u64>>());
    let mut patients = with_settings(&people, &trial.protocol.settings);
    let (program, end) = (&trial.program, 10.0 * 365.25);
    let Found::Parameter(events_on) = found(program, "immune.hazards.events_on") else {
        panic!("events are switched by a parameter")
    };
    let off = patients.overrides.iter().position(|known| *known == Target::Parameter(events_on));
    let width = patients.overrides.len();
    match off {
        Some(column) => patients.values.iter_mut().skip(column).step_by(width).for_each(|own| *own = 0.0),
        None => {
            patients.values = patients.values.chunks(width).flat_map(|own| [own, &[0.0]].concat()).collect();
            patients.overrides.push(Target::Parameter(events_on));
        }
    }
    let names = STEADY.map(|name| found(program, &format!("immune.{name}")));
    let outputs = Outputs { times: vec![0.0, end], observables: names.to_vec() };
    let plan = Plan { end, ..Plan::default() };
    let run = simulate(program, &patients, Start::Fresh, &plan, &outputs, &Options::new(Seed(1)), &())
        .expect("it starts");
    for patient in 0..n as usize {
        assert_eq!(run.status[patient], SolveStatus::Finished);
        let (start, end) = (run.trajectories.at(patient, 0), run.trajectories.at(patient, 1));
        for ((start, end), name) in start.iter().zip(end).zip(STEADY) {
            let drift = (end / start - 1.0).abs();
            assert!(drift < DRIFT, "{name} of person {patient} drifts by {:.2} %", 100.0 * drift);
        }
    }
}

#[test]
fn healthy_people_stand_still_for_ten_years() {
    stand_still(300);
}

/// The size that is promised: half a second in a release build, more than a minute in a plain one.
#[test]
#[ignore = "for a release build: cargo test --release -p regraft -- --ignored ten_thousand"]
fn ten_thousand_healthy_people_stand_still_for_ten_years() {
    stand_still(10_000);
}
