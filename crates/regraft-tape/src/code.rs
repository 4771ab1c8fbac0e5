//! What one instruction computes.

/// An operation on numbers. Every one but the elementary functions is that of IEEE 754, rounded once.
///
/// Comparisons and logic give 1 or 0; a number counts as true where it is not 0 (NaN is true).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Code {
    /// −a
    Negate,
    /// |a|
    Absolute,
    /// √a
    SquareRoot,
    /// eᵃ, [`math::exp`](crate::math::exp)
    Exp,
    /// ln a, [`math::ln`](crate::math::ln)
    Ln,
    /// sin a
    Sin,
    /// cos a
    Cos,
    /// tan a
    Tan,
    /// arcsin a
    Asin,
    /// arccos a
    Acos,
    /// arctan a
    Atan,
    /// hyperbolic sine
    Sinh,
    /// hyperbolic cosine
    Cosh,
    /// hyperbolic tangent
    Tanh,
    /// largest integer ≤ a
    Floor,
    /// smallest integer ≥ a
    Ceil,
    /// a! for whole a, Γ(a+1) else
    Factorial,
    /// a where it is finite, else 0
    FiniteOrZero,
    /// 1 where a = 0, else 0
    Not,
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// a / b
    Divide,
    /// aᵇ, [`math::pow`](crate::math::pow)
    Power,
    /// a where a < b or a is NaN, else b
    Min,
    /// a where a > b or a is NaN, else b
    Max,
    /// a − b ⌊a/b⌋
    Modulo,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
    /// a and b
    And,
    /// a or b
    Or,
    /// a · b + c, rounded once
    MultiplyAdd,
    /// a · b − c, rounded once
    MultiplySubtract,
    /// c − a · b, rounded once
    SubtractProduct,
    /// b where a ≠ 0 (NaN counts as such), else c
    Select,
}

impl Code {
    /// Every code, in order.
    pub const ALL: [Code; 39] = [
        Code::Negate,
        Code::Absolute,
        Code::SquareRoot,
        Code::Exp,
        Code::Ln,
        Code::Sin,
        Code::Cos,
        Code::Tan,
        Code::Asin,
        Code::Acos,
        Code::Atan,
        Code::Sinh,
        Code::Cosh,
        Code::Tanh,
        Code::Floor,
        Code::Ceil,
        Code::Factorial,
        Code::FiniteOrZero,
        Code::Not,
        Code::Add,
        Code::Subtract,
        Code::Multiply,
        Code::Divide,
        Code::Power,
        Code::Min,
        Code::Max,
        Code::Modulo,
        Code::Less,
        Code::LessEqual,
        Code::Greater,
        Code::GreaterEqual,
        Code::Equal,
        Code::NotEqual,
        Code::And,
        Code::Or,
        Code::MultiplyAdd,
        Code::MultiplySubtract,
        Code::SubtractProduct,
        Code::Select,
    ];

    /// Number of arguments, 1 to 3.
    pub fn arity(self) -> usize {
        match self {
            code if code <= Code::Not => 1,
            code if code <= Code::Or => 2,
            _ => 3,
        }
    }
}
