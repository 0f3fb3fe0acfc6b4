//! Reads SOCKS 5, 4 and 4a up to the tunnel that they open.

use crate::cursor::Cursor;
use crate::stream::{At, Dir};
use std::net::{Ipv4Addr, Ipv6Addr};

/// No message of the protocol is longer.
const MAX_MESSAGE: usize = 600;

/// What client and proxy said to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// 5 or 4; 0 before anything was read.
    pub version: u8,
    /// The ways to log in that the client offers: 0 none, 2 user name and password.
    pub methods: Vec<u8>,
    /// The way that the proxy chose, and where; 255 when it takes none of them.
    pub method: Option<(At, u8)>,
    /// The result of the login, and where: 0 is success.
    pub login: Option<(At, u8)>,
    /// What the client asks for.
    pub request: Option<Request>,
    /// The proxy's answer, and where: 0 (version 5) or 90 (version 4) is success.
    pub reply: Option<(At, u8)>,
    /// Something was said that is not SOCKS, or bytes were not captured: nothing more could be read from there.
    pub broken: Option<At>,
}

/// What a client asks a proxy for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it was.
    pub at: At,
    /// 1 is connect.
    pub command: u8,
    /// The name or address to connect to.
    pub host: String,
    /// The port to connect to.
    pub port: u16,
}

/// Reads a SOCKS connection.
#[derive(Debug, Default)]
pub struct SocksReader {
    exchange: Exchange,
    asked: Vec<u8>,
    answered: Vec<u8>,
    tunnel: Option<At>,
}

/// Says whether the first bytes of a client are SOCKS.
pub fn looks_like_socks(bytes: &[u8]) -> bool {
    match bytes {
        [5, count, methods @ ..] => *count > 0 && methods.len() == usize::from(*count),
        [4, 1 | 2, _, _, _, _, _, _, rest @ ..] => rest.ends_with(&[0]),
        _ => false,
    }
}

impl SocksReader {
    /// Starts at the beginning of a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns what is known so far.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Returns the end of the answer that opened the tunnel, once there is one.
    pub fn tunnel(&self) -> Option<At> {
        self.tunnel
    }

    /// Reads the next bytes and returns how many belong to SOCKS; the rest belong to the tunnel.
    pub fn data(&mut self, dir: Dir, at: At, bytes: &[u8]) -> usize {
        let mut used: usize = 0;
        for byte in bytes {
            if self.tunnel.is_some() {
                break;
            }
            used = used.saturating_add(1);
            if self.exchange.broken.is_none() {
                self.step(dir, at, *byte);
            } else {
                return bytes.len();
            }
        }
        used
    }

    /// Passes over bytes that were not captured and returns how many belong to SOCKS; the rest belong to the tunnel.
    pub fn gap(&mut self, _dir: Dir, at: At, missing: u64) -> u64 {
        if self.tunnel.is_some() {
            return 0;
        }
        self.exchange.broken.get_or_insert(at);
        missing
    }

    /// Reads one more byte: the message so far is tried until it is whole.
    fn step(&mut self, dir: Dir, at: At, byte: u8) {
        let mut message = std::mem::take(match dir {
            Dir::ToServer => &mut self.asked,
            Dir::ToClient => &mut self.answered,
        });
        message.push(byte);
        let read = match dir {
            Dir::ToServer => self.client(at, &message),
            Dir::ToClient => self.server(at, &message),
        };
        match read {
            Read::Whole => {}
            Read::Short if message.len() < MAX_MESSAGE => match dir {
                Dir::ToServer => self.asked = message,
                Dir::ToClient => self.answered = message,
            },
            _ => _ = self.exchange.broken.get_or_insert(at),
        }
    }

