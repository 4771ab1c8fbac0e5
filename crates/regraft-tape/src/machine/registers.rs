//! Which value stands in which register, and where else it can be found.

use super::operation::Value;
use super::uses::{NEVER, Uses};
use super::vector::Register;
use crate::routine::Place;

/// Where a value stands in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Place(Place),
    /// A row of scratch.
    Scratch(u32),
    /// A number of the pool.
    Number(u32),
}

/// A set of registers, one bit each.
pub(super) type RegisterSet = u32;

/// A register that does not exist.
const NOWHERE: Register = Register::MAX;

/// What the registers hold, and the homes of values.
#[derive(Debug)]
pub(super) struct Registers {
    holders: Vec<Option<Value>>,
    registers: Vec<Register>,
    homes: Vec<Option<Home>>,
    free_rows: Vec<u32>,
    /// Rows of scratch used so far.
    pub rows: u32,
}

impl Registers {
    /// `registers` empty registers for `values` values.
    pub fn new(registers: usize, values: usize) -> Registers {
        Registers {
            holders: vec![None; registers],
            registers: vec![NOWHERE; values],
            homes: vec![None; values],
            free_rows: Vec::new(),
            rows: 0,
        }
    }

    /// The register that holds a value.
    pub fn of(&self, value: Value) -> Option<Register> {
        Some(self.registers[value as usize]).filter(|&register| register != NOWHERE)
    }

    /// Where a value stands in memory.
    pub fn home(&self, value: Value) -> Option<Home> {
        self.homes[value as usize]
    }

    /// The value in a register.
    pub fn holder(&self, register: Register) -> Option<Value> {
        self.holders[register as usize]
    }

    /// Says that a register holds a value.
    pub fn hold(&mut self, register: Register, value: Value) {
        self.clear(register);
        self.holders[register as usize] = Some(value);
        self.registers[value as usize] = register;
    }

    /// Says that a register holds nothing.
    pub fn clear(&mut self, register: Register) {
        if let Some(value) = self.holders[register as usize].take() {
            self.registers[value as usize] = NOWHERE;
        }
    }

    /// Says where a value stands in memory; a row of scratch that it had is given back.
    pub fn set_home(&mut self, value: Value, home: Home) {
        self.leave_row(value);
        self.homes[value as usize] = Some(home);
    }

    /// Gives a value a row of scratch.
    pub fn take_row(&mut self, value: Value) -> Home {
        let home = self.free_rows.pop().map_or_else(|| self.new_row(), Home::Scratch);
        self.homes[value as usize] = Some(home);
        home
    }

    /// A row of scratch that no value ever had or will have.
    pub fn new_row(&mut self) -> Home {
        self.rows += 1;
        Home::Scratch(self.rows - 1)
    }

    /// Takes the row of scratch from a value, if it has one.
    fn leave_row(&mut self, value: Value) {
        if let Some(Home::Scratch(row)) = self.homes[value as usize] {
            self.free_rows.push(row);
            self.homes[value as usize] = None;
        }
    }

    /// Forgets a value that is never used again.
    pub fn forget(&mut self, value: Value) {
        self.leave_row(value);
        if let Some(register) = self.of(value) {
            self.clear(register);
        }
    }

    /// A register that holds nothing and is not of `taken`.
    pub fn free(&self, taken: RegisterSet) -> Option<Register> {
        let free = |&register: &usize| self.holders[register].is_none() && taken >> register & 1 == 0;
        (0..self.holders.len()).find(free).map(|register| register as Register)
    }

    /// The register, not of `taken`, whose value is needed last. A value without a home would have to be
    /// written to memory, so it goes only if it is needed much later than the others.
    pub fn least_wanted(&self, taken: RegisterSet, uses: &Uses, now: u32) -> Option<Register> {
        let held = |register: usize| self.holders[register].filter(|_| taken >> register & 1 == 0);
        let wait = |value: Value| match (uses.next(value), self.home(value)) {
            (NEVER, _) => u32::MAX,
            (next, Some(_)) => next - now,
            (next, None) => (next - now) / 2,
        };
        let waits = (0..self.holders.len()).filter_map(|register| Some((wait(held(register)?), register)));
        waits.max().map(|(_, register)| register as Register)
    }
}
