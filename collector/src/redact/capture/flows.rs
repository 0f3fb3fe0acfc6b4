//! All connections of a capture: read once to know what becomes of each byte, and once more to write it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use tetra_capture::stream::{Both, Dir};
use tetra_capture::tcp::{Piece, Segment, Track};
use tetra_capture::{Seen, Timestamp};

use super::layers::Datagram;
use super::patch::Patches;
use super::talk::Talk;
use super::tls::Tools;

const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// Connections that are read at a time, bytes that they may hold, and connections that are known at all: what comes
/// beyond becomes zeros.
const LIVE: usize = 1024;
const HELD: usize = 12 * 1024 * 1024;
const KNOWN: usize = 40_000;
/// No connection yet, and none any more.
const NOT_YET: u32 = u32::MAX;
const NO_MORE: u32 = u32::MAX - 1;

/// One connection while it is read.
#[derive(Debug)]
struct Live {
    talk: Talk,
    tracks: Both<Track>,
}

/// One connection.
#[derive(Debug)]
struct Flow {
    client: SocketAddr,
    /// The sequence number of its SYN.
    isn: Option<u32>,
    live: Option<Box<Live>>,
    /// A segment came since it was looked at.
    touched: bool,
    patches: Both<Patches>,
    /// First sequence number of each direction, and the place of a recent one in the stream.
    bases: Both<Option<u32>>,
    recent: Both<Option<(u32, i64)>>,
    /// The one that follows between the same ends.
    next: u32,
}

/// All connections. Those between the same ends follow each other.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// The first connection between two ends, and the one that is read or written.
    index: HashMap<(SocketAddr, SocketAddr), (u32, u32)>,
    flows: Vec<Flow>,
    /// Those that are read, the one that was looked at first before.
    live: VecDeque<u32>,
    /// Bytes that they hold.
    held: usize,
}

impl Flows {
    /// Reads a segment.
    pub(super) fn read(&mut self, datagram: &Datagram, payload: &[u8], number: u64, tools: &mut Tools<'_>) {
        let Some((seq, ack, flags)) = datagram.tcp else { return };
        let key = key(datagram);
        let count = self.flows.len();
        if count >= KNOWN && !self.index.contains_key(&key) {
            return;
        }
        let (begin, now) = self.index.entry(key).or_insert((NOT_YET, NOT_YET));
        let current = at(&mut self.flows, *now);
        if current.as_ref().is_none_or(|flow| opens(flow, datagram)) && count < KNOWN {
            let number = u32::try_from(count).unwrap_or(NO_MORE);
            *current.map_or(begin, |flow| &mut flow.next) = number;
            *now = number;
            self.live.push_back(number);
            self.flows.push(Flow::new(datagram));
        }
        let Some(flow) = at(&mut self.flows, *now) else { return };
        let segment = Segment {
            seen: Seen { time: Timestamp(0), frame: u32::try_from(number).unwrap_or(u32::MAX), capture: 0 },
            interface: 0,
            src: datagram.src,
            dst: datagram.dst,
            seq,
            ack: if flags & ACK != 0 { ack } else { 0 },
            flags,
            window: u16::MAX,
            checksum: 0,
            payload,
            wire_len: u32::try_from(datagram.wire_len).unwrap_or(u32::MAX),
            ttl: 0,
            ip_id: None,
        };
        let before = flow.held();
        flow.read(&segment, tools);
        self.held = self.held.saturating_sub(before).saturating_add(flow.held());
        while self.live.len() > LIVE || (self.held > HELD && !self.live.is_empty()) {
            self.end_one(tools);
        }
    }

    /// Ends the reading of the connection that nothing was heard of for longest.
    fn end_one(&mut self, tools: &mut Tools<'_>) {
        let Some(number) = self.live.pop_front() else { return };
        let Some(flow) = at(&mut self.flows, number) else { return };
        if std::mem::take(&mut flow.touched) && self.held <= HELD {
            self.live.push_back(number);
            return;
        }
        self.held = self.held.saturating_sub(flow.held());
        flow.end(tools);
    }

    /// Ends the reading.
    pub(super) fn end(&mut self, tools: &mut Tools<'_>) {
        for flow in &mut self.flows {
            flow.end(tools);
        }
        // No order is told apart here.
        #[expect(clippy::iter_over_hash_type, reason = "each is set to the same, whichever comes first")]
        for (_, now) in self.index.values_mut() {
            *now = NOT_YET;
        }
    }

    /// Gives the payload of a segment as it is to be written.
    pub(super) fn write(&mut self, datagram: &Datagram, payload: &[u8]) -> Vec<u8> {
        let zeros = || vec![0; payload.len()];
        let Some((begin, now)) = self.index.get_mut(&key(datagram)) else { return zeros() };
        let current = at(&mut self.flows, *now);
        if current.as_ref().is_none_or(|flow| opens(flow, datagram)) {
            *now = match current {
                Some(flow) => flow.next,
                None if *now == NOT_YET => *begin,
                None => NO_MORE,
            };
        }
        let Some(flow) = at(&mut self.flows, *now) else { return zeros() };
        flow.write(datagram, payload)
    }
}

