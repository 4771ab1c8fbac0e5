//! The time before entry: from healthy to diseased, the run-in on the failing treatment, and what entry sets.
//!
//! Where each person has their own length of the run-in, those of one length (in whole weeks) are simulated together:
//! the burn-in leads to a state of rest, so all of them begin their run-in alike.

use regraft_model::Target;
use regraft_sim::{
    Action, Amount, Dose, Options, Outputs, Patients, Plan, Snapshots, SolveStatus, Start, Trajectories,
    simulate,
};
use regraft_stats::Seed;
use regraft_trial::Cohort;
use regraft_trial::protocol::{PlannedPhase, PlannedSetting};

use super::given::{Factors, conditions, sim_options, with_settings};
use super::{Prepared, RunOptions, StudyError};

/// Candidates on the day of entry, or where a part of their way ends.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    /// What was to be read on the way; NaN before a person's own start.
    pub trajectories: Trajectories,
    /// `[patient]`
    pub status: Vec<SolveStatus>,
    /// Where they stand.
    pub end: Snapshots,
}

/// Up to where candidates are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UpTo {
    /// The end of the burn-in.
    Disease,
    /// The day of entry.
    Entry,
}

/// Length to which own run-ins are rounded, days, and the shortest.
const WEEK: f64 = 7.0;

