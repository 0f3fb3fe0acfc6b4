//! SOCKS 5, 4 and 4a: addresses, host names, users and passwords, up to the tunnel.

use std::net::{Ipv4Addr, Ipv6Addr};

use tetra_capture::stream::Dir;

use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Longest message.
const LONGEST: usize = 600;

/// How far the two have come.
#[derive(Debug, Default)]
pub(super) struct Socks {
    version: u8,
    /// The way of logging in that the proxy chose.
    method: Option<u8>,
    greeted: bool,
    logged_in: bool,
    asked: bool,
}

/// What came of looking at the bytes of one side.
#[derive(Debug)]
pub(super) enum Step {
    /// More bytes are needed.
    Wait,
    /// A message of this form.
    Message(Vec<u8>),
    /// The last message before the tunnel, which both sides use from here on.
    Opened(Vec<u8>),
    /// Not SOCKS.
    Broken,
}

impl Socks {
    /// Reads the next message of one side.
    pub(super) fn step(&mut self, dir: Dir, bytes: &[u8], tokens: &mut Tokens) -> Step {
        if bytes.is_empty() {
            return Step::Wait;
        }
        let step = match dir {
            Dir::ToServer => self.client(bytes, tokens),
            Dir::ToClient => self.server(bytes, tokens),
        };
        match step {
            Some(step) => step,
            None if bytes.len() > LONGEST => Step::Broken,
            None => Step::Wait,
        }
    }

    fn client(&mut self, bytes: &[u8], tokens: &mut Tokens) -> Option<Step> {
        if self.version == 0 {
            self.version = *bytes.first()?;
        }
        if self.version == 4 {
            let user_end = 8 + bytes.get(8..)?.iter().position(|byte| *byte == 0)?;
            let mut message = bytes.to_vec();
            tokens_user(&mut message, 8, user_end, tokens);
            let address: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
            if matches!(address, [0, 0, 0, last] if last > 0) {
                let end = user_end + 1 + bytes.get(user_end + 1..)?.iter().position(|byte| *byte == 0)?;
                host(&mut message, user_end + 1, end, tokens);
                message.truncate(end + 1);
            } else {
                message.get_mut(4..8)?.copy_from_slice(&tokens.v4(Ipv4Addr::from(address)).octets());
                message.truncate(user_end + 1);
            }
            self.asked = true;
            return Some(Step::Message(message));
        }
        if !self.greeted {
            let count = usize::from(*bytes.get(1)?);
            self.greeted = bytes.len() >= 2 + count;
            return bytes.get(..2 + count).map(|message| Step::Message(message.to_vec()));
        }
        match self.method {
            None => None,
            Some(2) if !self.logged_in => {
                let user = usize::from(*bytes.get(1)?);
                let secret = usize::from(*bytes.get(2 + user)?);
                let end = 3 + user + secret;
                let mut message = bytes.get(..end)?.to_vec();
                tokens_user(&mut message, 2, 2 + user, tokens);
                let filler = tokens.filler(bytes.get(3 + user..end)?);
                message.get_mut(3 + user..end)?.copy_from_slice(filler.as_bytes());
                self.logged_in = true;
                Some(Step::Message(message))
            }
            Some(0 | 2) => {
                let message = place(bytes, tokens)?;
                self.asked = true;
                Some(Step::Message(message))
            }
            Some(_) => Some(Step::Broken),
        }
    }

    fn server(&mut self, bytes: &[u8], tokens: &mut Tokens) -> Option<Step> {
        if self.version == 4 {
            let mut message = bytes.get(..8)?.to_vec();
            let address: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
            message.get_mut(4..)?.copy_from_slice(&tokens.v4(Ipv4Addr::from(address)).octets());
            let opened = bytes.get(1) == Some(&90);
            return Some(if opened { Step::Opened(message) } else { Step::Message(message) });
        }
        if self.version != 5 {
            return Some(Step::Broken);
        }
        if self.method.is_none() {
            let message = bytes.get(..2)?;
            self.method = message.get(1).copied();
            return Some(Step::Message(message.to_vec()));
        }
        if !self.asked {
            return bytes.get(..2).map(|message| Step::Message(message.to_vec()));
        }
        let message = place(bytes, tokens)?;
        let opened = message.get(1) == Some(&0);
        Some(if opened { Step::Opened(message) } else { Step::Message(message) })
    }
}

/// Replaces the address or the name of a request or its answer (version 5).
fn place(bytes: &[u8], tokens: &mut Tokens) -> Option<Vec<u8>> {
    let kind = *bytes.get(3)?;
    let length = match kind {
        1 => 4,
        4 => 16,
        3 => 1 + usize::from(*bytes.get(4)?),
        _ => return None,
    };
    let mut message = bytes.get(..4 + length + 2)?.to_vec();
    match kind {
        1 => {
            let address: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
            message.get_mut(4..8)?.copy_from_slice(&tokens.v4(Ipv4Addr::from(address)).octets());
        }
        4 => {
            let address: [u8; 16] = *bytes.get(4..)?.first_chunk()?;
            message.get_mut(4..20)?.copy_from_slice(&tokens.v6(Ipv6Addr::from(address)).octets());
        }
        _ => host(&mut message, 5, 4 + length, tokens),
    }
    Some(message)
}

fn host(message: &mut [u8], from: usize, to: usize, tokens: &mut Tokens) {
    let Some(place) = message.get_mut(from..to) else { return };
    let new = std::str::from_utf8(place).ok().map(|name| super::authority(name, tokens));
    match new {
        Some(new) if new.len() == place.len() => place.copy_from_slice(new.as_bytes()),
        _ => place.fill(b'x'),
    }
}

fn tokens_user(message: &mut [u8], from: usize, to: usize, tokens: &mut Tokens) {
    let Some(place) = message.get_mut(from..to) else { return };
    match std::str::from_utf8(place).ok().map(|user| tokens.word(Kind::User, user)) {
        Some(Some(new)) if new.len() == place.len() => place.copy_from_slice(new.as_bytes()),
        Some(None) => {}
        _ => place.fill(b'x'),
    }
}
