//! Quantiles over time of every column, in memory that does not grow with the number of patients.
//!
//! Patients are counted in the order of the table, one after the other, so that no bit depends on threads or
//! on how the table was cut into blocks.

use std::io::{Result, Write};

use super::columns::Columns;
use super::output::{Groups, Pack, Values, quoted};
use super::run::{Block, Sink};
use spread::Spread;

mod sketch;
mod spread;

/// The quantiles that are told.
pub const PROBABILITIES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Patients up to whom every value is kept, and quantiles are exact.
const MOST_EXACT: usize = 1000;
/// Values that may be kept so; chosen: 64 MB.
const MOST_KEPT: usize = 1 << 23;

/// What is summed up: each column at each time, over the patients.
///
/// A quantile lies linearly between the two values next to it (position p·(n − 1) among n values by size). Up
/// to 1,000 patients these values are exact. Beyond that, or where the values kept would take more than 64 MB,
/// they are known to 0.4 %: values are counted in 128 classes for each power of two, and those smaller than
/// 10⁻¹² of the largest magnitude count as 0. Mean, smallest and largest value are exact always.
pub struct Summary {
    names: Vec<String>,
    times: Vec<f64>,
    /// `[time, column]`
    spreads: Vec<Spread>,
}

/// What is told of one column at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Name of the column.
    pub column: &'a str,
    /// Time, in the model's time unit.
    pub time: f64,
    /// Patients with a finite value there: who failed before has none.
    pub n: u64,
    /// Mean; NaN if there is no value, and so are those that follow.
    pub mean: f64,
    /// Smallest value.
    pub min: f64,
    /// Quantiles at [`PROBABILITIES`].
    pub quantiles: [f64; 5],
    /// Largest value.
    pub max: f64,
}

impl Summary {
    /// A summary of `n_patients` patients at these times.
    pub fn new(columns: &Columns, times: Vec<f64>, n_patients: usize) -> Summary {
        let n_spreads = times.len() * columns.names.len();
        let exact = n_patients <= MOST_EXACT && n_patients.saturating_mul(n_spreads) <= MOST_KEPT;
        let spreads = (0..n_spreads).map(|_| Spread::new(exact)).collect();
        Summary { names: columns.names.clone(), times, spreads }
    }

    /// Everything, column by column, each by time.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let n_columns = self.names.len();
        self.names.iter().enumerate().flat_map(move |(column, name)| {
            self.times.iter().enumerate().map(move |(time_index, &time)| {
                let spread = &self.spreads[time_index * n_columns + column];
                Row {
                    column: name,
                    time,
                    n: spread.n(),
                    mean: spread.mean(),
                    min: spread.min(),
                    quantiles: spread.quantiles(PROBABILITIES),
                    max: spread.max(),
                }
            })
        })
    }

    /// Writes comma-separated text: `column,time,n,mean,min,q05,q25,q50,q75,q95,max`.
    ///
    /// # Errors
    /// What `sink` reports.
    pub fn write_csv(&self, sink: &mut dyn Write) -> Result<()> {
        writeln!(sink, "{}", HEADING.join(","))?;
        for row in self.rows() {
            write!(sink, "{},{},{}", quoted(row.column), row.time, row.n)?;
            for value in row.numbers() {
                match value.is_nan() {
                    true => write!(sink, ",")?,
                    false => write!(sink, ",{value:?}")?,
                }
            }
            writeln!(sink)?;
        }
        sink.flush()
    }

    /// Writes the same table as Parquet.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn write_parquet<W: Write + Send>(&self, sink: W) -> Result<W> {
        let number = |name| (name, Values::Number(&[]));
        let mut columns = vec![
            (HEADING[0], Values::Text(&[])),
            (HEADING[1], Values::Repeated(&[])),
            (HEADING[2], Values::Whole(&[])),
        ];
        columns.extend(HEADING[3..].iter().map(|name| number(*name)));
        let mut file = Groups::new(sink, &columns, Pack::Tight)?;
        let mut rows = self.rows().peekable();
        while rows.peek().is_some() {
            let part: Vec<Row> = rows.by_ref().take(ROWS_PER_GROUP).collect();
            let names: Vec<String> = part.iter().map(|row| row.column.to_string()).collect();
            let times: Vec<f64> = part.iter().map(|row| row.time).collect();
            let counts: Vec<i64> = part.iter().map(|row| row.n as i64).collect();
            let numbers: Vec<Vec<f64>> =
                (0..8).map(|which| part.iter().map(|row| row.numbers()[which]).collect()).collect();
            let mut group = vec![Values::Text(&names), Values::Repeated(&times), Values::Whole(&counts)];
            group.extend(numbers.iter().map(|column| Values::Number(column)));
            file.write(&group)?;
        }
        file.finish()
    }
}

const HEADING: [&str; 11] = ["column", "time", "n", "mean", "min", "q05", "q25", "q50", "q75", "q95", "max"];
/// Rows in a row group of the table.
const ROWS_PER_GROUP: usize = 1 << 16;

impl Row<'_> {
    /// Mean, smallest value, quantiles, largest value.
    fn numbers(&self) -> [f64; 8] {
        let [a, b, c, d, e] = self.quantiles;
        [self.mean, self.min, a, b, c, d, e, self.max]
    }
}

/// Patients taken at once; chosen: a spread is then in the first cache for several of its values.
const PATIENTS_AT_ONCE: usize = 8;

impl Sink for Summary {
    fn block(&mut self, block: &Block) -> Result<()> {
        let width = self.spreads.len().max(1);
        for patients in block.values.chunks(PATIENTS_AT_ONCE * width) {
            for (index, spread) in self.spreads.iter_mut().enumerate() {
                patients.iter().skip(index).step_by(width).for_each(|&value| spread.add(value));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
