//! A routine laid out for the interpreter: every value has a row.

use std::collections::HashMap;

use crate::code::Code;
use crate::routine::{BANKS, Instruction, Place, Routine, Value};
use crate::rows::Rows;

/// Number of the bank of intermediate values.
pub(crate) const SCRATCH: u32 = BANKS as u32;

/// Number of the bank of constants.
pub(crate) const CONSTANTS: u32 = BANKS as u32 + 1;

/// Bits of a [`Slot`] that number the row.
const ROW_BITS: u32 = 28;

/// A row of a bank, in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slot(u32);

impl Slot {
    fn new(bank: u32, row: u32) -> Slot {
        debug_assert!(row < 1 << ROW_BITS);
        Slot(bank << ROW_BITS | row)
    }

    /// Which bank; [`SCRATCH`] and [`CONSTANTS`] come after those of the routine.
    #[inline(always)]
    pub fn bank(self) -> usize {
        (self.0 >> ROW_BITS) as usize
    }

    /// Which row of it.
    #[inline(always)]
    pub fn row(self) -> usize {
        (self.0 & ((1 << ROW_BITS) - 1)) as usize
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// a as it is
    Copy,
    /// A code applied to a, b, c
    Apply(Code),
}

/// One operation: rows in, row out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Op {
    pub what: What,
    pub to: Slot,
    pub from: [Slot; 3],
}

/// A routine with a row for every value, rows of values no longer needed used again.
#[derive(Debug)]
pub(crate) struct Tape {
    pub ops: Vec<Op>,
    pub scratch_rows: usize,
    /// `[constant][lane]`
    pub constants: Rows,
    /// Lanes of a row.
    pub width: usize,
}

impl Tape {
    /// Lays out a routine for rows of `width` lanes.
    pub fn new(routine: &Routine, width: usize) -> Tape {
        let mut layout = Layout::new(routine);
        for index in 0..routine.instructions().len() {
            layout.place(index);
        }
        let mut constants = Rows::new(layout.constants.len(), width);
        for (row, &value) in constants.chunks_exact_mut(width).zip(&layout.constants) {
            row.fill(value);
        }
        Tape { ops: layout.ops, scratch_rows: layout.scratch_rows as usize, constants, width }
    }
}

struct Layout<'r> {
    instructions: &'r [Instruction],
    /// Index of the last instruction that reads each value.
    last_use: Vec<usize>,
    /// Where a value may be computed at once because it is stored there later.
    target: Vec<Option<Place>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    scratch_rows: u32,
    constants: Vec<f64>,
    constant_rows: HashMap<u64, u32>,
    ops: Vec<Op>,
}

impl<'r> Layout<'r> {
    fn new(routine: &'r Routine) -> Self {
        let instructions = routine.instructions();
        let mut last_use = vec![0; instructions.len()];
        for (index, instruction) in instructions.iter().enumerate() {
            instruction.arguments().iter().for_each(|&value| last_use[value as usize] = index);
        }
        Layout {
            instructions,
            target: targets(instructions, &last_use),
            last_use,
            slots: vec![Slot::default(); instructions.len()],
            free: Vec::new(),
            scratch_rows: 0,
            constants: Vec::new(),
            constant_rows: HashMap::new(),
            ops: Vec::with_capacity(instructions.len()),
        }
    }

    fn place(&mut self, index: usize) {
        match self.instructions[index] {
            Instruction::Load(place) => self.slots[index] = slot_of(place),
            Instruction::Constant(value) => self.slots[index] = self.constant(value),
            Instruction::Apply(code, values) => {
                let mut from = [Slot::default(); 3];
                for (slot, &value) in from.iter_mut().zip(&values[..code.arity()]) {
                    *slot = self.slots[value as usize];
                }
                for &value in self.instructions[index].arguments() {
                    self.release(value, index);
                }
                let to = match self.target[index] {
                    Some(place) => slot_of(place),
                    None => self.take(),
                };
                self.slots[index] = to;
                self.ops.push(Op { what: What::Apply(code), to, from });
            }
            Instruction::Store(place, value) => {
                let (from, to) = (self.slots[value as usize], slot_of(place));
                if from != to {
                    self.ops.push(Op { what: What::Copy, to, from: [from; 3] });
                }
                self.release(value, index);
            }
        }
    }

    /// Gives the scratch row of a value back at its last use. An operation may write the row it reads.
    fn release(&mut self, value: Value, index: usize) {
        let slot = self.slots[value as usize];
        let last = self.last_use[value as usize] == index;
        if last && slot.bank() == SCRATCH as usize && !self.free.contains(&(slot.row() as u32)) {
            self.free.push(slot.row() as u32);
        }
    }

    fn take(&mut self) -> Slot {
        let row = self.free.pop().unwrap_or_else(|| {
            self.scratch_rows += 1;
            self.scratch_rows - 1
        });
        Slot::new(SCRATCH, row)
    }

    fn constant(&mut self, value: f64) -> Slot {
        let next = self.constants.len() as u32;
        let row = *self.constant_rows.entry(value.to_bits()).or_insert(next);
        if row == next {
            self.constants.push(value);
        }
        Slot::new(CONSTANTS, row)
    }
}

fn slot_of(place: Place) -> Slot {
    Slot::new(place.bank.into(), place.row)
}

/// Values that can be computed in the place where they are stored: nothing that was loaded from there is read later.
fn targets(instructions: &[Instruction], last_use: &[usize]) -> Vec<Option<Place>> {
    let mut read_until: HashMap<Place, usize> = HashMap::new();
    for (index, instruction) in instructions.iter().enumerate() {
        if let Instruction::Load(place) = instruction {
            let until = read_until.entry(*place).or_default();
            *until = (*until).max(last_use[index]);
        }
    }
    let mut targets = vec![None; instructions.len()];
    for instruction in instructions {
        if let Instruction::Store(place, value) = *instruction {
            let made = value as usize;
            let computed = matches!(instructions[made], Instruction::Apply(..));
            if computed
                && targets[made].is_none()
                && read_until.get(&place).is_none_or(|&until| until <= made)
            {
                targets[made] = Some(place);
            }
        }
    }
    targets
}
