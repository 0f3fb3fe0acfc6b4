//! The one loop over `pcap_parser`'s streaming readers: bytes in, frames out, for pcap and pcapng.
//!
//! Frames are numbered from 1 as Wireshark counts. A file that is cut in the middle of a record, or that turns to
//! nonsense, ends the loop with a note; what came before counts.

use std::io::{Cursor, Read};

use pcap_parser::pcapng::Block;
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{PcapBlockOwned, PcapError, create_reader};

use crate::Timestamp;

/// Size of the read buffer in bytes; most blocks are far smaller.
const BUFFER: usize = 512 * 1024;
/// Largest block in bytes that is read; a larger one ends the file.
const LARGEST_BLOCK: usize = 16 * 1024 * 1024;

/// One captured frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Number, counted from 1 over the whole file.
    pub number: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// Number of the interface within the file, counted over all sections.
    pub interface: u32,
    /// Link type (`LINKTYPE_…` of tcpdump.org).
    pub link: i32,
    /// The bytes captured.
    pub data: &'a [u8],
    /// Length of the frame on the wire, in bytes.
    pub wire_len: u32,
}

/// How reading ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Frames read.
    pub frames: u64,
    /// First and last time, if any frame was read.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Why the file ended before its end; `None` where it ended well.
    pub cut: Option<String>,
    /// Comments of the file and of packets (at most 20), with the frame number (0 for the file's).
    pub comments: Vec<(u64, String)>,
}

/// What an interface of a pcapng file says about its packets.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: i32,
    units_per_second: u64,
    offset: i64,
}

/// State of the walk over the blocks of one file.
#[derive(Default)]
struct Walk {
    /// pcap: link type and whether times are nanoseconds.
    legacy: Option<(i32, bool)>,
    interfaces: Vec<Interface>,
    /// Interfaces of earlier sections.
    earlier: u32,
    last_time: Timestamp,
    end: End,
}

/// Gives the earliest time among the frames in a capture's first mebibyte.
pub fn first_time(input: Box<dyn Read + Send + '_>) -> Option<Timestamp> {
    let head: Box<dyn Read + Send + '_> = Box::new(input.take(1 << 20));
    read(head, &mut |_| {}).span.map(|(first, _)| first)
}

/// Reads every frame of a capture in order.
pub fn read(input: Box<dyn Read + Send + '_>, handle: &mut dyn FnMut(&Frame<'_>)) -> End {
    let mut walk = Walk::default();
    let mut input = input;
    // The reader looks at the first bytes it gets in one piece; an inflating reader may give few at a time.
    let mut head = Vec::new();
    if let Err(error) = input.by_ref().take(64 * 1024).read_to_end(&mut head) {
        walk.end.cut = Some(format!("cannot be read: {error}"));
        return walk.end;
    }
    if head.is_empty() {
        walk.end.cut = Some("is empty".to_owned());
        return walk.end;
    }
    // A file that is whole already needs no more room than its own bytes take, and some to spare.
    let is_whole = head.len() < 64 * 1024;
    let mut size =
        if is_whole { BUFFER.min(head.len().saturating_mul(2).saturating_add(1024)) } else { BUFFER };
    let failure = ReadFailure::default();
    let input = Watched { inner: input, failure: &failure };
    let mut reader = match create_reader(size, Cursor::new(head).chain(input)) {
        Ok(reader) => reader,
        Err(_) => {
            walk.end.cut = Some("has no pcap or pcapng header".to_owned());
            return walk.end;
        }
    };
    loop {
        if walk.legacy.is_none() && is_short_process_block(reader.data()) {
            walk.cut("is not readable further");
            break;
        }
        match reader.next() {
            Ok((length, block)) => {
                walk.block(&block, handle);
                // Without a shift: half of the buffer would be moved each time; `refill` moves what little is left.
                reader.consume_noshift(length);
            }
            Err(PcapError::Eof) => break,
            Err(PcapError::Incomplete(_)) => {
                if reader.refill().is_err() {
                    break;
                }
            }
            Err(PcapError::BufferTooSmall) if size < LARGEST_BLOCK => {
                size *= 4;
                if !reader.grow(size) || reader.refill().is_err() {
                    walk.cut("a block is too large");
                    break;
                }
            }
            Err(PcapError::UnexpectedEof) => {
                walk.cut("ends in the middle of a record");
                break;
            }
            Err(PcapError::ReadError) => break,
            Err(_) => {
                walk.cut("is not readable further");
                break;
            }
        }
    }
    drop(reader);
    if let Some(error) = failure.0.into_inner().unwrap_or(None) {
        walk.cut(&format!("cannot be read further: {error}"));
    }
    walk.end
}

