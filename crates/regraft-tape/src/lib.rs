//! Straight-line arithmetic for many lanes at once.
//!
//! A [`Routine`] is a list of instructions over numbered values: loads and stores of rows, and
//! arithmetic, usually made from a [`Graph`]. [`Compiled`], it is run over memories `[row][lane]`, the lane
//! fastest, by an interpreter or as machine code written for the routine. Every lane goes through the same
//! operations in the same order in all of them, and every operation is exactly defined, so all give the same bits.
//!
//! ```
//! use regraft_tape::{Bank, Compiled, Engine, Graph, Place};
//!
//! let mut graph = Graph::new();
//! let (x, y) = (graph.load(0, 0), graph.load(0, 1));
//! let product = graph.multiply(x, y);
//! let sum = graph.add(product, x);
//! let routine = graph.routine(&[], &[(Place { bank: 1, row: 0 }, sum)]);
//! let compiled = Compiled::new(&routine, 4, Engine::best());
//! let mut out = [0.0; 4];
//! let mut scratch = vec![0.0; compiled.scratch_rows() * 4];
//! let lanes = [1.0, 2.0, 3.0, 4.0, 10.0, 10.0, 10.0, 10.0];
//! compiled.run([Bank::Read(&lanes), Bank::Write(&mut out), Bank::None, Bank::None], &mut scratch);
//! assert_eq!(out, [11.0, 22.0, 33.0, 44.0]);
//! ```

mod body;
pub mod code;
mod compiled;
pub mod graph;
pub mod machine;
pub mod math;
pub mod routine;
mod rows;
mod run;
mod settle;
mod tape;

pub use body::Body;
pub use code::Code;
pub use compiled::{Bank, Compiled, Engine};
pub use graph::Graph;
pub use routine::{BANKS, Instruction, Place, Routine, Value};
pub use rows::Rows;
pub use settle::Settled;

#[cfg(test)]
mod tests;
