//! Calls of functions outside the machine code.

use super::assembler::{Address, Label, RDI, RDX, RSI, RSP};
use super::call;
use super::emitter::{Emitter, Special};
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

    /// The value that was found, unless the arguments are special: the code for those stands apart, see
    /// `special_cases`.
    pub(super) fn ordinary(&mut self, code: Code, arguments: [Value; 2], value: Value) -> Register {
        let [x, y] = arguments.map(|value| self.in_register(value));
        let ordinary = self.in_register(value);
        let to = if self.spent(&[value]) >> ordinary & 1 == 1 { ordinary } else { self.target(&[value]) };
        let jump = match code {
            Code::Power => self.writer.jump_if_special(x, y),
            // The room below large angles has a sign, or is 0 or not finite.
            _ => self.writer.jump_if_special(y, y),
        };
        if to != ordinary {
            self.writer.load(to, Operand::Register(ordinary));
        }
        self.special.push(Special { code, x, y, to, jump, back: self.writer.code.here() });
        to
    }

    /// What is done about special arguments, after the end of the ordinary code.
    pub(super) fn special_cases(&mut self) {
        if self.special.is_empty() {
            return;
        }
        let [x_row, y_row, to_row] = [0; 3].map(|_| self.new_row());
        let mut left = std::mem::take(&mut self.special);
        while let Some(code) = left.first().map(|special| special.code) {
            let (cases, others): (Vec<Special>, _) =
                left.into_iter().partition(|special| special.code == code);
            left = others;
            let function = self.call_keeping_registers(code, to_row, [x_row, y_row]);
            for Special { x, y, to, jump, back, .. } in cases {
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
