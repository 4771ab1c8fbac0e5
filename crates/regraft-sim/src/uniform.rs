//! What is the same in every patient of a call: it need not stand in the rows of lanes.
//!
//! A parameter that nothing overrides, draws or changes has one value in the whole cohort, and so has what the
//! set-up computes from such parameters alone. The routines then hold these values as numbers, which moves no bit
//! and spares the memory that most limits them.

use regraft_model::{Program, Target};

use crate::draws::Middle;
use crate::initial::{Given, start_values};
use crate::kernel::{Code, Kernel, Op, SINGLE, Shared, Tape, Tapes};
use crate::patients::{Patients, Snapshots, Start};
use crate::plan::{Action, Plan};

/// Parameters with one value in all patients, `(parameter, value)`.
pub(crate) type Uniform = Vec<(u32, f64)>;

/// Finds the parameters that have one value in all patients throughout.
pub(crate) fn uniform(
    program: &Program,
    tapes: &Tapes,
    patients: &Patients,
    start: Start,
    plan: &Plan,
) -> Uniform {
    let may_change = may_change(program, patients, plan);
    let found = match start {
        Start::Fresh => fresh(tapes, patients, plan.start, may_change.len()),
        Start::From(snapshots) => resumed(snapshots, may_change.len()),
    };
    found.into_iter().filter(|&(parameter, _)| !may_change[parameter as usize]).collect()
}

/// Whether each parameter of the program is overridden, or assigned by an event or by the plan.
fn may_change(program: &Program, patients: &Patients, plan: &Plan) -> Vec<bool> {
    let mut changes = vec![false; program.parameters.len()];
    let by_events =
        program.events.iter().flat_map(|event| event.assignments.iter().map(|assigned| assigned.0));
    let by_plan = plan.actions().filter_map(|action| match action {
        Action::Set { target, .. } => Some(*target),
        _ => None,
    });
    for target in patients.overrides.iter().copied().chain(by_events).chain(by_plan) {
        if let Target::Parameter(parameter) = target {
            changes[parameter as usize] = true;
        }
    }
    changes
}

/// Parameters whose starting value follows from numbers alone.
fn fresh(tapes: &Tapes, patients: &Patients, t: f64, n_parameters: usize) -> Uniform {
    let mut known = Known::new(tapes);
    for entry in &tapes.initial {
        let overridden = patients.overrides.contains(&entry.target);
        let is_known = known.follow(&entry.value) && !overridden;
        let slot = match entry.target {
            Target::State(state) => SINGLE | state,
            Target::Parameter(parameter) => parameter,
        };
        known.set(slot, is_known);
    }
    let mut kernel = Kernel::standing(tapes, 1);
    start_values(&mut kernel, 0, t, Given::NOTHING, &mut Middle, &mut vec![0.0; tapes.n_states]);
    let parameters = 0..n_parameters as u32;
    parameters.filter(|&p| known.is(p)).map(|p| (p, kernel.parameter(0, p))).collect()
}

/// Parameters that all patients have brought along alike.
fn resumed(snapshots: &Snapshots, n_parameters: usize) -> Uniform {
    let mut rows = (0..snapshots.n_patients()).filter(|&row| snapshots.usable[row]);
    let Some(first) = rows.next().map(|row| snapshots.parameters_of(row)) else { return Vec::new() };
    let mut alike = vec![true; n_parameters];
    for row in rows {
        for (alike, (a, b)) in alike.iter_mut().zip(first.iter().zip(snapshots.parameters_of(row))) {
            *alike &= a.to_bits() == b.to_bits();
        }
    }
    (0..n_parameters).filter(|&p| alike[p]).map(|p| (p as u32, first[p])).collect()
}

/// Carries out what of the set-up follows from `uniform` alone.
pub(crate) fn shared(tapes: &Tapes, uniform: &Uniform) -> Shared {
    let mut known = Known::new(tapes);
    let mut kernel = Kernel::standing(tapes, 1);
    for &(parameter, value) in uniform {
        known.set(parameter, true);
        kernel.set_parameter(0, parameter, value);
    }
    kernel.refresh(0);
    known.follow(&tapes.setup);
    let rows = (0..tapes.n_rows as u32).filter(|&row| known.is(row));
    let own = tapes.setup.ops.iter().filter(|op| !known.is(op.to));
    Shared {
        numbers: rows.map(|row| (row, kernel.value(0, row))).collect(),
        setup: Tape { ops: own.copied().collect(), results: Vec::new() },
        single: kernel.into_single(),
    }
}

/// Which slots hold something that follows from numbers alone.
struct Known {
    rows: Vec<bool>,
    single: Vec<bool>,
}

impl Known {
    /// Constants, and nothing else.
    fn new(tapes: &Tapes) -> Known {
        let mut known = Known { rows: vec![false; tapes.n_rows], single: vec![false; tapes.n_single] };
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
        match op.code {
            Code::Unary(_) | Code::WholePower(_) => self.is(op.a),
            Code::Binary(_) => self.is(op.a) && self.is(op.b),
            Code::Select => self.is(op.a) && self.is(op.b) && self.is(op.c),
            Code::Draw(_) => false,
        }
    }
}
