//! Sparse LU factorization without pivoting, for all lanes at once.
//!
//! The matrix is W = I/(γh) − J. Its pattern is the same in every lane and every step, so
//! the order of elimination is chosen once ([`order`]), fill-in is found once, and the
//! factorization becomes a flat list of dot products ([`plan`]) executed lane by lane.

pub mod order;
pub mod plan;

mod factored;

pub use factored::{Factored, PIVOT_LIMIT};
pub use order::markowitz_order;
pub use plan::LuPlan;

#[cfg(test)]
mod tests;
