//! Machine code for routines: x86-64 vector instructions written straight from the list of instructions.
//!
//! A [`Routine`] becomes steps that the machine has; `emit` gives them registers and writes them. Every
//! lane sees the operations of [`crate::math`] and [`Code`](crate::Code) in their order, so the bits are those of
//! any other way to run the routine.

#[cfg(target_arch = "x86_64")]
mod assembler;
#[cfg(target_arch = "x86_64")]
mod call;
#[cfg(target_arch = "x86_64")]
mod elementary;
#[cfg(target_arch = "x86_64")]
mod emit;
#[cfg(target_arch = "x86_64")]
mod emitter;
#[cfg(target_arch = "x86_64")]
mod frame;
#[cfg(target_arch = "x86_64")]
mod instructions;
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
mod memory;
#[cfg(target_arch = "x86_64")]
mod operation;
#[cfg(target_arch = "x86_64")]
mod outside;
#[cfg(target_arch = "x86_64")]
mod registers;
#[cfg(target_arch = "x86_64")]
mod schedule;
#[cfg(target_arch = "x86_64")]
mod steps;
#[cfg(target_arch = "x86_64")]
mod trigonometric;
#[cfg(target_arch = "x86_64")]
mod uses;
#[cfg(target_arch = "x86_64")]
mod vector;

use crate::body::Body;
use crate::routine::{BANKS, Routine};
use crate::rows::Rows;
use memory::Executable;

/// Lanes of a row.
pub const LANES: usize = 8;

/// The instruction sets that machine code can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512 F and DQ: one vector of 8.
    Avx512,
    /// AVX2 and FMA: two vectors of 4, one after the other.
    Avx2,
}

impl Instructions {
    /// Whether this machine has them.
    pub fn are_available(self) -> bool {
        match self {
            Instructions::Avx512 => Body::Avx512.is_available(),
            Instructions::Avx2 => Body::Avx2.is_available(),
        }
    }
}

/// A routine as machine code for rows of [`LANES`] lanes.
#[derive(Debug)]
pub struct MachineCode {
    code: Executable,
    /// Numbers of the routine.
    pool: Rows,
    scratch_rows: usize,
    instructions: usize,
}

impl MachineCode {
    /// Writes the machine code of a routine.
    ///
    /// `None` where this machine cannot run it: it is not an x86-64, does not have the instructions, or does not
    /// let a program execute memory that it has written; and for routines with rows beyond 2²⁴.
    #[cfg(target_arch = "x86_64")]
    pub fn new(routine: &Routine, set: Instructions) -> Option<MachineCode> {
        const MOST_ROWS: usize = 1 << 24;
        if !set.are_available() || routine.rows().iter().any(|&rows| rows > MOST_ROWS) {
            return None;
        }
        let steps = steps::Steps::new(routine, set);
        let emitted = emit::emit(&schedule::schedule(&steps), set);
        Some(MachineCode {
            code: Executable::new(&emitted.bytes)?,
            pool: pool(&steps.pool, set),
            scratch_rows: emitted.scratch_rows,
            instructions: emitted.instructions,
        })
    }

    /// `None`: there is machine code for x86-64 only.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn new(_routine: &Routine, _set: Instructions) -> Option<MachineCode> {
        None
    }

    /// Rows of [`LANES`] numbers that [`run`](MachineCode::run) needs as scratch.
    pub fn scratch_rows(&self) -> usize {
        self.scratch_rows
    }

    /// Bytes of code.
    pub fn size(&self) -> usize {
        self.code.size()
    }

    /// Vector instructions written.
    pub fn instructions(&self) -> usize {
        self.instructions
    }

    /// Runs the routine in all [`LANES`] lanes.
    ///
    /// # Safety
    /// Every bank must have the rows that the routine speaks of ([`Routine::rows`]), of [`LANES`] numbers each, and
    /// `scratch` must have [`scratch_rows`](MachineCode::scratch_rows); nothing else may use them meanwhile.
    /// They are fastest where they begin at a multiple of 64 bytes.
    #[cfg(target_arch = "x86_64")]
    pub unsafe fn run(&self, banks: &[*mut f64; BANKS], scratch: *mut f64) {
        type Entry = unsafe extern "sysv64" fn(*const *mut f64, *mut f64, *const f64);
        // SAFETY: the code was written as such a function for instructions that this machine has; it stays in
        // the rows that the caller promises.
        unsafe {
            let entry = std::mem::transmute::<*const u8, Entry>(self.code.start());
            entry(banks.as_ptr(), scratch, self.pool.as_ptr());
        }
    }

    /// Nothing, as there is no machine code to run.
    ///
    /// # Safety
    /// None is needed.
    #[cfg(not(target_arch = "x86_64"))]
    pub unsafe fn run(&self, _banks: &[*mut f64; BANKS], _scratch: *mut f64) {}
}

/// The numbers as the code reads them: one each where an instruction can spread it, else a vector each.
#[cfg(target_arch = "x86_64")]
fn pool(numbers: &[f64], set: Instructions) -> Rows {
    let copies = match set {
        Instructions::Avx512 => 1,
        Instructions::Avx2 => 4,
    };
    let mut pool = Rows::new(numbers.len(), copies);
    for (copies, &number) in pool.chunks_exact_mut(copies).zip(numbers) {
        copies.fill(number);
    }
    pool
}

#[cfg(test)]
mod tests;
