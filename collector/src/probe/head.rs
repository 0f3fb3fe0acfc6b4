//! HTTP as far as tests need it: one request, the head of the answer, and a body of bounded size.

use std::io::{self, ErrorKind, Read, Write};

/// What the requests call themselves.
pub const AGENT: &str = concat!("tetra-collect/", env!("CARGO_PKG_VERSION"));
/// The most bytes of a head.
const LONGEST: usize = 64 << 10;
/// By so many bytes it shows whether it is HTTP.
const START: usize = 32;
/// The most headers.
const HEADERS: usize = 128;
/// How much is read at once.
const PIECE: usize = 16 << 10;

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Gives the first header of a name in lower case.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Gives all headers of a name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Asks a proxy for a tunnel to a host and port, and reads its answer.
pub fn connect(wire: &mut (impl Read + Write), target: &str) -> io::Result<Head> {
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {AGENT}\r\nProxy-Connection: close\r\n\r\n"
    );
    wire.write_all(request.as_bytes())?;
    Ok(read(wire)?.0)
}

/// Reads the head of the final answer, and gives what came after it.
pub fn read(from: &mut impl Read) -> io::Result<(Head, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let head = next(from, &mut bytes)?;
        if !(100..200).contains(&head.status) || head.status == 101 {
            return Ok((head, bytes));
        }
    }
}

/// Reads the next head, be it "continue"; `bytes` holds what came already, and then what came after it.
pub fn next(from: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<Head> {
    let mut seen: usize = 0;
    loop {
        // A head that comes byte by byte is not read anew for every byte.
        let news = bytes.get(seen.saturating_sub(3)..).unwrap_or_default();
        let worth = bytes.len() <= START || ends(news);
        seen = bytes.len();
        if worth && let Some((head, length)) = parse(bytes)? {
            bytes.drain(..length);
            return Ok(head);
        }
        if bytes.len() > LONGEST {
            return Err(io::Error::new(ErrorKind::InvalidData, "the head of the answer does not end"));
        }
        let mut piece = [0; 2048];
        let count = from.read(&mut piece)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
}

/// Says whether an empty line, the end of a head, is in there.
fn ends(news: &[u8]) -> bool {
    news.windows(2).any(|pair| pair == b"\n\n") || news.windows(3).any(|three| three == b"\n\r\n")
}

/// Reads a head, if it is whole.
fn parse(bytes: &[u8]) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let read = answer
        .parse(bytes)
        .map_err(|fault| io::Error::new(ErrorKind::InvalidData, format!("not an HTTP answer: {fault}")))?;
    let httparse::Status::Complete(length) = read else { return Ok(None) };
    let headers = answer
        .headers
        .iter()
        .map(|header| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned())
        })
        .collect();
    Ok(Some((Head { status: answer.code.unwrap_or(0), headers }, length)))
}

/// A body, and whether it came whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What came of it.
    pub bytes: Vec<u8>,
    /// Whether all of it did.
    pub whole: bool,
}

/// Sends a request and reads the answer with its body, up to so many bytes.
pub fn exchange(wire: &mut (impl Read + Write), request: &[u8], most: usize) -> io::Result<(Head, Body)> {
    wire.write_all(request)?;
    wire.flush()?;
    let (head, begun) = read(wire)?;
    if request.starts_with(b"HEAD ") || matches!(head.status, 204 | 304) {
        return Ok((head, Body { bytes: Vec::new(), whole: true }));
    }
    let chunked = head.first("transfer-encoding").is_some_and(|how| how.eq_ignore_ascii_case("chunked"));
    let length = head.first("content-length").and_then(|length| length.parse::<usize>().ok());
    let raw = body(wire, begun, length.filter(|_| !chunked), most);
    let body = if chunked { unchunk(&raw.bytes) } else { raw };
    Ok((head, body))
}

/// Reads until the length, the end or the limit; what fails on the way leaves the body cut.
fn body(wire: &mut impl Read, begun: Vec<u8>, length: Option<usize>, most: usize) -> Body {
    let mut bytes = begun;
    let wanted = length.unwrap_or(usize::MAX).min(most);
    let mut piece = vec![0; PIECE];
    while bytes.len() < wanted {
        match wire.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(piece.get(..count).unwrap_or_default()),
            // A server may close TLS without a farewell; without a length nobody can tell that from a cut.
            Err(fault) if fault.kind() == ErrorKind::UnexpectedEof => break,
            Err(_) => return Body { bytes, whole: false },
        }
    }
    let whole = length.is_none_or(|length| bytes.len() >= length) && bytes.len() < most;
    bytes.truncate(wanted);
    Body { bytes, whole }
}

/// Takes the chunks of a body together.
fn unchunk(mut bytes: &[u8]) -> Body {
    let mut out = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(bytes) else {
            return Body { bytes: out, whole: false };
        };
        if size == 0 {
            return Body { bytes: out, whole: true };
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Some((chunk, rest)) = rest.split_at_checked(size) else {
            out.extend_from_slice(rest);
            return Body { bytes: out, whole: false };
        };
        out.extend_from_slice(chunk);
        bytes = rest.strip_prefix(b"\r\n").unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that has said everything already.
    struct Said<'a>(&'a [u8], Vec<u8>);

    impl Read for Said<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(3);
            self.0.read(&mut into[..count])
        }
    }

    impl Write for Said<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn get(answer: &[u8], most: usize) -> io::Result<(Head, Body)> {
        exchange(&mut Said(answer, Vec::new()), b"GET / HTTP/1.1\r\n\r\n", most)
    }

    #[test]
    fn reads_answers_of_every_framing() {
        let (head, body) =
            get(b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcX", 99).unwrap();
        assert_eq!((head.status, body.bytes.as_slice(), body.whole), (200, &b"abc"[..], true));
        let (_, body) =
            get(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 99)
                .unwrap();
        assert_eq!((body.bytes.as_slice(), body.whole), (&b"abcd"[..], true));
        let (_, body) = get(b"HTTP/1.0 200 OK\r\n\r\nabc", 99).unwrap();
        assert_eq!((body.bytes.as_slice(), body.whole), (&b"abc"[..], true));
    }

    #[test]
    fn says_when_a_body_is_cut() {
        let (_, body) = get(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 99).unwrap();
        assert_eq!((body.bytes.len(), body.whole), (3, false));
        let (_, body) = get(b"HTTP/1.1 200 OK\r\n\r\nabcdefgh", 4).unwrap();
        assert_eq!((body.bytes.len(), body.whole), (4, false));
        let (_, body) = get(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", 99).unwrap();
        assert_eq!((body.bytes.as_slice(), body.whole), (&b"abc"[..], false));
    }

    #[test]
    fn refuses_what_is_no_answer() {
        assert_eq!(get(b"SSH-2.0-x\r\n", 9).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(get(b"HTTP/1.1 2", 9).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        let endless =
            [b"HTTP/1.1 200 OK\r\n".to_vec(), b"A: b\r\n".repeat(120), vec![b'a'; LONGEST]].concat();
        assert_eq!(get(&endless, 9).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
