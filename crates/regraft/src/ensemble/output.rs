//! Writing an ensemble: flat Parquet, or comma-separated text.

use std::io::{Error, Result, Write};
use std::sync::Arc;

use parquet::basic::{Compression, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::columns::Columns;
use super::run::{Block, FailedPatient, Sink};
use crate::run_folder::table::{Column, Table};

/// Parquet with zstd: `patient`, `time`, then the columns; NaN is null. Blocks are row groups, so that
/// memory does not grow with the number of patients.
pub struct ParquetSink<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> ParquetSink<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn new(sink: W, columns: &Columns) -> Result<ParquetSink<W>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(Error::other)?))
            .set_created_by("regraft".into())
            .build();
        let field = |name: &str, physical, repetition| {
            Type::primitive_type_builder(name, physical).with_repetition(repetition).build().map(Arc::new)
        };
        let mut fields = vec![
            field("patient", Physical::INT64, Repetition::REQUIRED).map_err(Error::other)?,
            field("time", Physical::DOUBLE, Repetition::REQUIRED).map_err(Error::other)?,
        ];
        for name in &columns.names {
            fields.push(field(name, Physical::DOUBLE, Repetition::OPTIONAL).map_err(Error::other)?);
        }
        let schema = Type::group_type_builder("table").with_fields(fields).build().map_err(Error::other)?;
        let writer = SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(properties));
        Ok(ParquetSink { writer: writer.map_err(Error::other)? })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the encoder or the sink reports.
    pub fn finish(self) -> Result<()> {
        self.writer.close().map(|_| ()).map_err(Error::other)
    }

    fn write(&mut self, block: &Block) -> parquet::errors::Result<()> {
        let n_times = block.times.len();
        let mut group = self.writer.next_row_group()?;
        let mut column = 0;
        while let Some(mut writer) = group.next_column()? {
            match column {
                0 => {
                    let patients =
                        block.patients.iter().flat_map(|&p| std::iter::repeat_n(p as i64, n_times));
                    let patients: Vec<i64> = patients.collect();
                    writer.typed::<Int64Type>().write_batch(&patients, None, None)?;
                }
                1 => {
                    let times: Vec<f64> = block.patients.iter().flat_map(|_| block.times.clone()).collect();
                    writer.typed::<DoubleType>().write_batch(&times, None, None)?;
                }
                _ => {
                    let all = block.values.iter().skip(column - 2).step_by(block.n_columns);
                    let levels: Vec<i16> = all.clone().map(|value| i16::from(!value.is_nan())).collect();
                    let present: Vec<f64> = all.copied().filter(|value| !value.is_nan()).collect();
                    writer.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
                }
            }
            writer.close()?;
            column += 1;
        }
        group.close().map(|_| ())
    }
}

impl<W: Write + Send> Sink for ParquetSink<W> {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.write(block).map_err(Error::other)
    }
}

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

fn quoted(name: &str) -> String {
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_string() }
}

/// The patients who failed, as a table; it has its columns even when there are none.
pub fn failures_table(failed: &[FailedPatient]) -> Table {
    let whole =
        |of: &dyn Fn(&FailedPatient) -> u64| Column::Whole(failed.iter().map(|f| of(f) as i64).collect());
    Table::new(vec![
        ("patient", whole(&|f| f.patient)),
        ("time", Column::Number(failed.iter().map(|f| f.time).collect())),
        ("cause", Column::Text(failed.iter().map(|f| f.cause.clone()).collect())),
        ("steps", whole(&|f| f.counters.accepted)),
        ("rejected", whole(&|f| f.counters.rejected)),
        ("derivatives", whole(&|f| f.counters.derivatives)),
        ("jacobians", whole(&|f| f.counters.jacobians)),
    ])
}
