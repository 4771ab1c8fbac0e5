//! Steps written as machine code, in their order.

use super::Instructions;
use super::emitter::Emitter;
use super::instructions::Form;
use super::operation::{Binary, Fused, Operation, Predicate, Step, Unary, Value};
use super::registers::{Home, RegisterSet};
use super::vector::{Operand, Register, VECTOR_8};
use crate::routine::Place;

/// Bytes of code and what they need.
#[derive(Debug)]
pub(super) struct Emitted {
    pub bytes: Vec<u8>,
    pub scratch_rows: usize,
    /// Vector instructions.
    pub instructions: usize,
}

/// Writes the steps as a function of three pointers: banks' addresses, scratch, and the pool.
pub(super) fn emit(steps: &[Step], set: Instructions) -> Emitted {
    let mut emitter = Emitter::new(steps, set);
    emitter.enter();
    let start = emitter.writer.code.here();
    for (index, step) in steps.iter().enumerate() {
        if emitter.uses.is_needed(index) {
            emitter.now = index as u32;
            emitter.step(step.operation, step.arguments());
        }
    }
    emitter.leave(start);
    emitter.special_cases();
    emitter.emitted()
}

impl Emitter {
    fn emitted(self) -> Emitted {
        let scratch_bytes = self.registers.rows as usize * self.vector_bytes() as usize;
        Emitted {
            bytes: self.writer.code.bytes,
            scratch_rows: scratch_bytes.div_ceil(VECTOR_8 as usize),
            instructions: self.writer.written,
        }
    }

    fn step(&mut self, operation: Operation, arguments: &[Value]) {
        self.begin(arguments);
        let result = match (operation, arguments) {
            (Operation::Load(place), _) => return self.registers.set_home(self.now, Home::Place(place)),
            (Operation::Number(index), _) => return self.registers.set_home(self.now, Home::Number(index)),
            (Operation::Store(place), &[a]) => return self.store(place, a),
            (Operation::Call(code), _) => return self.call(code, arguments),
            (Operation::Unary(unary), &[a]) => self.unary(unary, a),
            (Operation::Binary(binary), &[a, b]) => self.binary(binary, a, b),
            (Operation::Fused(fused), &[a, b, c]) => self.fused(fused, [a, b, c]),
            (Operation::Where(predicate), &[a, b, c]) => self.or_zero(predicate, [a, b], c),
            (Operation::Choose(predicate), &[a, b, c, d]) => self.choose(predicate, [a, b], [c, d]),
            (Operation::Ordinary(code), &[x, y, value]) => self.ordinary(code, [x, y], value),
            _ => unreachable!("a step has the arguments of its operation"),
        };
        self.finish(arguments);
        self.registers.hold(result, self.now);
    }

    fn unary(&mut self, unary: Unary, a: Value) -> Register {
        let operand = match self.writer.takes_memory(unary) {
            true => self.operand(a),
            false => Operand::Register(self.in_register(a)),
        };
        let to = self.target(&[a]);
        self.writer.unary(unary, to, operand);
        to
    }

    fn binary(&mut self, binary: Binary, a: Value, b: Value) -> Register {
        let exchanged =
            binary.is_symmetric() && self.registers.of(a).is_none() && self.registers.of(b).is_some();
        let (a, b) = if exchanged { (b, a) } else { (a, b) };
        let first = self.in_register(a);
        let last = self.operand(b);
        let to = self.target(&[a, b]);
        self.writer.binary(binary, to, first, last);
        to
    }

    fn or_zero(&mut self, predicate: Predicate, [a, b]: [Value; 2], c: Value) -> Register {
        let first = self.in_register(a);
        let (last, operand) = (self.operand(b), self.operand(c));
        let to = self.target(&[a, b, c]);
        self.writer.or_zero(predicate, (first, last), to, operand);
        to
    }

    fn choose(&mut self, predicate: Predicate, [a, b]: [Value; 2], [c, d]: [Value; 2]) -> Register {
        let (first, otherwise) = (self.in_register(a), self.in_register(d));
        let (last, operand) = (self.operand(b), self.operand(c));
        let to = self.target(&[a, b, c, d]);
        self.writer.choose(predicate, (first, last), to, (operand, otherwise));
        to
    }

    /// One operand at most stays in memory, and the result takes the place of another.
    fn fused(&mut self, fused: Fused, [a, b, c]: [Value; 3]) -> Register {
        for value in [c, a, b] {
            if self.registers.of(value).is_none() && self.is_soon(value) {
                self.in_register(value);
            }
        }
        while let Some(value) = self.to_be_loaded([c, a, b]) {
            self.in_register(value);
        }
        let in_memory = [c, a, b].into_iter().find(|&value| self.registers.of(value).is_none());
        if self.spent(&[a, b, c]) == 0
            && let Some(value) = in_memory
        {
            self.in_register(value);
        }
        let spent = self.spent(&[a, b, c]);
        if spent == 0 {
            let to = self.empty_register();
            self.writer.load(to, self.where_it_is(c));
            self.fused_in_place(fused, [a, b], to)
        } else {
            self.fused_in_spent(fused, [a, b, c], spent)
        }
    }

    /// Of values that stand in memory, one that cannot stay there: another does too, or it is used twice.
    fn to_be_loaded(&self, values: [Value; 3]) -> Option<Value> {
        let mut in_memory = values.into_iter().filter(|&value| self.registers.of(value).is_none());
        let first = in_memory.next()?;
        in_memory.next().map(|_| first)
    }

    /// to = ± a · b ± to
    fn fused_in_place(&mut self, fused: Fused, [a, b]: [Value; 2], to: Register) -> Register {
        let (register, other) = match (self.registers.of(a), self.registers.of(b)) {
            (Some(register), _) => (register, b),
            (None, Some(register)) => (register, a),
            (None, None) => unreachable!("one operand at most stays in memory"),
        };
        self.writer.fused(fused, Form::To231, [to, register], self.where_it_is(other));
        to
    }

    /// The result takes the place of an operand whose register is `spent`.
    fn fused_in_spent(&mut self, fused: Fused, [a, b, c]: [Value; 3], spent: RegisterSet) -> Register {
        let if_spent = |value| self.registers.of(value).filter(|&register| spent >> register & 1 == 1);
        if let Some(to) = if_spent(c) {
            return self.fused_in_place(fused, [a, b], to);
        }
        let (to, factor) = match (if_spent(a), if_spent(b)) {
            (Some(to), _) => (to, b),
            (None, Some(to)) => (to, a),
            (None, None) => unreachable!("one of the operands is spent"),
        };
        match (self.registers.of(factor), self.registers.of(c)) {
            (Some(middle), _) => self.writer.fused(fused, Form::To213, [to, middle], self.where_it_is(c)),
            (None, Some(middle)) => {
                self.writer.fused(fused, Form::To132, [to, middle], self.where_it_is(factor));
            }
            (None, None) => unreachable!("one operand at most stays in memory"),
        }
        to
    }

    fn store(&mut self, place: Place, a: Value) {
        let register = self.in_register(a);
        self.writer.store(register, self.address(Home::Place(place)));
        if matches!(self.registers.home(a), None | Some(Home::Scratch(_))) {
            self.registers.set_home(a, Home::Place(place));
        }
        self.finish(&[a]);
    }
}
