//! A routine: straight-line instructions over numbered values, before anything is said about where they stand.

use rustc_hash::FxHashMap as HashMap;

use crate::code::Code;

/// Number of a value: the index of the instruction that makes it.
pub type Value = u32;

/// Number of memories a routine may speak of.
pub const BANKS: usize = 4;

/// A row of one of the memories that a routine is run over. Every bank is `[row][lane]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Which memory, below [`BANKS`].
    pub bank: u8,
    /// Which row of it.
    pub row: u32,
}

/// One instruction. Every [`Value`] in it is smaller than its own index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Instruction {
    /// What stands in a row.
    Load(Place),
    /// The same number in every lane.
    Constant(f64),
    /// A code applied to as many values as its arity; the others are 0 and without meaning.
    Apply(Code, [Value; 3]),
    /// Writes a value to a row. It makes no value of its own.
    Store(Place, Value),
}

/// Straight-line arithmetic, the same for every lane.
///
/// What is loaded from a place is not used after something was stored there, and a place is stored to at most
/// once: so a back end may read memory as late as it likes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Routine {
    instructions: Vec<Instruction>,
}

impl Routine {
    /// A routine without instructions.
    pub fn new() -> Routine {
        Routine::default()
    }

    /// The instructions, in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// What stands in a row.
    pub fn load(&mut self, bank: u8, row: u32) -> Value {
        self.push(Instruction::Load(Place { bank, row }))
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> Value {
        self.push(Instruction::Constant(value))
    }

    /// f(a)
    pub fn one(&mut self, code: Code, a: Value) -> Value {
        debug_assert_eq!(code.arity(), 1);
        self.push(Instruction::Apply(code, [a, 0, 0]))
    }

    /// f(a, b)
    pub fn two(&mut self, code: Code, a: Value, b: Value) -> Value {
        debug_assert_eq!(code.arity(), 2);
        self.push(Instruction::Apply(code, [a, b, 0]))
    }

    /// f(a, b, c)
    pub fn three(&mut self, code: Code, a: Value, b: Value, c: Value) -> Value {
        debug_assert_eq!(code.arity(), 3);
        self.push(Instruction::Apply(code, [a, b, c]))
    }

    /// Writes a value to a row.
    pub fn store(&mut self, bank: u8, row: u32, value: Value) {
        self.push(Instruction::Store(Place { bank, row }, value));
    }

    /// The same routine with numbers in place of what it loads from some rows of a bank, `(row, number)`.
    ///
    /// Its results have the same bits where those rows hold those numbers in every lane: nothing but where they come
    /// from changes.
    pub fn with_numbers(&self, bank: u8, numbers: &[(u32, f64)]) -> Routine {
        let known: HashMap<u32, f64> = numbers.iter().copied().collect();
        let replaced = |instruction: &Instruction| match *instruction {
            Instruction::Load(place) if place.bank == bank => match known.get(&place.row) {
                Some(&number) => Instruction::Constant(number),
                None => *instruction,
            },
            other => other,
        };
        Routine { instructions: self.instructions.iter().map(replaced).collect() }
    }

    /// The same routine with the rows of a bank at other places, `[row] → row`.
    pub fn with_rows(&self, bank: u8, rows: &[u32]) -> Routine {
        let moved = |place: Place| match place.bank == bank {
            true => Place { row: rows[place.row as usize], ..place },
            false => place,
        };
        let moved = |instruction: &Instruction| match *instruction {
            Instruction::Load(place) => Instruction::Load(moved(place)),
            Instruction::Store(place, value) => Instruction::Store(moved(place), value),
            other => other,
        };
        Routine { instructions: self.instructions.iter().map(moved).collect() }
    }

    /// The part of the routine that writes to the places for which `wanted` holds; what it computes is computed as
    /// before.
    pub fn storing(&self, wanted: impl Fn(Place) -> bool) -> Routine {
        let mut needed = vec![false; self.instructions.len()];
        for (index, instruction) in self.instructions.iter().enumerate().rev() {
            if let Instruction::Store(place, _) = instruction {
                needed[index] = wanted(*place);
            }
            if needed[index] {
                instruction.arguments().iter().for_each(|&value| needed[value as usize] = true);
            }
        }
        let mut rest = Routine::new();
        let mut values = vec![0; self.instructions.len()];
        for (index, instruction) in self.instructions.iter().enumerate().filter(|&(index, _)| needed[index]) {
            values[index] = rest.push(match *instruction {
                Instruction::Apply(code, arguments) => {
                    let mut new = [0; 3];
                    for (new, old) in new.iter_mut().zip(&arguments[..code.arity()]) {
                        *new = values[*old as usize];
                    }
                    Instruction::Apply(code, new)
                }
                Instruction::Store(place, value) => Instruction::Store(place, values[value as usize]),
                load => load,
            });
        }
        rest
    }

    /// Rows of each bank that the routine speaks of: one more than the largest.
    pub fn rows(&self) -> [usize; BANKS] {
        let mut rows = [0; BANKS];
        for instruction in &self.instructions {
            if let Instruction::Load(place) | Instruction::Store(place, _) = instruction {
                let rows = &mut rows[place.bank as usize];
                *rows = (*rows).max(place.row as usize + 1);
            }
        }
        rows
    }

    /// Banks that the routine writes to.
    pub fn written(&self) -> [bool; BANKS] {
        let mut written = [false; BANKS];
        for instruction in &self.instructions {
            if let Instruction::Store(place, _) = instruction {
                written[place.bank as usize] = true;
            }
        }
        written
    }

    /// How often each value is used, `[instruction]`.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.instructions.len()];
        for instruction in &self.instructions {
            for &value in instruction.arguments() {
                uses[value as usize] += 1;
            }
        }
        uses
    }

    fn push(&mut self, instruction: Instruction) -> Value {
        let own = self.instructions.len() as Value;
        debug_assert!(instruction.arguments().iter().all(|&value| {
            value < own && !matches!(self.instructions[value as usize], Instruction::Store(..))
        }));
        self.instructions.push(instruction);
        own
    }
}

impl Instruction {
    /// The values it reads.
    pub fn arguments(&self) -> &[Value] {
        match self {
            Instruction::Load(_) | Instruction::Constant(_) => &[],
            Instruction::Apply(code, values) => &values[..code.arity()],
            Instruction::Store(_, value) => std::slice::from_ref(value),
        }
    }
}
