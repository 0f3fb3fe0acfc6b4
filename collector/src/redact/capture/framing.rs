//! How heads and bodies end.

use super::body::Content;
use super::http::Place;

impl Place {
    /// Counts the bytes that it holds.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Body(_, content) | Self::Size(content) | Self::Chunk(_, content) => content.held(),
            _ => 0,
        }
    }
}

/// Decides how the end of a body is known.
pub(super) fn framed(head: &[u8], content: Content, otherwise: Option<u64>) -> Place {
    if value(head, "transfer-encoding").to_ascii_lowercase().contains("chunked") {
        return Place::Size(content);
    }
    match value(head, "content-length").trim().parse().ok().or(otherwise) {
        Some(0) => Place::Head,
        left => Place::Body(left, content),
    }
}

/// Gives the length of a head with its blank line.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let crlf = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let lf = memchr::memmem::find(bytes, b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min()
}

/// Gives the value of a field, empty where there is none.
pub(super) fn value(head: &[u8], name: &str) -> String {
    let mut lines = head.split(|byte| *byte == b'\n').skip(1);
    let found = lines.find_map(|line| {
        let (field, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()).then(|| value.get(1..)).flatten()
    });
    found.map_or(String::new(), |value| String::from_utf8_lossy(value.trim_ascii()).into_owned())
}
