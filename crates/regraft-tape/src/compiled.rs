//! A routine ready to run: as machine code where that can be had, else interpreted.

use crate::body::Body;
use crate::machine::{Instructions, LANES, MachineCode};
use crate::routine::{BANKS, Routine};
use crate::run;
use crate::tape::Tape;

/// How a routine is carried out. None moves a bit of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Engine {
    /// Which instructions are used.
    pub body: Body,
    /// Whether machine code is written for the routine; else it is interpreted.
    pub machine_code: bool,
}

impl Engine {
    /// The fastest this machine can do.
    pub fn best() -> Engine {
        let body = Body::best();
        Engine { body, machine_code: body != Body::Portable }
    }
}

/// A memory lent to a routine, `[row][lane]`.
#[derive(Debug)]
pub enum Bank<'a> {
    /// Not spoken of by the routine.
    None,
    /// To be read.
    Read(&'a [f64]),
    /// To be read and written.
    Write(&'a mut [f64]),
}

enum Form {
    Interpreted(Tape),
    Machine(MachineCode),
}

/// A routine for rows of a fixed number of lanes.
pub struct Compiled {
    form: Form,
    body: Body,
    width: usize,
    rows: [usize; BANKS],
    written: [bool; BANKS],
    flops: u64,
}

impl Compiled {
    /// Prepares a routine for rows of `width` lanes. Machine code is for 8 lanes only; other widths are interpreted.
    pub fn new(routine: &Routine, width: usize, engine: Engine) -> Compiled {
        let body = if engine.body.is_available() { engine.body } else { Body::Portable };
        let set = match body {
            Body::Portable => None,
            Body::Avx2 => Some(Instructions::Avx2),
            Body::Avx512 => Some(Instructions::Avx512),
        };
        let wanted = set.filter(|_| engine.machine_code && width == LANES);
        let form = match wanted.and_then(|set| MachineCode::new(routine, set)) {
            Some(code) => Form::Machine(code),
            None => Form::Interpreted(Tape::new(routine, width)),
        };
        let flops = routine.instructions().iter().map(|instruction| instruction.flops()).sum();
        Compiled { form, body, width, rows: routine.rows(), written: routine.written(), flops }
    }

    /// Rows of scratch that [`run`](Compiled::run) needs.
    pub fn scratch_rows(&self) -> usize {
        match &self.form {
            Form::Interpreted(tape) => tape.scratch_rows,
            Form::Machine(code) => code.scratch_rows(),
        }
    }

    /// Floating-point operations of one run in one lane; see [`Instruction::flops`](crate::Instruction::flops).
    pub fn flops(&self) -> u64 {
        self.flops
    }

    /// Runs the routine in every lane.
    ///
    /// # Panics
    /// If a bank or the scratch is too short, or one that is written to was lent for reading: a mistake in the
    /// calling code.
    pub fn run(&self, mut banks: [Bank; BANKS], scratch: &mut [f64]) {
        let pointers = self.check(&mut banks, scratch);
        // SAFETY: all banks are as long as the routine needs, exclusive where written to, and the instruction
        // set was found on this machine.
        unsafe {
            match &self.form {
                Form::Machine(code) => code.run(&pointers, scratch.as_mut_ptr()),
                Form::Interpreted(tape) => {
                    run::run(tape, self.body, &pointers, scratch.as_mut_ptr(), None);
                }
            }
        }
    }

    /// Runs the routine in one lane; the others are neither read nor written. Same bits as [`run`](Compiled::run).
    ///
    /// # Panics
    /// As [`run`](Compiled::run), if there is no such lane, and for machine code, which is for all lanes.
    pub fn run_lane(&self, lane: usize, mut banks: [Bank; BANKS], scratch: &mut [f64]) {
        assert!(lane < self.width, "there is no such lane");
        let pointers = self.check(&mut banks, scratch);
        let Form::Interpreted(tape) = &self.form else { panic!("machine code is for all lanes") };
        // SAFETY: as in `run`; a lane lies within every row.
        unsafe { run::run(tape, self.body, &pointers, scratch.as_mut_ptr(), Some(lane)) }
    }

    /// Where the banks stand, if they are as the routine needs them.
    fn check(&self, banks: &mut [Bank; BANKS], scratch: &[f64]) -> [*mut f64; BANKS] {
        let mut pointers = [std::ptr::null_mut(); BANKS];
        for (number, bank) in banks.iter_mut().enumerate() {
            let (pointer, len, writable) = match bank {
                Bank::None => (std::ptr::null_mut(), 0, true),
                Bank::Read(values) => (values.as_ptr().cast_mut(), values.len(), false),
                Bank::Write(values) => (values.as_mut_ptr(), values.len(), true),
            };
            assert!(len >= self.rows[number] * self.width, "bank {number} is too short");
            assert!(writable || !self.written[number], "bank {number} is written to");
            pointers[number] = pointer;
        }
        assert!(scratch.len() >= self.scratch_rows() * self.width, "the scratch is too short");
        pointers
    }
}
