//! Operations as instructions of one of the two instruction sets.

use super::Instructions;
use super::assembler::{Address, Assembler, Jump, RAX};
use super::operation::{Binary, Fused, Predicate, Unary};
use super::vector::{Mask, Opcode, Operand, Operands, Register, Table};

/// Vectors of 4 have no masks: this register holds one between a comparison and what follows.
const MASK: Register = 15;

/// Which of the operands of a fused multiply-add the result takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// to = to · last ± second
    To132 = 0x98,
    /// to = second · to ± last
    To213 = 0xa8,
    /// to = second · last ± to
    To231 = 0xb8,
}

/// Writes vector instructions.
#[derive(Debug)]
pub(super) struct Writer {
    pub set: Instructions,
    pub code: Assembler,
    /// Vector instructions written.
    pub written: usize,
}

/// An opcode with the prefix 0F.
const fn plain(number: u8) -> Opcode {
    Opcode { table: Table::T0f, number, wide: false }
}

/// An opcode with the prefixes 0F 38.
const fn second(number: u8, wide: bool) -> Opcode {
    Opcode { table: Table::T0f38, number, wide }
}

/// An opcode with the prefixes 0F 3A.
const fn third(number: u8) -> Opcode {
    Opcode { table: Table::T0f3a, number, wide: false }
}

const READ: Opcode = plain(0x10);
const WRITE: Opcode = plain(0x11);
const COPY: Opcode = plain(0x28);
const COMPARE: Opcode = plain(0xc2);
const AND: Opcode = plain(0xdb);
const SHIFT: Opcode = plain(0x73);
const SPREAD: Opcode = second(0x19, false);
const BLEND_8: Opcode = second(0x65, true);
const BLEND_4: Opcode = third(0x4b);
const ROUND: Opcode = third(0x09);
const SUBTRACT: Opcode = plain(0x5c);
const OR: Opcode = plain(0xeb);
const CLASSIFY: Opcode = third(0x66);
const SIGNS: Opcode = plain(0x50);

/// Classes of numbers: −0, −∞, and other negative ones.
const NEGATIVE: u8 = 0x04 | 0x10 | 0x40;

/// Classes of numbers: NaN, ±0, ±∞.
const ZERO_OR_NOT_FINITE: u8 = 0x01 | 0x80 | 0x02 | 0x04 | 0x08 | 0x10;

/// The comparison for equality that also holds where either is NaN.
const EQUAL_OR_UNORDERED: u8 = 0x08;

impl Writer {
    /// Vector registers that may hold values, numbered from 0.
    pub fn registers(&self) -> usize {
        match self.set {
            Instructions::Avx512 => 32,
            Instructions::Avx2 => MASK as usize,
        }
    }

    /// Whether the operand may stand in memory.
    pub fn takes_memory(&self, unary: Unary) -> bool {
        self.set == Instructions::Avx512 || !matches!(unary, Unary::ShiftLeft(_) | Unary::ShiftRight(_))
    }

    fn write(&mut self, opcode: Opcode, operands: Operands) {
        self.written += 1;
        match self.set {
            Instructions::Avx512 => self.code.evex(opcode, operands, opcode == SPREAD),
            Instructions::Avx2 => self.code.vex(opcode, operands),
        }
    }

    fn plain(&mut self, opcode: Opcode, to: Register, first: Register, last: Operand) {
        self.write(opcode, Operands { to, first, last, mask: Mask::None, immediate: None });
    }

    fn with_immediate(&mut self, opcode: Opcode, [to, first]: [u8; 2], last: Operand, immediate: u8) {
        self.write(opcode, Operands { to, first, last, mask: Mask::None, immediate: Some(immediate) });
    }

    /// to = operand
    pub fn load(&mut self, to: Register, operand: Operand) {
        self.plain(self.reading(operand), to, 0, operand);
    }

    fn reading(&self, operand: Operand) -> Opcode {
        match (operand, self.set) {
            (Operand::Register(_), _) => COPY,
            (Operand::Number(_), Instructions::Avx512) => SPREAD,
            _ => READ,
        }
    }

    /// Writes a register to memory.
    pub fn store(&mut self, from: Register, address: Address) {
        self.plain(WRITE, from, 0, Operand::Row(address));
    }