    fn client(&mut self, at: At, message: &[u8]) -> Read {
        let exchange = &mut self.exchange;
        match (exchange.version, message) {
            _ if exchange.request.is_some() => Read::Broken,
            (0, [5]) => Read::Short,
            (0, [5, count, methods @ ..]) => {
                if methods.len() < usize::from(*count) {
                    return Read::Short;
                }
                exchange.version = 5;
                exchange.methods = methods.to_vec();
                Read::Whole
            }
            (0, [4, ..]) => Read::of(request4(message), |(command, host, port)| {
                exchange.version = 4;
                exchange.request = Some(Request { at, command, host, port });
            }),
            (5, [1, ..]) => Read::of(login(message), |()| {}),
            (5, [5, ..]) => Read::of(request5(message), |(command, host, port)| {
                exchange.request = Some(Request { at, command, host, port });
            }),
            _ => Read::Broken,
        }
    }

    fn server(&mut self, at: At, message: &[u8]) -> Read {
        let exchange = &mut self.exchange;
        match (exchange.version, exchange.method, message) {
            (5, None, [5]) | (5, Some(_), [5 | 1]) | (4, _, [0]) => Read::Short,
            (5, None, [5, method]) => {
                exchange.method = Some((at, *method));
                Read::Whole
            }
            (5, Some((_, 2)), [1, result]) if exchange.login.is_none() => {
                exchange.login = Some((at, *result));
                Read::Whole
            }
            (5, Some(_), [5, code, rest @ ..]) => {
                exchange.reply.get_or_insert((at, *code));
                let read = Read::of(address(rest.get(1..).unwrap_or_default()), |_| {});
                if read == Read::Whole && *code == 0 {
                    self.tunnel = Some(at);
                }
                read
            }
            (4, _, [0, code, rest @ ..]) => {
                exchange.reply.get_or_insert((at, *code));
                if rest.len() < 6 {
                    return Read::Short;
                }
                if *code == 90 {
                    self.tunnel = Some(at);
                }
                Read::Whole
            }
            _ => Read::Broken,
        }
    }
}

/// Whether a message is whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Whole,
    /// More bytes are needed.
    Short,
    /// It is no message of the protocol.
    Broken,
}

impl Read {
    /// Hands over what was read, if the message is whole.
    fn of<T>(parsed: Option<T>, keep: impl FnOnce(T)) -> Self {
        match parsed {
            Some(value) => {
                keep(value);
                Self::Whole
            }
            None => Self::Short,
        }
    }
}

/// Reads command, host and port of version 5; `None` while they are not whole.
fn request5(message: &[u8]) -> Option<(u8, String, u16)> {
    let mut cursor = Cursor::new(message);
    cursor.u8()?;
    let command = cursor.u8()?;
    cursor.u8()?;
    let (host, port) = address(cursor.rest())?;
    Some((command, host, port))
}

/// Reads command, host and port of versions 4 and 4a: an address like 0.0.0.1 says that a name follows.
fn request4(message: &[u8]) -> Option<(u8, String, u16)> {
    let mut cursor = Cursor::new(message);
    cursor.u8()?;
    let (command, port) = (cursor.u8()?, cursor.u16()?);
    let address = cursor.u32()?;
    let mut strings = cursor.rest().split(|byte| *byte == 0);
    strings.next()?;
    let name = strings.next()?;
    let host = match address {
        1..=255 => {
            strings.next()?;
            String::from_utf8_lossy(name).to_ascii_lowercase()
        }
        _ => Ipv4Addr::from_bits(address).to_string(),
    };
    Some((command, host, port))
}

/// Reads a user name and a password, and keeps neither.
fn login(message: &[u8]) -> Option<()> {
    let mut cursor = Cursor::new(message);
    cursor.u8()?;
    cursor.after_u8()?;
    cursor.after_u8()?;
    Some(())
}

/// Reads the type of an address, the address and a port.
fn address(bytes: &[u8]) -> Option<(String, u16)> {
    let mut cursor = Cursor::new(bytes);
    let host = match cursor.u8()? {
        1 => Ipv4Addr::from_bits(cursor.u32()?).to_string(),
        4 => Ipv6Addr::from(<[u8; 16]>::try_from(cursor.take(16)?).ok()?).to_string(),
        _ => String::from_utf8_lossy(cursor.after_u8()?).to_ascii_lowercase(),
    };
    Some((host, cursor.u16()?))
}

#[cfg(test)]
mod tests;
