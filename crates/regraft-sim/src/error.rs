//! Calls that cannot be done.

/// Why [`simulate`](crate::simulate) refused or gave up as a whole. What goes wrong in one patient is a
/// [`SolveStatus`](crate::SolveStatus) instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimError {
    /// [`Watch::cancelled`](crate::Watch::cancelled) said so.
    #[error("cancelled")]
    Cancelled,
    /// A table does not have the number of entries its neighbours imply.
    #[error("{what} has {found} entries, expected {expected}")]
    Shape {
        /// Which table.
        what: &'static str,
        /// Entries expected.
        expected: usize,
        /// Entries found.
        found: usize,
    },
    /// An index points behind the end of its table.
    #[error("{what} refers to number {index}, but there are only {count}")]
    Index {
        /// Who refers to what.
        what: &'static str,
        /// The index.
        index: usize,
        /// Entries there are.
        count: usize,
    },
    /// A number is not possible where it stands.
    #[error("{what} is {value}, but must be {must_be}")]
    Value {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        must_be: &'static str,
    },
    /// The program draws random numbers where they have no meaning.
    #[error("a random draw in {place}; draws belong in starting values and event assignments")]
    DrawInFlow {
        /// Where.
        place: &'static str,
    },
    /// The worker threads could not be started.
    #[error("worker threads could not be started: {reason}")]
    Threads {
        /// What the system said.
        reason: String,
    },
}
