//! Text of unknown encoding: byte-order marks, UTF-16, broken UTF-8, lines without end.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::model::{Locator, Sink};

/// How many bytes of a small source are read.
pub const SMALL: usize = 16 << 20;
/// How many bytes of a line are kept.
pub const LINE: usize = 64 << 10;

/// Reads a small source whole, at most [`SMALL`] bytes of it; what cannot be read is noted.
pub fn read_small(input: &mut dyn Read, sink: &mut Sink) -> Vec<u8> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(SMALL).unwrap_or(u64::MAX).saturating_add(1);
    if let Err(error) = input.take(limit).read_to_end(&mut bytes) {
        sink.anomaly(Locator::Whole, format!("cannot be read beyond byte {}: {error}", bytes.len()));
    }
    bytes
}

/// Decodes a small source, at most [`SMALL`] bytes of it; what is cut off or not text is noted.
pub fn open<'a>(input: &'a [u8], sink: &mut Sink) -> Cow<'a, str> {
    let kept = input.get(..SMALL).unwrap_or(input);
    if kept.len() < input.len() {
        sink.anomaly(
            Locator::Whole,
            format!("is larger than {} MiB: only the beginning is read", SMALL >> 20),
        );
    }
    let (encoding, mark) = sniff(kept);
    let body = kept.get(mark..).unwrap_or_default();
    let (text, broken) = match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(body),
        None => {
            let text = String::from_utf8_lossy(body);
            let broken = matches!(text, Cow::Owned(_));
            (text, broken)
        }
    };
    if broken {
        sink.anomaly(Locator::Whole, "some bytes are not valid text and were replaced");
    }
    text
}

/// Walks over the lines of a text, counted from 1, without line ends; of each at most [`LINE`] bytes.
pub fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.split('\n').map(|line| head(line, LINE).trim_end_matches('\r')))
}

/// Notes the lines that [`lines`] cuts off.
pub fn note_long_lines(text: &str, sink: &mut Sink) {
    for (number, line) in (1..).zip(text.split('\n')) {
        if line.len() > LINE {
            sink.anomaly(Locator::Line(number), long_line());
        }
    }
}

/// Says what becomes of a line that is too long.
pub(crate) fn long_line() -> String {
    format!("the line is longer than {} KiB: the rest of it is not read", LINE >> 10)
}

/// Gives the beginning of a text: at most `limit` bytes, cut between characters.
pub fn head(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or(text)
}

/// Finds the encoding of a text, `None` for UTF-8 and its like, and the length of its byte-order mark.
pub(crate) fn sniff(start: &[u8]) -> (Option<&'static Encoding>, usize) {
    match start {
        [0xef, 0xbb, 0xbf, ..] => return (None, 3),
        [0xff, 0xfe, ..] => return (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => return (Some(UTF_16BE), 2),
        _ => {}
    }
    // Without a mark: text of western letters has a zero in every second byte.
    let pairs = start.get(..start.len().min(512)).unwrap_or_default().chunks_exact(2);
    let (mut total, mut little, mut big) = (0_usize, 0_usize, 0_usize);
    for pair in pairs {
        total += 1;
        match pair {
            [0, 0] => {}
            [_, 0] => little += 1,
            [0, _] => big += 1,
            _ => {}
        }
    }
    if total >= 2 && little > total / 2 {
        (Some(UTF_16LE), 0)
    } else if total >= 2 && big > total / 2 {
        (Some(UTF_16BE), 0)
    } else {
        (None, 0)
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;

    fn decode(input: &[u8]) -> (String, Vec<String>) {
        let mut sink = Sink::new(SourceId::Hosts, "hosts.txt");
        let text = open(input, &mut sink).into_owned();
        (text, sink.finish().1.into_iter().map(|anomaly| anomaly.what).collect())
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn knows_the_encodings() {
        for (bytes, text) in [
            (b"\xef\xbb\xbfa\xc3\xa9".to_vec(), "aé"),
            (utf16("\u{feff}aé\n", true), "aé\n"),
            (utf16("\u{feff}aé\n", false), "aé\n"),
            (utf16("127.0.0.1", true), "127.0.0.1"),
            (utf16("127.0.0.1", false), "127.0.0.1"),
            (b"".to_vec(), ""),
            (b"\xff\xfe".to_vec(), ""),
        ] {
            assert_eq!(decode(&bytes), (text.to_owned(), vec![]), "{bytes:?}");
        }
    }

    #[test]
    fn replaces_what_is_not_text() {
        let (text, anomalies) = decode(b"a\xffb");
        assert_eq!(text, "a\u{fffd}b");
        assert_eq!(anomalies, ["some bytes are not valid text and were replaced"]);
        // Half of a UTF-16 unit at the end.
        assert_eq!(decode(b"\xff\xfea\0b").0, "a\u{fffd}");
    }

    #[test]
    fn cuts_large_input_and_long_lines() {
        let large = vec![b'x'; SMALL + 5];
        let (text, anomalies) = decode(&large);
        assert_eq!(text.len(), SMALL);
        assert_eq!(anomalies, ["is larger than 16 MiB: only the beginning is read"]);
        let found: Vec<_> = lines(&text).map(|(number, line)| (number, line.len())).collect();
        assert_eq!(found, [(1, LINE)]);
    }

    #[test]
    fn counts_lines_from_one() {
        let found: Vec<_> = lines("a\r\nb\n\nc").collect();
        assert_eq!(found, [(1, "a"), (2, "b"), (3, ""), (4, "c")]);
        assert_eq!(head("aé", 2), "a");
    }

    #[test]
    fn notes_long_lines() {
        let mut sink = Sink::new(SourceId::Probes, "probes.jsonl");
        note_long_lines(&format!("a\n{}\nb", "x".repeat(LINE + 1)), &mut sink);
        let (_, anomalies) = sink.finish();
        assert_eq!(anomalies.len(), 1);
        assert_eq!(anomalies[0].at, "line 2");
    }
}
