//! The layers of a frame by their places: where addresses stand, what each checksum is about, where payload begins.
//!
//! What is not known here is told as [`Part::Rest`], so that nothing stays by oversight.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use tetra_capture::link::{be16, be32};

use super::frame::Editor;

/// How deep packets may be wrapped in each other.
pub(super) const NESTING: u8 = 4;

/// A TCP segment or a UDP datagram.
#[derive(Clone, Debug)]
pub(super) struct Datagram {
    pub src: SocketAddr,
    pub dst: SocketAddr,
    pub payload: Range<usize>,
    /// Payload on the wire, in bytes.
    pub wire_len: usize,
    /// TCP: sequence and acknowledgement numbers and flags.
    pub tcp: Option<(u32, u32, u8)>,
    /// It is not whole: a fragment, or the part of it that an ICMP error quotes.
    pub partial: bool,
}

/// Something of a frame that is to be looked at.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Mac(usize),
    V4(usize),
    V6(usize),
    Datagram(Datagram),
    /// Payload of no use: written as zeros, the frame stays as long.
    Zero(Range<usize>),
    /// Everything from here on is unknown: the frame is cut here.
    Rest(usize),
}

/// Finds the parts of a frame, and notes its checksums.
pub(super) fn parts(link: i32, editor: &mut Editor) -> Vec<Part> {
    let data = editor.data.clone();
    let mut walk = Walk { data: &data, editor, parts: Vec::new() };
    let known = walk.link(link);
    if known.is_none() {
        walk.parts.push(Part::Rest(0));
    }
    walk.parts
}

pub(super) struct Walk<'a> {
    pub(super) data: &'a [u8],
    editor: &'a mut Editor,
    pub(super) parts: Vec<Part>,
}

