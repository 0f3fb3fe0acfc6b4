//! Captures: every address, name and secret in packets is replaced by one of the same length where it stands, and what
//! no diagnosis needs becomes zeros, so that lengths, times, numbers of frames and sequence numbers stay.
//!
//! A capture is read twice: once to put connections together and to decide what stays of them, once to write it. What
//! is not known does not stay: the payload of unknown protocols is cut off, as a snap length does it.

mod body;
mod der;
mod dns;
mod flows;
mod frame;
mod framing;
mod head;
mod http;
mod layers;
mod login;
mod neighbours;
mod ntlm;
mod patch;
mod signed;
mod socks;
mod talk;
mod tls;
mod tunnel;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tetra_capture::blocks::{self, End, Frame};
use tetra_capture::write::{Interface, Packet, Writer};

use super::text::{self, Finder, What};
use super::tokens::Tokens;
use super::{Kind, Open, Outcome};
use flows::Flows;
use frame::Editor;
use layers::{Datagram, Part};
use patch::{Budget, Patches};
use signed::Authorities;
use tls::Tools;

/// One direction of a connection.
#[derive(Debug, Default)]
struct Side {
    /// Bytes that wait for more.
    buffer: Vec<u8>,
    /// The place of the first of them in the stream.
    at: u64,
    patches: Patches,
    peer: Option<SocketAddr>,
    /// A host that was asked for by name.
    server_name: Option<String>,
}

impl Side {
    /// Lets go of the first bytes.
    fn skip(&mut self, length: usize) {
        let length = length.min(self.buffer.len());
        self.buffer.drain(..length);
        self.at = self.at.saturating_add(u64::try_from(length).unwrap_or(0));
    }
}

/// Reads a capture to learn which names and addresses it has.
pub(super) fn learn(input: Box<dyn Read + Send + '_>, tokens: &mut Tokens) {
    let finder = Finder::default();
    plan(input, &finder, tokens);
}

