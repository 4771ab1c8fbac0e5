//! The kernel: a program's expressions, evaluated for all lanes at once or for one.
//!
//! What every lane keeps stands in slots, `[slot][lane]` with the lane fastest: the parameters, what depends on
//! them alone, and the factors of a step. What a step needs are routines run for all lanes; everything else is a
//! [`Tape`], a straight list of operations run for one lane, whose states, constants and intermediate values
//! stand in memory that all lanes share. What depends on parameters alone is computed when they change.

mod compile;
mod flow;
mod functions;
mod live;
mod op;
mod rewrite;
mod risk;
mod routines;
mod run;
mod setup;
mod tapes;

use std::borrow::Cow;

use regraft_ode::System;
use regraft_tape::{Bank, Rows};

use crate::draws::{DrawSource, NoDraws};

pub(crate) use live::Known;
pub(crate) use op::{Code, Op, Tape};
pub(crate) use routines::{Routines, Shared};
pub(crate) use run::SINGLE;
use setup::{Part, Setup};
pub(crate) use tapes::{EventTapes, Tapes};

/// Memory of a kernel in which nothing is kept between what is done with one engine and with the next: engines of one
/// cohort that take turns need it once. See [`Kernel::swap_work`].
#[derive(Default)]
pub(crate) struct Work {
    single: Vec<f64>,
    scratch: Rows,
}

/// The slots of one engine, with what fills them.
pub(crate) struct Kernel<'p> {
    tapes: &'p Tapes,
    /// What a step runs; `None` where no time passes.
    routines: Option<&'p Routines>,
    lanes: usize,
    /// What every lane keeps, `[row][lane]`.
    slots: Rows,
    /// Where each slot stands; see [`Routines::slots`].
    places: Cow<'p, [u32]>,
    /// States, time, constants and intermediate values of the lane whose tape runs, and what is the same in all lanes.
    single: Vec<f64>,
    scratch: Rows,
    /// States that may receive infusions.
    infused: &'p [u32],
    /// What of the set-up has to be done again in the lane whose parameters are being changed.
    stale: Part,
}

impl<'p> Kernel<'p> {
    /// A kernel of the width of `routines` in which the states `infused` may receive infusions.
    pub fn new(tapes: &'p Tapes, routines: &'p Routines, infused: &'p [u32]) -> Kernel<'p> {
        let lanes = routines.width;
        Kernel {
            tapes,
            routines: Some(routines),
            lanes,
            slots: Rows::new(routines.n_rows, lanes),
            places: Cow::Borrowed(&routines.slots),
            single: routines.single.clone(),
            scratch: Rows::new(routines.scratch_rows, lanes),
            infused,
            stale: Part::default(),
        }
    }

    /// A kernel in which no time passes.
    pub fn standing(tapes: &'p Tapes, lanes: usize) -> Kernel<'p> {
        Kernel {
            tapes,
            routines: None,
            lanes,
            slots: Rows::new(tapes.n_rows, lanes),
            places: (0..tapes.n_rows as u32).collect(),
            single: numbers(tapes),
            scratch: Rows::new(0, lanes),
            infused: &[],
            stale: Part::default(),
        }
    }

    /// The tapes, independent of the kernel's own borrow.
    pub fn tapes(&self) -> &'p Tapes {
        self.tapes
    }

    /// Loads time and states for the tapes that run next.
    pub fn load(&mut self, t: f64, y: &[f64]) {
        self.single[..y.len()].copy_from_slice(y);
        self.single[y.len()] = t;
    }

    /// Loads one state for the tapes that run next.
    pub fn load_state(&mut self, state: u32, value: f64) {
        self.single[state as usize] = value;
    }

    /// Sets a parameter of one lane; [`refresh`](Self::refresh) before the next evaluation.
    pub fn set_parameter(&mut self, lane: usize, parameter: u32, value: f64) {
        self.slots_of(lane).write(parameter, value);
    }

    /// Value of a parameter in one lane.
    pub fn parameter(&self, lane: usize, parameter: u32) -> f64 {
        self.value(lane, parameter)
    }

    fn slots_of(&mut self, lane: usize) -> run::Lane<'_> {
        let (rows, single) = (&mut self.slots[..], &mut self.single[..]);
        run::Lane { rows, single, places: &self.places, lanes: self.lanes, lane }
    }

    /// Computes what depends on one lane's parameters alone.
    pub fn refresh(&mut self, lane: usize) {
        let ops = self.routines.map_or(&self.tapes.setup.ops, |routines| &routines.setup.ops);
        self.run_ops(ops, lane, &mut NoDraws);
    }

    /// Sets a parameter of a lane that was [refreshed](Self::refresh) before. Says whether
    /// [`renew`](Self::renew) is needed before the next evaluation.
    pub fn change_parameter(&mut self, lane: usize, parameter: u32, value: f64) -> bool {
        self.set_parameter(lane, parameter, value);
        let Some(routines) = self.routines else { return true };
        let part = routines.setup.part(parameter);
        part.into_iter().for_each(|part| self.stale.join(part));
        part.is_some()
    }

