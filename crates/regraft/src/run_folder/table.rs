//! A flat table in Parquet: no nesting, so that every reader of the field can open it.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::runs::Runs;

/// Values of one column, one per row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Numbers; what is not finite is written as null.
    Number(Vec<f64>),
    /// Numbers of which few differ, such as the days of visits; what is not finite is written as null.
    Step(Vec<f64>),
    /// Texts.
    Text(Vec<String>),
    /// Texts of which few differ.
    Word(Runs),
    /// True or false.
    Truth(Vec<bool>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Whole(v) => v.len(),
            Column::Number(v) | Column::Step(v) => v.len(),
            Column::Text(v) => v.len(),
            Column::Word(v) => v.len(),
            Column::Truth(v) => v.len(),
        }
    }

    /// Whether the column has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the values of a column of the same kind.
    fn append(&mut self, more: Column) {
        match (self, more) {
            (Column::Whole(all), Column::Whole(more)) => all.extend(more),
            (Column::Number(all), Column::Number(more)) | (Column::Step(all), Column::Step(more)) => {
                all.extend(more);
            }
            (Column::Text(all), Column::Text(more)) => all.extend(more),
            (Column::Word(all), Column::Word(more)) => all.append(more),
            (Column::Truth(all), Column::Truth(more)) => all.extend(more),
            _ => panic!("a column keeps its kind"),
        }
    }

    /// Removes the first `n` values.
    fn drop_first(&mut self, n: usize) {
        match self {
            Column::Whole(values) => drop(values.drain(..n)),
            Column::Number(values) | Column::Step(values) => drop(values.drain(..n)),
            Column::Text(values) => drop(values.drain(..n)),
            Column::Word(words) => words.drop_first(n),
            Column::Truth(values) => drop(values.drain(..n)),
        }
    }
}

/// Columns of equal length, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

/// Rows per row group: small enough that neither writer nor reader need hold a whole table.
const ROWS_PER_GROUP: usize = 1 << 16;

impl Table {
    /// A table of these columns.
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn new(columns: Vec<(&str, Column)>) -> Table {
        let columns: Vec<(String, Column)> = columns.into_iter().map(|(n, c)| (n.to_string(), c)).collect();
        assert!(
            columns.windows(2).all(|pair| pair[0].1.len() == pair[1].1.len()),
            "columns of unequal length"
        );
        Table { columns }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Writes the table as Parquet with zstd; the bytes depend on the values alone.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn write(&self, sink: impl Write + Send) -> Result<()> {
        let mut writer = TableWriter::new(sink, self.clone())?;
        writer.flush_groups()?;
        writer.close()
    }

    fn schema(&self) -> Result<TypePtr> {
        let fields: Vec<TypePtr> =
            self.columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_>>()?;
        Ok(Arc::new(Type::group_type_builder("table").with_fields(fields).build()?))
    }
}

/// A table written piece by piece, in memory that does not grow with it. The bytes depend on the rows alone,
/// not on the pieces.
pub struct TableWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// Rows that do not fill a row group yet.
    waiting: Table,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").field("waiting", &self.waiting.n_rows()).finish()
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table with its first rows, which may be none.
    ///
    /// # Errors
    /// What the encoder or `sink` reports.
    pub fn new(sink: W, first: Table) -> Result<TableWriter<W>> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by("regraft".into());
        for (name, column) in &first.columns {
            let path = ColumnPath::from(name.as_str());
            properties = match column {
                // Hardly two are alike: a dictionary of them costs time and space.
                Column::Number(_) => properties.set_column_dictionary_enabled(path, false),
                // Every group has all of them.
                Column::Word(_) => properties.set_column_statistics_enabled(path, EnabledStatistics::None),
                _ => properties,
            };
        }
        let writer = SerializedFileWriter::new(sink, first.schema()?, Arc::new(properties.build()))?;
        Ok(TableWriter { writer, waiting: first })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// What the encoder or the sink reports.
    ///
    /// # Panics
    /// If the columns are not those of the table.
    pub fn add(&mut self, more: Table) -> Result<()> {
        assert_eq!(self.waiting.columns.len(), more.columns.len(), "a table keeps its columns");
        for ((_, column), (_, more)) in self.waiting.columns.iter_mut().zip(more.columns) {
            column.append(more);
        }
        self.flush_groups()
    }

    /// Writes the full row groups among the waiting rows.
    fn flush_groups(&mut self) -> Result<()> {
        let full = self.waiting.n_rows() / ROWS_PER_GROUP;
        for group in 0..full {
            self.write_group(group * ROWS_PER_GROUP, (group + 1) * ROWS_PER_GROUP)?;
        }
        self.waiting.columns.iter_mut().for_each(|(_, column)| column.drop_first(full * ROWS_PER_GROUP));
        Ok(())
    }

    fn write_group(&mut self, from: usize, to: usize) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for (_, column) in &self.waiting.columns {
            write_column(&mut group, column, from, to)?;
        }
        group.close().map(|_| ())
    }

    /// Writes what is left and ends the table.
    ///
    /// # Errors
    /// What the encoder or the sink reports.
    pub fn close(mut self) -> Result<()> {
        let rest = self.waiting.n_rows();
        if rest > 0 {
            self.write_group(0, rest)?;
        }
        self.writer.close().map(|_| ())
    }
}

fn field(name: &str, column: &Column) -> Result<TypePtr> {
    let (physical, repetition, converted) = match column {
        Column::Whole(_) => (Physical::INT64, Repetition::REQUIRED, ConvertedType::NONE),
        Column::Number(_) | Column::Step(_) => (Physical::DOUBLE, Repetition::OPTIONAL, ConvertedType::NONE),
        Column::Text(_) | Column::Word(_) => {
            (Physical::BYTE_ARRAY, Repetition::REQUIRED, ConvertedType::UTF8)
        }
        Column::Truth(_) => (Physical::BOOLEAN, Repetition::REQUIRED, ConvertedType::NONE),
    };
    let builder = Type::primitive_type_builder(name, physical);
    Ok(Arc::new(builder.with_repetition(repetition).with_converted_type(converted).build()?))
}

fn write_column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    column: &Column,
    from: usize,
    to: usize,
) -> Result<()> {
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    match column {
        Column::Whole(values) => {
            writer.typed::<Int64Type>().write_batch(&values[from..to], None, None)?;
        }
        Column::Number(values) | Column::Step(values) => {
            let levels: Vec<i16> = values[from..to].iter().map(|v| i16::from(v.is_finite())).collect();
            let present: Vec<f64> = values[from..to].iter().copied().filter(|v| v.is_finite()).collect();
            writer.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
        }
        Column::Text(values) => {
            let texts: Vec<ByteArray> = values[from..to].iter().map(|text| text.as_str().into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        }
        Column::Word(words) => {
            let typed = writer.typed::<ByteArrayType>();
            words.write(from, to, |batch| typed.write_batch(batch, None, None).map(|_| ()))?;
        }
        Column::Truth(values) => {
            writer.typed::<BoolType>().write_batch(&values[from..to], None, None)?;
        }
    }
    writer.close()
}
