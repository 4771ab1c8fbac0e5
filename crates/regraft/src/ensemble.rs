//! An ensemble of any model: a table of patients, a table of events, values over time.
//!
//! [`read_patients`] and [`read_events`] read the tables against a program and report all their
//! problems at once; [`simulate`] runs every patient and hands the values on in blocks, so that
//! memory does not grow with the number of patients.

mod anderson;
mod codes;
mod columns;
mod course;
mod dose;
mod events;
mod output;
mod patients;
mod run;
mod sheet;
mod steady;

pub use columns::{Columns, columns};
pub use dose::{Dose, Given, Steady};
pub use events::{Events, Record, What, read_events};
pub use output::{CsvSink, ParquetSink, failures_table};
pub use patients::{PatientTable, read_patients};
pub use run::{Block, EnsembleError, FailedPatient, Request, Sink, Tally, simulate};

#[cfg(test)]
mod tests;
