//! The values of an ensemble as comma-separated text.

use std::io::{Result, Write};

use crate::ensemble::columns::Columns;
use crate::ensemble::run::{Block, Sink};

/// Comma-separated text with a heading; NaN is an empty cell. Numbers read back as the same bits.
pub struct CsvSink<W: Write> {
    sink: W,
}

impl<W: Write> CsvSink<W> {
    /// Writes the heading.
    ///
    /// # Errors
    /// What `sink` reports.
    pub fn new(mut sink: W, columns: &Columns) -> Result<CsvSink<W>> {
        let names: String = columns.names.iter().map(|name| format!(",{}", quoted(name))).collect();
        writeln!(sink, "patient,time{names}")?;
        Ok(CsvSink { sink })
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// What the sink reports.
    pub fn finish(mut self) -> Result<()> {
        self.sink.flush()
    }
}

impl<W: Write> Sink for CsvSink<W> {
    fn block(&mut self, block: &Block) -> Result<()> {
        let (n_times, n_columns) = (block.times.len(), block.n_columns);
        for (row, patient) in block.patients.iter().enumerate() {
            for (time_index, time) in block.times.iter().enumerate() {
                write!(self.sink, "{patient},{time}")?;
                let from = (row * n_times + time_index) * n_columns;
                for value in &block.values[from..from + n_columns] {
                    match value.is_nan() {
                        true => write!(self.sink, ",")?,
                        false => write!(self.sink, ",{value:?}")?,
                    }
                }
                writeln!(self.sink)?;
            }
        }
        Ok(())
    }
}

/// A name as a cell.
pub(in crate::ensemble) fn quoted(name: &str) -> String {
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_string() }
}
