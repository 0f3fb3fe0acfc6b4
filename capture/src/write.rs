//! Writes pcapng files: sections, interfaces, packets and comments; what a file says of machine, user or keys is never
//! written.
//!
//! Blocks are little-endian, times are nanoseconds. A packet's length on the wire is kept, so that a frame may be
//! written cut, as a snap length does it.

use std::io::{self, Write};

use crate::Timestamp;

/// Block types of <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html>.
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// Option codes.
const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const INTERFACE_NAME: u16 = 2;
const TIME_RESOLUTION: u16 = 9;
/// Longest value of an option in bytes: its length is a 16-bit number.
const LONGEST_OPTION: usize = u16::MAX as usize;

/// What is written of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Interface<'a> {
    /// Link type (`LINKTYPE_…` of tcpdump.org).
    pub link: i32,
    /// Most bytes captured of a frame; 0 for no limit.
    pub snap_length: u32,
    /// Name, if one is to be shown.
    pub name: Option<&'a str>,
}

/// What is written of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number of the interface within the section, as [`Writer::interface`] gave it.
    pub interface: u32,
    /// When it was captured; times before 1970 are written as 1970.
    pub time: Timestamp,
    /// The bytes captured.
    pub data: &'a [u8],
    /// Length of the frame on the wire, in bytes.
    pub wire_len: u32,
    /// Comments that go with it.
    pub comments: &'a [&'a str],
}

