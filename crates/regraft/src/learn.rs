//! What to learn next: the decision between the arms of a trial as it stands, and what it would be worth to know more.
//!
//! Patients live with members of a posterior. A member in which another arm is best is a reason to learn; how much
//! it is worth depends on how often and by how much.

mod doubt;
mod figure;
mod grouped;
mod page;
mod prepare;
mod run;

pub use doubt::Difference;
pub use page::{answers, headline, page};
pub use prepare::{Learning, Utility, prepare};
pub use run::{ArmFound, Found, Kind, LearnOptions, Learned, Lesson, run, write};
