//! The values of an ensemble as Parquet.

use std::io::{Result, Write};

use super::{Groups, Pack, Values};
use crate::ensemble::columns::Columns;
use crate::ensemble::run::{Block, Sink};

/// Parquet with snappy: `patient`, `time`, then the columns; NaN is null.
///
/// Row groups hold a fixed number of patients, so that the file does not depend on how the table was cut
/// into blocks, and memory does not grow with the number of patients.
pub struct ParquetSink<W: Write + Send> {
    file: Groups<W>,
    patients: Vec<i64>,
    times: Vec<f64>,
    /// `[column][row]`
    columns: Vec<Vec<f64>>,
}

/// Values in a row group; chosen: 16 MB.
const VALUES_PER_GROUP: usize = 1 << 21;

impl<W: Write + Send> ParquetSink<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn new(sink: W, columns: &Columns) -> Result<ParquetSink<W>> {
        let mut all = vec![("patient", Values::Whole(&[])), ("time", Values::Repeated(&[]))];
        all.extend(columns.names.iter().map(|name| (name.as_str(), Values::Number(&[]))));
        let file = Groups::new(sink, &all, Pack::Quick)?;
        let columns = vec![Vec::new(); columns.names.len()];
        Ok(ParquetSink { file, patients: Vec::new(), times: Vec::new(), columns })
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// What the encoder or the sink reports.
    pub fn finish(mut self) -> Result<W> {
        self.write_group()?;
        self.file.finish()
    }

    fn write_group(&mut self) -> Result<()> {
        if self.patients.is_empty() {
            return Ok(());
        }
        let mut all = vec![Values::Whole(&self.patients), Values::Repeated(&self.times)];
        all.extend(self.columns.iter().map(|column| Values::Number(column)));
        self.file.write(&all)?;
        self.patients.clear();
        self.times.clear();
        self.columns.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    /// Adds some patients of a block, column by column.
    fn add(&mut self, block: &Block, from: usize, to: usize) {
        let n_times = block.times.len();
        for &patient in &block.patients[from..to] {
            self.patients.extend(std::iter::repeat_n(patient as i64, n_times));
            self.times.extend_from_slice(&block.times);
        }
        let (from, to) = (from * n_times, to * n_times);
        // Some rows at a time, so that they stay in the cache while their columns are picked out.
        for first in (from..to).step_by(ROWS_AT_ONCE) {
            let rows = first..to.min(first + ROWS_AT_ONCE);
            let values = &block.values[rows.start * block.n_columns..rows.end * block.n_columns];
            for (index, column) in self.columns.iter_mut().enumerate() {
                column.extend(values.iter().skip(index).step_by(block.n_columns));
            }
        }
    }
}

/// Rows transposed at once; chosen: with a hundred columns they fit the second cache.
const ROWS_AT_ONCE: usize = 256;

impl<W: Write + Send> Sink for ParquetSink<W> {
    fn block(&mut self, block: &Block) -> Result<()> {
        let n_times = block.times.len();
        let size = (VALUES_PER_GROUP / (n_times * block.n_columns.max(1)).max(1)).max(1);
        let mut next = 0;
        while next < block.patients.len() {
            let held = self.patients.len() / n_times.max(1);
            let to = block.patients.len().min(next + size - held);
            self.add(block, next, to);
            if self.patients.len() / n_times.max(1) == size {
                self.write_group()?;
            }
            next = to;
        }
        Ok(())
    }
}
