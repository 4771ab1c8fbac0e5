//! Why one regimen holds and another relapses: steady states of a model over a range of any parameter, and on which
//! side of the separatrix patients stand after a regimen.
//!
//! [`diagram`] finds the steady states of any program; `subject` makes a program and its starts of a disease card or
//! a model file; [`positions`] follows patients of a regimen to a day and asks where each of them goes from there.

mod answer;
mod bars;
mod cohort;
mod diagram;
mod edge;
mod field;
mod follow;
mod indices;
mod of_model;
mod of_trial;
mod page;
mod reduce;
mod regimens;
mod sensitivity;
mod subject;
mod system;

use regraft_sim::SimError;
use thiserror::Error;

use crate::study::StudyError;

pub use answer::{AtValue, Bifurcation, Branch, Diagram, Kind, SetAside, Steady};
pub use bars::{Asked as SensitivityAsked, sensitivities};
pub use cohort::{Patient, Position, Positions, positions};
pub use diagram::{Question, diagram};
pub use indices::{Estimated, MOST_POINTS};
pub use of_model::OfModel;
pub use of_trial::OfTrial;
pub use page::{Explored, digits, explored, listed};
pub use reduce::Aside;
pub use regimens::After;
pub(crate) use regimens::product_of;
pub use sensitivity::{Answers, Design, Input, OfInput, Sensitivity, Spread, sensitivity};
pub use subject::{Asked, Shown, Subject, of_disease, of_model, question};

/// Why a model could not be explored.
#[derive(Debug, Error)]
pub enum ExploreError {
    /// A name that means nothing, or not what is wanted; a range that is none.
    #[error("{0}")]
    Usage(String),
    /// Rates depend on time itself.
    #[error(
        "the rate of `{0}` depends on time, so nothing is ever at rest: switch what drives it off with --set"
    )]
    DependsOnTime(String),
    /// What is varied changes nothing.
    #[error("`{0}` changes no rate of the model, so there is nothing to see over it")]
    Idle(String),
    /// No start came to rest.
    #[error(
        "no steady state was found in this range: start elsewhere with --start, or simulate longer with --settle"
    )]
    NoSteadyState,
    /// The simulation refused the call.
    #[error("the simulation could not start: {0}")]
    Simulation(#[from] SimError),
    /// The study of a regimen failed.
    #[error(transparent)]
    Study(#[from] StudyError),
}

#[cfg(test)]
mod tests;
