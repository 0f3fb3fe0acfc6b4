//! The columns of the table and of every export, named once: version 1 of the schema.

use serde_json::{Map, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text that is always there.
    Text,
    /// Text that may be missing.
    MaybeText,
    /// A whole number that is always there.
    Number,
    /// A whole number that may be missing.
    MaybeNumber,
    /// Yes (1) or no (0).
    Truth,
    /// A list of texts, as a JSON array.
    List,
}

/// A column: its name and what it holds.
pub(super) type Column = (&'static str, Kind);

/// Columns of a case, in the order of exports; the first three are its key.
pub(super) const CASE: [Column; 39] = [
    ("content", Kind::Text),
    ("rules", Kind::Text),
    ("tool", Kind::Text),
    ("schema", Kind::Text),
    ("status", Kind::Text),
    ("message", Kind::Text),
    ("verdict", Kind::MaybeText),
    ("cause", Kind::MaybeText),
    ("category", Kind::MaybeText),
    ("stage", Kind::MaybeText),
    ("confidence", Kind::MaybeText),
    ("summary", Kind::MaybeText),
    ("explained", Kind::Number),
    ("failed", Kind::Number),
    ("failing_host", Kind::MaybeText),
    ("stages", Kind::Text),
    ("layout", Kind::MaybeText),
    ("collected", Kind::MaybeText),
    ("covers_from", Kind::MaybeText),
    ("covers_to", Kind::MaybeText),
    ("hostname", Kind::MaybeText),
    ("addresses", Kind::List),
    ("os", Kind::MaybeText),
    ("connector_version", Kind::MaybeText),
    ("definitions_version", Kind::MaybeText),
    ("last_error", Kind::MaybeText),
    ("last_success", Kind::MaybeText),
    ("region", Kind::MaybeText),
    ("update_server", Kind::MaybeText),
    ("route", Kind::MaybeText),
    ("proxy", Kind::MaybeText),
    ("proxy_product", Kind::MaybeText),
    ("interval", Kind::MaybeNumber),
    ("consequences", Kind::List),
    ("others", Kind::List),
    ("findings", Kind::List),
    ("anomalies", Kind::Number),
    ("unexplained", Kind::List),
    ("attempt_count", Kind::Number),
];

/// Columns of an attempt, after the key of its case.
pub(super) const ATTEMPT: [Column; 11] = [
    ("id", Kind::Number),
    ("endpoint", Kind::Text),
    ("start", Kind::Text),
    ("end", Kind::Text),
    ("target", Kind::Text),
    ("route", Kind::Text),
    ("outcome", Kind::Text),
    ("failed_stage", Kind::MaybeText),
    ("stages", Kind::Text),
    ("bytes", Kind::Number),
    ("later_success", Kind::Truth),
];

/// Columns that exports put before those of a case: where the bundle is, how often, and how large.
pub(super) const PLACE: [Column; 3] =
    [("path", Kind::Text), ("copies", Kind::Number), ("bytes", Kind::Number)];
/// The key of a case, which exports put before the columns of an attempt.
pub(super) const KEY: [Column; 3] = [("content", Kind::Text), ("rules", Kind::Text), ("tool", Kind::Text)];

/// Gives the columns as SQL declares them.
pub(super) fn declarations(columns: &[Column]) -> String {
    let declared = columns.iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Text | Kind::List => "TEXT NOT NULL",
            Kind::MaybeText => "TEXT",
            Kind::Number | Kind::Truth => "INTEGER NOT NULL",
            Kind::MaybeNumber => "INTEGER",
        };
        format!("\"{name}\" {kind}")
    });
    declared.collect::<Vec<_>>().join(", ")
}

/// Gives the names as SQL lists them.
pub(super) fn names(columns: &[Column]) -> String {
    columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// Gives the value of a column as SQL stores it.
pub(super) fn stored(object: &Map<String, Value>, (name, kind): Column) -> rusqlite::types::Value {
    use rusqlite::types::Value as Sql;
    let value = object.get(name).unwrap_or(&Value::Null);
    match (kind, value) {
        (Kind::MaybeText | Kind::MaybeNumber, Value::Null) => Sql::Null,
        (Kind::Text | Kind::MaybeText, Value::String(text)) => Sql::Text(text.clone()),
        (Kind::Text | Kind::MaybeText, _) => Sql::Text(String::new()),
        (Kind::Number | Kind::MaybeNumber, value) => {
            let capped = value.as_u64().map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            Sql::Integer(value.as_i64().or(capped).unwrap_or_default())
        }
        (Kind::Truth, value) => Sql::Integer(i64::from(value.as_bool().unwrap_or_default())),
        (Kind::List, value) => Sql::Text(if value.is_array() { value.to_string() } else { "[]".to_owned() }),
    }
}

/// Gives a stored value as JSON.
pub(super) fn loaded(stored: rusqlite::types::ValueRef<'_>, kind: Kind) -> Value {
    use rusqlite::types::ValueRef as Sql;
    match (kind, stored) {
        (Kind::Truth, Sql::Integer(number)) => Value::Bool(number != 0),
        (Kind::List, Sql::Text(text)) => serde_json::from_slice(text).unwrap_or_default(),
        (_, Sql::Integer(number)) => Value::from(number),
        (_, Sql::Text(text)) => Value::String(String::from_utf8_lossy(text).into_owned()),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::batch::row::{AttemptRow, Row, Status};

    fn fields(value: &Value) -> BTreeSet<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn every_field_of_a_row_has_a_column() {
        let row = serde_json::to_value(Row::without_answer(Status::Done, "")).unwrap();
        let mut columns: BTreeSet<&str> = CASE.iter().map(|(name, _)| *name).collect();
        assert!(columns.remove("attempt_count") && columns.insert("attempts"));
        assert_eq!(fields(&row), columns);
        let attempt = serde_json::to_value(AttemptRow::default()).unwrap();
        assert_eq!(fields(&attempt), ATTEMPT.iter().map(|(name, _)| *name).collect());
    }
}
