//! What is the same in every patient of a call: it need not stand in the rows of lanes.
//!
//! A parameter that nothing overrides, draws or changes has one value in the whole cohort, and so has what the
//! set-up computes from such parameters alone. The routines then hold these values as numbers, which moves no bit
//! and spares the memory that most limits them. A state that is 0 in everybody and stays so need not be integrated.

use std::collections::HashSet;

use regraft_model::program::Binary;
use regraft_model::{Program, Target};

use crate::draws::{Middle, NoDraws};
use crate::initial::{Given, start_values};
use crate::kernel::{Code, Kernel, Op, SINGLE, Shared, Tape, Tapes};
use crate::patients::{Patients, Snapshots, Start};
use crate::plan::{Action, Plan};

/// Parameters with one value in all patients, `(parameter, value)`.
pub(crate) type Uniform = Vec<(u32, f64)>;

/// What is the same in all patients, whoever they are: it follows from the program, the plan and from what is
/// overridden, not from any patient's values. So it is the same for all parts of a cohort, and may move bits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Foreseen {
    pub parameters: Uniform,
    /// States that begin at 0 and that nothing sets, ascending.
    pub still: Vec<u32>,
    /// Whether each event may happen, `[event]`; see [`may_happen`].
    pub may_happen: Vec<bool>,
}

/// Finds what is the same in all patients, whoever they are: of a fresh start from time `t`, given which starting
/// values are [overridden](crate::initial::overridden), or of a snapshot. Nothing in `set` counts; what events set
/// that may happen is added to it.
pub(crate) fn foreseen(
    program: &Program,
    tapes: &Tapes,
    start: Start,
    t: f64,
    overridden: &[Option<u32>],
    set: &mut HashSet<Target>,
) -> Foreseen {
    let mut found = match start {
        Start::Fresh => fresh(program, tapes, t, overridden),
        Start::From(snapshots) => carried(snapshots),
    };
    found.may_happen = may_happen(tapes, &mut found.parameters, set);
    found.still.retain(|&state| !set.contains(&Target::State(state)));
    found
}

/// Which events may happen, `[event]`: those whose conditions are not false whatever happens to a patient, as that of
/// an event that waits for a dose which nobody is given. Takes from `parameters` what is in `set`, and adds to that
/// what the events set that may happen.
///
/// The search begins with no event and adds those that the others make possible. An event that it does not reach
/// would have to be set off by one that it does not reach.
fn may_happen(tapes: &Tapes, parameters: &mut Uniform, set: &mut HashSet<Target>) -> Vec<bool> {
    let mut may_happen = vec![false; tapes.events.len()];
    loop {
        parameters.retain(|&(parameter, _)| !set.contains(&Target::Parameter(parameter)));
        let never = never(tapes, parameters);
        let new: Vec<usize> = (0..never.len()).filter(|&event| !never[event] && !may_happen[event]).collect();
        if new.is_empty() {
            return may_happen;
        }
        for event in new {
            may_happen[event] = true;
            set.extend(&tapes.events[event].targets);
            set.extend(tapes.events[event].species.iter().flatten());
        }
    }
}

/// Which conditions are false at all times and states where parameters have these values, `[event]`.
fn never(tapes: &Tapes, parameters: &Uniform) -> Vec<bool> {
    let (mut known, mut kernel) = set_up(tapes, parameters);
    kernel.load(0.0, &vec![0.0; tapes.n_states]);
    kernel.run_lane(&tapes.conditions, 0, &mut NoDraws);
    let value = |slot: u32| kernel.value(0, slot);
    for op in &tapes.conditions.ops {
        let decides = |slot: u32| match op.code {
            Code::Binary(Binary::And) => known.is(slot) && value(slot) == 0.0,
            Code::Binary(Binary::Or) => known.is(slot) && value(slot) != 0.0,
            _ => false,
        };
        let is_known = known.of(op) || op.operands().any(decides);
        known.set(op.to, is_known);
    }
    let is_false = |&slot: &u32| known.is(slot) && (value(slot) == 0.0 || value(slot).is_nan());
    tapes.conditions.results.iter().map(is_false).collect()
}

/// Finds the parameters that have one value in all patients throughout; nothing that is `set` counts.
pub(crate) fn uniform(
    program: &Program,
    foreseen: &Foreseen,
    start: Start,
    set: &HashSet<Target>,
) -> Uniform {
    let Start::From(snapshots) = start else { return foreseen.parameters.clone() };
    let n_parameters = program.parameters.len() as u32;
    let kept: Vec<u32> = (0..n_parameters).filter(|&p| !set.contains(&Target::Parameter(p))).collect();
    alike(snapshots, &kept)
}

/// All that is overridden, or given or set by the plan.
pub(crate) fn set_from_outside(patients: &Patients, plan: &Plan) -> HashSet<Target> {
    let by_plan = plan.actions().filter_map(|action| match *action {
        Action::Set { target, .. } | Action::Scale { target, .. } | Action::SetBetween { target, .. } => {
            Some(target)
        }
        Action::Add { state, .. } | Action::Infuse { state, .. } => Some(Target::State(state)),
        Action::Stop => None,
    });
    patients.overrides.iter().copied().chain(by_plan).collect()
}

