//! Elementary functions with the same bits on every machine.
//!
//! Only `+ − × ÷`, `√`, the fused multiply-add, comparisons and bit operations on `f64` are used;
//! all of these are exactly defined by IEEE 754. A product and a sum are fused where `mul_add` is
//! written and nowhere else. The hot ones ([`exp`], [`ln`], [`pow`]) are written without branches
//! so that a loop over lanes becomes vector code.

pub(crate) mod exponential;
mod gamma_function;
mod hyperbolic;
mod inverse_trigonometric;
pub(crate) mod logarithm;
mod pair;
pub(crate) mod power;
pub(crate) mod trigonometric;
mod whole;

pub use exponential::exp;
pub use gamma_function::{factorial, gamma};
pub use hyperbolic::{cosh, exp_m1, sinh, tanh};
pub use inverse_trigonometric::{acos, asin, atan};
pub use logarithm::ln;
pub use power::pow;
pub use trigonometric::{cos, sin, tan};
pub(crate) use trigonometric::{cos_of_row, sin_of_row};
pub use whole::{ceil, floor, round_half_even};

/// 2⁵², from which on every double is whole.
pub(crate) const TWO_52: f64 = 4503599627370496.0;

/// 1.5 · 2⁵²: adding it rounds a number below 2⁵¹ to a whole one, kept in the low bits.
pub(crate) const ROUNDER: f64 = 6755399441055744.0;

/// High part of ln 2, 32 bits: a whole number below 2²⁰ times it is exact.
pub(crate) const LN2_HIGH: f64 = 0.6931471803691238;

/// ln 2 − [`LN2_HIGH`].
pub(crate) const LN2_LOW: f64 = 1.9082149292705877e-10;

#[cfg(test)]
mod tests;
