//! One arm: doses and rules by index, the same patients from the same entry, visits read.

use regraft_model::Found;
use regraft_sim::{
    Action, DecisionKind, Dose, Outputs, Patients, Plan, Rule, SolveStatus, Start, Trigger, simulate,
};
use regraft_stats::Seed;
use regraft_trial::protocol::{
    ArmPlan, DoseKind, PlannedAmount, PlannedDose, PlannedRule, PlannedTrigger, Switch,
};
use regraft_trial::{Cohort, choose};

use super::cohort::{Entered, Factors, sim_options, with_settings};
use super::{MOST_FAILED, Prepared, Quiet, RunOptions, ScreenFailure, SimWatch, StudyError, Watch};
use crate::outcomes::observe::Course;
use crate::outcomes::{Grid, Observed};

/// Patients whose trajectories are held in memory at once. Moves no result.
const CHUNK: usize = 512;

/// What happened in one arm.
#[derive(Debug, Clone)]
pub struct ArmRun {
    /// When something was read.
    pub grid: Grid,
    /// `[patient]`
    pub observed: Vec<Observed>,
    /// Decisions: patient row, day, rule, what.
    pub decisions: Vec<(u32, f64, u32, DecisionKind)>,
    /// Patients that could not be solved.
    pub failures: Vec<ScreenFailure>,
    /// The patient's draw of each choice, `[choice][patient]`.
    pub choices: Vec<Vec<usize>>,
    /// Whether the product passed its release tests, `[patient]`.
    pub released: Vec<bool>,
}

/// Simulates all patients of the cohort in one arm.
pub fn simulate_arm(
    trial: &Prepared,
    arm: usize,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<ArmRun, StudyError> {
    let plan = &trial.protocol.arms[arm];
    let n = entered.cohort.numbers.len();
    watch.stage(&plan.title, n as u64);
    let grid = Grid::new(
        entered.day,
        trial.protocol.horizon_days,
        &plan.score_days,
        &plan.imaging_days,
        &plan.lab_days,
    );
    let mut run = ArmRun {
        grid,
        observed: Vec::with_capacity(n),
        decisions: Vec::new(),
        failures: Vec::new(),
        choices: vec![Vec::with_capacity(n); plan.choices.len()],
        released: Vec::with_capacity(n),
    };
    for from in (0..n).step_by(CHUNK) {
        let rows: Vec<usize> = (from..(from + CHUNK).min(n)).collect();
        simulate_chunk(trial, plan, entered, &rows, seed, options, watch, &mut run)?;
    }
    refuse_if_too_many_failed(plan, &run, n)?;
    Ok(run)
}

fn refuse_if_too_many_failed(plan: &ArmPlan, run: &ArmRun, n: usize) -> Result<(), StudyError> {
    if run.failures.len() as f64 > MOST_FAILED * n as f64 {
        return Err(StudyError::TooManyFailed {
            arm: plan.id.clone(),
            failed: run.failures.len(),
            n,
            example: run.failures[0].cause.clone(),
        });
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)] // one call site; a struct would only rename the arguments
fn simulate_chunk(
    trial: &Prepared,
    plan: &ArmPlan,
    entered: &Entered,
    rows: &[usize],
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
    run: &mut ArmRun,
) -> Result<(), StudyError> {
    let cohort = entered.cohort.select(rows);
    let snapshots = entered.snapshots.select(rows);
    let mut patients = with_settings(&cohort, &plan.settings);
    let released = released(trial, plan, &patients, &snapshots, entered.day, seed, options, watch)?;
    let choices = choices(plan, &cohort, seed);
    let mut writer = Writer { factors: Factors::new(&cohort), released: &released, choices: &choices };
    let sim_plan = Plan {
        start: entered.day,
        end: trial.protocol.horizon_days,
        doses: plan.doses.iter().map(|dose| writer.dose(dose)).collect(),
        rules: plan.rules.iter().map(|rule| writer.rule(rule)).collect(),
        stop_on: trial.protocol.terminal_event.into_iter().collect(),
    };
    writer.factors.fill(&mut patients);
    let outputs = Outputs { times: run.grid.days.clone(), observables: trial.columns.clone() };
    let sim_options = sim_options(seed, options);
    let watch = SimWatch(watch);
    let done = simulate(
        &trial.program,
        &patients,
        Start::From(&snapshots),
        &sim_plan,
        &outputs,
        &sim_options,
        &watch,
    )?;
    read(trial, plan, seed, &cohort, &done, &released, rows[0] as u32, run);
    run.released.extend(&released);
    for (all, some) in run.choices.iter_mut().zip(choices) {
        all.extend(some);
    }
    Ok(())
}

/// Whether each patient's product passes its release tests, asked at the start of the arm.
#[allow(clippy::too_many_arguments)] // one call site; a struct would only rename the arguments
fn released(
    trial: &Prepared,
    plan: &ArmPlan,
    patients: &Patients,
    snapshots: &regraft_sim::Snapshots,
    day: f64,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Vec<bool>, StudyError> {
    if plan.release.is_empty() {
        return Ok(vec![true; patients.n_patients()]);
    }
    let observables = plan.release.iter().map(|test| Found::Observable(test.observable)).collect();
    let outputs = Outputs { times: vec![day], observables };
    let moment = Plan { start: day, end: day, ..Plan::default() };
    let quiet = Quiet(watch);
    let start = Start::From(snapshots);
    let asked =
        simulate(&trial.program, patients, start, &moment, &outputs, &sim_options(seed, options), &quiet)?;
    let passes =
        |row: usize| asked.trajectories.at(row, 0).iter().all(|answer| *answer != 0.0 && !answer.is_nan());
    Ok((0..patients.n_patients()).map(passes).collect())
}

fn choices(plan: &ArmPlan, cohort: &Cohort, seed: Seed) -> Vec<Vec<usize>> {
    let draw = |choice: &regraft_trial::protocol::PlannedChoice| {
        cohort.numbers.iter().map(|patient| choose(seed, *patient, &choice.stream, &choice.weights)).collect()
    };
    plan.choices.iter().map(draw).collect()
}

/// Writes planned doses and rules in the simulator's terms.
struct Writer<'a> {
    factors: Factors<'a>,
    released: &'a [bool],
    choices: &'a [Vec<usize>],
}

impl Writer<'_> {
    fn dose(&mut self, dose: &PlannedDose) -> Dose {
        let action = self.action(dose.kind, dose.target, &dose.amount);
        Dose { given_if: self.switch(&dose.given_if), ..Dose::new(dose.time_days, action) }
    }

    fn rule(&mut self, rule: &PlannedRule) -> Rule {
        let trigger = match &rule.trigger {
            PlannedTrigger::Event(event) => Trigger::Event(*event),
            PlannedTrigger::Times(times) => Trigger::Times(times.clone()),
        };
        let action = |a: &regraft_trial::protocol::PlannedAction| {
            (a.delay_days, self.action(a.kind, a.target, &a.amount))
        };
        let actions = rule.actions.iter().map(action).collect();
        Rule {
            from: rule.from_days,
            to: rule.to_days,
            condition: rule.condition,
            until: rule.until,
            given_if: self.switch(&rule.given_if),
            max_times: rule.max_times,
            refractory_days: rule.refractory_days,
            ..Rule::new(trigger, actions)
        }
    }

    fn action(&mut self, kind: DoseKind, target: regraft_model::Target, amount: &PlannedAmount) -> Action {
        let amount = self.factors.amount(amount);
        match (kind, target) {
            (DoseKind::Add, regraft_model::Target::State(state)) => Action::Add { state, amount },
            (DoseKind::Infuse { duration_days }, regraft_model::Target::State(state)) => {
                Action::Infuse { state, amount, duration_days }
            }
            (_, target) => Action::Set { target, value: amount },
        }
    }

    /// A column that is 1 where all switches are on; `None` where there are none.
    fn switch(&mut self, switches: &[Switch]) -> Option<u32> {
        if switches.is_empty() {
            return None;
        }
        let on = |row: usize, switch: &Switch| match switch {
            Switch::Released => self.released[row],
            Switch::Chose { choice, option } => self.choices[*choice as usize][row] == *option as usize,
        };
        let all = |row: usize| f64::from(u8::from(switches.iter().all(|switch| on(row, switch))));
        let column = (0..self.released.len()).map(all).collect();
        Some(self.factors.column(column))
    }
}

