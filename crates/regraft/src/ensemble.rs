//! An ensemble of any model: a table of patients, a table of events, values over time.
//!
//! [`read_model`] reads a model with what it imports; [`read_patients_file`] and [`read_events_file`] read the
//! tables against its program and report all their problems at once; [`simulate`] runs every patient and hands
//! the values on in blocks, so that memory does not grow with the number of patients: to files
//! ([`ParquetSink`], [`CsvSink`], [`FailuresSink`]) or into a [`Summary`].

mod model_file;
mod table_file;

mod patients;

mod events;

mod dose;

mod course;

mod columns;

mod sizes;

mod steady;

mod run;

mod output;

mod summary;

mod anderson;
mod codes;
mod sheet;

pub use columns::{Columns, columns};
pub use dose::{Dose, Given, Steady};
pub use events::{Events, Record, What};
pub use model_file::read_model;
pub use output::{CsvSink, FailuresSink, ParquetSink};
pub use patients::PatientTable;
pub use regraft_sim::{SimError, Watch};
pub use run::{Block, Ensemble, EnsembleError, FailedPatient, Request, Sink, Tally, simulate};
pub use summary::{PROBABILITIES, Row, Summary};
pub use table_file::{is_parquet, read_events_file, read_patients_file};

#[cfg(test)]
mod tests;