/// Starting values that follow from numbers alone.
fn fresh(program: &Program, tapes: &Tapes, t: f64, overridden: &[Option<u32>]) -> Foreseen {
    let mut known = Numbers::new(tapes);
    for (entry, by) in tapes.initial.iter().zip(overridden) {
        let is_known = known.follow(&entry.value) && by.is_none();
        let slot = match entry.target {
            Target::State(state) => SINGLE | state,
            Target::Parameter(parameter) => parameter,
        };
        known.set(slot, is_known);
    }
    let mut kernel = Kernel::standing(tapes, 1);
    let mut y = vec![0.0; tapes.n_states];
    start_values(&mut kernel, 0, t, Given::NOTHING, &mut Middle, &mut y);
    let parameters = 0..program.parameters.len() as u32;
    let is_zero = |state: u32| y[state as usize].to_bits() == 0;
    Foreseen {
        parameters: parameters.filter(|&p| known.is(p)).map(|p| (p, kernel.parameter(0, p))).collect(),
        still: (0..y.len() as u32).filter(|&state| known.is(SINGLE | state) && is_zero(state)).collect(),
        may_happen: Vec::new(),
    }
}

/// What was the same in all patients where they come from. A snapshot may have been changed since.
fn carried(snapshots: &Snapshots) -> Foreseen {
    let mut rows = (0..snapshots.n_patients()).filter(|&row| snapshots.usable[row]);
    let is_zero = |row: usize, state: u32| {
        snapshots.states_of(row).get(state as usize).is_some_and(|value| value.to_bits() == 0)
    };
    let mut still = snapshots.common.at_rest.clone();
    still.retain(|&state| rows.clone().all(|row| is_zero(row, state)));
    if rows.next().is_none() {
        still.clear();
    }
    let parameters = alike(snapshots, &snapshots.common.parameters);
    Foreseen { parameters, still, may_happen: Vec::new() }
}

/// Those of the given parameters that all patients have brought along alike.
fn alike(snapshots: &Snapshots, parameters: &[u32]) -> Uniform {
    let mut rows = (0..snapshots.n_patients()).filter(|&row| snapshots.usable[row]);
    let Some(first) = rows.next().map(|row| snapshots.parameters_of(row)) else { return Vec::new() };
    let mut alike = parameters.to_vec();
    alike.retain(|&parameter| (parameter as usize) < first.len());
    for row in rows {
        let other = snapshots.parameters_of(row);
        alike.retain(|&p| first[p as usize].to_bits() == other[p as usize].to_bits());
    }
    alike.into_iter().map(|p| (p, first[p as usize])).collect()
}

/// The set-up from `uniform` alone, and what of it follows from that.
fn set_up<'t>(tapes: &'t Tapes, uniform: &Uniform) -> (Numbers, Kernel<'t>) {
    let mut known = Numbers::new(tapes);
    let mut kernel = Kernel::standing(tapes, 1);
    for &(parameter, value) in uniform {
        known.set(parameter, true);
        kernel.set_parameter(0, parameter, value);
    }
    kernel.refresh(0);
    known.follow(&tapes.setup);
    (known, kernel)
}

/// Carries out what of the set-up follows from `uniform` alone.
pub(crate) fn shared(tapes: &Tapes, uniform: &Uniform) -> Shared {
    let (known, kernel) = set_up(tapes, uniform);
    let rows = (0..tapes.n_rows as u32).filter(|&row| known.is(row));
    let own = tapes.setup.ops.iter().filter(|op| !known.is(op.to));
    Shared {
        numbers: rows.map(|row| (row, kernel.value(0, row))).collect(),
        setup: Tape { ops: own.copied().collect(), results: Vec::new() },
        single: kernel.into_single(),
    }
}

/// Which slots hold something that follows from numbers alone.
struct Numbers {
    rows: Vec<bool>,
    single: Vec<bool>,
}

impl Numbers {
    /// Constants, and nothing else.
    fn new(tapes: &Tapes) -> Numbers {
        let mut known = Numbers { rows: vec![false; tapes.n_rows], single: vec![false; tapes.n_single] };
        tapes.constants.iter().for_each(|&(slot, _)| known.single[slot as usize] = true);
        known
    }

    fn is(&self, slot: u32) -> bool {
        match slot & SINGLE {
            0 => self.rows[slot as usize],
            _ => self.single[(slot & !SINGLE) as usize],
        }
    }

    fn set(&mut self, slot: u32, known: bool) {
        match slot & SINGLE {
            0 => self.rows[slot as usize] = known,
            _ => self.single[(slot & !SINGLE) as usize] = known,
        }
    }

    /// Follows the operations of a tape; whether all its results are known.
    fn follow(&mut self, tape: &Tape) -> bool {
        for op in &tape.ops {
            let known = self.of(op);
            self.set(op.to, known);
        }
        tape.results.iter().all(|&slot| self.is(slot))
    }

    fn of(&self, op: &Op) -> bool {
        !matches!(op.code, Code::Draw(_)) && op.operands().all(|slot| self.is(slot))
    }
}
