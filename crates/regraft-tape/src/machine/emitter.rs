//! Registers given out to values on the way through the steps.
//!
//! A value in a register that is wanted for something else goes when it is the one needed last [Belady 1966, IBM
//! Systems Journal 5:78]; what stands in memory already is never written there again, and can be an operand where
//! it stands.

use super::Instructions;
use super::assembler::{Jump, Label};
use super::instructions::Writer;
use super::operation::{Step, Value};
use super::registers::{Home, RegisterSet, Registers};
use super::uses::{NEVER, Uses};
use super::vector::{Operand, Register};
use crate::code::Code;

/// A value in memory that is used again within so many steps is loaded into a register, if one is free.
const SOON: u32 = 24;

/// A value that had to be loaded stays in its register, if one is free, for a use within so many steps.
const NEAR: u32 = 200;

/// Machine code being written, and what is known at the present step.
pub(super) struct Emitter {
    pub(super) writer: Writer,
    pub(super) registers: Registers,
    pub(super) uses: Uses,
    /// The present step.
    pub(super) now: u32,
    /// Registers that the present step reads.
    pub(super) pinned: RegisterSet,
    /// Those of them that are given up after it though their values are used again.
    pub(super) passing: RegisterSet,
    /// What may have to be computed by a function outside.
    pub(super) special: Vec<Special>,
}

/// A place in the code where arguments are found to be special.
pub(super) struct Special {
    pub(super) code: Code,
    pub(super) x: Register,
    pub(super) y: Register,
    pub(super) to: Register,
    /// From where it is.
    pub(super) jump: Jump,
    /// Where the code goes on.
    pub(super) back: Label,
}

impl Emitter {
    /// Before the first step.
    pub(super) fn new(steps: &[Step], set: Instructions) -> Emitter {
        let writer = Writer { set, code: Default::default(), written: 0 };
        let registers = Registers::new(writer.registers(), steps.len());
        let uses = Uses::new(steps);
        Emitter { writer, registers, uses, now: 0, pinned: 0, passing: 0, special: Vec::new() }
    }

    /// Takes note of what a step uses.
    pub(super) fn begin(&mut self, arguments: &[Value]) {
        arguments.iter().for_each(|&value| self.uses.consume(value));
        let registers = arguments.iter().filter_map(|&value| self.registers.of(value));
        (self.pinned, self.passing) = (registers.fold(0, |set, register| set | 1 << register), 0);
    }

    /// Gives up what the step was the last to use.
    pub(super) fn finish(&mut self, arguments: &[Value]) {
        for &value in arguments {
            if self.uses.next(value) == NEVER {
                self.registers.forget(value);
            }
        }
        for register in 0..self.writer.registers() as Register {
            if self.passing >> register & 1 == 1 {
                self.registers.clear(register);
            }
        }
    }

    /// A register that holds a value; it is loaded if none does.
    pub(super) fn in_register(&mut self, value: Value) -> Register {
        if let Some(register) = self.registers.of(value) {
            return register;
        }
        let stays = self.is_worth_loading(value, NEAR);
        let register = self.empty_register();
        self.writer.load(register, self.where_it_is(value));
        self.registers.hold(register, value);
        self.pinned |= 1 << register;
        if !stays {
            self.passing |= 1 << register;
        }
        register
    }

    /// A value where it is, or in a register if it soon serves there again.
    pub(super) fn operand(&mut self, value: Value) -> Operand {
        if self.registers.of(value).is_none() && self.is_soon(value) {
            self.in_register(value);
        }
        self.where_it_is(value)
    }

    /// Whether a value serves again so soon that it is loaded though it could be used where it stands.
    pub(super) fn is_soon(&self, value: Value) -> bool {
        self.is_worth_loading(value, SOON)
    }

    /// Whether a value is used again within so many steps and can have a register without another losing its own.
    fn is_worth_loading(&self, value: Value, within: u32) -> bool {
        let next = self.uses.next(value);
        next != NEVER && next - self.now <= within && self.registers.free(self.pinned).is_some()
    }

    /// A value as an operand, where it is.
    pub(super) fn where_it_is(&self, value: Value) -> Operand {
        match (self.registers.of(value), self.registers.home(value)) {
            (Some(register), _) => Operand::Register(register),
            (None, Some(home @ Home::Number(_))) => Operand::Number(self.address(home)),
            (None, Some(home)) => Operand::Row(self.address(home)),
            (None, None) => unreachable!("a value that leaves its register is written to memory"),
        }
    }

    /// A register for the result: that of an argument used for the last time, or an empty one.
    pub(super) fn target(&mut self, arguments: &[Value]) -> Register {
        match self.spent(arguments) {
            0 => self.empty_register(),
            spent => spent.trailing_zeros() as Register,
        }
    }

    /// Registers of arguments that are given up after this step.
    pub(super) fn spent(&self, arguments: &[Value]) -> RegisterSet {
        let last_used = arguments.iter().filter(|&&value| self.uses.next(value) == NEVER);
        let registers = last_used.filter_map(|&value| self.registers.of(value));
        registers.fold(self.passing, |set, register| set | 1 << register)
    }

    /// A register that holds nothing, that of another value if need be.
    pub(super) fn empty_register(&mut self) -> Register {
        if let Some(register) = self.registers.free(self.pinned) {
            return register;
        }
        let register = self.registers.least_wanted(self.pinned, &self.uses, self.now);
        let register = register.expect("a step has fewer operands than there are registers");
        self.vacate(register);
        register
    }

    /// Empties a register; its value is written to memory if it is needed and not there.
    pub(super) fn vacate(&mut self, register: Register) {
        let Some(value) = self.registers.holder(register) else { return };
        if self.registers.home(value).is_none() && self.uses.next(value) != NEVER {
            let home = self.registers.take_row(value);
            self.writer.store(register, self.address(home));
        }
        self.registers.clear(register);
    }
}
