//! Bytes of vector instructions: the EVEX encoding for vectors of 8, the VEX encoding for vectors of 4
//! [Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, 2.3 and 2.7].

use super::assembler::{Address, Assembler};

/// A vector register by its number.
pub(super) type Register = u8;

/// Which table an opcode stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    T0f = 1,
    T0f38 = 2,
    T0f3a = 3,
}

/// An instruction but for its operands. All of ours have the prefix 66.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opcode {
    pub table: Table,
    pub number: u8,
    /// The bit W of the VEX encoding; in EVEX it is always set for vectors of doubles.
    pub wide: bool,
}

/// The last operand of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Register(Register),
    /// A vector in memory.
    Row(Address),
    /// One number in memory that stands for all lanes. (Vectors of 4: a vector all the same.)
    Number(Address),
}

/// What a mask register does to the lanes of a result where its bit is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mask {
    /// There is no mask.
    None,
    /// Mask 1 chooses between the two operands.
    Choose,
    /// They become 0 where mask 1 is.
    Zero,
}

/// The operands of one instruction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operands {
    /// The result, or an extension of the opcode.
    pub to: u8,
    /// The first operand; 0 for instructions without one.
    pub first: Register,
    pub last: Operand,
    pub mask: Mask,
    pub immediate: Option<u8>,
}

/// Prefix 66 in VEX and EVEX.
const PREFIX_66: u8 = 1;

/// Bytes of a vector of 8.
pub(super) const VECTOR_8: i32 = 64;

/// Bytes of a vector of 4.
pub(super) const VECTOR_4: i32 = 32;

/// Bytes of one number.
pub(super) const NUMBER: i32 = 8;

impl Assembler {
    /// An instruction on vectors of 8. `whole` where a number in memory is not spread by the prefix
    /// but by the instruction itself.
    pub fn evex(&mut self, opcode: Opcode, operands: Operands, whole: bool) {
        let Operands { to, first, last, mask, immediate } = operands;
        let (last_8, last_16) = match last {
            Operand::Register(register) => (register >> 3 & 1, register >> 4),
            Operand::Row(address) | Operand::Number(address) => (address.base.high(), 0),
        };
        let spread = matches!(last, Operand::Number(_)) && !whole;
        let (masked, zero) = (u8::from(mask != Mask::None), u8::from(mask == Mask::Zero));
        // Bits of register numbers are written inverted.
        let numbers = (to >> 3 & 1) << 7 | last_16 << 6 | last_8 << 5 | (to >> 4) << 4;
        self.bytes.extend([
            0x62,
            (numbers ^ 0xf0) | opcode.table as u8,
            0x80 | (!first & 15) << 3 | 1 << 2 | PREFIX_66,
            zero << 7 | 2 << 5 | u8::from(spread) << 4 | (!first >> 4 & 1) << 3 | masked,
            opcode.number,
        ]);
        let unit = if matches!(last, Operand::Number(_)) { NUMBER } else { VECTOR_8 };
        self.last_operand(to, last, unit, immediate);
    }

    /// An instruction on vectors of 4, for registers below 16.
    pub fn vex(&mut self, opcode: Opcode, operands: Operands) {
        let Operands { to, first, last, immediate, .. } = operands;
        let last_8 = match last {
            Operand::Register(register) => register >> 3,
            Operand::Row(address) | Operand::Number(address) => address.base.high(),
        };
        let second = (!first & 15) << 3 | 1 << 2 | PREFIX_66;
        if opcode.table == Table::T0f && !opcode.wide && last_8 == 0 {
            self.bytes.extend([0xc5, (!to >> 3 & 1) << 7 | second, opcode.number]);
        } else {
            let registers = (!to >> 3 & 1) << 7 | 1 << 6 | (!last_8 & 1) << 5;
            let wide = u8::from(opcode.wide) << 7;
            self.bytes.extend([0xc4, registers | opcode.table as u8, wide | second, opcode.number]);
        }
        self.last_operand(to, last, 1, immediate);
    }

    /// Tests whether all bits of two masks of 8 are 0.
    pub fn test_masks(&mut self, first: u8, second: u8) {
        self.bytes.extend([0xc5, 0xf9, 0x98]);
        self.two_registers(first, second);
    }

    fn last_operand(&mut self, to: u8, last: Operand, unit: i32, immediate: Option<u8>) {
        match last {
            Operand::Register(register) => self.two_registers(to, register),
            Operand::Row(address) | Operand::Number(address) => self.register_and_address(to, address, unit),
        }
        self.bytes.extend(immediate);
    }
}
