//! Writes YAML trees as bytes: the build script does so with the pack that is compiled in. [`super::thaw`] reads them.
//!
//! Whole numbers are seven bits a byte, the lowest first; text is its length and its bytes.

use super::yaml::{Data, Node};

/// Writes files, each with its path and documents.
pub(crate) fn files(files: &[(String, Vec<Node>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, documents) in files {
        text(path, &mut out);
        length(documents.len(), &mut out);
        for document in documents {
            node(document, &mut out);
        }
    }
    out
}

fn node(node: &Node, out: &mut Vec<u8>) {
    let tag = match &node.data {
        Data::Null => 0,
        Data::Bool(false) => 1,
        Data::Bool(true) => 2,
        Data::Int(..) => 3,
        Data::Float(..) => 4,
        Data::Text(_) => 5,
        Data::List(_) => 6,
        Data::Map(_) => 7,
    };
    out.push(tag);
    number(node.at.line.into(), out);
    number(node.at.column.into(), out);
    match &node.data {
        Data::Null | Data::Bool(_) => {}
        Data::Int(value, raw) => {
            out.extend(value.to_le_bytes());
            text(raw, out);
        }
        Data::Float(value, raw) => {
            out.extend(value.to_le_bytes());
            text(raw, out);
        }
        Data::Text(value) => text(value, out),
        Data::List(items) => {
            length(items.len(), out);
            for item in items {
                self::node(item, out);
            }
        }
        Data::Map(entries) => {
            length(entries.len(), out);
            for entry in entries {
                text(&entry.key, out);
                number(entry.at.line.into(), out);
                number(entry.at.column.into(), out);
                self::node(&entry.value, out);
            }
        }
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    length(text.len(), out);
    out.extend(text.as_bytes());
}

fn length(length: usize, out: &mut Vec<u8>) {
    number(u64::try_from(length).unwrap_or(0), out);
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7F).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
