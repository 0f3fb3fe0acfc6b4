//! Reads the hellos of client and server, whole or as far as they were captured.

use super::names::cipher_name;
use crate::cursor::Cursor;
use crate::stream::Span;

/// The random of a server hello that asks for another client hello (RFC 8446, 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
const SERVER_NAME: u16 = 0;
const STATUS_REQUEST: u16 = 5;
const GROUPS: u16 = 10;
const ALPN: u16 = 16;
const SESSION_TICKET: u16 = 35;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The segments that carried it.
    pub span: Span,
    /// It was not captured whole, or is broken: fields may be missing.
    pub cut: bool,
    /// Its length on the wire.
    pub length: u32,
    /// The version in its head, at most TLS 1.2.
    pub legacy_version: u16,
    /// All versions offered, the highest first; from the extension if there is one.
    pub versions: Vec<u16>,
    /// The cipher suites offered.
    pub ciphers: Vec<u16>,
    /// The server's name (SNI), in lower case.
    pub server_name: Option<String>,
    /// The protocols to speak inside.
    pub alpn: Vec<String>,
    /// A stapled revocation answer is asked for.
    pub status_request: bool,
    /// The groups that it can use for key exchange.
    pub groups: Vec<u16>,
    /// The groups that it sends keys for.
    pub key_shares: Vec<u16>,
    /// It offers to go on with an earlier session.
    pub resumes: bool,
}

/// What a server chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// The segments that carried it.
    pub span: Span,
    /// It was not captured whole, or is broken: fields may be missing.
    pub cut: bool,
    /// The version.
    pub version: u16,
    /// The cipher suite.
    pub cipher: Option<u16>,
    /// The protocol to speak inside, where it is in clear.
    pub alpn: Option<String>,
    /// A stapled revocation answer will follow.
    pub status_request: bool,
    /// The group of the key exchange, under TLS 1.3.
    pub key_share: Option<u16>,
    /// It asks for another client hello instead (HelloRetryRequest).
    pub is_retry: bool,
}

impl ServerHello {
    /// Names the cipher suite as IANA does.
    pub fn cipher_name(&self) -> Option<&'static str> {
        cipher_name(self.cipher?)
    }
}

/// Reads the body of a client hello.
pub(super) fn client(body: &[u8]) -> ClientHello {
    let mut hello = ClientHello::default();
    let mut cursor = Cursor::new(body);
    hello.cut = client_fields(&mut hello, &mut cursor).is_none();
    if hello.versions.is_empty() {
        hello.versions.push(hello.legacy_version);
    }
    hello.versions.sort_unstable_by(|one, other| other.cmp(one));
    hello
}

fn client_fields(hello: &mut ClientHello, cursor: &mut Cursor<'_>) -> Option<()> {
    hello.legacy_version = cursor.u16()?;
    cursor.take(32)?;
    cursor.after_u8()?;
    let length = usize::from(cursor.u16()?);
    let (ciphers, whole) = cursor.take_up_to(length);
    hello.ciphers = numbers(ciphers).filter(|cipher| !is_grease(*cipher)).collect();
    whole.then_some(())?;
    cursor.after_u8()?;
    extensions(cursor, |kind, data, _| match kind {
        SERVER_NAME => hello.server_name = server_name(data),
        STATUS_REQUEST => hello.status_request = true,
        GROUPS => {
            hello.groups =
                numbers(data.get(2..).unwrap_or_default()).filter(|group| !is_grease(*group)).collect()
        }
        ALPN => hello.alpn = protocols(data),
        SESSION_TICKET => hello.resumes |= !data.is_empty(),
        PRE_SHARED_KEY => hello.resumes = true,
        SUPPORTED_VERSIONS => {
            hello.versions =
                numbers(data.get(1..).unwrap_or_default()).filter(|one| !is_grease(*one)).collect();
        }
        KEY_SHARE => hello.key_shares = key_shares(data),
        _ => {}
    })
}

/// Reads the body of a server hello; `None` when not even the version is there.
pub(super) fn server(body: &[u8]) -> Option<ServerHello> {
    let mut cursor = Cursor::new(body);
    let mut hello = ServerHello { version: cursor.u16()?, ..ServerHello::default() };
    hello.cut = server_fields(&mut hello, &mut cursor).is_none();
    Some(hello)
}

fn server_fields(hello: &mut ServerHello, cursor: &mut Cursor<'_>) -> Option<()> {
    hello.is_retry = cursor.take(32)? == RETRY;
    cursor.after_u8()?;
    hello.cipher = Some(cursor.u16()?);
    cursor.u8()?;
    extensions(cursor, |kind, data, _| match kind {
        STATUS_REQUEST => hello.status_request = true,
        ALPN => hello.alpn = protocols(data).into_iter().next(),
        SUPPORTED_VERSIONS => hello.version = Cursor::new(data).u16().unwrap_or(hello.version),
        KEY_SHARE => hello.key_share = Cursor::new(data).u16(),
        _ => {}
    })
}

/// Reads extensions until they end; `None` when the bytes run out first. The last one may be cut.
fn extensions(cursor: &mut Cursor<'_>, mut read: impl FnMut(u16, &[u8], bool)) -> Option<()> {
    if cursor.is_empty() {
        return Some(());
    }
    let length = usize::from(cursor.u16()?);
    let (block, whole) = cursor.take_up_to(length);
    let mut block = Cursor::new(block);
    while !block.is_empty() {
        let kind = block.u16()?;
        let length = usize::from(block.u16()?);
        let (data, whole) = block.take_up_to(length);
        read(kind, data, whole);
        whole.then_some(())?;
    }
    whole.then_some(())
}

/// Reads the host name of the server name extension, when all of it is there.
fn server_name(data: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(data);
    cursor.u16()?;
    (cursor.u8()? == 0).then_some(())?;
    let name = cursor.after_u16()?;
    Some(String::from_utf8_lossy(name).to_ascii_lowercase())
}

fn protocols(data: &[u8]) -> Vec<String> {
    let mut cursor = Cursor::new(data.get(2..).unwrap_or_default());
    std::iter::from_fn(|| cursor.after_u8()).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

fn key_shares(data: &[u8]) -> Vec<u16> {
    let mut cursor = Cursor::new(data.get(2..).unwrap_or_default());
    let mut groups = Vec::new();
    while let Some(group) = cursor.u16() {
        if !is_grease(group) {
            groups.push(group);
        }
        if cursor.after_u16().is_none() {
            break;
        }
    }
    groups
}

fn numbers(data: &[u8]) -> impl Iterator<Item = u16> {
    data.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// Says whether a number is one of those sent to see whether the other side ignores it (RFC 8701).
fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}
