//! The order of steps: independent chains are interleaved, so that the machine need not wait for results.
//!
//! The machine looks some way ahead itself, but a power alone is longer than what it can see. Steps are chosen one
//! at a time from a window that begins at the first step left over: of those that can begin soon, that with most
//! to come after it. Registers are not what limits this: a value written to scratch costs a store,
//! and is an operand where it stands. Only where far more values wait than registers could hold are steps
//! preferred that end one.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Instructions;
use super::operation::{Binary, Operation, Step, Unary, Value};
use super::steps::Steps;
use super::uses::{NEVER, Uses};

/// Steps that the machine begins in one cycle. The time of one of them is the unit here.
const PER_CYCLE: u32 = 2;

/// Steps that can begin within this time are as good as one another: the machine sees to it (chosen by measurement).
const SOON: u32 = 2 * PER_CYCLE;

/// A step goes at most so many places ahead of the first one left over (chosen by measurement).
const WINDOW: usize = 1024;

/// The steps that are needed, in their new order and with new numbers.
pub(super) fn schedule(steps: &Steps) -> Vec<Step> {
    let order = Scheduler::new(steps).order();
    let mut numbers: Vec<Value> = vec![0; steps.steps.len()];
    let renumbered = order.iter().enumerate().map(|(new, &old)| {
        numbers[old as usize] = new as Value;
        steps.steps[old as usize].with_arguments(|value| numbers[value as usize])
    });
    renumbered.collect()
}

struct Scheduler<'s> {
    steps: &'s [Step],
    uses: Uses,
    /// How many things each step still waits for: arguments, and for a store those who read what it overwrites.
    waits: Vec<u32>,
    /// The store that overwrites what a load reads.
    overwritten_by: Vec<Option<u32>>,
    /// When the results of the arguments of each step can be used, as far as they are known.
    supplied: Vec<u32>,
    /// Time from the beginning of each step to the end of the longest chain that needs it.
    heights: Vec<u32>,
    /// Steps of the window that wait for nothing.
    ready: Vec<u32>,
    order: Vec<u32>,
    now: u32,
    /// When the next division can begin.
    divider: u32,
    /// Results that are used again, and how many of them may be without care.
    live: usize,
    most_live: usize,
    is_issued: Vec<bool>,
    /// The first step left over.
    first: usize,
    /// The end of the window.
    horizon: usize,
}

impl<'s> Scheduler<'s> {
    fn new(steps: &'s Steps) -> Self {
        let n = steps.steps.len();
        let mut scheduler = Scheduler {
            steps: &steps.steps,
            uses: Uses::new(&steps.steps),
            waits: steps.steps.iter().map(|step| step.arguments().len() as u32).collect(),
            overwritten_by: vec![None; n],
            supplied: vec![0; n],
            heights: heights(&steps.steps),
            ready: Vec::new(),
            order: Vec::with_capacity(n),
            now: 0,
            divider: 0,
            live: 0,
            most_live: match steps.set {
                Instructions::Avx512 => 80,
                Instructions::Avx2 => 40,
            },
            is_issued: vec![false; n],
            first: 0,
            horizon: 0,
        };
        scheduler.wait_for_readers();
        scheduler
    }

    /// Makes every store wait for those who read what it overwrites.
    fn wait_for_readers(&mut self) {
        let mut loads = HashMap::new();
        for (index, step) in self.steps.iter().enumerate() {
            match step.operation {
                Operation::Load(place) => {
                    loads.insert(place, index);
                }
                Operation::Store(place) => {
                    let Some(&load) = loads.get(&place) else { continue };
                    self.overwritten_by[load] = Some(index as u32);
                    self.waits[index] += self.uses.all(load as Value).len() as u32;
                }
                _ => {}
            }
        }
    }

    fn order(mut self) -> Vec<u32> {
        for index in 0..self.steps.len() {
            if !self.uses.is_needed(index) {
                self.is_issued[index] = true;
            } else if self.steps[index].is_free() {
                self.issue(index as u32);
            }
        }
        self.widen();
        while let Some(position) = self.choose() {
            let step = self.ready.swap_remove(position);
            self.begin(step);
            self.issue(step);
            self.widen();
        }
        self.order
    }

    /// Moves the window on. It ends before a call, which changes places with nothing.
    fn widen(&mut self) {
        while self.first < self.steps.len() && self.is_issued[self.first] {
            self.first += 1;
        }
        while self.horizon < self.steps.len().min(self.first + WINDOW) {
            let is_call = |index: usize| matches!(self.steps[index].operation, Operation::Call(_));
            let waits_for_call = self.first < self.horizon && is_call(self.first);
            if waits_for_call || is_call(self.horizon) && self.first < self.horizon {
                return;
            }
            if !self.is_issued[self.horizon] && self.waits[self.horizon] == 0 {
                self.ready.push(self.horizon as u32);
            }
            self.horizon += 1;
        }
    }

