//! A flat Parquet file, written row group by row group.

use std::io::{Error, Result, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

/// Values of one column in a row group.
pub(in crate::ensemble) enum Values<'a> {
    /// Whole numbers, none missing.
    Whole(&'a [i64]),
    /// Numbers, none missing, many alike.
    Repeated(&'a [f64]),
    /// Numbers; NaN is null.
    Number(&'a [f64]),
    /// Texts, none missing.
    Text(&'a [String]),
}

/// How the values of a file are compressed.
#[derive(Debug, Clone, Copy)]
pub(in crate::ensemble) enum Pack {
    /// Snappy: several times as fast.
    Quick,
    /// zstd.
    Tight,
}

/// A file under way.
pub(in crate::ensemble) struct Groups<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> Groups<W> {
    /// Begins a file with these columns; their values are examples of their kind.
    ///
    /// There is no dictionary for numbers, which hardly repeat.
    pub fn new(sink: W, columns: &[(&str, Values)], pack: Pack) -> Result<Groups<W>> {
        let compression = match pack {
            Pack::Quick => Compression::SNAPPY,
            Pack::Tight => Compression::ZSTD(ZstdLevel::try_new(3).map_err(Error::other)?),
        };
        let mut properties = WriterProperties::builder()
            .set_compression(compression)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_created_by("regraft".into());
        for (name, values) in columns {
            if matches!(values, Values::Number(_)) {
                let path = ColumnPath::new(vec![name.to_string()]);
                properties = properties.set_column_dictionary_enabled(path, false);
            }
        }
        let fields = columns.iter().map(|(name, values)| field(name, values)).collect::<Result<_>>()?;
        let schema = Type::group_type_builder("table").with_fields(fields).build().map_err(Error::other)?;
        let writer = SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(properties.build()));
        Ok(Groups { writer: writer.map_err(Error::other)? })
    }

    /// Adds a row group; the columns are those of the file and equally long.
    pub fn write(&mut self, columns: &[Values]) -> Result<()> {
        let mut group = self.writer.next_row_group().map_err(Error::other)?;
        for values in columns {
            let writer = group.next_column().map_err(Error::other)?;
            write_column(writer.expect("as many columns as the file has"), values).map_err(Error::other)?;
        }
        group.close().map(|_| ()).map_err(Error::other)
    }

    /// Ends the file and gives what it was written to.
    pub fn finish(self) -> Result<W> {
        self.writer.into_inner().map_err(Error::other)
    }
}

fn field(name: &str, values: &Values) -> Result<TypePtr> {
    let (physical, repetition, converted) = match values {
        Values::Whole(_) => (Physical::INT64, Repetition::REQUIRED, ConvertedType::NONE),
        Values::Repeated(_) => (Physical::DOUBLE, Repetition::REQUIRED, ConvertedType::NONE),
        Values::Number(_) => (Physical::DOUBLE, Repetition::OPTIONAL, ConvertedType::NONE),
        Values::Text(_) => (Physical::BYTE_ARRAY, Repetition::REQUIRED, ConvertedType::UTF8),
    };
    let builder = Type::primitive_type_builder(name, physical);
    builder
        .with_repetition(repetition)
        .with_converted_type(converted)
        .build()
        .map(Arc::new)
        .map_err(Error::other)
}

fn write_column(mut writer: SerializedColumnWriter, values: &Values) -> parquet::errors::Result<()> {
    match values {
        Values::Whole(values) => {
            writer.typed::<Int64Type>().write_batch(values, None, None)?;
        }
        Values::Repeated(values) => {
            writer.typed::<DoubleType>().write_batch(values, None, None)?;
        }
        Values::Number(values) => {
            let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_nan())).collect();
            let present: Vec<f64>;
            let present = if levels.contains(&0) {
                present = values.iter().copied().filter(|value| !value.is_nan()).collect();
                &present
            } else {
                *values
            };
            writer.typed::<DoubleType>().write_batch(present, Some(&levels), None)?;
        }
        Values::Text(values) => {
            let texts: Vec<ByteArray> = values.iter().map(|text| text.as_str().into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        }
    }
    writer.close()
}
