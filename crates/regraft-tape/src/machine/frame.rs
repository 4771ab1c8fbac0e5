//! What stands around the steps: the caller's registers, pointers, and addresses that begin at them.

use super::Instructions;
use super::assembler::{
    Address, Label, Pointer, R8, R9, R10, R11, R12, R13, R14, R15, RBP, RBX, RCX, RDI, RDX, RSI, RSP,
};
use super::emitter::Emitter;
use super::registers::Home;
use super::vector::{NUMBER, VECTOR_4, VECTOR_8};
use crate::routine::{BANKS, Place};

/// Registers that point into the banks.
const BANK: [Pointer; BANKS] = [RBX, RBP, R13, R12];

/// Register that points into scratch.
const SCRATCH: Pointer = R14;

/// Register that points into the pool of numbers.
const POOL: Pointer = R15;

/// Registers that point further into a bank, each [`REACH`] beyond the one before: an offset of one byte in place of
/// four makes the code shorter, and long code waits for itself to be read. A call loses them.
const FAR: [(usize, &[Pointer]); 2] = [(0, &[R8, R9, RCX]), (2, &[R10, R11])];

/// Bytes that an offset of one byte reaches, in vectors of 8.
const REACH: i32 = 256 * VECTOR_8;

/// Registers that belong to the caller.
const SAVED: [Pointer; 6] = [RBX, RBP, R12, R13, R14, R15];

impl Emitter {
    /// Saves the caller's registers and loads the pointers.
    pub(super) fn enter(&mut self) {
        let biases = self.biases();
        let code = &mut self.writer.code;
        SAVED.iter().for_each(|&register| code.push(register));
        // With the address to return to and six registers, this brings the stack to a multiple of 16.
        code.add(RSP, -8);
        for (number, &bank) in BANK.iter().enumerate() {
            code.read(bank, Address { base: RDI, offset: number as i32 * 8 });
        }
        code.copy(SCRATCH, RSI);
        code.copy(POOL, RDX);
        biases.iter().for_each(|&(register, bias)| code.add(register, bias));
        self.point_far();
        if self.writer.set == Instructions::Avx2 {
            self.writer.code.set_counter(VECTOR_8 / VECTOR_4);
        }
    }

    /// Loads the pointers that point further into a bank.
    pub(super) fn point_far(&mut self) {
        if self.writer.set == Instructions::Avx512 {
            for (bank, registers) in FAR {
                for (&register, step) in registers.iter().zip(1..) {
                    let address = Address { base: BANK[bank], offset: step * REACH };
                    self.writer.code.address(register, address);
                }
            }
        }
    }

    /// The pointers point so many bytes into what they stand for: a byte with sign then reaches more of it.
    fn biases(&self) -> [(Pointer, i32); BANKS + 2] {
        let bias = |register| (register, self.bias(register));
        [bias(BANK[0]), bias(BANK[1]), bias(BANK[2]), bias(BANK[3]), bias(SCRATCH), bias(POOL)]
    }

    fn bias(&self, register: Pointer) -> i32 {
        match (self.writer.set, register) {
            (Instructions::Avx2, _) => 128,
            (Instructions::Avx512, POOL) => 128 * NUMBER,
            (Instructions::Avx512, _) => 128 * VECTOR_8,
        }
    }

    /// Goes back to `start` for the other half of the lanes if vectors are short, and returns.
    pub(super) fn leave(&mut self, start: Label) {
        let code = &mut self.writer.code;
        if self.writer.set == Instructions::Avx2 {
            BANK.iter().for_each(|&bank| code.add(bank, VECTOR_4));
            code.count_down();
            let again = code.jump_unless_zero();
            code.link(again, start);
        }
        code.add(RSP, 8);
        SAVED.iter().rev().for_each(|&register| code.pop(register));
        code.clear_upper();
        code.ret();
    }

    /// Bytes of a vector.
    pub(super) fn vector_bytes(&self) -> i32 {
        if self.writer.set == Instructions::Avx2 { VECTOR_4 } else { VECTOR_8 }
    }

    /// Where a new row of scratch stands.
    pub(super) fn new_row(&mut self) -> Address {
        let home = self.registers.new_row();
        self.address(home)
    }

    /// Where a value with this home stands.
    pub(super) fn address(&self, home: Home) -> Address {
        let (base, offset) = match (home, self.writer.set) {
            (Home::Place(Place { bank, row }), _) => (BANK[bank as usize], row as i32 * VECTOR_8),
            (Home::Number(index), Instructions::Avx512) => (POOL, index as i32 * NUMBER),
            (Home::Number(index), Instructions::Avx2) => (POOL, index as i32 * VECTOR_4),
            (Home::Scratch(row), _) => (SCRATCH, row as i32 * self.vector_bytes()),
        };
        let offset = offset - self.bias(base);
        match (home, self.writer.set) {
            (Home::Place(place), Instructions::Avx512) => nearest(place.bank as usize, base, offset),
            _ => Address { base, offset },
        }
    }
}

/// The address by the pointer into the bank that is nearest before it.
fn nearest(bank: usize, base: Pointer, offset: i32) -> Address {
    let step = (offset + REACH / 2) / REACH;
    let far = FAR.iter().find(|far| far.0 == bank).map_or(&[][..], |far| far.1);
    match usize::try_from(step - 1).ok().and_then(|index| far.get(index)) {
        Some(&register) => Address { base: register, offset: offset - step * REACH },
        None => Address { base, offset },
    }
}