    /// The position among the ready steps of the one to go next.
    fn choose(&self) -> Option<usize> {
        let positions = 0..self.ready.len();
        let soon = self.now + SOON;
        if self.live < self.most_live {
            let key = |step: u32| (self.start(step).max(soon), Reverse(self.heights[step as usize]), step);
            positions.min_by_key(|&position| key(self.ready[position]))
        } else {
            let key = |step: u32| (self.start(step).max(soon), !self.ends_a_value(step), step);
            positions.min_by_key(|&position| key(self.ready[position]))
        }
    }

    /// Whether a step is the last to use a value, or gives it a place in memory.
    fn ends_a_value(&self, step: u32) -> bool {
        let Step { operation, .. } = self.steps[step as usize];
        let is_last = |&value: &Value| {
            let is_free = self.steps[value as usize].is_free();
            !is_free && self.uses.only(value, step)
        };
        matches!(operation, Operation::Store(_)) || self.steps[step as usize].arguments().iter().any(is_last)
    }

    /// When a step can begin. Stores are no concern of others, and can wait in the machine.
    fn start(&self, step: u32) -> u32 {
        match self.steps[step as usize].operation {
            Operation::Store(_) => self.now,
            operation if divides(operation) => self.supplied[step as usize].max(self.now).max(self.divider),
            _ => self.supplied[step as usize].max(self.now),
        }
    }

    /// Takes the time of a step.
    fn begin(&mut self, step: u32) {
        let operation = self.steps[step as usize].operation;
        if matches!(operation, Operation::Store(_)) {
            return;
        }
        let start = self.start(step);
        self.now = start + slots(operation);
        let done = start + PER_CYCLE * latency(operation);
        for &user in self.uses.all(step) {
            let supplied = &mut self.supplied[user as usize];
            *supplied = done.max(*supplied);
        }
        if divides(operation) {
            self.divider = start + PER_CYCLE * DIVISION;
        }
    }

    /// Puts a step into the order, and tells those who wait for it.
    fn issue(&mut self, step: u32) {
        let steps = self.steps;
        self.order.push(step);
        self.is_issued[step as usize] = true;
        for &user in self.uses.all(step) {
            notify(&mut self.waits, &mut self.ready, self.horizon, user);
        }
        if !steps[step as usize].is_free() && self.uses.next(step) != NEVER {
            self.live += 1;
        }
        for &value in steps[step as usize].arguments() {
            self.uses.consume(value);
            if let Some(store) = self.overwritten_by[value as usize] {
                notify(&mut self.waits, &mut self.ready, self.horizon, store);
            }
            if !steps[value as usize].is_free() && self.uses.next(value) == NEVER {
                self.live -= 1;
            }
        }
    }
}

/// Takes one from what a step waits for; it may be ready then.
fn notify(waits: &mut [u32], ready: &mut Vec<u32>, horizon: usize, step: u32) {
    waits[step as usize] -= 1;
    if waits[step as usize] == 0 && (step as usize) < horizon {
        ready.push(step);
    }
}

/// Time from the beginning of each step to the end of the longest chain that needs it.
fn heights(steps: &[Step]) -> Vec<u32> {
    let mut heights = vec![0; steps.len()];
    for (index, step) in steps.iter().enumerate().rev() {
        let own = if step.is_free() { 0 } else { PER_CYCLE * latency(step.operation) };
        heights[index] += own;
        for &value in step.arguments() {
            heights[value as usize] = heights[index].max(heights[value as usize]);
        }
    }
    heights
}

/// Cycles from one division to the next.
const DIVISION: u32 = 16;

fn divides(operation: Operation) -> bool {
    matches!(operation, Operation::Binary(Binary::Divide) | Operation::Unary(Unary::SquareRoot))
}

/// How much of the time of a cycle a step takes from others: one for each instruction that it is inside the machine.
fn slots(operation: Operation) -> u32 {
    match operation {
        operation if divides(operation) => 3,
        Operation::Ordinary(_) => 3,
        Operation::Choose(_) | Operation::Where(_) | Operation::Binary(Binary::Scale) => 2,
        _ => 1,
    }
}

/// Cycles until a result can be used, on processors of about 2020 (chosen; it moves no result).
fn latency(operation: Operation) -> u32 {
    match operation {
        operation if divides(operation) => 24,
        Operation::Unary(Unary::Floor | Unary::Ceil) => 8,
        Operation::Unary(Unary::ShiftLeft(_) | Unary::ShiftRight(_)) => 1,
        Operation::Binary(
            Binary::And | Binary::Or | Binary::Xor | Binary::AddBits | Binary::SubtractBits,
        ) => 1,
        Operation::Where(_) | Operation::Choose(_) => 5,
        _ => 4,
    }
}