/// Writes a capture without what is private, as pcapng.
pub(super) fn clean(
    open: Open<'_>,
    out: &mut dyn Write,
    finder: &Finder,
    tokens: &mut Tokens,
) -> io::Result<Outcome> {
    let (mut flows, end) = plan(open()?, finder, tokens);
    if end.span.is_none() && end.cut.is_some() {
        return Ok(Outcome::Withheld("it is not a capture that can be read"));
    }
    let mut comments: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for (number, comment) in &end.comments {
        tokens.count(Kind::Comment);
        if let Some(clean) = text::clean_whole(comment.as_bytes(), finder, tokens) {
            comments.entry(*number).or_default().push(String::from_utf8_lossy(&clean).into_owned());
        }
    }
    let mut writer = Writer::begin(out, &[])?;
    let mut interfaces: BTreeMap<(u32, i32), u32> = BTreeMap::new();
    let mut failure = None;
    let again = blocks::read(open()?, &mut |frame| {
        if failure.is_none() {
            let notes = comments.remove(&frame.number).unwrap_or_default();
            failure = rewrite(frame, &notes, &mut writer, &mut interfaces, &mut flows, tokens).err();
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    let out = writer.finish()?;
    if again.cut.is_some() {
        // The begin of a block, so that nobody takes the capture for whole.
        out.write_all(&[6, 0, 0, 0, 64, 0, 0, 0])?;
    }
    Ok(Outcome::Cleaned)
}

/// Puts connections together and decides what stays of them.
fn plan(input: Box<dyn Read + Send + '_>, finder: &Finder, tokens: &mut Tokens) -> (Flows, End) {
    let mut flows = Flows::default();
    let mut budget = Budget::default();
    let mut authorities = Authorities::default();
    let mut tools = Tools { finder, tokens, budget: &mut budget, authorities: &mut authorities };
    let end = blocks::read(input, &mut |frame| {
        let mut editor = Editor::new(frame.data);
        for part in layers::parts(frame.link, &mut editor) {
            let Part::Datagram(datagram) = part else { continue };
            let Some(payload) = frame.data.get(datagram.payload.clone()) else { continue };
            if datagram.tcp.is_some() && !datagram.partial {
                flows.read(&datagram, payload, frame.number, &mut tools);
            } else if tools.tokens.learning && is_dns(&datagram) {
                dns::edit(&mut payload.to_vec(), tools.tokens);
            }
        }
    });
    flows.end(&mut tools);
    (flows, end)
}

fn is_dns(datagram: &Datagram) -> bool {
    datagram.tcp.is_none() && !datagram.partial && (datagram.src.port() == 53 || datagram.dst.port() == 53)
}

/// Writes one frame.
fn rewrite(
    frame: &Frame<'_>,
    comments: &[String],
    writer: &mut Writer<&mut dyn Write>,
    interfaces: &mut BTreeMap<(u32, i32), u32>,
    flows: &mut Flows,
    tokens: &mut Tokens,
) -> io::Result<()> {
    let interface = match interfaces.get(&(frame.interface, frame.link)) {
        Some(known) => *known,
        None => {
            let number = writer.interface(Interface { link: frame.link, snap_length: 0, name: None })?;
            interfaces.insert((frame.interface, frame.link), number);
            number
        }
    };
    let mut editor = Editor::new(frame.data);
    let parts = layers::parts(frame.link, &mut editor);
    let mut end = frame.data.len();
    for part in &parts {
        end = end.min(apply(part, &mut editor, flows, tokens));
    }
    let data = editor.data.get(..end).unwrap_or_default();
    let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
    writer.packet(Packet { interface, time: frame.time, data, wire_len: frame.wire_len, comments: &comments })
}

/// Writes one part of a frame; gives where the frame is to be cut.
fn apply(part: &Part, editor: &mut Editor, flows: &mut Flows, tokens: &mut Tokens) -> usize {
    match part {
        Part::Mac(at) => {
            if let Some(bytes) = editor.data.get(*at..).and_then(|rest| rest.first_chunk::<6>()).copied() {
                editor.write(*at, &tokens.mac(bytes));
            }
        }
        Part::V4(at) => {
            if let Some(bytes) = editor.data.get(*at..).and_then(|rest| rest.first_chunk::<4>()).copied() {
                editor.write(*at, &tokens.v4(Ipv4Addr::from(bytes)).octets());
            }
        }
        Part::V6(at) => {
            if let Some(bytes) = editor.data.get(*at..).and_then(|rest| rest.first_chunk::<16>()).copied() {
                editor.write(*at, &tokens.v6(Ipv6Addr::from(bytes)).octets());
            }
        }
        Part::Zero(range) => {
            if editor.zero(range.clone()) {
                tokens.count(Kind::Payload);
            }
        }
        Part::Rest(at) => {
            if *at < editor.data.len() {
                tokens.count(Kind::Payload);
            }
            return *at;
        }
        Part::Datagram(datagram) => return payload(datagram, editor, flows, tokens),
    }
    usize::MAX
}

fn payload(datagram: &Datagram, editor: &mut Editor, flows: &mut Flows, tokens: &mut Tokens) -> usize {
    let range = datagram.payload.clone();
    let Some(payload) = editor.data.get(range.clone()).map(<[u8]>::to_vec) else { return usize::MAX };
    if payload.is_empty() {
        if datagram.tcp.is_some() && !datagram.partial {
            flows.write(datagram, &[]);
        }
        return usize::MAX;
    }
    let clock = [datagram.src.port(), datagram.dst.port()].contains(&123);
    if datagram.partial {
        if editor.zero(range) {
            tokens.count(Kind::Payload);
        }
    } else if datagram.tcp.is_some() {
        let new = flows.write(datagram, &payload);
        if new != payload {
            tokens.count(Kind::Payload);
        }
        editor.write(range.start, &new);
    } else if is_dns(datagram) {
        let mut new = payload;
        dns::edit(&mut new, tokens);
        editor.write(range.start, &new);
    } else if clock && payload.len() >= 48 {
        // The server's own source of time may be an address; keys may follow the message.
        editor.zero(range.start + 12..range.start + 16);
        editor.zero(range.start + 48..range.end);
    } else {
        tokens.count(Kind::Payload);
        return range.start;
    }
    usize::MAX
}

/// Replaces a host or an address with an optional port.
fn authority(text: &str, tokens: &mut Tokens) -> String {
    let (host, port) = match text.rfind(':') {
        Some(at)
            if text.ends_with(']')
                || text.get(..at).is_some_and(|host| host.contains(':') && !host.ends_with(']')) =>
        {
            (text, "")
        }
        Some(at) => text.split_at_checked(at).unwrap_or((text, "")),
        None => (text, ""),
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let what = match () {
        () if bare.parse::<Ipv4Addr>().is_ok() => What::V4,
        () if bare.parse::<Ipv6Addr>().is_ok() => What::V6,
        () => What::Host,
    };
    let Some(new) = text::pseudonym(bare.as_bytes(), what, tokens) else { return text.to_owned() };
    let new = String::from_utf8(new).unwrap_or_default();
    if bare.len() == host.len() { format!("{new}{port}") } else { format!("[{new}]{port}") }
}

/// Cleans a text in a packet, where it must stay as long as it is.
fn same_length(text: &[u8], finder: &Finder, tokens: &mut Tokens) -> Vec<u8> {
    let mut out = text.to_vec();
    for hit in finder.find(text, tokens) {
        let (Some(value), Some(place)) = (text.get(hit.start..hit.end), out.get_mut(hit.start..hit.end))
        else {
            continue;
        };
        let new = match hit.what {
            What::Secret | What::Quoted => {
                tokens.meet_secret(value);
                Some(tokens.filler(value).into_bytes())
            }
            what => {
                tokens.meet(value, what);
                text::pseudonym(value, what, tokens)
            }
        };
        match new {
            Some(new) if new.len() == place.len() => place.copy_from_slice(&new),
            Some(_) => place.fill(b'x'),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
