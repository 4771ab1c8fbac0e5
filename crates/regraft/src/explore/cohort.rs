//! Where patients stand after a regimen, and which way each of them goes from there.
//!
//! The diagram is drawn for the numbers of the card; a patient has numbers of their own. So each patient's own border
//! is asked of the model itself: the cells of the clone at the day asked are scaled up and down until the smallest
//! scale is found from which the disease comes back. Nothing else of the patient's state is touched.

use regraft_model::{Diagnostic, Found, Program, Target};
use regraft_sim::{Outputs, Patients, Plan, Simulation, Snapshots, Start, simulate};
use regraft_stats::math::{exp, ln};
use regraft_stats::{Seed, quantile};
use serde::Serialize;

use super::ExploreError;
use super::regimens::{After, trial_file};
use super::subject::{self, Shown, Subject, usage};
use crate::library::Library;
use crate::study::cohort::{Entered, Screening};
use crate::study::given::sim_options;
use crate::study::{Prepared, RunOptions, StudyError, Watch, arms, prepare_made};

/// Patients after all regimens.
#[derive(Debug, Clone, Serialize)]
pub struct Positions {
    /// Population.
    pub population: String,
    /// Day of the position.
    pub day: f64,
    /// Years until the end is read.
    pub years: f64,
    /// Full names of the states that are scaled to find a patient's border.
    pub scaled: Vec<String>,
    /// By regimen.
    pub regimens: Vec<Position>,
}

/// Patients after one regimen.
#[derive(Debug, Clone, Serialize)]
pub struct Position {
    /// Id.
    pub regimen: String,
    /// Title.
    pub title: String,
    /// Product, if one is infused.
    pub product: Option<String>,
    /// Patients.
    pub patients: Vec<Patient>,
    /// Patients who could not be simulated or did not live to the day.
    pub not_followed: usize,
    /// Mean of the state at the day.
    pub mean_left: f64,
    /// Median of the state at the day.
    pub median_left: f64,
    /// Median of the patients' own borders.
    pub median_border: f64,
    /// Patients below their own border.
    pub below_border: usize,
    /// Patients who have a border.
    pub with_border: usize,
    /// Patients in the tolerant state when the end is read.
    pub tolerant: usize,
    /// Their share with a 95 % Wilson interval, 0 to 1.
    pub share: (f64, f64, f64),
}

/// One patient at the day asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Patient {
    /// Number.
    pub patient: u64,
    /// Value of what is varied.
    pub value: f64,
    /// The state shown.
    pub left: f64,
    /// The state shown when the end is read.
    pub end: f64,
    /// The value of the state below which this patient goes to the tolerant state; none if there is one steady state
    /// only.
    pub border: Option<f64>,
    /// Whether the patient is in the tolerant state when the end is read.
    pub tolerant: bool,
}

/// How long a patient is left alone before they are said to rest, days: the slowest way back from the border takes a
/// few years.
const REST: f64 = 25.0 * 365.25;
/// Scales between which a patient's border is sought: a ten-thousandth to ten thousand times.
const WIDEST: f64 = 9.210_340_371_976_184;
/// Halvings of the logarithm: the border is known to 0.06 %.
const HALVINGS: usize = 15;
/// Two rests whose ratio is below this are one.
const ONE_STATE: f64 = 2.0;

/// Follows a cohort through each regimen.
///
/// # Errors
/// [`ExploreError`]: unknown names, patients that cannot be found or simulated. Problems of cards are in the list, with
/// `None`.
pub fn positions(
    library: &mut Library,
    subject: &Subject,
    after: &After,
    watch: &dyn Watch,
) -> Result<(Option<Positions>, Vec<Diagnostic>), ExploreError> {
    let file = trial_file(library, subject, after)?;
    let population = file.population.text.clone();
    let products: Vec<Option<String>> =
        file.arms.iter().map(|arm| arm.product.as_ref().map(|product| product.text.clone())).collect();
    let (prepared, problems) = prepare_made(library, file, &[])?;
    let Some(trial) = prepared else { return Ok((None, problems)) };
    let asked = Named::of(&trial.program, subject, after)?;
    let options = options(after);
    watch.stage("finding patients", after.patients as u64);
    let mut screening = Screening::new(&trial, after.patients);
    let Some(entered) = screening.next(after.patients, Seed(after.seed), &options, watch)? else {
        return Err(usage("a cohort has at least one patient".into()));
    };
    let mut regimens = Vec::new();
    for (arm, product) in products.into_iter().enumerate() {
        watch.stage("following patients", after.patients as u64);
        let followed = follow(&trial, arm, &entered, &asked, after, watch)?;
        regimens.push(summary(&trial, arm, product, followed));
    }
    let scaled = asked.scaled.iter().map(|state| trial.program.states[*state].name.clone()).collect();
    let (day, years) = (after.day, after.years);
    Ok((Some(Positions { population, day, years, scaled, regimens }), problems))
}