/// Tells whether a block of process information says that it is shorter than any block: `pcap_parser` subtracts before it looks.
fn is_short_process_block(data: &[u8]) -> bool {
    let Some((kind, behind)) = data.split_first_chunk::<4>() else { return false };
    let Some((length, _)) = behind.split_first_chunk::<4>() else { return false };
    let length = match kind {
        [1, 0, 0, 0x80] => u32::from_le_bytes(*length),
        [0x80, 0, 0, 1] => u32::from_be_bytes(*length),
        _ => return false,
    };
    length < 12
}

/// The first error of the input, which `pcap_parser` does not pass on. (A mutex because its readers must be `Send`.)
#[derive(Default)]
struct ReadFailure(std::sync::Mutex<Option<String>>);

struct Watched<'a, R> {
    inner: R,
    failure: &'a ReadFailure,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer).or_else(|error| {
            if let Ok(mut failure) = self.failure.0.lock() {
                *failure = Some(error.to_string());
            }
            // What was read so far is still in the buffer and is worth having.
            Ok(0)
        })
    }
}

impl Walk {
    fn cut(&mut self, why: &str) {
        self.end.cut.get_or_insert_with(|| format!("{why} after frame {}", self.end.frames));
    }

    fn block(&mut self, block: &PcapBlockOwned<'_>, handle: &mut dyn FnMut(&Frame<'_>)) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                self.legacy = Some((header.network.0 & 0x0fff_ffff, header.is_nanosecond_precision()));
            }
            PcapBlockOwned::Legacy(packet) => {
                let Some((link, nanoseconds)) = self.legacy else { return };
                let fraction = i64::from(packet.ts_usec) * if nanoseconds { 1 } else { 1000 };
                let time = Timestamp(i64::from(packet.ts_sec) * 1_000_000_000 + fraction);
                self.frame(time, 0, link, packet.data, packet.origlen, handle);
            }
            PcapBlockOwned::NG(Block::SectionHeader(section)) => {
                self.earlier = self.earlier.saturating_add(u32::try_from(self.interfaces.len()).unwrap_or(0));
                self.interfaces.clear();
                self.comments(&section.options);
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
                let resolution = description.if_tsresol;
                let units_per_second = if resolution & 0x80 == 0 {
                    10u64.checked_pow(u32::from(resolution))
                } else {
                    1u64.checked_shl(u32::from(resolution & 0x7f))
                };
                // More interfaces than this are no capture that a person made.
                if self.interfaces.len() < 4096 {
                    self.interfaces.push(Interface {
                        link: description.linktype.0,
                        units_per_second: units_per_second.unwrap_or(1_000_000),
                        offset: description.if_tsoffset,
                    });
                }
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let at = usize::try_from(packet.if_id).ok().and_then(|id| self.interfaces.get(id)).copied();
                let Some(interface) = at else {
                    self.end.frames += 1;
                    return;
                };
                let time = time_of(ticks, interface);
                self.comments(&packet.options);
                let number = self.earlier.saturating_add(packet.if_id);
                self.frame(time, number, interface.link, packet.packet_data(), packet.origlen, handle);
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let link = self.interfaces.first().map_or(-1, |interface| interface.link);
                // A simple packet has no time of its own: the one before is the best guess.
                self.frame(self.last_time, self.earlier, link, packet.packet_data(), packet.origlen, handle);
            }
            PcapBlockOwned::NG(_) => {}
        }
    }

    fn comments(&mut self, options: &[pcap_parser::pcapng::PcapNGOption<'_>]) {
        for option in options {
            if option.code == pcap_parser::pcapng::OptionCode::Comment && self.end.comments.len() < 20 {
                let value = option.as_bytes().unwrap_or_default();
                let text = String::from_utf8_lossy(value).chars().take(200).collect();
                self.end.comments.push((self.end.frames + 1, text));
            }
        }
    }

    fn frame(
        &mut self,
        time: Timestamp,
        interface: u32,
        link: i32,
        data: &[u8],
        wire_len: u32,
        handle: &mut dyn FnMut(&Frame<'_>),
    ) {
        self.end.frames += 1;
        self.last_time = time;
        let span = self.end.span.get_or_insert((time, time));
        span.0 = span.0.min(time);
        span.1 = span.1.max(time);
        handle(&Frame { number: self.end.frames, time, interface, link, data, wire_len });
    }
}

/// Turns the ticks of an interface into a time; times beyond the year 2262 are pinned.
fn time_of(ticks: u64, interface: Interface) -> Timestamp {
    let units = interface.units_per_second.max(1);
    let seconds = i64::try_from(ticks / units).unwrap_or(i64::MAX).saturating_add(interface.offset);
    let fraction = u128::from(ticks % units) * 1_000_000_000 / u128::from(units);
    let fraction = i64::try_from(fraction).unwrap_or(0);
    Timestamp(seconds.saturating_mul(1_000_000_000).saturating_add(fraction))
}

#[cfg(test)]
mod tests;
