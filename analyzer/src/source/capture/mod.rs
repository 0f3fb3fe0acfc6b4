//! Packet captures: frames in, [`Traffic`] out.
//!
//! What packets say is read by `tetra_capture`; this module drives it over the captures of a bundle and keeps what may
//! matter to an update attempt.

mod convert;
mod hosts;
mod ledger;
mod neighbours;
mod questions;
mod retain;
use std::io::Read;
use std::net::SocketAddr;

use tetra_capture::link::{self, be16, be32};
use tetra_capture::packet::{Content, Decoder, Packet};
use tetra_capture::tcp::{Segment, Table};
use tetra_capture::{blocks, dns, icmp};

use self::hosts::Hosts;
use self::ledger::Ledger;
use self::neighbours::Neighbours;
use self::questions::{Envelope, Questions};
use crate::model::{
    App, CaptureFile, ClockSource, Endpoints, IcmpError, Locator, Role, Seen, Sink, Timestamp, Traffic,
};

/// ICMP errors kept.
const ERRORS: usize = 10_000;
/// Second clocks kept.
const CLOCKS: usize = 1_000;

/// Reads the captures of a bundle, in the order of their times, as one.
pub(crate) struct Reader<'a> {
    endpoints: &'a Endpoints,
    captures: Vec<CaptureFile>,
    decoder: Decoder,
    state: State<'a>,
}

struct State<'a> {
    endpoints: &'a Endpoints,
    table: Table<App>,
    questions: Questions,
    neighbours: Neighbours,
    hosts: Hosts,
    icmp: Vec<IcmpError>,
    ledger: Ledger,
}

impl<'a> Reader<'a> {
    /// Starts with nothing seen. `endpoints` tells which hosts and paths matter.
    pub fn new(endpoints: &'a Endpoints) -> Self {
        let ledger = Ledger::default();
        Self {
            endpoints,
            captures: Vec::new(),
            decoder: Decoder::default(),
            state: State {
                endpoints,
                table: Table::new(ledger.shelf.store.clone()),
                questions: Questions::default(),
                neighbours: Neighbours::default(),
                hosts: Hosts::default(),
                icmp: Vec::new(),
                ledger,
            },
        }
    }

    /// Reads one file to its end.
    pub fn read(&mut self, input: Box<dyn Read + Send + '_>, sink: &mut Sink) {
        let capture = u16::try_from(self.captures.len()).unwrap_or(u16::MAX);
        let mut unknown_link = None;
        let mut snap = 0;
        let Self { decoder, state, .. } = self;
        let end = blocks::read(input, &mut |frame| {
            if !link::known(frame.link) {
                unknown_link.get_or_insert((frame.link, frame.number));
                return;
            }
            if frame.data.len() < usize::try_from(frame.wire_len).unwrap_or(0) {
                snap = snap.max(u32::try_from(frame.data.len()).unwrap_or(0));
            }
            let seen =
                Seen { time: frame.time, frame: u32::try_from(frame.number).unwrap_or(u32::MAX), capture };
            decoder.decode(frame, &mut |content| state.content(seen, &content));
        });
        if let Some((link, number)) = unknown_link {
            let what = format!(
                "link type {link} is not known; frames of it are left out (known: Ethernet, raw IP, Linux cooked, loopback)"
            );
            sink.anomaly(Locator::Frame(number), what);
        }
        if let Some(cut) = &end.cut {
            sink.anomaly(Locator::Frame(end.frames), format!("the capture {cut}"));
        }
        self.captures.push(CaptureFile {
            path: sink.path().to_owned(),
            frames: end.frames,
            span: end.span,
            cut: end.cut,
            snap: (snap > 0).then_some(snap),
            comments: end.comments,
        });
    }

