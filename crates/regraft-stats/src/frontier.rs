//! Several aims at once: which points no other point beats, and a search for them.
//!
//! All objectives are minimized; what is to be large is passed with its sign changed.

mod nsga;
mod rank;

pub use nsga::{Bounds, Evaluate, Nsga, Scored, nsga2};
pub use rank::{crowding, dominates, fronts, hypervolume, non_dominated, spread_out};

#[cfg(test)]
mod tests;