impl Walk<'_> {
    fn link(&mut self, link: i32) -> Option<()> {
        let end = self.data.len();
        match link {
            1 => self.ethernet(0, end, 0),
            113 => {
                if be16(self.data, 4)? == 6 {
                    self.parts.push(Part::Mac(6));
                }
                self.network(be16(self.data, 14)?, 16, end, 0);
            }
            276 => {
                if self.data.get(11)? == &6 {
                    self.parts.push(Part::Mac(12));
                }
                self.network(be16(self.data, 0)?, 20, end, 0);
            }
            0 | 108 => self.ip(4, end, 0, false),
            101 | 12 | 14 | 228 | 229 => self.ip(0, end, 0, false),
            _ => return None,
        }
        Some(())
    }

    pub(super) fn ethernet(&mut self, at: usize, end: usize, depth: u8) {
        self.parts.push(Part::Mac(at));
        self.parts.push(Part::Mac(at + 6));
        match be16(self.data, at + 12) {
            Some(protocol) => self.network(protocol, at + 14, end, depth),
            None => self.parts.push(Part::Rest(at + 12)),
        }
    }

    fn network(&mut self, protocol: u16, at: usize, end: usize, depth: u8) {
        match protocol {
            0x8100 | 0x88a8 | 0x9100 => match be16(self.data, at + 2) {
                Some(inner) if depth < NESTING => self.network(inner, at + 4, end, depth + 1),
                _ => self.parts.push(Part::Rest(at)),
            },
            0x0800 | 0x86dd => self.ip(at, end, depth, false),
            0x0806 if self.data.get(at + 2..at + 6) == Some(&[8, 0, 6, 4]) => {
                let known = [Part::Mac(at + 8), Part::V4(at + 14), Part::Mac(at + 18), Part::V4(at + 24)];
                self.parts.extend(known);
                self.parts.push(Part::Zero(at + 28..end));
            }
            _ => self.parts.push(Part::Rest(at)),
        }
    }

    /// Reads an IP packet that lies between two places.
    pub(super) fn ip(&mut self, at: usize, end: usize, depth: u8, quoted: bool) {
        let done = match self.data.get(at).map(|first| first >> 4) {
            Some(4) => self.ip4(at, end, depth, quoted),
            Some(6) => self.ip6(at, end, depth, quoted),
            _ => None,
        };
        if done.is_none() {
            self.parts.push(Part::Rest(at));
        }
    }

    fn ip4(&mut self, at: usize, end: usize, depth: u8, quoted: bool) -> Option<()> {
        let first = *self.data.get(at)?;
        let header = usize::from(first & 0xf) * 4;
        let bytes = self.data.get(at..at + 20)?;
        if header < 20 {
            return None;
        }
        let total = usize::from(be16(bytes, 2)?);
        // Offloading leaves the length 0: what the frame has counts.
        let wire_end = if total >= header { at + total } else { end };
        let body = at + header;
        self.editor.sum(at + 10, at..body, 0..0, false);
        self.parts.extend([Part::V4(at + 12), Part::V4(at + 16)]);
        if header > 20 {
            self.parts.push(Part::Zero(at + 20..body.min(end)));
        }
        let fragment = be16(bytes, 6)? & 0x3fff;
        let address = |from: usize| -> Option<IpAddr> {
            Some(IpAddr::from(<[u8; 4]>::try_from(bytes.get(from..from + 4)?).ok()?))
        };
        let ends = Ends {
            src: address(12)?,
            dst: address(16)?,
            pseudo: at + 12..at + 20,
            end: end.min(wire_end),
            wire_end,
            quoted,
        };
        self.transport(
            *bytes.get(9)?,
            body,
            &ends,
            Fragment::of(fragment & 0x1fff, fragment & 0x2000),
            depth,
        );
        if wire_end < end && !quoted {
            self.parts.push(Part::Zero(wire_end..end));
        }
        Some(())
    }

    fn ip6(&mut self, at: usize, end: usize, depth: u8, quoted: bool) -> Option<()> {
        let bytes = self.data.get(at..at + 40)?;
        let length = usize::from(be16(bytes, 4)?);
        let wire_end = if length > 0 { at + 40 + length } else { end };
        self.parts.extend([Part::V6(at + 8), Part::V6(at + 24)]);
        let address = |from: usize| -> Option<IpAddr> {
            Some(IpAddr::from(<[u8; 16]>::try_from(bytes.get(from..from + 16)?).ok()?))
        };
        let (mut next, mut body, mut fragment) = (*bytes.get(6)?, at + 40, Fragment::Whole);
        while matches!(next, 0 | 43 | 44 | 60) && body < end {
            let header = match next {
                44 => {
                    let offset = be16(self.data, body + 2).unwrap_or(0);
                    fragment = Fragment::of(offset >> 3, offset & 1);
                    8
                }
                _ => usize::from(self.data.get(body + 1).copied().unwrap_or(0)) * 8 + 8,
            };
            if next == 43 {
                self.parts.push(Part::Zero(body + 8..(body + header).min(end)));
            }
            next = self.data.get(body).copied().unwrap_or(59);
            body += header;
        }
        let ends = Ends {
            src: address(8)?,
            dst: address(24)?,
            pseudo: at + 8..at + 40,
            end: end.min(wire_end),
            wire_end,
            quoted,
        };
        self.transport(next, body, &ends, fragment, depth);
        if wire_end < end && !quoted {
            self.parts.push(Part::Zero(wire_end..end));
        }
        Some(())
    }

    fn transport(&mut self, protocol: u8, at: usize, ends: &Ends, fragment: Fragment, depth: u8) {
        if at >= ends.end {
            return;
        }
        if fragment == Fragment::Later {
            self.parts.push(Part::Zero(at..ends.end));
            return;
        }
        let whole = at..ends.end;
        let pseudo = ends.pseudo.clone();
        match protocol {
            6 => self.tcp(at, ends, fragment),
            17 => self.udp(at, ends, fragment),
            1 | 58 => {
                let pseudo = if protocol == 58 { pseudo } else { 0..0 };
                self.editor.sum(at + 2, whole, pseudo, false);
                self.icmp(protocol, at, ends, depth);
            }
            47 if depth < NESTING && fragment == Fragment::Whole => self.gre(at, ends, depth),
            4 | 41 if depth < NESTING && fragment == Fragment::Whole => {
                self.ip(at, ends.end, depth + 1, ends.quoted);
            }
            // IGMP tells groups only; its checksum stays right with it.
            2 => {}
            _ => self.parts.push(Part::Rest(at)),
        }
    }

    fn tcp(&mut self, at: usize, ends: &Ends, fragment: Fragment) {
        self.editor.sum(at + 16, at..ends.end, ends.pseudo.clone(), false);
        let read = || -> Option<Datagram> {
            let offset_flags = be16(self.data, at + 12)?;
            let body = at + usize::from(offset_flags >> 12) * 4;
            let [_, flags] = offset_flags.to_be_bytes();
            Some(Datagram {
                src: SocketAddr::new(ends.src, be16(self.data, at)?),
                dst: SocketAddr::new(ends.dst, be16(self.data, at + 2)?),
                payload: body.min(ends.end)..ends.end,
                wire_len: ends.wire_end.saturating_sub(body),
                tcp: Some((be32(self.data, at + 4)?, be32(self.data, at + 8)?, flags)),
                partial: ends.quoted || fragment != Fragment::Whole,
            })
        };
        match read() {
            Some(datagram) => self.parts.push(Part::Datagram(datagram)),
            // A header that is cut has ports and numbers only.
            None => self.parts.push(Part::Zero((at + 20).min(ends.end)..ends.end)),
        }
    }

    fn udp(&mut self, at: usize, ends: &Ends, fragment: Fragment) {
        if fragment == Fragment::First {
            // The rest of the datagram is in other frames, which the checksum is about too.
            self.editor.drop_sum(at + 6);
        } else {
            self.editor.sum(at + 6, at..ends.end, ends.pseudo.clone(), true);
        }
        let ports = (be16(self.data, at), be16(self.data, at + 2));
        let (Some(src), Some(dst)) = ports else { return };
        let body = (at + 8).min(ends.end);
        self.parts.push(Part::Datagram(Datagram {
            src: SocketAddr::new(ends.src, src),
            dst: SocketAddr::new(ends.dst, dst),
            payload: body..ends.end,
            wire_len: ends.wire_end.saturating_sub(body),
            tcp: None,
            partial: ends.quoted || fragment != Fragment::Whole,
        }));
    }
}

/// What IP says to the layer above.
pub(super) struct Ends {
    src: IpAddr,
    dst: IpAddr,
    pseudo: Range<usize>,
    /// Where the packet ends in the frame, and where it would without a snap length.
    pub(super) end: usize,
    wire_end: usize,
    pub(super) quoted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fragment {
    Whole,
    First,
    Later,
}

impl Fragment {
    fn of(offset: u16, more: u16) -> Self {
        match (offset, more) {
            (0, 0) => Self::Whole,
            (0, _) => Self::First,
            _ => Self::Later,
        }
    }
}
