//! GRE, and what a mirroring switch puts behind it.

use tetra_capture::link::be16;

use super::layers::{Ends, Part, Walk};

impl Walk<'_> {
    pub(super) fn gre(&mut self, at: usize, ends: &Ends, depth: u8) {
        let (Some(flags), Some(protocol)) = (be16(self.data, at), be16(self.data, at + 2)) else { return };
        let extra = [0x8000, 0x2000, 0x1000].iter().filter(|flag| flags & **flag != 0).count() * 4;
        let body = at + 4 + extra;
        match protocol {
            0x88be if flags & 0x1000 == 0 => self.ethernet(body, ends.end, depth + 1),
            0x88be => self.ethernet(body + 8, ends.end, depth + 1),
            0x22eb => {
                let has_platform = self.data.get(body + 11).is_some_and(|byte| byte & 1 != 0);
                self.ethernet(body + if has_platform { 20 } else { 12 }, ends.end, depth + 1);
            }
            0x6558 => self.ethernet(body, ends.end, depth + 1),
            0x0800 | 0x86dd => self.ip(body, ends.end, depth + 1, ends.quoted),
            _ => self.parts.push(Part::Rest(body)),
        }
    }
}
