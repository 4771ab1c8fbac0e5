//! The patients who failed, as Parquet.

use std::io::{Result, Write};

use super::{Groups, Pack, Values};
use crate::ensemble::run::{Block, FailedPatient, Sink};

/// A table of the patients who failed: `patient`, `time`, `cause`, `steps`, `rejected`, `derivatives` and
/// `jacobians`. It has its columns even when it has no rows.
pub struct FailuresSink<W: Write + Send> {
    file: Groups<W>,
    held: Vec<FailedPatient>,
}

/// Rows in a row group; chosen: a few megabytes.
const ROWS_PER_GROUP: usize = 1 << 16;

impl<W: Write + Send> FailuresSink<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn new(sink: W) -> Result<FailuresSink<W>> {
        let whole = || Values::Whole(&[]);
        let columns = [
            ("patient", whole()),
            ("time", Values::Repeated(&[])),
            ("cause", Values::Text(&[])),
            ("steps", whole()),
            ("rejected", whole()),
            ("derivatives", whole()),
            ("jacobians", whole()),
        ];
        Ok(FailuresSink { file: Groups::new(sink, &columns, Pack::Tight)?, held: Vec::new() })
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
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Ok(());
        }
        let whole =
            |of: &dyn Fn(&FailedPatient) -> u64| held.iter().map(|f| of(f) as i64).collect::<Vec<_>>();
        let times: Vec<f64> = held.iter().map(|failed| failed.time).collect();
        let causes: Vec<String> = held.iter().map(|failed| failed.cause.clone()).collect();
        self.file.write(&[
            Values::Whole(&whole(&|f| f.patient)),
            Values::Repeated(&times),
            Values::Text(&causes),
            Values::Whole(&whole(&|f| f.counters.accepted)),
            Values::Whole(&whole(&|f| f.counters.rejected)),
            Values::Whole(&whole(&|f| f.counters.derivatives)),
            Values::Whole(&whole(&|f| f.counters.jacobians)),
        ])
    }
}

impl<W: Write + Send> Sink for FailuresSink<W> {
    fn block(&mut self, block: &Block) -> Result<()> {
        for failed in &block.failed {
            self.held.push(failed.clone());
            if self.held.len() == ROWS_PER_GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }
}
