//! The second pass: writes the frames that are kept.

use std::io::{self, Write};

use tetra_bundle::Bundle;
use tetra_capture::blocks::Frame;
use tetra_capture::write::{Interface as Described, Packet, Writer};

use super::choose::Plan;
use super::notes::Notes;
use super::survey::{Interface, read};
use super::watch::{Fate, Watch};
use super::{Error, Written};
use crate::model::{CaptureFile, Case};
use crate::progress::Progress;
use crate::report::text::clean;

/// Bytes kept of a frame that only shows how far a capture goes: its addresses, and nothing of what it carries.
const OUTERMOST: usize = 32;

/// What is to be written.
pub(super) struct Order {
    /// Which frames.
    pub plan: Plan,
    /// What is said of them.
    pub notes: Notes,
    /// The interfaces they come from.
    pub interfaces: Vec<Interface>,
    /// What is said of the file.
    pub about: Vec<String>,
}

/// Writes the slice.
pub(super) fn write<W: Write>(
    bundle: &Bundle,
    case: &Case,
    order: Order,
    out: W,
    progress: &Progress,
) -> Result<io::Result<Written>, Error> {
    let Order { plan, notes, interfaces, about } = order;
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let begun = Writer::begin(out, &about).and_then(|mut writer| {
        for interface in &interfaces {
            let path = case.traffic.captures.get(interface.capture).map_or("", |file| file.path.as_str());
            let name = clean(&format!("{path} #{}", interface.number));
            writer.interface(Described { link: interface.link, snap_length: 0, name: Some(&name) })?;
        }
        Ok(writer)
    });
    let mut writer = match begun {
        Ok(writer) => writer,
        Err(error) => return Ok(Err(error)),
    };
    let mut watch = Watch::new(plan);
    let mut written = Written::default();
    let mut failed = None;
    let mut edges: Vec<Edges> = case.traffic.captures.iter().map(Edges::of).collect();
    read(bundle, case, progress, &mut |capture, frame| {
        written.of = written.of.saturating_add(1);
        let fate = watch.fate(capture, frame);
        let edge = edges.get_mut(capture).and_then(|edges| edges.pass(frame));
        let Some(length) = kept(frame, fate, edge.is_some()) else { return };
        let of = Interface { capture, number: frame.interface, link: frame.link };
        let (Some(number), None) = (interfaces.iter().position(|known| *known == of), &failed) else {
            return;
        };
        let path = case.traffic.captures.get(capture).map_or("", |file| file.path.as_str());
        let comment = notes.comment(path, frame.number, edge);
        let comments: Vec<&str> = comment.iter().map(String::as_str).collect();
        let packet = Packet {
            interface: u32::try_from(number).unwrap_or(u32::MAX),
            time: frame.time,
            data: frame.data.get(..length).unwrap_or(frame.data),
            wire_len: frame.wire_len,
            comments: &comments,
        };
        failed = writer.packet(packet).err();
        written.frames = written.frames.saturating_add(1);
        written.commented = written.commented.saturating_add(u64::from(comment.is_some()));
    })?;
    Ok(match failed {
        Some(error) => Err(error),
        None => writer.finish().map(|_| written),
    })
}

/// Gives how many bytes of a frame are kept; `None` for none of it.
fn kept(frame: &Frame<'_>, fate: Fate, is_edge: bool) -> Option<usize> {
    match fate {
        Fate::Keep => Some(frame.data.len()),
        Fate::Headers(carried) => Some(frame.data.len().saturating_sub(carried)),
        Fate::Drop => is_edge.then_some(OUTERMOST.min(frame.data.len())),
    }
}

/// The first and the last frame of a capture, by their times: they say from when to when it was listening.
struct Edges<'a> {
    file: &'a CaptureFile,
    first: bool,
    last: bool,
}

impl<'a> Edges<'a> {
    fn of(file: &'a CaptureFile) -> Self {
        Self { file, first: false, last: false }
    }

    fn pass(&mut self, frame: &Frame<'_>) -> Option<&'static str> {
        let (from, to) = self.file.span?;
        if frame.time == from && !self.first {
            self.first = true;
            return Some("the capture begins here");
        }
        if frame.time == to && !self.last {
            self.last = true;
            return Some("the capture ends here");
        }
        None
    }
}