    /// to = f(last)
    pub fn unary(&mut self, unary: Unary, to: Register, last: Operand) {
        match unary {
            Unary::SquareRoot => self.plain(plain(0x51), to, 0, last),
            // Without signalling that the result is not the operand.
            Unary::Floor => self.with_immediate(ROUND, [to, 0], last, 9),
            Unary::Ceil => self.with_immediate(ROUND, [to, 0], last, 10),
            // These have a part of the opcode in place of the result, and the result before the operand.
            Unary::ShiftLeft(bits) => self.with_immediate(SHIFT, [6, to], last, bits),
            Unary::ShiftRight(bits) => self.with_immediate(SHIFT, [2, to], last, bits),
            Unary::Exponent => self.plain(second(0x42, true), to, 0, last),
            // From ¾ to 1½, and without the sign.
            Unary::Mantissa => self.with_immediate(third(0x26), [to, 0], last, 7),
        }
    }

    /// to = f(first, last)
    pub fn binary(&mut self, binary: Binary, to: Register, first: Register, last: Operand) {
        let opcode = match binary {
            Binary::Add => plain(0x58),
            Binary::Multiply => plain(0x59),
            Binary::Subtract => SUBTRACT,
            Binary::Min => plain(0x5d),
            Binary::Divide => plain(0x5e),
            Binary::Max => plain(0x5f),
            Binary::And => AND,
            Binary::Or => OR,
            Binary::Xor => plain(0xef),
            Binary::AddBits => plain(0xd4),
            Binary::SubtractBits => plain(0xfb),
            Binary::Scale => second(0x2c, true),
        };
        self.plain(opcode, to, first, last);
    }

    /// A fused multiply-add; `form` says what the operands are.
    pub fn fused(&mut self, fused: Fused, form: Form, [to, middle]: [Register; 2], last: Operand) {
        let sign = match fused {
            Fused::MultiplyAdd => 0,
            Fused::MultiplySubtract => 2,
            Fused::SubtractProduct => 4,
        };
        self.plain(second(form as u8 + sign, true), to, middle, last);
    }

    /// The mask of the lanes where the operands compare so.
    fn compare(&mut self, predicate: Predicate, first: Register, last: Operand) {
        let to = if self.set == Instructions::Avx512 { 1 } else { MASK };
        self.with_immediate(COMPARE, [to, first], last, predicate as u8);
    }

    /// to = operand where first and last compare so, else 0
    pub fn or_zero(
        &mut self,
        predicate: Predicate,
        (first, last): (Register, Operand),
        to: Register,
        operand: Operand,
    ) {
        self.compare(predicate, first, last);
        match self.set {
            Instructions::Avx512 => {
                let operands = Operands { to, first: 0, last: operand, mask: Mask::Zero, immediate: None };
                self.write(self.reading(operand), operands);
            }
            Instructions::Avx2 => self.plain(AND, to, MASK, operand),
        }
    }

    /// to = operand where first and last compare so, else `otherwise`
    pub fn choose(
        &mut self,
        predicate: Predicate,
        (first, last): (Register, Operand),
        to: Register,
        (operand, otherwise): (Operand, Register),
    ) {
        self.compare(predicate, first, last);
        let mut operands =
            Operands { to, first: otherwise, last: operand, mask: Mask::Choose, immediate: None };
        let opcode = match self.set {
            Instructions::Avx512 => BLEND_8,
            Instructions::Avx2 => {
                operands.immediate = Some(MASK << 4);
                BLEND_4
            }
        };
        self.write(opcode, operands);
    }

    /// Jumps if in any lane x has a sign (NaN may do as it likes), or y is 0 or not finite.
    pub fn jump_if_special(&mut self, x: Register, y: Register) -> Jump {
        match self.set {
            Instructions::Avx512 => {
                self.with_immediate(CLASSIFY, [1, 0], Operand::Register(x), NEGATIVE);
                self.with_immediate(CLASSIFY, [2, 0], Operand::Register(y), ZERO_OR_NOT_FINITE);
                self.code.test_masks(1, 2);
            }
            Instructions::Avx2 => {
                // y − y is 0 for finite y, else NaN. All signs are gathered in the mask.
                self.plain(SUBTRACT, MASK, y, Operand::Register(y));
                self.with_immediate(COMPARE, [MASK, MASK], Operand::Register(y), EQUAL_OR_UNORDERED);
                self.plain(OR, MASK, MASK, Operand::Register(x));
                self.plain(SIGNS, 0, 0, Operand::Register(MASK));
                self.code.test(RAX);
            }
        }
        self.code.jump_unless_zero()
    }
}
