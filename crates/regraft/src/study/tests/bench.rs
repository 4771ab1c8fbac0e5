//! Patients of a trial at its entry, whose doses are changed and of whom means are read.

use regraft_model::{Program, Target};
use regraft_sim::{Outputs, Patients, Start, simulate};
use regraft_stats::Seed;

use crate::library::Library;
pub(crate) use crate::library::tests::{found, target};
use crate::study::arms::course;
use crate::study::{Entered, Prepared, RunOptions, Screening, prepare, sim_options};

/// Patients of a bench.
pub const N_PATIENTS: usize = 32;

/// A trial of the library with patients at its entry.
pub struct Bench {
    pub trial: Prepared,
    pub entered: Entered,
    pub options: RunOptions,
}

impl Bench {
    pub fn new(trial: &str) -> Bench {
        let mut library = Library::open(&[]).expect("the built-in library opens");
        let (prepared, problems) = prepare(&mut library, trial).expect("the library has this trial");
        let trial = prepared.unwrap_or_else(|| panic!("{trial}: {:?}", problems.first()));
        let options = RunOptions::new(N_PATIENTS, 1, None);
        let entered = Screening::new(&trial, N_PATIENTS).next(N_PATIENTS, Seed(1), &options, &());
        let entered = entered.expect("patients enter").expect("there are patients");
        Bench { trial, entered, options }
    }

    /// Means of observables, each on its day, with some doses multiplied and some parameters set.
    pub fn means(
        &self,
        arm: usize,
        doses: (&str, f64),
        read: [(&str, f64); 2],
        set: &[(&str, f64)],
    ) -> [f64; 2] {
        let mut trial = self.trial.clone();
        multiply(&mut trial, arm, doses);
        let mut course = course(&trial, arm, &self.entered, Seed(1), &self.options, &()).expect("a course");
        for (name, value) in set {
            override_with(&mut course.patients, target(&trial.program, name), *value);
        }
        let days = read.map(|(_, day)| trial.protocol.arms[arm].day_zero_days + day);
        course.plan.stop_on.clear();
        let course = course.until(days[1]);
        let outputs = Outputs {
            times: days.to_vec(),
            observables: read.iter().map(|(name, _)| found(&trial.program, name)).collect(),
        };
        let (start, options) = (Start::From(&self.entered.snapshots), sim_options(Seed(1), &self.options));
        let done = simulate(&trial.program, &course.patients, start, &course.plan, &outputs, &options, &());
        let done = done.expect("it starts");
        std::array::from_fn(|what| {
            let values = (0..N_PATIENTS).map(|row| done.trajectories.at(row, what)[what]);
            values.sum::<f64>() / N_PATIENTS as f64
        })
    }
}

fn multiply(trial: &mut Prepared, arm: usize, (given, times): (&str, f64)) {
    let program = trial.program.clone();
    let is_meant = |target: &Target| name(&program, *target).starts_with(given);
    let plan = &mut trial.protocol.arms[arm];
    let doses = plan.doses.iter_mut().filter(|dose| is_meant(&dose.target)).map(|dose| &mut dose.amount);
    let actions = plan.rules.iter_mut().flat_map(|rule| &mut rule.actions);
    let actions = actions.filter(|action| is_meant(&action.target)).map(|action| &mut action.amount);
    let mut n = 0;
    for amount in doses.chain(actions) {
        amount.value *= times;
        n += 1;
    }
    assert!(n > 0, "{}: nothing goes into {given}", trial.id);
}

/// Sets a parameter or a starting value in every patient.
pub fn override_with(patients: &mut Patients, target: Target, value: f64) {
    let width = patients.overrides.len();
    if let Some(column) = patients.overrides.iter().position(|known| *known == target) {
        patients.values.iter_mut().skip(column).step_by(width).for_each(|own| *own = value);
        return;
    }
    let n = patients.n_patients();
    let rows = (0..n).flat_map(|row| {
        patients.values[row * width..(row + 1) * width].iter().copied().chain([value]).collect::<Vec<f64>>()
    });
    patients.values = rows.collect();
    patients.overrides.push(target);
}

fn name(program: &Program, target: Target) -> &str {
    match target {
        Target::State(index) => &program.states[index as usize].name,
        Target::Parameter(index) => &program.parameters[index as usize].name,
    }
}