/// Reads a simulated chunk at the visits.
#[allow(clippy::too_many_arguments)] // one call site; a struct would only rename the arguments
fn read(
    trial: &Prepared,
    plan: &ArmPlan,
    seed: Seed,
    cohort: &Cohort,
    done: &regraft_sim::Simulation,
    released: &[bool],
    first_row: u32,
    run: &mut ArmRun,
) {
    let mut events: Vec<Vec<(f64, u32)>> = vec![Vec::new(); released.len()];
    for event in &done.events {
        events[event.patient as usize].push((event.time, event.event));
    }
    let mut acted: Vec<Vec<(f64, u32)>> = vec![Vec::new(); released.len()];
    for decision in &done.decisions {
        run.decisions.push((first_row + decision.patient, decision.time, decision.rule, decision.kind));
        if decision.kind == DecisionKind::Acted {
            acted[decision.patient as usize].push((decision.time, decision.rule));
        }
    }
    for (row, (events, acted)) in events.into_iter().zip(acted).enumerate() {
        let patient = cohort.numbers[row];
        if let SolveStatus::Failed { day, cause } = &done.status[row] {
            run.failures.push(ScreenFailure { patient, day: *day, cause: cause.describe(&trial.program) });
        }
        let course = Course {
            status: done.status[row].clone(),
            end: trial.protocol.horizon_days,
            grafted: plan.graft_days.is_some_and(|day| released[row] && lived_to(&done.status[row], day)),
            events,
            acted,
            terminal: trial.protocol.terminal_event,
        };
        let observed =
            Observed::read(seed, patient, row, &done.trajectories, &trial.readings, &run.grid, course);
        run.observed.push(observed);
    }
}

fn lived_to(status: &SolveStatus, day: f64) -> bool {
    match status {
        SolveStatus::Finished => true,
        SolveStatus::Stopped { day: end, .. } | SolveStatus::Failed { day: end, .. } => *end >= day,
        SolveStatus::NotStarted => false,
    }
}
