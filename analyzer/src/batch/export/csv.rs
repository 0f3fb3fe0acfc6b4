//! Comma-separated values that a spreadsheet may open: no field is ever taken for a formula.

use std::io::Write;

use serde_json::Value;

use super::{Error, Store, columns, records};
use crate::batch::columns::Kind;

/// Writes cases or attempts, with a line of names at the head (RFC 4180). Lists are given with `; ` between their entries.
pub(super) fn write(store: &Store, attempts: bool, out: &mut dyn Write) -> Result<(), Error> {
    let columns = columns(attempts);
    let mut table = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    table.write_record(columns.iter().map(|(name, _)| *name)).map_err(broken)?;
    records(store, attempts, &mut |record| {
        let fields =
            columns.iter().map(|(name, kind)| field(record.get(*name).unwrap_or(&Value::Null), *kind));
        table.write_record(fields).map_err(broken)
    })?;
    table.flush()?;
    Ok(())
}

fn broken(error: ::csv::Error) -> Error {
    Error::Output(error.into())
}

fn field(value: &Value, kind: Kind) -> String {
    match (kind, value) {
        (_, Value::Null) => String::new(),
        (Kind::List, Value::Array(list)) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            harmless(&texts.join("; "))
        }
        (_, Value::String(text)) => harmless(text),
        (_, other) => other.to_string(),
    }
}

/// Puts an apostrophe before what a spreadsheet would take for a formula (OWASP, "CSV injection").
fn harmless(text: &str) -> String {
    let begins =
        |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    // Some programs look behind blanks and quotes.
    let first = text.trim_start_matches([' ', '"', '\'', '\u{feff}', '\0']);
    if first.starts_with(begins) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula() {
        for text in [
            "=HYPERLINK(\"http://x\",\"y\")",
            "+1+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            " =1",
            "\"=1",
            "＝1",
            "\u{feff}=1",
        ] {
            assert_eq!(field(&Value::from(text), Kind::Text), format!("'{text}"));
            assert_eq!(field(&Value::from(vec![text, "b"]), Kind::List), format!("'{text}; b"));
        }
        for text in ["", "a=b", "10.1.2.3", "dns=ok", "8.1.7", "x\n=1"] {
            assert_eq!(field(&Value::from(text), Kind::MaybeText), text);
        }
    }

    #[test]
    fn numbers_and_what_is_missing_are_plain() {
        assert_eq!(field(&Value::from(-7), Kind::Number), "-7");
        assert_eq!(field(&Value::Bool(true), Kind::Truth), "true");
        assert_eq!(field(&Value::Null, Kind::MaybeText), "");
    }
}
