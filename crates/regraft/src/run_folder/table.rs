//! A flat table in Parquet: no nesting, so that every reader of the field can open it.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

/// Values of one column, one per row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Numbers; what is not finite is written as null.
    Number(Vec<f64>),
    /// Texts.
    Text(Vec<String>),
    /// True or false.
    Truth(Vec<bool>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Whole(v) => v.len(),
            Column::Number(v) => v.len(),
            Column::Text(v) => v.len(),
            Column::Truth(v) => v.len(),
        }
    }

    /// Whether the column has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Columns of equal length, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

/// Rows per row group: small enough that a reader need not hold a whole table.
const ROWS_PER_GROUP: usize = 1 << 20;

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
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by("regraft".into())
            .build();
        let mut writer = SerializedFileWriter::new(sink, self.schema()?, Arc::new(properties))?;
        let mut from = 0;
        while from < self.n_rows() {
            let to = (from + ROWS_PER_GROUP).min(self.n_rows());
            let mut group = writer.next_row_group()?;
            for (_, column) in &self.columns {
                write_column(&mut group, column, from, to)?;
            }
            group.close()?;
            from = to;
        }
        writer.close()?;
        Ok(())
    }

    fn schema(&self) -> Result<TypePtr> {
        let fields: Vec<TypePtr> =
            self.columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_>>()?;
        Ok(Arc::new(Type::group_type_builder("table").with_fields(fields).build()?))
    }
}

fn field(name: &str, column: &Column) -> Result<TypePtr> {
    let (physical, repetition, converted) = match column {
        Column::Whole(_) => (Physical::INT64, Repetition::REQUIRED, ConvertedType::NONE),
        Column::Number(_) => (Physical::DOUBLE, Repetition::OPTIONAL, ConvertedType::NONE),
        Column::Text(_) => (Physical::BYTE_ARRAY, Repetition::REQUIRED, ConvertedType::UTF8),
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
        Column::Number(values) => {
            let levels: Vec<i16> = values[from..to].iter().map(|v| i16::from(v.is_finite())).collect();
            let present: Vec<f64> = values[from..to].iter().copied().filter(|v| v.is_finite()).collect();
            writer.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
        }
        Column::Text(values) => {
            let texts: Vec<ByteArray> = values[from..to].iter().map(|text| text.as_str().into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        }
        Column::Truth(values) => {
            writer.typed::<BoolType>().write_batch(&values[from..to], None, None)?;
        }
    }
    writer.close()
}
