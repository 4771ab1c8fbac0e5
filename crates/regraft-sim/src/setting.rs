//! Everything the workers share, checked once.

use std::ops::Deref;
use std::sync::Arc;

use regraft_model::{Found, Program, Target};
use regraft_ode::{Integrator, StepControl, Tolerances};
use regraft_stats::{Seed, Streams};

use crate::error::SimError;
use crate::events::Conditions;
use crate::initial::{Entry, entries, overridden};
use crate::kernel::{Kernel, Routines, Tapes};
use crate::options::{Options, Outputs, absolute_tolerances};
use crate::patients::{Common, Patients, Start};
use crate::plan::{Action, Amount, Dose, Plan, Trigger};
use crate::prepared::{Cohort, Prepared, Wanted, prepared};
use crate::result::Cost;
use crate::uniform::{Foreseen, Uniform, foreseen, set_from_outside, uniform};

mod check;

/// The shared inputs of all workers, valid and in working order.
pub(crate) struct Setting<'a> {
    pub program: &'a Program,
    pub prepared: Arc<Prepared>,
    /// The routines of a step for these patients.
    pub routines: Arc<Routines>,
    /// What is the same in all patients, whoever they are.
    foreseen: Foreseen,
    /// What is asked of the events that may happen.
    pub conditions: Conditions,
    pub patients: &'a Patients,
    pub start: Start<'a>,
    pub plan: &'a Plan,
    pub outputs: &'a Outputs,
    pub options: &'a Options,
    /// For each starting value the override that takes its place; see [`overridden`].
    pub overridden: Vec<Option<u32>>,
    /// What differs between patients.
    pub own: Own,
    /// The program's streams of draws, `[stream]`.
    pub streams: Vec<Streams>,
    /// `[state]`
    pub absolute_tolerances: Vec<f64>,
    /// The plan's doses by time; at equal times in the order of the plan.
    pub doses: Vec<Dose>,
    /// Moments at which rules with times wake, with the rule; by time, then in the order of the plan.
    pub visits: Vec<(f64, u32)>,
    /// Rules that each event wakes, `[event]`.
    pub woken: Vec<Vec<u32>>,
    /// Whether each event ends a course, `[event]`.
    pub ends_course: Vec<bool>,
}

impl<'a> Setting<'a> {
    /// Checks and compiles.
    ///
    /// # Errors
    /// [`SimError`] for the first thing that cannot be done.
    pub fn new(
        program: &'a Program,
        patients: &'a Patients,
        start: Start<'a>,
        plan: &'a Plan,
        outputs: &'a Outputs,
        options: &'a Options,
    ) -> Result<Setting<'a>, SimError> {
        check::program(program)?;
        check::patients(program, patients, start)?;
        check::plan(program, patients, plan)?;
        check::outputs(program, plan, outputs)?;
        check::options(program, options)?;
        let wanted = Wanted { outputs: outputs.observables.clone(), infused: infused(plan) };
        let prepared = prepared(program, wanted)?;
        let overridden = overridden(&prepared.tapes, &patients.overrides);
        let mut set = set_from_outside(patients, plan);
        let foreseen = foreseen(program, &prepared.tapes, start, plan.start, &overridden, &mut set);
        let cohort = Cohort {
            width: width(patients, options),
            engine: options.engine,
            uniform: match patients.n_patients() < FEW {
                true => foreseen.parameters.clone(),
                false => uniform(program, &foreseen, start, &set),
            },
            foreseen: foreseen.clone(),
        };
        let own = Own::new(program, &prepared.tapes, start, &overridden, &cohort.uniform);
        let routines = prepared.routines(cohort);
        let absolute_tolerances = match &options.absolute_tolerances {
            Some(given) => given.clone(),
            None => absolute_tolerances(&prepared.tapes, plan, options),
        };
        let mut doses = plan.doses.clone();
        doses.sort_by(|a, b| a.time.total_cmp(&b.time));
        Ok(Setting {
            program,
            overridden,
            own,
            streams: streams(program, options.seed),
            routines,
            conditions: Conditions::new(&prepared.tapes, &foreseen.may_happen),
            prepared,
            foreseen,
            patients,
            start,
            plan,
            outputs,
            options,
            absolute_tolerances,
            doses,
            visits: visits(plan),
            woken: woken(program, plan),
            ends_course: (0..program.events.len())
                .map(|event| plan.stop_on.contains(&(event as u32)))
                .collect(),
        })
    }
}

/// What is compiled for whom is read as if it were part of the setting.
impl Deref for Setting<'_> {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        &self.prepared
    }
}

