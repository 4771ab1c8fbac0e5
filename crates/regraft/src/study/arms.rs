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

use super::cohort::Entered;
use super::given::{Factors, sim_options, with_settings};
use super::{Prepared, Quiet, RunOptions, ScreenFailure, SimWatch, StudyError, Watch};
use crate::outcomes::observe::Course as ObservedCourse;
use crate::outcomes::{Grid, Observed};

/// What happened to some patients of the cohort in one arm.
#[derive(Debug, Clone)]
pub struct ArmRun {
    /// When something was read.
    pub grid: Grid,
    /// `[patient]`
    pub observed: Vec<Observed>,
    /// Decisions: row among these patients, day, rule, what; in the order of the rows.
    pub decisions: Vec<(u32, f64, u32, DecisionKind)>,
    /// Patients that could not be solved.
    pub failures: Vec<ScreenFailure>,
    /// Whether the product passed its release tests, `[patient]`.
    pub released: Vec<bool>,
}

/// Days on which something is read in an arm; the first is that of entry.
pub fn grid(trial: &Prepared, arm: usize, entry_day: f64) -> Grid {
    let plan = &trial.protocol.arms[arm];
    let horizon = trial.protocol.horizon_days;
    Grid::new(entry_day, horizon, &plan.score_days, &plan.imaging_days, &plan.lab_days)
}

