//! More of a drug never leaves more of the cells that it kills: every drug of the library, every population, in the
//! whole core of a healthy person, where what is killed feeds back on its growth.

use regraft_model::{Program, Target};
use regraft_sim::{
    Action, Amount, Dose, Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start, simulate,
};
use regraft_stats::Seed;
use regraft_trial::drug::Drug;
use regraft_trial::drugs_model;
use regraft_trial::targets::{POPULATIONS, rate_name};

use super::{found, open, program, target};
use crate::library::Library;

/// Where the cells of a population are counted.
const CELLS: [(&str, &str); 29] = [
    ("quiescent_stem_cells", "marrow.quiescent_stem_cells"),
    ("cycling_stem_cells", "marrow.cycling_stem_cells"),
    ("progenitors", "marrow.progenitors"),
    ("neutrophil_precursors", "marrow.neutrophil_precursors"),
    ("megakaryocytes_young", "marrow.megakaryocytes_1"),
    ("megakaryocytes_mature", "marrow.megakaryocytes_2"),
    ("erythroid_precursors", "marrow.erythroid_precursors_1"),
    ("lymphoid_progenitors", "marrow.lymphoid_progenitors"),
    ("thymic_stroma", "thymus.thymic_function"),
    ("naive_t", "lymphoid.naive_cd4"),
    ("naive_t", "lymphoid.naive_cd8"),
    ("memory_cd4", "lymphoid.memory_cd4"),
    ("memory_cd8", "lymphoid.memory_cd8"),
    ("treg", "lymphoid.treg"),
    ("b_precursors", "lymphoid.b_precursors"),
    ("naive_b", "lymphoid.naive_b"),
    ("memory_b", "lymphoid.memory_b"),
    ("plasmablasts", "lymphoid.plasmablasts"),
    ("plasma_cells", "lymphoid.plasma_cells"),
    ("nk_cells", "lymphoid.nk_cells"),
    ("clone_naive", "clone.autoreactive_naive"),
    ("clone_effectors", "clone.autoreactive_effectors"),
    ("clone_memory", "clone.autoreactive_memory"),
    ("clone_resident_memory", "clone.autoreactive_resident_memory"),
    ("clone_regulation", "clone.antigen_specific_regulation"),
    ("clone_b", "clone.autoreactive_b"),
    ("clone_plasmablasts", "clone.autoreactive_plasmablasts"),
    ("clone_plasma_cells", "clone.autoreactive_plasma_cells"),
    ("alloreactive", "gvhd.alloreactive"),
];

/// Multiples of the usual dose.
const TIMES: [f64; 5] = [0.0, 0.25, 1.0, 2.0, 4.0];
const USUAL: usize = 2;
/// Days of doses.
const GIVEN_ON: [f64; 4] = [0.0, 1.0, 2.0, 3.0];
/// Days over which the fewest cells are looked for.
const DAYS: usize = 14;
/// Where a card states no usual dose, in the unit of the target.
const DOSE: f64 = 100.0;
/// A dose per kg is one for this weight, kg; one per square meter is taken as it is: only the order of doses counts.
const WEIGHT: f64 = 70.0;
/// Least kill by the usual dose for a population to be judged: sum of the daily rates, per day.
const LEAST_KILL: f64 = 1e-3;
/// What the integrator's tolerance may turn round.
const SLACK: f64 = 1e-5;
/// Alloreactive cells that a person is lent for the doses that are judged by them, Mcell. They attack all others.
const ALLOREACTIVE: f64 = 10.0;

/// The core with one drug.
fn core_with(library: &mut Library, drug: &Drug) -> Program {
    let text = drugs_model([drug], &library.cards.sensitivities, &library.blocks());
    library.texts.get_mut("models/drugs.ant").expect("the core has drugs").text = text;
    program(library, "models/immune_core.ant")
}

/// The same person, without events, at every dose, one row each; then the same person with alloreactive cells. Columns
/// are the cells, then the kill rates.
fn courses(program: &Program, drug: &Drug) -> Simulation {
    let given = drug.give.dose.as_ref();
    let weight = given.map_or(1.0, |dose| if dose.unit.contains("/kg") { WEIGHT } else { 1.0 });
    let value = given.map_or(DOSE, |dose| dose.value * weight);
    let amount = Amount { value, factor: Some(0), second_factor: None };
    let action = match target(program, &drug.give.target.text) {
        Target::State(state) => Action::Add { state, amount },
        parameter => Action::Set { target: parameter, value: amount },
    };
    let patients = Patients {
        overrides: vec![target(program, "gvhd.alloreactive"), target(program, "hazards.events_on")],
        values: [0.0, ALLOREACTIVE].iter().flat_map(|lent| TIMES.map(|_| [*lent, 0.0])).flatten().collect(),
        n_factors: 1,
        factors: [TIMES, TIMES].concat(),
        ..Patients::alike([0; 2 * TIMES.len()])
    };
    let plan = Plan {
        end: DAYS as f64,
        doses: GIVEN_ON.iter().map(|day| Dose::new(*day, action)).collect(),
        ..Plan::default()
    };
    let kills = CELLS.iter().map(|(population, _)| format!("drugs.{}", rate_name(population)));
    let names = CELLS.iter().map(|(_, cells)| (*cells).to_string()).chain(kills);
    let outputs = Outputs {
        times: (0..DAYS).map(|day| day as f64 + 0.5).collect(),
        observables: names.map(|name| found(program, &name)).collect(),
    };
    let options = Options { relative_tolerance: 1e-8, ..Options::new(Seed(1)) };
    simulate(program, &patients, Start::Fresh, &plan, &outputs, &options, &()).expect("it starts")
}

#[test]
fn more_of_a_drug_never_leaves_more_of_the_cells_it_kills() {
    let mut library = open(&[]);
    let drugs: Vec<Drug> = library.cards.drugs.values().cloned().collect();
    let (mut judged, mut wrong) = (Vec::new(), Vec::new());
    for drug in drugs.iter().filter(|drug| drug.kinetics.is_some()) {
        let run = courses(&core_with(&mut library, drug), drug);
        assert!(run.status.iter().all(|status| *status == SolveStatus::Finished), "{}", drug.id.text);
        let course = |row: usize, column: usize| {
            (0..DAYS).map(|time| run.trajectories.at(row, time)[column]).collect::<Vec<f64>>()
        };
        for (index, (population, cells)) in CELLS.iter().enumerate() {
            if course(USUAL, CELLS.len() + index).iter().sum::<f64>() < LEAST_KILL {
                continue;
            }
            judged.push(*population);
            let from = if *population == "alloreactive" { TIMES.len() } else { 0 };
            let fewest = |row| course(row, index).into_iter().fold(f64::INFINITY, f64::min);
            let fewest: Vec<f64> = (from..from + TIMES.len()).map(fewest).collect();
            if fewest.windows(2).any(|pair| pair[1] > pair[0] * (1.0 + SLACK)) {
                wrong.push(format!("{}, {cells}: {fewest:?}", drug.id.text));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    let names = POPULATIONS.iter().map(|(name, _)| *name);
    let never: Vec<&str> = names.filter(|name| !judged.contains(name)).collect();
    assert_eq!(never, [""; 0], "no drug of the library kills these");
}