/// A pcapng file in the making.
///
/// ```
/// # use tetra_capture::{Timestamp, write::{Interface, Packet, Writer}};
/// # fn example() -> std::io::Result<()> {
/// let mut writer = Writer::begin(Vec::new(), &["made by hand"])?;
/// let interface = writer.interface(Interface { link: 1, snap_length: 0, name: None })?;
/// let time = Timestamp::from_secs(1_700_000_000);
/// writer.packet(Packet { interface, time, data: &[0; 60], wire_len: 1514, comments: &[] })?;
/// let file = writer.finish()?;
/// # assert_eq!(file.len() % 4, 0);
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    /// Interfaces described in the section so far.
    interfaces: u32,
    /// Body of the block being made.
    body: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a file with its first section.
    pub fn begin(out: W, comments: &[&str]) -> io::Result<Self> {
        let mut writer = Self { out, interfaces: 0, body: Vec::new() };
        writer.section(comments)?;
        Ok(writer)
    }

    /// Begins a further section; interfaces are counted anew in it.
    pub fn section(&mut self, comments: &[&str]) -> io::Result<()> {
        self.interfaces = 0;
        self.u32(0x1a2b_3c4d);
        self.u16(1);
        self.u16(0);
        // The length of the section is not known beforehand.
        self.u32(u32::MAX);
        self.u32(u32::MAX);
        self.comments(comments);
        self.block(SECTION_HEADER)
    }

    /// Describes an interface; gives its number within the section.
    pub fn interface(&mut self, interface: Interface<'_>) -> io::Result<u32> {
        let link = u16::try_from(interface.link)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "link type out of range"))?;
        self.u16(link);
        self.u16(0);
        self.u32(interface.snap_length);
        if let Some(name) = interface.name {
            self.option(INTERFACE_NAME, name.as_bytes());
        }
        self.option(TIME_RESOLUTION, &[9]);
        self.u16(END_OF_OPTIONS);
        self.u16(0);
        self.block(INTERFACE_DESCRIPTION)?;
        let number = self.interfaces;
        self.interfaces = self.interfaces.saturating_add(1);
        Ok(number)
    }

    /// Writes a packet; it fails for an interface that the section does not have.
    pub fn packet(&mut self, packet: Packet<'_>) -> io::Result<()> {
        if packet.interface >= self.interfaces {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such interface"));
        }
        let captured = u32::try_from(packet.data.len())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "frame too long"))?;
        let [t0, t1, t2, t3, t4, t5, t6, t7] = u64::try_from(packet.time.0).unwrap_or(0).to_le_bytes();
        self.u32(packet.interface);
        self.body.extend_from_slice(&[t4, t5, t6, t7, t0, t1, t2, t3]);
        self.u32(captured);
        self.u32(packet.wire_len.max(captured));
        self.body.extend_from_slice(packet.data);
        self.pad();
        self.comments(packet.comments);
        self.block(ENHANCED_PACKET)
    }

    /// Flushes what is written and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn u16(&mut self, value: u16) {
        self.body.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.body.extend_from_slice(&value.to_le_bytes());
    }

    fn pad(&mut self) {
        self.body.resize(self.body.len().next_multiple_of(4), 0);
    }

    fn comments(&mut self, comments: &[&str]) {
        if comments.is_empty() {
            return;
        }
        for comment in comments {
            let end = comment.floor_char_boundary(LONGEST_OPTION);
            self.option(COMMENT, comment.get(..end).unwrap_or_default().as_bytes());
        }
        self.u16(END_OF_OPTIONS);
        self.u16(0);
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        let Ok(length) = u16::try_from(value.len()) else { return };
        self.u16(code);
        self.u16(length);
        self.body.extend_from_slice(value);
        self.pad();
    }

    /// Writes the body as a block of a type, and begins a new body.
    fn block(&mut self, kind: u32) -> io::Result<()> {
        let length = u32::try_from(self.body.len().saturating_add(12))
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "block too long"))?;
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&self.body)?;
        self.out.write_all(&length.to_le_bytes())?;
        self.body.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks;

    /// Writes two sections with two kinds of links, cut frames of all lengths and comments.
    fn sample() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), &["first", "日本"]).unwrap();
        let ethernet =
            writer.interface(Interface { link: 1, snap_length: 96, name: Some("Ethernet") }).unwrap();
        let raw = writer.interface(Interface { link: 101, snap_length: 0, name: None }).unwrap();
        for (length, interface) in [(0, ethernet), (1, raw), (2, ethernet), (3, raw)] {
            let data = vec![0xab; length];
            let time = Timestamp(1_700_000_000_123_456_789 + i64::try_from(length).unwrap());
            writer
                .packet(Packet { interface, time, data: &data, wire_len: 1514, comments: &["seen"] })
                .unwrap();
        }
        writer.section(&[]).unwrap();
        let linux = writer.interface(Interface { link: 276, snap_length: 0, name: None }).unwrap();
        let time = Timestamp(i64::MAX);
        writer.packet(Packet { interface: linux, time, data: &[1; 20], wire_len: 4, comments: &[] }).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = sample();
        let mut frames = Vec::new();
        let end = blocks::read(Box::new(file.as_slice()), &mut |frame| {
            frames.push((frame.interface, frame.link, frame.data.len(), frame.wire_len, frame.time.0));
        });
        assert_eq!(end.cut, None);
        let start = 1_700_000_000_123_456_789;
        assert_eq!(
            frames,
            [
                (0, 1, 0, 1514, start),
                (1, 101, 1, 1514, start + 1),
                (0, 1, 2, 1514, start + 2),
                (1, 101, 3, 1514, start + 3),
                (2, 276, 20, 20, i64::MAX),
            ]
        );
        let comments: Vec<&str> = end.comments.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(comments, ["first", "日本", "seen", "seen", "seen", "seen"]);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let mut writer = Writer::begin(Vec::new(), &[]).unwrap();
        assert!(writer.interface(Interface { link: -1, snap_length: 0, name: None }).is_err());
        let packet = Packet { interface: 0, time: Timestamp(0), data: &[], wire_len: 0, comments: &[] };
        assert!(writer.packet(packet).is_err());
    }

    #[test]
    fn a_comment_that_is_too_long_is_cut_between_characters() {
        let long = "é".repeat(40_000);
        let mut writer = Writer::begin(Vec::new(), &[]).unwrap();
        let interface = writer.interface(Interface { link: 1, snap_length: 0, name: None }).unwrap();
        let comments: &[&str] = &[&long];
        writer.packet(Packet { interface, time: Timestamp(0), data: &[1], wire_len: 1, comments }).unwrap();
        let file = writer.finish().unwrap();
        let end = blocks::read(Box::new(file.as_slice()), &mut |_| {});
        assert_eq!((end.cut, end.frames), (None, 1));
        assert_eq!(end.comments, [(1, "é".repeat(200))]);
    }
}
