//! What became of a lane: outcome of a step attempt, cause of a failure, counters.

use thiserror::Error;

/// Why a lane could not go on. Its time and state stay those of the last accepted step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Failure {
    /// The error test failed down to the smallest step.
    #[error("step size became too small")]
    StepTooSmall,
    /// More step attempts than [`StepControl::max_steps`](crate::StepControl::max_steps).
    #[error("too many steps")]
    TooManySteps,
    /// A start value, derivative or new state stayed infinite or NaN however small the step.
    #[error("a value is not finite")]
    NotFinite,
    /// The matrix I/(γh) − J had a vanishing pivot however small the step.
    #[error("the matrix is singular")]
    SingularMatrix,
    /// The stop asked for lies before the lane's time, or is NaN.
    #[error("the stop lies before the present time")]
    StopBehind,
}

/// What happened to a lane in the last call of [`advance`](crate::Integrator::advance).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LaneOutcome {
    /// The lane was not started, was released, or had failed before.
    Idle,
    /// The step was rejected; time and state are unchanged.
    Rejected,
    /// The step was accepted; dense output holds on `[from, to]`.
    Accepted {
        /// Start of the step.
        from: f64,
        /// End of the step.
        to: f64,
    },
    /// The step was accepted and `to` is exactly the stop asked for.
    Stopped {
        /// Start of the step.
        from: f64,
        /// End of the step: the stop.
        to: f64,
    },
    /// The step was accepted and cut at its earliest root; the state is that just after
    /// the sign change. Which: [`changed_roots`](crate::Integrator::changed_roots).
    Root {
        /// Start of the step.
        from: f64,
        /// Time just after the sign change.
        to: f64,
    },
    /// The lane failed and is now at rest.
    Failed {
        /// Time of the last accepted step.
        at: f64,
        /// Cause.
        failure: Failure,
    },
}

/// Work of a lane since [`start`](crate::Integrator::start).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Accepted steps, those cut at a root included.
    pub accepted: u64,
    /// Rejected step attempts, halvings included.
    pub rejected: u64,
    /// Step attempts halved for a singular matrix or a value that is not finite.
    pub halved: u64,
    /// Steps cut at a root.
    pub roots: u64,
    /// Evaluations of the derivatives (the one with the Jacobian included).
    pub derivatives: u64,
    /// Evaluations of the Jacobian; one matrix factorization each.
    pub jacobians: u64,
}
