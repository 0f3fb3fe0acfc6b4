//! What a file is, by its first bytes, where its name does not tell.

use crate::SourceId;

/// How many bytes are looked at.
pub(crate) const HEAD: usize = 4_096;

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// A source.
    Source(SourceId),
    /// A zip archive.
    Zip,
    /// A form that is not read, and what to give instead.
    Foreign { form: &'static str, expected: &'static str },
    /// Nothing known.
    Nothing,
}

/// Forms that are not read, by their first bytes.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"7z\xbc\xaf\x27\x1c", "a real 7z archive", "a zip archive, or the unpacked folder"),
    (b"\x1f\x8b", "packed with gzip", "the unpacked file"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "the unpacked file"),
    (b"\xfd7zXZ\0", "packed with xz", "the unpacked file"),
    (b"BZh", "packed with bzip2", "the unpacked file"),
    (b"\x04\x22\x4d\x18", "packed with lz4", "the unpacked file"),
    (b"Rar!", "a rar archive", "a zip archive, or the unpacked folder"),
    (b"MSCF", "a cabinet archive", "a zip archive, or the unpacked folder"),
    (b"RTSS", "a Network Monitor capture", "a pcap or pcapng file"),
    (b"GMBU", "a Network Monitor capture", "a pcap or pcapng file"),
    (b"snoop\0", "a snoop capture", "a pcap or pcapng file"),
];

/// The first four bytes of captures: pcap with µs, ns and the patched form, in both byte orders, and pcapng.
const CAPTURES: [[u8; 4]; 7] = [
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xcd, 0x34],
    [0x34, 0xcd, 0xb2, 0xa1],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

/// Looks at the first bytes of a file.
pub(crate) fn sniff(path: &str, head: &[u8]) -> Sniffed {
    if CAPTURES.iter().any(|magic| head.starts_with(magic)) {
        return Sniffed::Source(SourceId::Capture);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Sniffed::Zip;
    }
    if let Some((_, form, expected)) = FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Sniffed::Foreign { form, expected };
    }
    let name = path.to_ascii_lowercase();
    if name.ends_with(".etl") {
        let expected = "a pcapng file, as `pktmon etl2pcap` makes one";
        return Sniffed::Foreign { form: "a Windows event trace", expected };
    }
    text_source(&text(head), &name).map_or(Sniffed::Nothing, Sniffed::Source)
}

/// Reads the head as text, whatever its encoding: only ASCII marks are looked for.
fn text(head: &[u8]) -> String {
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let narrow: Vec<u8> =
        if wide { head.iter().copied().filter(|byte| *byte != 0).collect() } else { head.to_vec() };
    String::from_utf8_lossy(&narrow).trim_start_matches('\u{feff}').to_owned()
}

fn text_source(text: &str, name: &str) -> Option<SourceId> {
    let has = |mark: &str| text.contains(mark);
    let start = text.trim_start();
    if start.starts_with('<') {
        if has("http://www.w3.org/2000/09/xmldsig#") {
            return Some(SourceId::PolicyXml);
        }
        let state = has("<config>") && (has("<agent>") || has("<config></config>"));
        return state.then_some(SourceId::LocalXml);
    }
    if start.starts_with(['{', '[']) {
        if has("\"av_update_definitions\"") || has("\"connector_guid\"") {
            return Some(SourceId::ConsoleRecord);
        }
        return (has("\"agent_uuid\"") && has("\"connector_version\"")).then_some(SourceId::Posture);
    }
    if text.lines().any(is_connector_line) {
        return Some(SourceId::ConnectorLog);
    }
    if text
        .lines()
        .any(|line| line.starts_with("* ") || line.starts_with("curl: (") || line.starts_with("> CONNECT "))
    {
        return Some(SourceId::CurlTranscript);
    }
    if has("Resolve-DnsName") || has("QueryType") || (has("TTL") && has("Section") && has("IPAddress")) {
        return Some(SourceId::ResolveDnsTranscript);
    }
    (name.ends_with(".log") && !text.contains('\0') && !text.is_empty()).then_some(SourceId::ConnectorLog)
}

/// Returns whether a line begins as the connector's do: `(…) Jan  5 12:11:48 [4512] …`.
fn is_connector_line(line: &str) -> bool {
    let Some((_, rest)) = line.strip_prefix('(').and_then(|rest| rest.split_once(") ")) else { return false };
    rest.chars().next().is_some_and(|letter| letter.is_ascii_uppercase()) && rest.contains('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_captures_and_archives() {
        for magic in CAPTURES {
            assert_eq!(sniff("x", &magic), Sniffed::Source(SourceId::Capture));
        }
        assert_eq!(sniff("x.7z", b"PK\x03\x04...."), Sniffed::Zip);
        assert!(matches!(
            sniff("x.pcap.gz", b"\x1f\x8b\x08"),
            Sniffed::Foreign { form: "packed with gzip", .. }
        ));
        assert!(matches!(
            sniff("x.ETL", b"\0\0\0\0"),
            Sniffed::Foreign { form: "a Windows event trace", .. }
        ));
        assert_eq!(sniff("x", b""), Sniffed::Nothing);
        assert_eq!(sniff("x", b"\xff\xfe"), Sniffed::Nothing);
    }

    #[test]
    fn knows_text_by_its_marks() {
        let found = |name: &str, text: &str| match sniff(name, text.as_bytes()) {
            Sniffed::Source(source) => Some(source),
            _ => None,
        };
        assert_eq!(found("a.xml", "<config></config>"), Some(SourceId::LocalXml));
        assert_eq!(
            found("a.xml", "<?xml?><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"),
            Some(SourceId::PolicyXml)
        );
        assert_eq!(found("a.xml", "<html>"), None);
        assert_eq!(found("a", "{\"data\":{\"connector_guid\":1}}"), Some(SourceId::ConsoleRecord));
        assert_eq!(
            found("a", "{\"agent_uuid\":\"5c6e\",\"connected\":true,\"connector_version\":\"8.1.7\",\"engi"),
            Some(SourceId::Posture)
        );
        assert_eq!(found("a", "\u{feff}(1, +0 ms) Jan  5 12:11:48 [4512]: x"), Some(SourceId::ConnectorLog));
        assert_eq!(found("a.log", "> GET / HTTP/1.1\n* Connected to x"), Some(SourceId::CurlTranscript));
        assert_eq!(found("a.txt", "Resolve-DnsName : x"), Some(SourceId::ResolveDnsTranscript));
        assert_eq!(found("a.log", "anything"), Some(SourceId::ConnectorLog));
        assert_eq!(found("a.txt", "anything"), None);
    }
}
