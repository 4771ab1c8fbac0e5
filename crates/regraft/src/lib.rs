//! The study, end to end: library, cohort, outcomes, findings, report.

pub mod library;

pub mod outcomes;

pub mod findings;

pub mod report;

pub mod run_folder;

pub mod study;

pub mod validation;

pub mod claims;

pub mod posterior;

pub mod ensemble;

pub mod search;

pub mod learn;

pub mod explore;

pub use regraft_sim::{Body, Engine};
