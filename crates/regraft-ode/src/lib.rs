//! Integrating many small ODE systems side by side.
//!
//! A [`System`] gives the right-hand side and the stages of a step for a few patients at
//! once, one per *lane*. An [`Integrator`] steps every lane with its own time and step
//! size by Rodas5P, an L-stable method of order 5. What happens in a lane does not depend,
//! in any bit, on the other lanes, on their number or on the machine's vector width.
//!
//! ```
//! use regraft_ode::{Integrator, LaneOutcome, StepControl, Tolerances};
//! use regraft_ode::problems::{Hires, Problem};
//!
//! let problem = Hires;
//! let lanes = 4;
//! let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-10; 8] };
//! let mut integrator = Integrator::new(problem.system(lanes), tolerances, StepControl::default());
//! integrator.start(2, 0.0, &problem.start(), problem.end(), None);
//! while !matches!(integrator.outcome(2), LaneOutcome::Stopped { .. }) {
//!     integrator.advance();
//! }
//! assert!((integrator.state(2, 0) - problem.solution()[0]).abs() < 1e-8);
//! ```

#[cfg(test)]
mod counting;

pub mod control;
pub mod integrator;
pub mod lanes;
pub mod linear;
pub use regraft_tape::math;
pub mod outcome;
pub mod problems;
mod step;
pub mod system;
pub mod tableau;
mod vector;

pub use control::{AIM, StepControl, Tolerances};
pub use integrator::{Integrator, Work};
pub use linear::Factored;
pub use outcome::{Counters, Failure, LaneOutcome};
pub use step::flops_of_attempt;
pub use system::{Equations, SparsityPattern, System};