/// Burn-in, run-in and entry of candidates; the outputs are the entry conditions on the day of entry.
pub(crate) fn before_entry(
    trial: &Prepared,
    cohort: &Cohort,
    entry_day: f64,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Before, StudyError> {
    let outputs = Outputs { times: vec![entry_day], observables: conditions(trial) };
    before_entry_reading(trial, cohort, entry_day, outputs, seed, options, watch)
}

/// Burn-in, run-in and entry of candidates, with what is to be read of them on the way.
pub(crate) fn before_entry_reading(
    trial: &Prepared,
    cohort: &Cohort,
    entry_day: f64,
    outputs: Outputs,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Before, StudyError> {
    let groups = groups(trial, cohort);
    let run = |cohort: &Cohort, run_in: f64, outputs: &Outputs| {
        let way = Way { up_to: UpTo::Entry, end: entry_day, run_in };
        simulated(trial, cohort, way, outputs, &sim_options(seed, options), watch)
    };
    if let [(run_in, _)] = groups.as_slice() {
        return run(cohort, *run_in, &outputs);
    }
    let (width, n) = (outputs.times.len() * outputs.observables.len(), cohort.numbers.len());
    let mut all = Before {
        trajectories: Trajectories {
            n_patients: n,
            n_times: outputs.times.len(),
            n_observables: outputs.observables.len(),
            values: vec![f64::NAN; n * width],
        },
        status: vec![SolveStatus::NotStarted; n],
        end: Snapshots::default(),
    };
    let mut order = Vec::with_capacity(n);
    for (run_in, rows) in groups {
        let part = run(&cohort.select(&rows), run_in, &outputs)?;
        for (at, row) in rows.iter().enumerate() {
            all.status[*row] = part.status[at].clone();
            let (from, to) = (at * width, row * width);
            all.trajectories.values[to..to + width]
                .copy_from_slice(&part.trajectories.values[from..from + width]);
        }
        all.end.append(&part.end);
        order.extend(rows);
    }
    let mut place = vec![0; n];
    order.iter().enumerate().for_each(|(at, row)| place[*row] = at);
    all.end = all.end.select(&place);
    Ok(all)
}

/// Where candidates stand once they are ill, before their run-in.
pub(crate) fn diseased(
    trial: &Prepared,
    cohort: &Cohort,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn regraft_sim::Watch,
) -> Result<Before, StudyError> {
    let way = Way { up_to: UpTo::Disease, end: 0.0, run_in: 0.0 };
    simulated(trial, cohort, way, &Outputs::default(), &sim_options(seed, options), watch)
}

/// Length of the run-in of a person whose own, if it is drawn, is `own`, days.
pub(crate) fn run_in_days(phase: &PlannedPhase, own: f64) -> f64 {
    if phase.days_of.is_some() { weeks(own) } else { phase.days }
}

/// The day on which the run-in of a person begins; where they enter on `entry_day`.
pub(crate) fn ill_since(trial: &Prepared, cohort: &Cohort, row: usize, entry_day: f64) -> f64 {
    let own = |phase: &PlannedPhase| {
        let column = phase.days_of.as_ref().and_then(|name| cohort.column(name));
        run_in_days(phase, column.map_or(0.0, |column| cohort.value(row, column)))
    };
    entry_day - trial.protocol.run_in.as_ref().map_or(0.0, own)
}

/// A length in whole weeks, one at least.
fn weeks(days: f64) -> f64 {
    (days / WEEK).round().max(1.0) * WEEK
}

/// Candidates by the length of their run-in, ascending; one group where all have the same.
fn groups(trial: &Prepared, cohort: &Cohort) -> Vec<(f64, Vec<usize>)> {
    let everyone = |days: f64| vec![(days, (0..cohort.numbers.len()).collect())];
    let Some(phase) = &trial.protocol.run_in else { return everyone(0.0) };
    let column = phase.days_of.as_ref().map(|name| {
        cohort.column(name).expect("the population's card was checked: its run-in names one of its traits")
    });
    let Some(column) = column.filter(|_| !cohort.numbers.is_empty()) else { return everyone(phase.days) };
    let mut found: Vec<(f64, Vec<usize>)> = Vec::new();
    for row in 0..cohort.numbers.len() {
        let days = run_in_days(phase, cohort.value(row, column));
        match found.iter_mut().find(|(known, _)| *known == days) {
            Some((_, rows)) => rows.push(row),
            None => found.push((days, vec![row])),
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

/// A stretch of the way before entry.
#[derive(Debug, Clone, Copy)]
struct Way {
    up_to: UpTo,
    /// The day on which it ends.
    end: f64,
    /// Length of the run-in, days.
    run_in: f64,
}

fn simulated(
    trial: &Prepared,
    cohort: &Cohort,
    way: Way,
    outputs: &Outputs,
    sim_options: &Options,
    watch: &dyn regraft_sim::Watch,
) -> Result<Before, StudyError> {
    let protocol = &trial.protocol;
    let mut patients = with_settings(cohort, &protocol.settings);
    if let Some(members) = &trial.members {
        members.apply(&mut patients, true);
    }
    let run_in = protocol.run_in.iter().filter(|_| way.up_to == UpTo::Entry).map(|phase| (phase, way.run_in));
    let phases: Vec<(&PlannedPhase, f64)> =
        protocol.burn_in.iter().map(|phase| (phase, phase.days)).chain(run_in).collect();
    let start = way.end - phases.iter().map(|(_, days)| days).sum::<f64>();
    let own = own_values(trial, &patients, &phases, start, sim_options, watch)?;
    let mut factors = Factors::new(cohort);
    let mut doses = Vec::new();
    let mut day = start;
    for (phase, days) in &phases {
        doses.extend(sets(&phase.settings, day, &mut factors));
        day += days;
        doses.extend(restore(&phase.settings, day, &own, &mut factors));
    }
    if way.up_to == UpTo::Entry {
        doses.extend(sets(&protocol.entry, way.end, &mut factors));
    }
    factors.fill(&mut patients);
    let plan = Plan {
        start,
        end: way.end,
        doses,
        rules: Vec::new(),
        stop_on: protocol.terminal_event.into_iter().collect(),
    };
    // What lies before a person's own start cannot be read of them.
    let late = outputs.times.partition_point(|time| *time < start);
    let asked = Outputs { times: outputs.times[late..].to_vec(), observables: outputs.observables.clone() };
    let run = simulate(&trial.program, &patients, Start::Fresh, &plan, &asked, sim_options, watch)?;
    let trajectories = with_unread(run.trajectories, late);
    Ok(Before { trajectories, status: run.status, end: run.end })
}

/// Trajectories with so many times before them at which nothing was read.
fn with_unread(read: Trajectories, late: usize) -> Trajectories {
    if late == 0 {
        return read;
    }
    let Trajectories { n_patients, n_times, n_observables, values } = read;
    let width = n_times * n_observables;
    let of = |patient: usize| {
        let unread = std::iter::repeat_n(f64::NAN, late * n_observables);
        unread.chain(values[patient * width..(patient + 1) * width].iter().copied())
    };
    let values = (0..n_patients).flat_map(of).collect();
    Trajectories { n_patients, n_times: late + n_times, n_observables, values }
}

/// Values of the phases' targets before the phases touch them, `[target][patient]`.
///
/// What is set for each patient is read off; what is the same in all patients, whoever they are, is asked of the first.
/// Only where something else is meant are all patients asked.
fn own_values(
    trial: &Prepared,
    patients: &Patients,
    phases: &[(&PlannedPhase, f64)],
    start: f64,
    options: &Options,
    watch: &dyn regraft_sim::Watch,
) -> Result<Vec<(Target, Vec<f64>)>, StudyError> {
    let targets: Vec<Target> =
        phases.iter().flat_map(|(phase, _)| phase.settings.iter().map(|s| s.target)).collect();
    let plan = Plan { start, end: start, ..Plan::default() };
    let ask = |patients: &Patients| {
        simulate(&trial.program, patients, Start::Fresh, &plan, &Outputs::default(), options, watch)
    };
    if patients.n_patients() == 0 {
        return Ok(targets.into_iter().map(|target| (target, Vec::new())).collect());
    }
    let first = ask(&patients.select(&[0]))?.end;
    let set = |target: &Target| patients.overrides.iter().position(|known| known == target);
    let is_common =
        |target: &Target| matches!(target, Target::Parameter(p) if first.common.parameters.contains(p));
    let is_known = |target: &Target| set(target).is_some() || is_common(target);
    let all = if targets.iter().all(is_known) { None } else { Some(ask(patients)?.end) };
    let (width, n) = (patients.overrides.len(), patients.n_patients());
    let values = |target: Target| match (set(&target), &all) {
        (Some(column), _) => patients.values.iter().skip(column).step_by(width).copied().collect(),
        (None, None) => vec![value_in(&first, target, 0); n],
        (None, Some(all)) => (0..n).map(|row| value_in(all, target, row)).collect(),
    };
    Ok(targets.into_iter().map(|target| (target, values(target))).collect())
}

fn value_in(snapshots: &Snapshots, target: Target, row: usize) -> f64 {
    match target {
        Target::State(index) => snapshots.states_of(row)[index as usize],
        Target::Parameter(index) => snapshots.parameters_of(row)[index as usize],
    }
}

fn sets(settings: &[PlannedSetting], day: f64, factors: &mut Factors<'_>) -> Vec<Dose> {
    let set = |setting: &PlannedSetting| {
        Dose::new(day, Action::Set { target: setting.target, value: factors.amount(&setting.amount) })
    };
    settings.iter().map(set).collect()
}

fn restore(
    settings: &[PlannedSetting],
    day: f64,
    own: &[(Target, Vec<f64>)],
    factors: &mut Factors<'_>,
) -> Vec<Dose> {
    let set = |setting: &PlannedSetting| {
        let values =
            own.iter().find(|(target, _)| *target == setting.target).map(|(_, values)| values.clone());
        let factor = factors.column(values.expect("own values were read for every target of the phases"));
        let value = Amount { value: 1.0, factor: Some(factor), second_factor: None };
        Dose::new(day, Action::Set { target: setting.target, value })
    };
    settings.iter().map(set).collect()
}

#[cfg(test)]
mod tests;
