//! Events of the program in one patient: which conditions hold, what waits, what happens next.

use regraft_model::Program;

use crate::draws::{DrawSource, NoDraws};
use crate::kernel::{EventTapes, Tape, Tapes};
use crate::result::Cause;
use crate::scene::Scene;

/// A triggered event that has not taken effect yet.
#[derive(Debug, Clone)]
struct Waiting {
    due: f64,
    event: u32,
    /// What it will assign, if that was read at the trigger.
    values: Option<Vec<f64>>,
    /// Counts triggers, to break ties.
    order: u64,
}

/// The events of one patient.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventStates {
    /// Whether each condition held when last looked at, and the time before; in the order of [`Conditions`].
    held: Vec<bool>,
    before: Vec<bool>,
    waiting: Vec<Waiting>,
    triggered: u64,
}

/// Events that may be triggered in one patient before the patient is given up: one an hour for 34 years, and a few
/// megabytes of memory. Chosen; what goes beyond is taken for two events that set each other off without end.
const MOST_EVENTS: u64 = 300_000;

/// Moments closer than this are the same moment: 10⁻¹⁰ of the time, at least 10⁻¹⁰ of its unit.
/// Chosen far below any clinical meaning and far above the resolution of sums of times.
pub(crate) fn same_moment(t: f64) -> f64 {
    1e-10 * t.abs().max(1.0)
}

impl EventStates {
    /// Before a fresh start: conditions hold or not as the program says. One that holds at the start
    /// although it counts as false before fires there.
    pub fn fresh(program: &Program, scene: &mut Scene, conditions: &Conditions) -> EventStates {
        let mut states = EventStates::resumed(scene, conditions);
        for (held, &event) in states.held.iter_mut().zip(&conditions.events) {
            *held &= program.events[event as usize].true_before_start;
        }
        states
    }

    /// Going on from a snapshot: what holds now has been acted upon.
    pub fn resumed(scene: &mut Scene, conditions: &Conditions) -> EventStates {
        let mut states = EventStates::default();
        conditions.look(scene, &mut states.held);
        states
    }

    /// Looks at all conditions; those newly true are triggered. Says whether any changed.
    pub fn notice(
        &mut self,
        program: &Program,
        tapes: &Tapes,
        conditions: &Conditions,
        scene: &mut Scene,
        draws: &mut dyn DrawSource,
    ) -> Result<bool, Cause> {
        std::mem::swap(&mut self.held, &mut self.before);
        conditions.look(scene, &mut self.held);
        let changed = self.before != self.held;
        if !changed && self.waiting.is_empty() {
            return Ok(false);
        }
        for (index, &event) in conditions.events.iter().enumerate() {
            if self.held[index] && !self.before[index] {
                self.trigger(event, program, &tapes.events[event as usize], scene, draws)?;
            } else if !self.held[index] && !program.events[event as usize].persistent {
                self.waiting.retain(|waiting| waiting.event != event);
            }
        }
        Ok(changed)
    }

    /// # Errors
    /// [`Cause::TooManyEvents`] and [`Cause::DelayNotPossible`].
    fn trigger(
        &mut self,
        event: u32,
        program: &Program,
        tapes: &EventTapes,
        scene: &mut Scene,
        draws: &mut dyn DrawSource,
    ) -> Result<(), Cause> {
        let delay = match &tapes.delay {
            None => 0.0,
            Some(tape) => {
                scene.run(tape, draws);
                scene.result(tape.results[0])
            }
        };
        if !(delay >= 0.0 && delay.is_finite()) {
            return Err(Cause::DelayNotPossible { event });
        }
        let at_trigger = program.events[event as usize].values_from_trigger;
        let values = at_trigger.then(|| values(tapes, scene, draws));
        if self.triggered == MOST_EVENTS {
            return Err(Cause::TooManyEvents { event });
        }
        self.triggered += 1;
        self.waiting.push(Waiting { due: scene.t() + delay, event, values, order: self.triggered });
        Ok(())
    }

