//! What machine code is made of: operations that are one or two instructions each.

use crate::code::Code;
use crate::routine::Place;

/// Number of a value: the index of the step that makes it.
pub(super) type Value = u32;

/// An operation on vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// What stands in a row.
    Load(Place),
    /// The number at this index of the pool, in every lane.
    Number(u32),
    /// Writes a to a row. Makes no value.
    Store(Place),
    /// A function outside, of as many arguments as the code has.
    Call(Code),
    Unary(Unary),
    Binary(Binary),
    Fused(Fused),
    /// c where a and b compare so, else 0
    Where(Predicate),
    /// c where a and b compare so, else d
    Choose(Predicate),
    /// c, which is what the code makes of its arguments where they are ordinary; if they are not so in every lane, what
    /// the function outside makes of them. A power aᵇ is ordinary for a without sign and b that is finite and not 0, a
    /// sine or cosine of a for b > 0, the room below large angles.
    Ordinary(Code),
}

/// f(a)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unary {
    SquareRoot,
    Floor,
    Ceil,
    /// Bits moved up, 0 from below.
    ShiftLeft(u8),
    /// Bits moved down, 0 from above.
    ShiftRight(u8),
    /// k with |a| = 2ᵏ m, 1 ≤ m < 2; −∞ for 0. For vectors of 8 only.
    Exponent,
    /// |a| times the power of 2 that brings it to ¾ ≤ m < 1½. For vectors of 8 only.
    Mantissa,
}

/// f(a, b)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// a where a < b, else b
    Min,
    /// a where a > b, else b
    Max,
    And,
    Or,
    Xor,
    /// Sum of the bits as whole numbers.
    AddBits,
    /// Difference of the bits as whole numbers.
    SubtractBits,
    /// a · 2^⌊b⌋, rounded once. For vectors of 8 only.
    Scale,
}

/// f(a, b, c), rounded once
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fused {
    /// a · b + c
    MultiplyAdd,
    /// a · b − c
    MultiplySubtract,
    /// c − a · b
    SubtractProduct,
}

/// A comparison, by its number in the instruction; none of them signals for NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Predicate {
    Equal = 0x00,
    /// Either is NaN.
    Unordered = 0x03,
    /// Also where either is NaN.
    NotEqual = 0x04,
    Less = 0x11,
    LessEqual = 0x12,
    GreaterEqual = 0x1d,
    Greater = 0x1e,
}

impl Binary {
    /// Whether the operands may be exchanged.
    pub fn is_symmetric(self) -> bool {
        use Binary::*;
        matches!(self, Add | Multiply | And | Or | Xor | AddBits)
    }
}

/// One operation on values made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub operation: Operation,
    values: [Value; 4],
}

impl Step {
    /// # Panics
    /// If there are more than four arguments: a mistake in this crate.
    pub fn new(operation: Operation, arguments: &[Value]) -> Step {
        let mut values = [0; 4];
        values[..arguments.len()].copy_from_slice(arguments);
        let step = Step { operation, values };
        debug_assert_eq!(step.arguments().len(), arguments.len());
        step
    }

    /// The same operation on other values.
    pub fn with_arguments(&self, map: impl Fn(Value) -> Value) -> Step {
        Step { operation: self.operation, values: self.values.map(map) }
    }

    /// Whether it costs nothing: the value can be used where it stands.
    pub fn is_free(&self) -> bool {
        matches!(self.operation, Operation::Load(_) | Operation::Number(_))
    }

    /// The values it reads.
    pub fn arguments(&self) -> &[Value] {
        let n = match self.operation {
            Operation::Load(_) | Operation::Number(_) => 0,
            Operation::Store(_) | Operation::Unary(_) => 1,
            Operation::Binary(_) => 2,
            Operation::Fused(_) | Operation::Where(_) | Operation::Ordinary(_) => 3,
            Operation::Choose(_) => 4,
            Operation::Call(code) => code.arity(),
        };
        &self.values[..n]
    }
}