fn options(after: &After) -> RunOptions {
    RunOptions { engine: after.engine, ..RunOptions::new(after.patients, after.seed, after.threads) }
}

/// What is read, set and scaled, by index of the trial's program.
struct Named {
    over: Found,
    state: Shown,
    /// What keeps the disease still, and what the user sets.
    sets: Vec<(Target, f64)>,
    scaled: Vec<usize>,
}

impl Named {
    fn of(program: &Program, subject: &Subject, after: &After) -> Result<Named, ExploreError> {
        let state = subject::shown(program, &after.state)?;
        let over = match subject::target(program, &after.over).map_err(usage)? {
            Target::State(index) => Found::State(index),
            Target::Parameter(index) => Found::Parameter(index),
        };
        let mut sets = Vec::new();
        for (target, value) in &subject.still {
            let (name, _) = super::diagram::target_name(&subject.program, *target);
            sets.push((subject::target(program, &name).map_err(usage)?, *value));
        }
        for (name, value) in &after.sets {
            sets.push((subject::target(program, name).map_err(usage)?, *value));
        }
        let scaled = match after.scale.as_slice() {
            [] => of_a_kind(program, &state),
            names => names
                .iter()
                .map(|name| subject::state(program, name).map(|state| state as usize))
                .collect::<Result<_, _>>()?,
        };
        Ok(Named { over, state, sets, scaled })
    }
}

/// States of the same modules and unit as what is shown: the cells of the clones.
fn of_a_kind(program: &Program, shown: &Shown) -> Vec<usize> {
    let module = |name: &str| name.rsplit_once('.').map_or(String::new(), |(module, _)| module.to_string());
    let modules: Vec<String> = shown.parts.iter().map(|part| module(&program.states[*part].name)).collect();
    let alike = |index: &usize| {
        let other = &program.states[*index];
        modules.contains(&module(&other.name)) && other.unit == shown.unit
    };
    (0..program.states.len()).filter(alike).collect()
}

/// Patients with the settings of the question on top of `patients`.
fn with_sets(mut patients: Patients, sets: &[(Target, f64)]) -> Patients {
    let rows = 0..patients.n_patients();
    let values: Vec<f64> = rows
        .flat_map(|row| {
            let own = patients.values_of(row).to_vec();
            own.into_iter().chain(sets.iter().map(|(_, value)| *value))
        })
        .collect();
    patients.overrides.extend(sets.iter().map(|(target, _)| *target));
    patients.values = values;
    patients
}

/// Simulates an arm to the day, then leaves the patients alone.
fn follow(
    trial: &Prepared,
    arm: usize,
    entered: &Entered,
    asked: &Named,
    after: &After,
    watch: &dyn Watch,
) -> Result<(Vec<Patient>, usize), ExploreError> {
    let (seed, options) = (Seed(after.seed), options(after));
    let course = arms::course(trial, arm, entered, seed, &options, &())?.until(after.day);
    let patients = with_sets(course.patients, &asked.sets);
    let start = Start::From(&entered.snapshots);
    let sim = sim_options(seed, &options);
    let to_day = simulate(&trial.program, &patients, start, &course.plan, &Outputs::default(), &sim, &())?;
    let alone = Alone { trial, after, asked, numbers: &entered.cohort.numbers };
    let end = alone.run(&to_day.end, after.years * 365.25)?;
    let rows = alone.borders(&entered.snapshots, &to_day.end, watch)?;
    let shown = &asked.state;
    let (mut found, mut not_followed) = (Vec::new(), 0);
    for (row, rests) in rows.iter().enumerate() {
        let (true, Some(rests)) = (end.end.usable[row], rests) else {
            not_followed += 1;
            continue;
        };
        let left = shown.value(to_day.end.states_of(row));
        let last = shown.value(end.end.states_of(row));
        found.push(Patient {
            patient: entered.cohort.numbers[row],
            value: match asked.over {
                Found::State(index) => to_day.end.states_of(row)[index as usize],
                Found::Parameter(index) => to_day.end.parameters_of(row)[index as usize],
                _ => f64::NAN,
            },
            left,
            end: last,
            border: rests.scale.map(|scale| scale * left),
            tolerant: last < rests.middle,
        });
    }
    Ok((found, not_followed))
}

/// Where a patient can rest.
#[derive(Debug, Clone, Copy)]
struct Rests {
    /// Between the tolerant and the diseased rest.
    middle: f64,
    /// Scale of the clone at the border, if there are two rests.
    scale: Option<f64>,
}

/// Patients left alone: no dose any more; what is left of drugs fades, and a drug taken daily goes on.
struct Alone<'a> {
    trial: &'a Prepared,
    after: &'a After,
    asked: &'a Named,
    numbers: &'a [u64],
}

