//! Sparse LU factorization without pivoting, for all lanes at once.
//!
//! The matrix is W = I/(γh) − J. Its pattern is the same in every lane and every step, so
//! the order of elimination is chosen once ([`order`]), fill-in is found once, and the
//! factorization becomes a flat list of dot products ([`plan`]) executed lane by lane.

pub mod order;
pub mod plan;

mod factor;

pub(crate) use factor::Factorize;
pub use order::markowitz_order;
pub use plan::LuPlan;
pub(crate) use plan::Product;

#[cfg(test)]
mod tests;
