//! Writing an ensemble: flat Parquet, or comma-separated text.

mod csv;
mod failures;
mod groups;
mod values;

pub use csv::CsvSink;
pub use failures::FailuresSink;
pub use values::ParquetSink;

pub(super) use csv::quoted;
pub(super) use groups::{Groups, Pack, Values};