impl Alone<'_> {
    fn run(&self, from: &Snapshots, days: f64) -> Result<Simulation, ExploreError> {
        let patients = with_sets(Patients::alike(self.numbers.iter().copied()), &self.asked.sets);
        let plan = Plan { start: self.after.day, end: self.after.day + days, ..Plan::default() };
        let sim = sim_options(Seed(self.after.seed), &options(self.after));
        Ok(simulate(
            &self.trial.program,
            &patients,
            Start::From(from),
            &plan,
            &Outputs::default(),
            &sim,
            &(),
        )?)
    }

    /// The state shown after a long rest from `from` with the clone scaled, `[patient]`.
    fn rest(&self, from: &Snapshots, logs: &[f64]) -> Result<Vec<f64>, ExploreError> {
        let mut scaled = from.clone();
        let n_states = self.trial.program.states.len();
        for (row, log) in logs.iter().enumerate() {
            for state in &self.asked.scaled {
                scaled.states[row * n_states + state] *= exp(*log);
            }
        }
        let run = self.run(&scaled, REST)?;
        let of = |row: usize| {
            if run.end.usable[row] { self.asked.state.value(run.end.states_of(row)) } else { f64::NAN }
        };
        Ok((0..logs.len()).map(of).collect())
    }

    /// Rests and border of every patient; `None` who cannot be followed.
    fn borders(
        &self,
        entry: &Snapshots,
        day: &Snapshots,
        watch: &dyn Watch,
    ) -> Result<Vec<Option<Rests>>, ExploreError> {
        let n = self.numbers.len();
        let bottom = self.rest(day, &vec![-WIDEST; n])?;
        let own = self.rest(entry, &vec![0.0; n])?;
        // What a drug that goes on leaves of the disease decides whether there is a border now.
        let now = Snapshots { parameters: day.parameters.clone(), ..entry.clone() };
        let top = self.rest(&now, &vec![0.0; n])?;
        let two: Vec<bool> = bottom.iter().zip(&top).map(|(low, high)| *high > ONE_STATE * low).collect();
        let upper = |row: usize| if two[row] { top[row] } else { own[row] };
        let middle: Vec<f64> = (0..n).map(|row| (bottom[row] * upper(row)).sqrt()).collect();
        let (mut low, mut high) = (vec![-WIDEST; n], vec![WIDEST; n]);
        for _ in 0..HALVINGS {
            if watch.cancelled() {
                return Err(StudyError::Cancelled.into());
            }
            let tried: Vec<f64> = low.iter().zip(&high).map(|(low, high)| 0.5 * (low + high)).collect();
            let rests = self.rest(day, &tried)?;
            for row in 0..n {
                if rests[row] < middle[row] { low[row] = tried[row] } else { high[row] = tried[row] }
            }
        }
        watch.advance(n as u64);
        // Who has one rest alone, now and before, is judged by the middle of those who have two.
        let usual =
            geometric_mean(middle.iter().zip(&two).filter(|(_, two)| **two).map(|(middle, _)| *middle));
        let inside = |row: usize| low[row] > -WIDEST && high[row] < WIDEST;
        let rests = |row: usize| {
            let known =
                day.usable[row] && [bottom[row], own[row], top[row]].iter().all(|rest| rest.is_finite());
            known.then(|| Rests {
                middle: if upper(row) > ONE_STATE * bottom[row] { middle[row] } else { usual },
                scale: (two[row] && inside(row)).then(|| exp(0.5 * (low[row] + high[row]))),
            })
        };
        Ok((0..n).map(rests).collect())
    }
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = values.map(ln).filter(|log| log.is_finite()).collect();
    if logs.is_empty() { f64::NAN } else { exp(logs.iter().sum::<f64>() / logs.len() as f64) }
}

fn summary(
    trial: &Prepared,
    arm: usize,
    product: Option<String>,
    (patients, not_followed): (Vec<Patient>, usize),
) -> Position {
    let n = patients.len();
    let tolerant = patients.iter().filter(|patient| patient.tolerant).count();
    let borders: Vec<f64> = patients.iter().filter_map(|patient| patient.border).collect();
    let left: Vec<f64> = patients.iter().map(|patient| patient.left).collect();
    let below = |patient: &&Patient| patient.border.is_some_and(|border| patient.left < border);
    let (low, high) = regraft_stats::wilson(tolerant as f64, n as f64, 0.95);
    Position {
        regimen: trial.arm_ids[arm].clone(),
        title: trial.trial.arms[arm].regimen.title.clone(),
        product,
        not_followed,
        mean_left: left.iter().sum::<f64>() / n as f64,
        median_left: median(left),
        with_border: borders.len(),
        median_border: median(borders),
        below_border: patients.iter().filter(below).count(),
        tolerant,
        share: (tolerant as f64 / n as f64, low, high),
        patients,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}
