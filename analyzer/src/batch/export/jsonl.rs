//! One JSON object per line.

use std::io::{self, Write};

use serde_json::Value;

use super::{Error, Store, attempts_of, columns, records};

/// Writes cases with their attempts, or attempts alone.
pub(super) fn write(store: &Store, attempts: bool, out: &mut dyn Write) -> Result<(), Error> {
    let columns = columns(attempts);
    records(store, attempts, &mut |record| {
        // In the order of the columns, whatever the order of the map.
        out.write_all(b"{")?;
        for (at, (name, _)) in columns.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(out, "{comma}\"{name}\":")?;
            json(record.get(*name).unwrap_or(&Value::Null), out)?;
        }
        if !attempts {
            out.write_all(b",\"attempts\":")?;
            json(&Value::Array(attempts_of(store, &record)?), out)?;
        }
        out.write_all(b"}\n")?;
        Ok(())
    })
}

fn json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
