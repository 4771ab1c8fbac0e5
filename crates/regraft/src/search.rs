//! The search for a protocol: regimens made from the space of a trial file, lived by the same patients, and those of
//! them that no other beats in all aims at once.
//!
//! Patients are screened once; every candidate is one arm that they live. What is found is lived again by other
//! patients, so that luck in the search does not look like effect.

mod candidate;
mod compare;
mod figure;
mod found;
mod page;
mod prepare;
mod run;
mod value;
mod write;

pub use found::{Beside, Found, ObjectiveFound, Point, Valued, VariableFound};
pub use page::{headline, page};
pub use prepare::{PreparedSearch, prepare};
pub use run::{SearchOptions, run};
pub use value::By;
pub use write::write;
