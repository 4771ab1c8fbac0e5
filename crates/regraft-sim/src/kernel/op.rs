//! One operation of a tape.

use std::collections::HashSet;

use regraft_model::program::{Binary, Distribution, Unary};

/// What an operation computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Code {
    /// f(a)
    Unary(Unary),
    /// f(a, b)
    Binary(Binary),
    /// aᵏ for a whole k, by repeated multiplication
    WholePower(i32),
    /// b where a ≠ 0, else c
    Select,
    /// A draw from stream c with arguments a, b
    Draw(Distribution),
}

/// An operation: slots in, slot out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Op {
    pub code: Code,
    /// Slot that is written.
    pub to: u32,
    pub a: u32,
    pub b: u32,
    pub c: u32,
}

impl Op {
    /// Slots that it may read.
    pub fn operands(&self) -> impl Iterator<Item = u32> + use<> {
        let count = match self.code {
            Code::Unary(_) | Code::WholePower(_) => 1,
            Code::Binary(_) | Code::Draw(_) => 2,
            Code::Select => 3,
        };
        [self.a, self.b, self.c].into_iter().take(count)
    }
}

/// A straight list of operations and the slots in which the answers stand afterwards.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tape {
    pub ops: Vec<Op>,
    pub results: Vec<u32>,
}

impl Tape {
    /// The part of the tape that computes some of its results, by their numbers. Nothing in it draws.
    pub fn part(&self, wanted: &[u32]) -> Tape {
        let results: Vec<u32> = wanted.iter().map(|&index| self.results[index as usize]).collect();
        let mut needed: HashSet<u32> = results.iter().copied().collect();
        let mut ops: Vec<Op> = self
            .ops
            .iter()
            .rev()
            .filter(|op| {
                let is_needed = needed.contains(&op.to);
                if is_needed {
                    needed.extend(op.operands());
                }
                is_needed
            })
            .copied()
            .collect();
        ops.reverse();
        Tape { ops, results }
    }
}
