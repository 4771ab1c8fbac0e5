//! Calls of functions outside the machine code.

use super::assembler::{Address, Label, RDI, RDX, RSI, RSP};
use super::call;
use super::emitter::{Emitter, Power};
use super::operation::Value;
use super::registers::Home;
use super::vector::{Operand, Register};
use crate::code::Code;

impl Emitter {
    /// All that is needed later goes to memory; so do the arguments, and the result comes from there.
    pub(super) fn call(&mut self, code: Code, arguments: &[Value]) {
        let function = call::address(code, self.writer.set).expect("every code is written out or called");
        let rows = arguments.iter().map(|&value| self.as_row(value)).collect::<Vec<_>>();
        for register in 0..self.writer.registers() as Register {
            self.vacate(register);
        }
        let to = self.registers.take_row(self.now);
        self.writer.code.clear_upper();
        self.writer.code.address(RDI, self.address(to));
        for (&home, pointer) in rows.iter().zip([RSI, RDX]) {
            self.writer.code.address(pointer, self.address(home));
        }
        self.writer.code.call(function);
        self.point_far();
        self.finish(arguments);
    }

    /// Where a value stands in memory with all its lanes; it is written there if it does not.
    fn as_row(&mut self, value: Value) -> Home {
        match self.registers.home(value) {
            Some(home @ (Home::Place(_) | Home::Scratch(_))) => home,
            _ => {
                let register = self.in_register(value);
                let home = self.registers.take_row(value);
                self.writer.store(register, self.address(home));
                home
            }
        }
    }

    /// The power that was found, unless it is special: the code for that stands apart, see `special_powers`.
    pub(super) fn power(&mut self, x: Value, y: Value, power: Value) -> Register {
        let [x, y, ordinary] = [x, y, power].map(|value| self.in_register(value));
        let to = if self.spent(&[power]) >> ordinary & 1 == 1 { ordinary } else { self.target(&[power]) };
        let jump = self.writer.jump_if_special_power(x, y);
        if to != ordinary {
            self.writer.load(to, Operand::Register(ordinary));
        }
        self.powers.push(Power { x, y, to, jump, back: self.writer.code.here() });
        to
    }

    /// What is done about special powers, after the end of the ordinary code.
    pub(super) fn special_powers(&mut self) {
        if self.powers.is_empty() {
            return;
        }
        let [x_row, y_row, to_row] = [0; 3].map(|_| self.new_row());
        let function = self.call_keeping_registers(Code::Power, to_row, [x_row, y_row]);
        for Power { x, y, to, jump, back } in std::mem::take(&mut self.powers) {
            let start = self.writer.code.here();
            self.writer.code.link(jump, start);
            self.writer.store(x, x_row);
            self.writer.store(y, y_row);
            let call = self.writer.code.call_label();
            self.writer.code.link(call, function);
            self.writer.load(to, Operand::Row(to_row));
            let end = self.writer.code.jump_always();
            self.writer.code.link(end, back);
        }
    }

    /// A piece of code that calls a function and leaves the vector registers as they were.
    fn call_keeping_registers(&mut self, code: Code, to: Address, arguments: [Address; 2]) -> Label {
        let function = call::address(code, self.writer.set).expect("there is a function for the code");
        let start = self.writer.code.here();
        let registers = 0..self.writer.registers() as Register;
        let rows: Vec<_> = registers.map(|register| (register, self.new_row())).collect();
        rows.iter().for_each(|&(register, row)| self.writer.store(register, row));
        self.writer.code.add(RSP, -8);
        self.writer.code.clear_upper();
        for (pointer, address) in [(RDI, to), (RSI, arguments[0]), (RDX, arguments[1])] {
            self.writer.code.address(pointer, address);
        }
        self.writer.code.call(function);
        self.point_far();
        self.writer.code.add(RSP, 8);
        rows.iter().for_each(|&(register, row)| self.writer.load(register, Operand::Row(row)));
        self.writer.code.ret();
        start
    }
}
