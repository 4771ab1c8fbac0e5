//! Starting values: the program's list, in order, with a patient's overrides in place.

use rustc_hash::FxHashMap as HashMap;

use regraft_model::Target;

use crate::draws::{DrawSource, Middle, Once};
use crate::kernel::{Kernel, Op, SINGLE, Tapes};

/// One patient's values in place of starting values.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// Which value takes the place of each entry, `[entry]`; see [`overridden`].
    pub by: &'a [Option<u32>],
    /// The entries that are looked at, where the others already stand in the lane; all if `None`.
    pub entries: Option<&'a [Entry]>,
    /// `[override]`
    pub values: &'a [f64],
}

impl Given<'_> {
    /// Nothing is given.
    pub const NOTHING: Given<'static> = Given { by: &[], entries: None, values: &[] };

    fn value(&self, entry: usize) -> Option<f64> {
        let by = self.by.get(entry).copied().flatten();
        by.map(|index| self.values[index as usize])
    }
}

/// One entry of the starting values.
pub(crate) struct Entry {
    index: usize,
    /// What is to be computed for it, if the entries before it have been gone through in the same lane.
    ops: Vec<Op>,
}

/// The entries of `wanted` targets, `by` overrides as in [`Given`], for lanes in which the other entries already stand.
///
/// The tape of an entry computes all that it needs, and entries need much in common: what an earlier one has computed,
/// and what does not depend on anything set since, is left out.
pub(crate) fn entries(tapes: &Tapes, by: &[Option<u32>], wanted: impl Fn(Target) -> bool) -> Vec<Entry> {
    let mut written = Written::default();
    let mut all = Vec::new();
    for (index, entry) in tapes.initial.iter().enumerate().filter(|(_, entry)| wanted(entry.target)) {
        let is_computed = by.get(index).copied().flatten().is_none();
        let mut ops = if is_computed { entry.value.ops.clone() } else { Vec::new() };
        ops.retain(|op| written.changes(op));
        written.set(match entry.target {
            Target::State(state) => SINGLE | state,
            Target::Parameter(parameter) => parameter,
        });
        all.push(Entry { index, ops });
    }
    all
}

/// When each slot was last written, counted in writes.
#[derive(Default)]
struct Written {
    at: HashMap<u32, u64>,
    count: u64,
}

impl Written {
    fn set(&mut self, slot: u32) {
        self.count += 1;
        self.at.insert(slot, self.count);
    }

    /// Whether an operation that comes next may give something else than what stands in its slot; then it is written.
    fn changes(&mut self, op: &Op) -> bool {
        let last = self.at.get(&op.to).copied();
        let is_newer = |operand: u32| self.at.get(&operand).copied() > last;
        let changes = last.is_none() || op.operands().any(is_newer);
        if changes {
            self.set(op.to);
        }
        changes
    }
}

/// For each entry of the starting values the override that takes its place, `[entry]`; of several the last.
pub(crate) fn overridden(tapes: &Tapes, overrides: &[Target]) -> Vec<Option<u32>> {
    let by: HashMap<Target, u32> = overrides.iter().copied().zip(0..).collect();
    tapes.initial.iter().map(|entry| by.get(&entry.target).copied()).collect()
}

/// Computes the starting values of one lane into `y` and the lane's parameters.
///
/// What is given replaces an entry; entries after it that refer to it follow. A draw that
/// several entries share is made once.
pub(crate) fn start_values(
    kernel: &mut Kernel,
    lane: usize,
    t: f64,
    given: Given,
    draws: &mut dyn DrawSource,
    y: &mut [f64],
) {
    let tapes = kernel.tapes();
    let mut draws = Once::new(draws);
    y.fill(0.0);
    kernel.load(t, y);
    let mut set = |index: usize, ops: &[Op]| {
        let entry = &tapes.initial[index];
        let value = match given.value(index) {
            Some(value) => value,
            None => {
                kernel.run_ops(ops, lane, &mut draws);
                kernel.value(lane, entry.value.results[0])
            }
        };
        match entry.target {
            Target::State(state) => {
                y[state as usize] = value;
                kernel.load_state(state, value);
            }
            Target::Parameter(parameter) => kernel.set_parameter(lane, parameter, value),
        }
    };
    match given.entries {
        Some(entries) => entries.iter().for_each(|entry| set(entry.index, &entry.ops)),
        None => tapes.initial.iter().enumerate().for_each(|(index, entry)| set(index, &entry.value.ops)),
    }
}

/// The program's own starting states without overrides, and the largest size that an event would give each state
/// there; both `[state]`, with draws at their middle.
pub(crate) fn central_states(tapes: &Tapes) -> (Vec<f64>, Vec<f64>) {
    let (mut y, mut by_events) = (vec![0.0; tapes.n_states], vec![0.0f64; tapes.n_states]);
    let mut kernel = Kernel::standing(tapes, 1);
    start_values(&mut kernel, 0, 0.0, Given::NOTHING, &mut Middle, &mut y);
    kernel.refresh(0);
    kernel.load(0.0, &y);
    for event in &tapes.events {
        kernel.run_lane(&event.values, 0, &mut Middle);
        for (&target, &slot) in event.targets.iter().zip(&event.values.results) {
            if let Target::State(state) = target {
                let size = &mut by_events[state as usize];
                *size = size.max(kernel.value(0, slot).abs());
            }
        }
    }
    (y, by_events)
}
