//! What a trial is: cards in TOML, read with the place of every key and number; a trial with all its
//! cards; the protocol by which it is simulated; the patients who take part; the published values
//! it is held against. How anything is simulated is unknown here, and so is the file system.
//!
//! The way through: [`Card::read`] → [`Cards`] → [`resolve`] → [`Trial`] → (the study adds
//! [`Trial::conditions`] to the model and lowers it) → [`plan()`] → [`Protocol`]; beside it
//! [`Recipe::of`] → [`Recipe::draw_cohort`] → [`Cohort`], and [`Evidence::published`].
//!
//! Reading never fails: every function gives what could be read and all problems at once.

pub mod codes;
pub mod constant;
mod days;
pub mod distribution;
pub mod name;
pub mod quantity;
mod reader;

pub mod targets;

pub mod sensitivities;

pub mod disease;
pub mod drug;
pub mod duration;
pub mod endpoint;
pub mod population;
pub mod product;
pub mod regimen;
pub mod trial_file;

pub mod card;
pub mod diff;
pub mod numbers;

pub mod condition;
pub mod dose;
pub mod plan;
pub mod protocol;
pub mod trial;
pub mod write;

pub mod claim;
pub mod cohort;
pub mod evidence;
pub mod pharmacology;
pub mod references;
pub mod scorecard;
pub mod uncertainty;

pub mod directions;
pub mod vocabulary;

pub mod pack;

#[cfg(test)]
mod testing;

pub use card::{Card, CardKind, Cards, duplicate_card};
pub use claim::Claim;
pub use cohort::{Cohort, Recipe, choose};
pub use condition::Condition;
pub use diff::{Difference, diff};
pub use directions::Directions;
pub use evidence::{CiKind, Evidence, Published, Selector};
pub use name::Name;
pub use numbers::NumberAt;
pub use pharmacology::{drugs_model, named_blocks};
pub use plan::{ConvertUnit, plan};
pub use protocol::{ArmPlan, Protocol};
pub use quantity::{Number, Origin};
pub use references::{check_sources, reference_keys};
pub use scorecard::Scorecard;
pub use trial::{Trial, TrialArm, check_blocks, check_drugs, resolve};
pub use trial_file::{TrialFile, search};
pub use uncertainty::{UncertainParameter, Uncertainty, check_uncertainty};
