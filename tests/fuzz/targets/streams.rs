//! What connections carry. A stream is a row of pieces: one byte says which side sent it and whether it was captured, two
//! bytes how long it is.

use tetra_capture::conversation::Conversation;
use tetra_capture::crl::RevocationList;
use tetra_capture::http::HttpReader;
use tetra_capture::ocsp;
use tetra_capture::socks::SocksReader;
use tetra_capture::stream::{At, Dir};
use tetra_capture::tls::TlsReader;
use tetra_capture::x509::{Certificate, Store};
use tetra_capture::{Seen, Timestamp};

/// The ports at which something begins.
const PORTS: [u16; 4] = [443, 80, 1080, 53];
/// Set where the server sent a piece, and where nothing of it was captured.
pub const FROM_SERVER: u8 = 1;
const MISSING: u8 = 2;

enum Piece<'a> {
    Data(&'a [u8]),
    Gap(u64),
}

fn pieces<'a>(mut rest: &'a [u8], mut handle: impl FnMut(Dir, u32, Piece<'a>)) {
    let mut number = 0;
    while let Some(([kind, high, low], behind)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let dir = if kind & FROM_SERVER == 0 { Dir::ToServer } else { Dir::ToClient };
        number += 1;
        if kind & MISSING != 0 {
            handle(dir, number, Piece::Gap(length as u64));
            rest = behind;
            continue;
        }
        let (data, further) = behind.split_at(length.min(behind.len()));
        handle(dir, number, Piece::Data(data));
        rest = further;
    }
}

fn at(number: u32) -> At {
    At { frame: u64::from(number), time: i64::from(number) * 1_000_000 }
}

/// Reads TLS, certificates and staples included.
pub fn tls(bytes: &[u8]) {
    let mut reader = TlsReader::with_store(Store::default());
    pieces(bytes, |dir, number, piece| match piece {
        Piece::Data(data) => reader.data(dir, at(number), data),
        Piece::Gap(missing) => reader.gap(dir, at(number), missing),
    });
    reader.end();
    let facts = reader.facts();
    assert!(facts.messages.len() <= 48 && facts.alerts.len() <= 16);
    let _ = (facts.version(), facts.completed(), facts.likely_alert(Dir::ToClient));
}

/// Reads certificates, OCSP requests and answers, and lists of revoked certificates.
pub fn x509(bytes: &[u8]) {
    let certificate = Certificate::parse(bytes);
    if let Ok(certificate) = &certificate {
        let _ = (certificate.issued_by(certificate), certificate.signature_of(certificate));
    }
    let _ = ocsp::Request::parse(bytes);
    if let Ok(path) = std::str::from_utf8(bytes) {
        let _ = ocsp::Request::from_path(path);
    }
    let _ = ocsp::NotOcsp::classify(bytes);
    if let Ok(answer) = ocsp::Response::parse(bytes) {
        let _ = (answer.answer("0"), answer.signer(certificate.as_ref().ok()));
    }
    if let Ok(list) = RevocationList::parse(bytes) {
        let _ = list.serials();
    }
}

/// Reads HTTP.
pub fn http(bytes: &[u8]) {
    let mut reader = HttpReader::new();
    pieces(bytes, |dir, number, piece| match piece {
        Piece::Data(data) => assert!(reader.data(dir, at(number), data) <= data.len()),
        Piece::Gap(missing) => assert!(reader.gap(dir, at(number), missing) <= missing),
    });
    reader.on_close(Dir::ToClient, at(u32::MAX));
    let _ = (reader.tunnel().is_some(), reader.take_early());
    for exchange in reader.exchanges() {
        if let Some(request) = &exchange.request {
            assert!(request.path().len() <= request.target.len().max(1), "{:?}", request.target);
        }
    }
}

/// Reads SOCKS.
pub fn socks(bytes: &[u8]) {
    let mut reader = SocksReader::new();
    pieces(bytes, |dir, number, piece| match piece {
        Piece::Data(data) => assert!(reader.data(dir, at(number), data) <= data.len()),
        Piece::Gap(missing) => assert!(reader.gap(dir, at(number), missing) <= missing),
    });
    let _ = (reader.exchange(), reader.tunnel());
}

/// Finds out what a connection speaks, and reads it.
pub fn conversation(bytes: &[u8]) {
    let Some((port, rest)) = bytes.split_first() else { return };
    let mut conversation = Conversation::new(PORTS[usize::from(*port) % PORTS.len()], Store::default());
    pieces(rest, |dir, number, piece| {
        let seen = Seen { time: Timestamp(i64::from(number) * 1_000_000), frame: number, capture: 0 };
        match piece {
            Piece::Data(data) => conversation.data(dir, seen, data),
            Piece::Gap(missing) => conversation.gap(dir, seen, missing),
        }
    });
    conversation.close(Dir::ToServer, Seen::default());
    conversation.end();
}
