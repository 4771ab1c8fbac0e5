//! The study, end to end: library, cohort, outcomes, findings, report.

pub mod library;

pub mod outcomes;

pub mod findings;

pub mod report;

pub mod run_folder;

pub mod study;

pub mod validation;

pub mod scoring;

pub mod claims;

pub mod design;

pub mod posterior;

pub mod calibration;

pub mod dossier;

pub mod ensemble;

pub mod search;

pub mod learn;

pub mod explore;

pub mod twin;

pub mod benefit;

pub use regraft_sim::{Body, Engine};