impl Setting<'_> {
    /// Tolerances of the states that are integrated.
    pub fn tolerances(&self) -> Tolerances {
        Tolerances {
            relative: self.options.relative_tolerance,
            absolute: self.routines.of_states(&self.absolute_tolerances),
        }
    }

    /// Limits of the steps, for the states that are integrated.
    pub fn control(&self) -> StepControl {
        let floors = &self.options.floors;
        StepControl {
            max_steps: self.options.max_steps,
            floor: if floors.is_empty() { Vec::new() } else { self.routines.of_states(floors) },
            ..StepControl::default()
        }
    }

    /// What will be the same in all patients at the end.
    pub fn common(&self) -> Common {
        let n_states = self.program.states.len() as u32;
        let at_rest = |state: &u32| self.routines.states.binary_search(state).is_err();
        Common {
            at_rest: (0..n_states).filter(at_rest).collect(),
            parameters: self.foreseen.parameters.iter().map(|&(parameter, _)| parameter).collect(),
        }
    }

    /// What a step and a lane cost.
    pub fn cost(&self) -> Cost {
        let kernel = Kernel::new(&self.tapes, &self.routines, &self.infused);
        let integrator = Integrator::new(kernel, self.tolerances(), StepControl::default());
        let kernel = &integrator.system;
        let kept = integrator.numbers_per_lane() + kernel.numbers_per_lane();
        let work = integrator.work_per_lane() + kernel.work_per_lane();
        let engines = self.options.lanes.div_ceil(self.routines.width);
        Cost {
            flops_of_attempt: self.routines.flops_of_attempt(),
            bytes_per_lane: 8 * (kept + work.div_ceil(engines)),
        }
    }
}

/// What is not the same in all patients of a call, and the rest of the parameters.
pub(crate) struct Own {
    /// The program's parameters that differ, ascending.
    pub parameters: Vec<u32>,
    /// The entries of the starting values that differ; none where patients do not start afresh.
    pub entries: Vec<Entry>,
    /// Values of the program's parameters, `[parameter]`; 0 for those that differ.
    pub common: Vec<f64>,
    /// Whether all of these are finite.
    pub common_is_finite: bool,
}

impl Own {
    fn new(
        program: &Program,
        tapes: &Tapes,
        start: Start,
        overridden: &[Option<u32>],
        uniform: &Uniform,
    ) -> Own {
        let n_parameters = program.parameters.len();
        let (mut common, mut is_common) = (vec![0.0; n_parameters], vec![false; n_parameters]);
        for &(parameter, value) in uniform {
            (common[parameter as usize], is_common[parameter as usize]) = (value, true);
        }
        let differs = |target: Target| match target {
            // Those of switches come after the program's own.
            Target::Parameter(parameter) => !is_common.get(parameter as usize).is_some_and(|&common| common),
            Target::State(_) => true,
        };
        let entries = match start {
            Start::Fresh => entries(tapes, overridden, differs),
            Start::From(_) => Vec::new(),
        };
        Own {
            parameters: (0..n_parameters as u32).filter(|&p| differs(Target::Parameter(p))).collect(),
            entries,
            common_is_finite: common.iter().all(|value| value.is_finite()),
            common,
        }
    }
}

fn streams(program: &Program, seed: Seed) -> Vec<Streams> {
    program.streams.iter().map(|name| seed.streams(&format!("model:{name}"))).collect()
}

/// Fewer patients than these are simulated by routines that serve any others of the same plan as well, whatever their
/// parameters: to write special ones takes as long as tens of patients.
const FEW: usize = 64;

/// Lanes of one engine: 8 for machine code, up to 32 for the interpreter, as many as there is use for.
fn width(patients: &Patients, options: &Options) -> usize {
    let wanted = options.lanes.min(patients.n_patients().max(1));
    match options.engine.machine_code {
        true => 8,
        false if wanted < 8 => wanted,
        false => (wanted.next_multiple_of(8)).min(32),
    }
}

/// Where rules with times wake within the plan.
fn visits(plan: &Plan) -> Vec<(f64, u32)> {
    let mut visits = Vec::new();
    for (rule, wanted) in plan.rules.iter().enumerate() {
        if let Trigger::Times(times) = &wanted.trigger {
            let within = times.iter().filter(|time| (plan.start..=plan.end).contains(*time));
            visits.extend(within.map(|&time| (time, rule as u32)));
        }
    }
    visits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    visits
}

fn woken(program: &Program, plan: &Plan) -> Vec<Vec<u32>> {
    let wakes =
        |event: usize, trigger: &Trigger| matches!(trigger, Trigger::Event(e) if *e as usize == event);
    let rules = |event| {
        let woken = plan.rules.iter().enumerate().filter(|(_, rule)| wakes(event, &rule.trigger));
        woken.map(|(rule, _)| rule as u32).collect()
    };
    (0..program.events.len()).map(rules).collect()
}

fn infused(plan: &Plan) -> Vec<u32> {
    let state = |action: &Action| match action {
        Action::Infuse { state, .. } => Some(*state),
        _ => None,
    };
    let mut states: Vec<u32> = plan.actions().filter_map(state).collect();
    states.sort_unstable();
    states.dedup();
    states
}
