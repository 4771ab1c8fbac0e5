//! One operation of a tape.

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
