//! ICMP: what errors quote, and the addresses of neighbours and groups.

use tetra_capture::link::be16;

use super::layers::{Ends, NESTING, Part, Walk};

impl Walk<'_> {
    pub(super) fn icmp(&mut self, protocol: u8, at: usize, ends: &Ends, depth: u8) {
        let Some(kind) = self.data.get(at).copied() else { return };
        let body = at + 8;
        match (protocol, kind) {
            (1, 3 | 4 | 5 | 11 | 12) | (58, 1..=4) if depth < NESTING => {
                if (protocol, kind) == (1, 5) {
                    self.parts.push(Part::V4(at + 4));
                }
                if body < ends.end {
                    self.ip(body, ends.end, depth + 1, true);
                }
            }
            (58, 133..=137) => self.neighbour(kind, at, ends.end),
            (58, 130..=132) => self.parts.push(Part::V6(body)),
            (58, 143) => {
                // Reports of memberships (RFC 3810): the groups stand behind headers of four bytes.
                let mut from = body;
                while from + 20 <= ends.end {
                    self.parts.push(Part::V6(from + 4));
                    let sources = usize::from(be16(self.data, from + 2).unwrap_or(0));
                    let aux = usize::from(self.data.get(from + 1).copied().unwrap_or(0));
                    let rest = from + 20..(from + 20 + sources * 16 + aux * 4).min(ends.end);
                    from = rest.end;
                    self.parts.push(Part::Zero(rest));
                }
            }
            _ => self.parts.push(Part::Zero(body.min(ends.end)..ends.end)),
        }
    }

    /// Reads neighbour discovery (RFC 4861): addresses of neighbours, and options with more of them.
    fn neighbour(&mut self, kind: u8, at: usize, end: usize) {
        let mut from = at
            + match kind {
                133 => 8,
                134 => 16,
                137 => 40,
                _ => 24,
            };
        if kind > 134 {
            self.parts.push(Part::V6(at + 8));
        }
        if kind == 137 {
            self.parts.push(Part::V6(at + 24));
        }
        while let Some(&[option, length, ..]) = self.data.get(from..end) {
            let to = from + usize::from(length).max(1) * 8;
            match (option, length) {
                (1 | 2, 1) => self.parts.push(Part::Mac(from + 2)),
                (3, 4) => self.parts.push(Part::V6(from + 16)),
                (5, 1) => {}
                (25, _) => {
                    let addresses = (from + 8..to.min(end)).step_by(16);
                    self.parts.extend(addresses.map(Part::V6));
                }
                _ => self.parts.push(Part::Zero((from + 2).min(end)..to.min(end))),
            }
            from = to;
        }
    }
}