fn at(flows: &mut [Flow], number: u32) -> Option<&mut Flow> {
    flows.get_mut(usize::try_from(number).ok()?)
}

fn key(datagram: &Datagram) -> (SocketAddr, SocketAddr) {
    (datagram.src.min(datagram.dst), datagram.src.max(datagram.dst))
}

/// Says whether a segment opens another connection than this one, between the same ends.
fn opens(flow: &Flow, datagram: &Datagram) -> bool {
    datagram.tcp.is_some_and(|(seq, _, flags)| {
        flags & (SYN | ACK | RST) == SYN && (flow.isn != Some(seq) || flow.client != datagram.src)
    })
}

impl Flow {
    fn new(datagram: &Datagram) -> Self {
        let (seq, _, flags) = datagram.tcp.unwrap_or_default();
        let (src, dst) = (datagram.src, datagram.dst);
        let from_server = match flags & (SYN | ACK) {
            SYN => false,
            flags if flags == SYN | ACK => true,
            // Joined late: servers have the lower port.
            _ => src.port() < dst.port() && (src.port() < 1024 || dst.port() >= 32_768),
        };
        let (client, server) = if from_server { (dst, src) } else { (src, dst) };
        let isn = (flags & (SYN | ACK | RST) == SYN).then_some(seq);
        let live = Live { talk: Talk::new(server), tracks: Both::default() };
        let (patches, bases, recent) = (Both::default(), Both::default(), Both::default());
        Self {
            client,
            isn,
            live: Some(Box::new(live)),
            touched: false,
            patches,
            bases,
            recent,
            next: NO_MORE,
        }
    }

    fn dir(&self, src: SocketAddr) -> (Dir, Dir) {
        if src == self.client { (Dir::ToServer, Dir::ToClient) } else { (Dir::ToClient, Dir::ToServer) }
    }

    fn read(&mut self, segment: &Segment<'_>, tools: &mut Tools<'_>) {
        let (dir, back) = self.dir(segment.src);
        let Some(live) = &mut self.live else { return };
        self.touched = true;
        let Live { talk, tracks } = &mut **live;
        let first = |base: &mut Option<u32>, track: &mut Track, seq: u32| {
            if base.is_none() {
                *base = Some(*track.next.get_or_insert(seq));
            }
        };
        if segment.flags & SYN != 0 {
            first(self.bases.get_mut(dir), tracks.get_mut(dir), segment.seq.wrapping_add(1));
        }
        if segment.flags & RST != 0 {
            return;
        }
        if segment.flags & ACK != 0 {
            let track = tracks.get_mut(back);
            first(self.bases.get_mut(back), track, segment.ack);
            track.acknowledged(segment.ack, &mut |piece| pass(talk, back, piece, tools));
        }
        if segment.wire_len > 0 && segment.flags & SYN == 0 {
            let track = tracks.get_mut(dir);
            first(self.bases.get_mut(dir), track, segment.seq);
            track.payload(segment, &mut |piece| pass(talk, dir, piece, tools));
        }
    }

    /// Counts the bytes that are held of it.
    fn held(&self) -> usize {
        self.live
            .as_ref()
            .map_or(0, |live| live.talk.held() + live.tracks.to_server.held() + live.tracks.to_client.held())
    }

    fn end(&mut self, tools: &mut Tools<'_>) {
        if let Some(live) = self.live.take() {
            self.patches = live.talk.end(tools);
        }
    }

    fn write(&mut self, datagram: &Datagram, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0; payload.len()];
        let (dir, _) = self.dir(datagram.src);
        let (Some((seq, _, _)), Some(base)) = (datagram.tcp, *self.bases.get(dir)) else { return out };
        let (known, place) = self.recent.get_mut(dir).get_or_insert((base, 0));
        let at = place.saturating_add(i64::from(seq.wrapping_sub(*known).cast_signed()));
        if at > *place {
            (*known, *place) = (seq, at);
        }
        // What lies before the first byte that was waited for belongs to nothing.
        let before = usize::try_from(at.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let at = u64::try_from(at.max(0)).unwrap_or(0);
        if let (Some(source), Some(target)) = (payload.get(before..), out.get_mut(before..)) {
            target.copy_from_slice(&self.patches.get(dir).apply(at, source));
        }
        out
    }
}

fn pass(talk: &mut Talk, dir: Dir, piece: Piece<'_>, tools: &mut Tools<'_>) {
    match piece {
        Piece::Data(_, bytes) => talk.data(dir, bytes, tools),
        Piece::Gap(_, missing) => talk.gap(dir, missing, tools),
    }
}
