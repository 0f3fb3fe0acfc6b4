//! Apache Parquet: one row group per so many records, columns as in the table; lists are JSON text.

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;
use serde_json::{Map, Value};

use super::{Error, Store, columns, records};
use crate::batch::columns::{Column, Kind};

/// Records of one row group: what is held in memory at once.
const GROUP: usize = 10_000;

/// Writes cases or attempts.
pub(super) fn write(store: &Store, attempts: bool, out: &mut dyn Write) -> Result<(), Error> {
    let columns = columns(attempts);
    let schema = schema(&columns).map_err(broken)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("tetra-analyze {}", env!("CARGO_PKG_VERSION")))
        .build();
    // The writer wants to own what it writes to, and to send it between threads.
    let mut held = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut held, Arc::new(schema), Arc::new(properties)).map_err(broken)?;
    let mut waiting: Vec<Map<String, Value>> = Vec::new();
    records(store, attempts, &mut |record| {
        waiting.push(record);
        if waiting.len() < GROUP { Ok(()) } else { group(&mut file, &columns, &mut waiting) }
    })?;
    if !waiting.is_empty() {
        group(&mut file, &columns, &mut waiting)?;
    }
    file.close().map_err(broken)?;
    out.write_all(&held)?;
    Ok(())
}

fn broken(error: ParquetError) -> Error {
    Error::Output(std::io::Error::other(error))
}

fn schema(columns: &[Column]) -> Result<Type, ParquetError> {
    let mut fields = Vec::new();
    for (name, kind) in columns {
        let (physical, logical) = match kind {
            Kind::Text | Kind::MaybeText => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::List => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            Kind::Number | Kind::MaybeNumber | Kind::Truth => (Physical::INT64, None),
        };
        let repetition = if is_optional(*kind) { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let field = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()?;
        fields.push(Arc::new(field));
    }
    Type::group_type_builder("tetra_case").with_fields(fields).build()
}

fn is_optional(kind: Kind) -> bool {
    matches!(kind, Kind::MaybeText | Kind::MaybeNumber)
}

/// Writes what waits as one row group.
fn group<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    columns: &[Column],
    waiting: &mut Vec<Map<String, Value>>,
) -> Result<(), Error> {
    let mut group = file.next_row_group().map_err(broken)?;
    for column in columns {
        write_column(&mut group, *column, waiting).map_err(broken)?;
    }
    group.close().map_err(broken)?;
    waiting.clear();
    Ok(())
}

fn write_column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    (name, kind): Column,
    records: &[Map<String, Value>],
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let values = || records.iter().map(|record| record.get(name).unwrap_or(&Value::Null));
    let levels: Vec<i16> = values().map(|value| i16::from(!value.is_null())).collect();
    let levels = is_optional(kind).then_some(levels.as_slice());
    let there = || values().filter(|value| !is_optional(kind) || !value.is_null());
    match kind {
        Kind::Number | Kind::MaybeNumber | Kind::Truth => {
            let whole =
                |value: &Value| value.as_i64().unwrap_or(i64::from(value.as_bool().unwrap_or_default()));
            let numbers: Vec<i64> = there().map(whole).collect();
            column.typed::<Int64Type>().write_batch(&numbers, levels, None)?;
        }
        Kind::Text | Kind::MaybeText | Kind::List => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let texts: Vec<ByteArray> =
                there().map(|value| ByteArray::from(text(value).into_bytes())).collect();
            column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
        }
    }
    column.close()
}
