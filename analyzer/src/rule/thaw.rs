//! Reads YAML trees from the bytes that the build script wrote: to read YAML anew would take most of the time of a start.

use super::yaml::{At, Data, Entry, Node};

/// Deepest nesting.
const DEPTH: usize = 32;

/// Reads files, each with its path and documents; `None` where the bytes are not as they were written.
pub(crate) fn files(bytes: &[u8]) -> Option<Vec<(String, Vec<Node>)>> {
    let mut reader = Reader { rest: bytes };
    let mut files = Vec::new();
    while !reader.rest.is_empty() {
        let path = reader.text()?;
        let count = reader.length()?;
        let documents = (0..count).map(|_| reader.node(0)).collect::<Option<Vec<Node>>>()?;
        files.push((path, documents));
    }
    Some(files)
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl Reader<'_> {
    fn node(&mut self, depth: usize) -> Option<Node> {
        if depth > DEPTH {
            return None;
        }
        let tag = self.byte()?;
        let at = self.at()?;
        let data = match tag {
            0 => Data::Null,
            1 => Data::Bool(false),
            2 => Data::Bool(true),
            3 => Data::Int(i64::from_le_bytes(self.eight()?), self.text()?),
            4 => Data::Float(f64::from_le_bytes(self.eight()?), self.text()?),
            5 => Data::Text(self.text()?),
            6 => {
                let count = self.length()?;
                Data::List((0..count).map(|_| self.node(depth + 1)).collect::<Option<_>>()?)
            }
            7 => {
                let count = self.length()?;
                let entry =
                    |_| Some(Entry { key: self.text()?, at: self.at()?, value: self.node(depth + 1)? });
                Data::Map((0..count).map(entry).collect::<Option<_>>()?)
            }
            _ => return None,
        };
        Some(Node { at, data })
    }

    fn at(&mut self) -> Option<At> {
        let (line, column) = (self.number()?, self.number()?);
        Some(At { line: u32::try_from(line).ok()?, column: u32::try_from(column).ok()? })
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }

    fn length(&mut self) -> Option<usize> {
        // No list and no text has more elements than bytes are left.
        usize::try_from(self.number()?).ok().filter(|length| *length <= self.rest.len())
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        let (eight, rest) = self.rest.split_first_chunk::<8>()?;
        self.rest = rest;
        Some(*eight)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{freeze, sample, yaml};
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_cut_is_not() {
        let files: Vec<(String, Vec<Node>)> = sample::files()
            .into_iter()
            .map(|(path, text)| (path.to_owned(), yaml::parse(text).unwrap()))
            .chain([("x".to_owned(), yaml::parse("[~, true, false, -2100, 1.5, 'é', {a: []}]").unwrap())])
            .collect();
        let bytes = freeze::files(&files);
        assert_eq!(super::files(&bytes), Some(files));
        for cut in 1..60 {
            assert_eq!(super::files(&bytes[..bytes.len() - cut]), None, "{cut}");
        }
        // Broken bytes end in an answer, not in a panic.
        for at in (0..bytes.len()).step_by(7) {
            let mut broken = bytes.clone();
            broken[at] ^= 0xFF;
            let _ = super::files(&broken);
        }
    }
}