    /// Ends the reading and gives what was seen.
    pub fn finish(self) -> Traffic {
        let State { table, mut questions, neighbours, hosts, mut icmp, mut ledger, .. } = self.state;
        let mut traffic = retain::traffic(table, &mut questions, self.endpoints, &mut ledger);
        let mut clocks = ledger.clocks;
        icmp.sort_by_key(|error| error.at);
        retain::attach_errors(&icmp, &mut questions.list, &mut traffic.flows);
        clocks.sort_by_key(|clock| clock.1);
        clocks.truncate(CLOCKS);
        traffic.captures = self.captures;
        traffic.questions = questions.list;
        traffic.questions.sort_by_key(|question| {
            question.tries.first().copied().or(question.answers.first().map(|answer| answer.at))
        });
        traffic.icmp = icmp;
        traffic.neighbours = neighbours.answered_pairs();
        traffic.arp = neighbours.gaps();
        traffic.hosts = hosts.into_list();
        traffic.clocks = clocks;
        traffic
    }
}

impl State<'_> {
    fn content(&mut self, seen: Seen, content: &Content<'_>) {
        match content {
            Content::Arp(arp) => self.neighbours.arp(seen, *arp),
            Content::Ip(packet) => {
                self.hosts.packet(packet);
                match packet.protocol {
                    6 => self.tcp(seen, packet),
                    17 => self.udp(seen, packet),
                    1 => self.icmp(seen, packet),
                    58 => {
                        self.neighbours.icmp6(seen, packet.src, packet.payload);
                        self.icmp(seen, packet);
                    }
                    _ => {}
                }
            }
        }
    }

    fn tcp(&mut self, seen: Seen, packet: &Packet<'_>) {
        let Some(segment) = Segment::read(packet, seen) else { return };
        let Self { table, questions, endpoints, ledger, .. } = self;
        table.segment(&segment, &mut |flow, conversation| {
            ledger.settle(flow, conversation, questions, endpoints)
        });
    }

    fn icmp(&mut self, seen: Seen, packet: &Packet<'_>) {
        if self.icmp.len() < ERRORS
            && let Some(error) = icmp::read(packet, seen)
        {
            let copy = self.icmp.iter().rev().take(8).any(|known| {
                let same = (known.src, known.dst, known.kind, known.code)
                    == (error.src, error.dst, error.kind, error.code);
                same && seen.time.since(known.at.time) < 0.001
            });
            if !copy {
                self.icmp.push(error);
            }
        }
    }

    fn udp(&mut self, seen: Seen, packet: &Packet<'_>) {
        let bytes = packet.payload;
        let (Some(src_port), Some(dst_port)) = (be16(bytes, 0), be16(bytes, 2)) else { return };
        let length = be16(bytes, 4).map_or(0, usize::from);
        let end = if length >= 8 { length.min(bytes.len()) } else { bytes.len() };
        let Some(payload) = bytes.get(8..end) else { return };
        if src_port == 53 || dst_port == 53 {
            if let Ok(message) = dns::parse(payload) {
                let envelope = Envelope {
                    seen,
                    src: SocketAddr::new(packet.src, src_port),
                    dst: SocketAddr::new(packet.dst, dst_port),
                    tcp: false,
                    ip_id: packet.ip_id,
                };
                let endpoints = self.endpoints;
                self.questions
                    .message(envelope, &message, &|name| endpoints.role_of_question(name) != Role::Other);
            }
        } else if src_port == 123 {
            self.ntp(seen, payload);
        }
    }

    /// Notes the time a server of NTP gives (RFC 5905): mode 4, transmit timestamp at byte 40.
    fn ntp(&mut self, seen: Seen, payload: &[u8]) {
        /// Seconds from 1900 to 1970.
        const ERA: i64 = 2_208_988_800;
        let is_answer = payload.first().is_some_and(|first| first & 7 == 4);
        let Some(seconds) = be32(payload, 40).filter(|seconds| is_answer && *seconds > 0) else { return };
        // The counter wraps in 2036; what lies before 1980 belongs to the next era.
        let seconds = i64::from(seconds);
        let seconds = if seconds < ERA + 315_532_800 { seconds + (1 << 32) } else { seconds };
        if self.ledger.clocks.len() < CLOCKS {
            self.ledger.clocks.push((ClockSource::Ntp, seen, Timestamp::from_secs(seconds - ERA)));
        }
    }
}

#[cfg(test)]
mod tests;
