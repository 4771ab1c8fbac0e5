//! What a caller can get wrong.

use thiserror::Error;

/// A distribution or a matrix that does not describe what it should.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StatsError {
    /// A parameter of a distribution is not finite or outside its range.
    #[error("`{parameter}` of the {distribution} distribution is {value}; it must be {must_be}")]
    Parameter {
        /// Name of the distribution, in words.
        distribution: &'static str,
        /// Name of the parameter as in the code.
        parameter: &'static str,
        /// The offending value.
        value: f64,
        /// What is allowed.
        must_be: &'static str,
    },
    /// Truncation that leaves (almost) nothing of the distribution.
    #[error("only {mass:e} of the distribution lies between {low} and {high}")]
    NothingLeft {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
        /// Probability between the bounds.
        mass: f64,
    },
    /// A slice whose length is not `n · n`.
    #[error("{found} elements do not make a square matrix of order {order}")]
    MatrixSize {
        /// Order asked for.
        order: usize,
        /// Elements given.
        found: usize,
    },
    /// A matrix that is not symmetric.
    #[error("the matrix is not symmetric: elements ({row}, {column}) and ({column}, {row}) differ")]
    NotSymmetric {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// A matrix without a Cholesky factor: these correlations cannot all hold at once.
    #[error("the matrix is not positive definite: pivot {pivot} is {value:e}")]
    NotPositiveDefinite {
        /// Row of the pivot that failed, from 0.
        pivot: usize,
        /// Its value; positive in a positive definite matrix.
        value: f64,
    },
}
