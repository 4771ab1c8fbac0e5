//! What holds in every body, whatever is done to it: nothing that is there can be less than nothing, and more stem cells
//! never bring blood back later. In the whole core with the library's diseases, regimens and products.

use regraft_model::Found;
use regraft_sim::{Outputs, Simulation, SolveStatus, Start, simulate};
use regraft_stats::Seed;

use super::bench::{Bench, N_PATIENTS, found, override_with, target};
use crate::study::arms::course;
use crate::study::sim_options;

/// Trials whose arms do to people what the library can: own and others' grafts with rejection and disease of the graft,
/// stromal cells by three ways, antibodies, drugs by mouth, insulin, radioiodine.
const TRIALS: [&str; 8] = [
    "mist",
    "allo_donors",
    "graft_against_leukemia",
    "scid_newborn",
    "msc_routes_ms",
    "bliss_52",
    "couri_2009",
    "graves_stem_cells",
];

/// Days for which bodies are followed, and between readings.
const DAYS: f64 = 730.0;
const EVERY: f64 = 2.0;

/// Logarithms, which may have any sign.
const LOGARITHMS: [&str; 1] = ["disease.leukemia.leukemic_log"];

/// What the solver's tolerance may leave below nothing, relative to the largest value of the state in the patient.
const BELOW: f64 = 1e-6;

/// All states of an arm's patients, every other day from entry on.
fn lived(bench: &Bench, arm: usize) -> Simulation {
    let Bench { trial, entered, options } = bench;
    let program = &trial.program;
    let course = course(trial, arm, entered, Seed(1), options, &()).expect("a course");
    let end = (entered.day + DAYS).min(course.plan.end);
    let times = (0..).map(|reading| entered.day + EVERY * f64::from(reading)).take_while(|day| *day <= end);
    let outputs = Outputs {
        times: times.collect(),
        observables: (0..program.states.len() as u32).map(Found::State).collect(),
    };
    let course = course.until(end);
    let (start, options) = (Start::From(&entered.snapshots), sim_options(Seed(1), options));
    simulate(program, &course.patients, start, &course.plan, &outputs, &options, &()).expect("it starts")
}

#[test]
fn nothing_is_less_than_nothing() {
    let mut below = Vec::new();
    for trial in TRIALS {
        let bench = Bench::new(trial);
        for arm in 0..bench.trial.protocol.arms.len() {
            let run = lived(&bench, arm);
            let states = bench.trial.program.states.iter().enumerate();
            for (index, state) in states.filter(|(_, state)| !LOGARITHMS.contains(&state.name.as_str())) {
                let is_below = |row: usize| {
                    let course =
                        || (0..run.trajectories.n_times).map(|time| run.trajectories.at(row, time)[index]);
                    let (least, most) = course()
                        .fold((0.0f64, 0.0f64), |(least, most), value| (least.min(value), most.max(value)));
                    (least < -BELOW * most.max(1e-3)).then_some((row, least, most))
                };
                if let Some(found) = (0..N_PATIENTS).find_map(is_below) {
                    below.push(format!("{trial}, arm {arm}, {}: {found:?}", state.name));
                }
            }
        }
    }
    assert_eq!(below, [""; 0]);
}

/// Multiples of each patient's own number of CD34+ cells.
const CELLS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Days after the graft on which neutrophils pass 0.5 G/L and platelets 20 G/L for good in forty days, `[count][patient]`.
fn engrafted(bench: &Bench, cells: f64) -> [Vec<f64>; 2] {
    const HOURS: f64 = 6.0 / 24.0;
    const LAST: f64 = 60.0;
    let Bench { trial, entered, options } = bench;
    let program = &trial.program;
    let mut course = course(trial, 0, entered, Seed(1), options, &()).expect("a course");
    // The same patients without infections, which would come at other times.
    override_with(&mut course.patients, target(program, "immune.hazards.events_on"), 0.0);
    let dose = target(program, "immune.transplant.cd34_dose");
    let width = course.patients.overrides.len();
    let column = course.patients.overrides.iter().position(|known| *known == dose);
    let column = column.expect("the product gives every patient a dose of their own");
    course.patients.values.iter_mut().skip(column).step_by(width).for_each(|own| *own *= cells);
    let graft = trial.protocol.arms[0].day_zero_days;
    let outputs = Outputs {
        times: (0..)
            .map(|step| graft + HOURS * f64::from(step))
            .take_while(|day| *day <= graft + LAST)
            .collect(),
        observables: ["immune.marrow.neutrophils", "immune.marrow.own_platelets"]
            .map(|name| found(program, name))
            .to_vec(),
    };
    let course = course.until(graft + LAST);
    let (start, options) = (Start::From(&entered.snapshots), sim_options(Seed(1), options));
    let run =
        simulate(program, &course.patients, start, &course.plan, &outputs, &options, &()).expect("it starts");
    assert!(run.status.iter().all(|status| *status == SolveStatus::Finished));
    [(0, 0.5), (1, 20.0)].map(|(count, threshold)| {
        let day = |row: usize| {
            let value = |step: usize| run.trajectories.at(row, step)[count];
            let low = (0..run.trajectories.n_times).rev().find(|step| value(*step) <= threshold);
            HOURS * low.map_or(0, |step| step + 1) as f64
        };
        (0..N_PATIENTS).map(day).collect()
    })
}

#[test]
fn more_stem_cells_never_engraft_later() {
    let bench = Bench::new("mist");
    let days = CELLS.map(|cells| engrafted(&bench, cells));
    for pair in days.windows(2) {
        for (count, name) in ["neutrophils", "platelets"].iter().enumerate() {
            for (row, (fewer, more)) in pair[0][count].iter().zip(&pair[1][count]).enumerate() {
                assert!(more <= fewer, "{name} of patient {row}: day {fewer}, with twice the cells {more}");
            }
        }
    }
    let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
    let (few, many) = (mean(&days[0][0]), mean(&days[CELLS.len() - 1][0]));
    assert!(few > many + 1.0 && many > 5.0, "neutrophils on day {few} with few cells and {many} with many");
}
