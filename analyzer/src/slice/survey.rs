//! The first pass: which connections the evidence lies in, how many packets each has, and which interfaces there are.

use tetra_bundle::Bundle;
use tetra_capture::link;
use tetra_capture::packet::{Content, Decoder};
use tetra_capture::tcp::Segment;
use tetra_capture::{Seen, blocks};

use super::Error;
use super::choose::{Plan, Share, ends};
use crate::model::Case;
use crate::progress::Progress;

/// Interfaces kept; no capture that a person made has more.
const INTERFACES: usize = 4_096;
/// Pieces of evidence remembered of one connection.
const SHOWN: usize = 1_000;

/// An interface of one of the captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    /// The capture.
    pub capture: usize,
    /// Its number there.
    pub number: u32,
    /// Link type.
    pub link: i32,
}

/// Reads the captures, in the order in which they were analysed, and gives every frame with its capture's position.
pub(super) fn read(
    bundle: &Bundle,
    case: &Case,
    progress: &Progress,
    handle: &mut dyn FnMut(usize, &blocks::Frame<'_>),
) -> Result<(), Error> {
    for (capture, file) in case.traffic.captures.iter().enumerate() {
        let Some(entry) = bundle.entries().iter().find(|entry| entry.path == file.path) else { continue };
        progress.doing(&file.path);
        let input = bundle.read(entry).map_err(Error::Again)?;
        blocks::read(Box::new(progress.reading(input)), &mut |frame| handle(capture, frame));
    }
    Ok(())
}

/// Completes the plan; gives the interfaces in the order in which they come.
pub(super) fn survey(
    bundle: &Bundle,
    case: &Case,
    plan: &mut Plan,
    progress: &Progress,
) -> Result<Vec<Interface>, Error> {
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut decoder = Decoder::default();
    read(bundle, case, progress, &mut |capture, frame| {
        let interface = Interface { capture, number: frame.interface, link: frame.link };
        // Most frames are of the interface that the one before came from.
        if !interfaces.iter().rev().any(|known| *known == interface) && interfaces.len() < INTERFACES {
            interfaces.push(interface);
        }
        if !link::known(frame.link) {
            return;
        }
        let is_evidence = plan.evidence.contains(&(capture, frame.number));
        decoder.decode(frame, &mut |content| {
            let Content::Ip(packet) = content else { return };
            if packet.protocol != 6 {
                return;
            }
            let seen = Seen { time: frame.time, ..Seen::default() };
            let Some(segment) = Segment::read(&packet, seen) else { return };
            let ends = ends(segment.src, segment.dst);
            let Some(position) = plan.flow_at(ends, frame.time) else {
                if is_evidence {
                    plan.unknown.insert(ends);
                }
                return;
            };
            let Some(flow) = plan.flows.get_mut(position) else { return };
            if is_evidence {
                flow.share = Share::Most;
                if flow.shown.len() < SHOWN {
                    flow.shown.push(flow.packets);
                }
            }
            flow.packets = flow.packets.saturating_add(1);
            flow.late = flow.late.saturating_add(u32::from(frame.time >= flow.paced));
        });
    })?;
    Ok(interfaces)
}