    /// Computes anew what depends on parameters of a lane that were [changed](Self::change_parameter).
    pub fn renew(&mut self, lane: usize) {
        let Some(routines) = self.routines else { return self.refresh(lane) };
        let mut stale = std::mem::take(&mut self.stale);
        let ops = stale.drain().map(|index| &routines.setup.ops[index]);
        run::run(ops, &mut self.slots_of(lane), &mut NoDraws);
        self.stale = stale;
    }

    /// The memory of one lane at a time, as the last tapes have left it.
    pub fn into_single(self) -> Vec<f64> {
        self.single
    }

    /// Runs a tape for one lane.
    pub fn run_lane(&mut self, tape: &Tape, lane: usize, draws: &mut dyn DrawSource) {
        self.run_ops(&tape.ops, lane, draws);
    }

    /// Runs operations for one lane.
    pub fn run_ops(&mut self, ops: &[Op], lane: usize, draws: &mut dyn DrawSource) {
        run::run(ops, &mut self.slots_of(lane), draws);
    }

    /// Whether all is finite in one lane that only states at rest are multiplied with.
    pub fn is_sound_at_rest(&self, lane: usize) -> bool {
        self.routines().beside.iter().all(|&slot| self.value(lane, slot).is_finite())
    }

    /// Value of a slot in one lane, after a tape was run for it.
    pub fn value(&self, lane: usize, slot: u32) -> f64 {
        match run::place(&self.places, slot) {
            run::Place::Row(row) => self.slots[row * self.lanes + lane],
            run::Place::Single(index) => self.single[index],
        }
    }

    /// Sets the infusion rate into a state of one lane.
    pub fn set_input(&mut self, lane: usize, state: u32, rate: f64) {
        if let (Some(input), Some(flow)) =
            (self.infused.iter().position(|&infused| infused == state), &self.tapes.flow)
        {
            let slot = (flow.input_slot + input) as u32;
            self.slots_of(lane).write(slot, rate);
        }
    }

    /// Writes what was asked for, `[output][lane]`, of all lanes at their own times `t[lane]`.
    pub fn outputs(&mut self, t: &[f64], y: &[f64], out: &mut [f64]) {
        let banks = [Bank::Read(&self.slots), Bank::Read(y), Bank::Write(out), Bank::Read(t)];
        self.routines().outputs.run(banks, &mut self.scratch);
    }

    /// Gives its working memory for that of another kernel of the same cohort, or for an empty one, with which it can
    /// only be kept.
    pub fn swap_work(&mut self, work: &mut Work) {
        std::mem::swap(&mut self.single, &mut work.single);
        std::mem::swap(&mut self.scratch, &mut work.scratch);
    }

    /// Numbers kept per lane, those of [`Work`] not counted.
    pub fn numbers_per_lane(&self) -> usize {
        self.slots.len() / self.lanes
    }

    /// Numbers of [`Work`] per lane.
    pub fn work_per_lane(&self) -> usize {
        (self.single.len() + self.scratch.len()) / self.lanes
    }

    fn routines(&self) -> &'p Routines {
        self.routines.expect("time passes in kernels with routines alone")
    }
}

/// Constants in their places, 0 elsewhere.
fn numbers(tapes: &Tapes) -> Vec<f64> {
    let mut single = vec![0.0; tapes.n_single];
    tapes.constants.iter().for_each(|&(slot, value)| single[slot as usize] = value);
    single
}

impl System for Kernel<'_> {
    /// Those that are not at rest.
    fn n_states(&self) -> usize {
        self.routines().states.len()
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn is_autonomous(&self) -> bool {
        self.routines().is_autonomous
    }

    fn begin(&mut self, y: &[f64], k: &mut [f64], control: &mut [f64]) {
        let routines = self.routines();
        let banks = [Bank::Write(&mut self.slots), Bank::Read(y), Bank::Write(k), Bank::Write(control)];
        routines.begin.run(banks, &mut self.scratch);
    }

    fn stage(&mut self, u: &[f64], k: &mut [f64], control: &mut [f64]) {
        let banks = [Bank::Read(&self.slots), Bank::Read(u), Bank::Write(k), Bank::Read(control)];
        self.routines().stage.run(banks, &mut self.scratch);
    }

    fn derivatives(&mut self, lane: usize, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let banks = [Bank::Read(&self.slots), Bank::Read(y), Bank::Write(dy), Bank::Read(t)];
        self.routines().derivatives.run_lane(lane, banks, &mut self.scratch);
    }

    fn n_roots(&self) -> usize {
        self.routines().n_roots
    }

    fn roots(&mut self, t: &[f64], y: &[f64], g: &mut [f64]) {
        let banks = [Bank::Read(&self.slots), Bank::Read(y), Bank::Write(g), Bank::Read(t)];
        self.routines().roots.run(banks, &mut self.scratch);
    }

    fn root_states(&self) -> &[u32] {
        &self.routines().root_states
    }
}

#[cfg(test)]
mod tests;