/// Simulates patients of the cohort in one arm; their trajectories are in memory at once.
pub fn simulate_arm(
    trial: &Prepared,
    arm: usize,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<ArmRun, StudyError> {
    let plan = &trial.protocol.arms[arm];
    let Entered { cohort, snapshots, day } = entered;
    let grid = grid(trial, arm, *day);
    let Course { patients, plan: sim_plan, released } = course(trial, arm, entered, seed, options, watch)?;
    let outputs = Outputs { times: grid.days.clone(), observables: trial.columns.clone() };
    let (start, watch) = (Start::From(snapshots), SimWatch(watch));
    let sim_options = sim_options(seed, options);
    let done = simulate(&trial.program, &patients, start, &sim_plan, &outputs, &sim_options, &watch)?;
    Ok(read(trial, plan, seed, cohort, &done, released, grid))
}

/// What is done to patients in an arm, in the simulator's terms.
pub(crate) struct Course {
    /// The patients with the arm's settings and the factors of its doses.
    pub patients: Patients,
    /// From entry to the end of the trial.
    pub plan: Plan,
    /// Whether the product passed its release tests, `[patient]`.
    pub released: Vec<bool>,
}

impl Course {
    /// The same up to a day.
    pub fn until(mut self, day: f64) -> Course {
        self.plan.end = day;
        self.plan.doses.retain(|dose| dose.time <= day);
        self
    }
}

/// Writes an arm in the simulator's terms.
pub(crate) fn course(
    trial: &Prepared,
    arm: usize,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Course, StudyError> {
    let plan = &trial.protocol.arms[arm];
    let Entered { cohort, snapshots, day } = entered;
    let mut patients = with_settings(cohort, &plan.settings);
    if let Some(members) = &trial.members {
        members.apply(&mut patients, false);
    }
    let choices = choices(plan, cohort, seed);
    let asked = (!plan.release.is_empty()).then(|| {
        let all = vec![true; patients.n_patients()];
        let mut donors = patients.clone();
        let moment = Plan { start: *day, end: *day, ..Plan::default() };
        let sim_plan = match plan.collect_days.filter(|collected| collected > day) {
            None => moment,
            Some(_) => written(trial, plan, entered, &all, &choices, &mut donors),
        };
        let end = plan.collect_days.map_or(*day, |collected| (collected + AFTER_COLLECTION).max(*day));
        Course { patients: donors, plan: sim_plan, released: all }.until(end)
    });
    let released = match asked {
        None => vec![true; patients.n_patients()],
        Some(asked) => released(trial, plan, &asked, snapshots, seed, options, watch)?,
    };
    let sim_plan = written(trial, plan, entered, &released, &choices, &mut patients);
    Ok(Course { patients, plan: sim_plan, released })
}

/// Days after a collection at which its release tests are asked: a quarter of an hour.
const AFTER_COLLECTION: f64 = 0.01;

/// Doses and rules of an arm in the simulator's terms; the patients are given the factors of their doses.
fn written(
    trial: &Prepared,
    plan: &ArmPlan,
    entered: &Entered,
    released: &[bool],
    choices: &[Vec<usize>],
    patients: &mut Patients,
) -> Plan {
    let mut writer = Writer { factors: Factors::new(&entered.cohort), released, choices };
    let sim_plan = Plan {
        start: entered.day,
        end: trial.protocol.horizon_days,
        doses: plan.doses.iter().map(|dose| writer.dose(dose)).collect(),
        rules: plan.rules.iter().map(|rule| writer.rule(rule)).collect(),
        stop_on: trial.protocol.terminal_event.into_iter().collect(),
    };
    writer.factors.fill(patients);
    sim_plan
}

/// Whether each patient's product passes its release tests at the end of a course: just after the collection, where
/// cells are collected, so that a poor mobilisation fails. Who did not live to it failed none.
fn released(
    trial: &Prepared,
    plan: &ArmPlan,
    asked: &Course,
    snapshots: &regraft_sim::Snapshots,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Vec<bool>, StudyError> {
    let observables = plan.release.iter().map(|test| Found::Observable(test.observable)).collect();
    let outputs = Outputs { times: vec![asked.plan.end], observables };
    let quiet = Quiet(watch);
    let start = Start::From(snapshots);
    let options = sim_options(seed, options);
    let found = simulate(&trial.program, &asked.patients, start, &asked.plan, &outputs, &options, &quiet)?;
    let lived = |row: usize| matches!(found.status[row], SolveStatus::Finished);
    let holds = |row: usize| found.trajectories.at(row, 0).iter().all(|x| *x != 0.0 && !x.is_nan());
    let passes = |row: usize| !lived(row) || holds(row);
    Ok((0..asked.patients.n_patients()).map(passes).collect())
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
            (DoseKind::SetBetween { above, to }, target) => {
                Action::SetBetween { target, above, to, value: amount }
            }
            (DoseKind::Scale, target) => Action::Scale { target, factor: amount },
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

/// A moment to the nearest 1/128 of a day, eleven minutes.
///
/// The integrator knows the moment of an event to a tenth of its relative tolerance, some 0.006 days in five years,
/// and arms take different steps. A patient whose fate two arms share must have it at the same moment in both: else the
/// ranks of the times would tell the arms apart.
fn to_grid(day: f64) -> f64 {
    const PARTS: f64 = 128.0;
    (day * PARTS).round() / PARTS
}

/// A status whose moment, if it ended by an event, is that of the event.
fn on_grid(status: &SolveStatus) -> SolveStatus {
    match status {
        SolveStatus::Stopped { day, event } => SolveStatus::Stopped { day: to_grid(*day), event: *event },
        other => other.clone(),
    }
}

/// Reads simulated patients at the visits.
fn read(
    trial: &Prepared,
    plan: &ArmPlan,
    seed: Seed,
    cohort: &Cohort,
    done: &regraft_sim::Simulation,
    released: Vec<bool>,
    grid: Grid,
) -> ArmRun {
    let mut events: Vec<Vec<(f64, u32)>> = vec![Vec::new(); released.len()];
    for event in &done.events {
        events[event.patient as usize].push((to_grid(event.time), event.event));
    }
    let mut acted: Vec<Vec<(f64, u32)>> = vec![Vec::new(); released.len()];
    for decision in done.decisions.iter().filter(|decision| decision.kind == DecisionKind::Acted) {
        acted[decision.patient as usize].push((to_grid(decision.time), decision.rule));
    }
    let (mut observed, mut failures) = (Vec::with_capacity(released.len()), Vec::new());
    for (row, (events, acted)) in events.into_iter().zip(acted).enumerate() {
        let patient = cohort.numbers[row];
        if let SolveStatus::Failed { day, cause } = &done.status[row] {
            failures.push(ScreenFailure { patient, day: *day, cause: cause.describe(&trial.program) });
        }
        let course = ObservedCourse {
            status: on_grid(&done.status[row]),
            end: trial.protocol.horizon_days,
            grafted: plan.graft_days.is_some_and(|day| released[row] && lived_to(&done.status[row], day)),
            events,
            acted,
            terminal: trial.protocol.terminal_event,
        };
        observed.push(Observed::read(seed, patient, row, &done.trajectories, &trial.readings, &grid, course));
    }
    let decisions = done.decisions.iter().map(|d| (d.patient, d.time, d.rule, d.kind)).collect();
    ArmRun { grid, observed, decisions, failures, released }
}

fn lived_to(status: &SolveStatus, day: f64) -> bool {
    match status {
        SolveStatus::Finished => true,
        SolveStatus::Stopped { day: end, .. } | SolveStatus::Failed { day: end, .. } => *end >= day,
        SolveStatus::NotStarted => false,
    }
}