    /// Carries out the next event due now: the largest priority, then declaration order, then the
    /// earliest trigger. Gives its index.
    pub fn happen(
        &mut self,
        tapes: &Tapes,
        scene: &mut Scene,
        draws: &mut dyn DrawSource,
    ) -> Result<Option<u32>, Cause> {
        let Some(next) = self.next_due_now(tapes, scene) else { return Ok(None) };
        let Waiting { event, values: at_trigger, .. } = self.waiting.remove(next);
        let tapes = &tapes.events[event as usize];
        let values = at_trigger.unwrap_or_else(|| values(tapes, scene, draws));
        let sizes_before = sizes(tapes, scene);
        for (&target, value) in tapes.targets.iter().zip(values) {
            if !value.is_finite() {
                return Err(Cause::AssignmentNotFinite { event, target });
            }
            scene.set(target, value);
        }
        keep_amounts(event, tapes, &sizes_before, scene)?;
        Ok(Some(event))
    }

    fn next_due_now(&self, tapes: &Tapes, scene: &mut Scene) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (index, waiting) in self.waiting.iter().enumerate() {
            if waiting.due > scene.t() + same_moment(scene.t()) {
                continue;
            }
            let priority = priority(&tapes.events[waiting.event as usize], scene);
            let first = best.is_none_or(|(other, highest)| {
                let other = &self.waiting[other];
                let earlier = (waiting.event, waiting.order) < (other.event, other.order);
                priority > highest || (priority == highest && earlier)
            });
            if first {
                best = Some((index, priority));
            }
        }
        best.map(|(index, _)| index)
    }

    /// When the next waiting event is due; infinity for none.
    pub fn next_due(&self) -> f64 {
        self.waiting.iter().map(|waiting| waiting.due).fold(f64::INFINITY, f64::min)
    }
}

/// The conditions of the events that may happen.
pub(crate) struct Conditions {
    /// Ascending.
    events: Vec<u32>,
    /// Their conditions.
    tape: Tape,
}

impl Conditions {
    /// Of the events that `may_happen`, `[event]`.
    pub fn new(tapes: &Tapes, may_happen: &[bool]) -> Conditions {
        let events: Vec<u32> =
            (0..).zip(may_happen).filter_map(|(event, may)| may.then_some(event)).collect();
        Conditions { tape: tapes.conditions.part(&events), events }
    }

    /// Which of them hold now; NaN does not hold.
    fn look(&self, scene: &mut Scene, held: &mut Vec<bool>) {
        held.clear();
        if self.events.is_empty() {
            return;
        }
        scene.run(&self.tape, &mut NoDraws);
        held.extend(self.tape.results.iter().map(|&slot| {
            let value = scene.result(slot);
            value != 0.0 && !value.is_nan()
        }));
    }
}

/// The right-hand sides of an event, all read before anything is assigned.
fn values(tapes: &EventTapes, scene: &mut Scene, draws: &mut dyn DrawSource) -> Vec<f64> {
    scene.run(&tapes.values, draws);
    tapes.values.results.iter().map(|&slot| scene.result(slot)).collect()
}

/// Sizes of the compartments that an event may change.
fn sizes(tapes: &EventTapes, scene: &mut Scene) -> Vec<f64> {
    if tapes.species.is_empty() {
        return Vec::new();
    }
    scene.run(&tapes.sizes, &mut NoDraws);
    tapes.sizes.results.iter().map(|&slot| scene.result(slot)).collect()
}

/// Amounts stay where a compartment has got another size: c := c · V / V_new, also where the event has set c itself,
/// which then was the concentration in the old size (SBML test suite, cases 01506 and 01779).
fn keep_amounts(event: u32, tapes: &EventTapes, before: &[f64], scene: &mut Scene) -> Result<(), Cause> {
    let after = sizes(tapes, scene);
    for (species, (before, after)) in tapes.species.iter().zip(before.iter().zip(after)) {
        if *before == after {
            continue;
        }
        for &target in species {
            let value = scene.get(target) * before / after;
            if !value.is_finite() {
                return Err(Cause::AssignmentNotFinite { event, target });
            }
            scene.set(target, value);
        }
    }
    Ok(())
}

/// Priority of an event; 0 where none is stated, lowest where it is NaN.
fn priority(tapes: &EventTapes, scene: &mut Scene) -> f64 {
    match &tapes.priority {
        None => 0.0,
        Some(tape) => Some(scene.value(tape)).filter(|value| !value.is_nan()).unwrap_or(f64::NEG_INFINITY),
    }
}
