//! What becomes of each frame in the second pass.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tetra_capture::blocks::Frame;
use tetra_capture::link;
use tetra_capture::packet::{Arp, Content, Decoder, Packet};
use tetra_capture::tcp::Segment;
use tetra_capture::{Map, Seen};

use super::choose::{Ends, Plan, Share, ends};

/// Packets kept at the begin and at the end of a connection, and of one that only bears witness.
const MOST: (u32, u32) = (200, 200);
const ENDS: (u32, u32) = (12, 6);
/// Packets kept before and after a piece of evidence.
const AROUND: u32 = 10;
/// Packets at the end of a connection that are kept to show its pace, without what they carry; a slow one has less than
/// this, and is kept whole there.
const PACED: u32 = 3_000;
const SLOW: u32 = 1_500;
/// Packets with SYN, FIN or RST kept of one connection wherever they stand.
const FLAGGED: u32 = 500;
/// Messages of ARP and neighbour discovery kept of one pair outside of attempts, and of anybody in all.
const LINK_PAIR: u32 = 3;
const LINK_PAIRS: usize = 4_096;
const LINK_NEAR: u32 = 500;
/// Flags FIN, SYN and RST.
const TURNS: u8 = 0x07;

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It is left out.
    #[default]
    Drop,
    /// It is kept without what it carries: so many bytes at its end are cut.
    Headers(usize),
    /// It is kept as it is.
    Keep,
}

/// Decides frame by frame.
#[derive(Debug)]
pub(super) struct Watch {
    plan: Plan,
    decoder: Decoder,
    /// Packets seen of each connection, and those kept for their flags.
    passed: Vec<(u32, u32)>,
    unknown: Map<Ends, u32>,
    /// Messages kept of each pair on the link: far from attempts, and near them.
    link: BTreeMap<(IpAddr, IpAddr), (u32, u32)>,
}

impl Watch {
    /// Begins with a plan that the survey has completed.
    pub fn new(plan: Plan) -> Self {
        let passed = vec![(0, 0); plan.flows.len()];
        Self { plan, decoder: Decoder::default(), passed, unknown: Map::default(), link: BTreeMap::new() }
    }

    /// Decides about a frame.
    pub fn fate(&mut self, capture: usize, frame: &Frame<'_>) -> Fate {
        let mut fate = Fate::Drop;
        let mut told = false;
        if link::known(frame.link) {
            let Self { plan, decoder, passed, unknown, link } = self;
            decoder.decode(frame, &mut |content| {
                told = true;
                let one = match content {
                    Content::Arp(arp) => arp_fate(plan, link, frame, arp),
                    Content::Ip(packet) if packet.protocol == 6 => tcp(plan, passed, unknown, frame, &packet),
                    Content::Ip(packet) if packet.protocol == 58 => neighbour(plan, link, frame, &packet),
                    Content::Ip(packet) => sign(plan, frame, &packet),
                };
                fate = fate.max(one);
            });
        }
        if self.plan.frames.contains(&(capture, frame.number)) {
            return Fate::Keep;
        }
        if !told && fragment(frame).is_some_and(|pair| self.plan.pairs.contains(&pair)) && self.near(frame) {
            return Fate::Keep;
        }
        fate
    }

    fn near(&self, frame: &Frame<'_>) -> bool {
        self.plan.is_within(frame.time)
    }
}

fn tcp(
    plan: &Plan,
    passed: &mut [(u32, u32)],
    unknown: &mut Map<Ends, u32>,
    frame: &Frame<'_>,
    packet: &Packet<'_>,
) -> Fate {
    let seen = Seen { time: frame.time, ..Seen::default() };
    let Some(segment) = Segment::read(packet, seen) else { return sign(plan, frame, packet) };
    let ends = ends(segment.src, segment.dst);
    let headers = || Fate::Headers(segment.payload.len());
    let Some(position) = plan.flow_at(ends, frame.time) else {
        if plan.unknown.contains(&ends) {
            let count = unknown.entry(ends).or_default();
            *count = count.saturating_add(1);
            return if *count <= MOST.0 { Fate::Keep } else { Fate::Drop };
        }
        let brief = plan.briefs.contains(&(segment.src.ip(), segment.dst, frame.time))
            || plan.briefs.contains(&(segment.dst.ip(), segment.src, frame.time));
        return if brief { headers() } else { sign(plan, frame, packet) };
    };
    let (Some(flow), Some((count, flagged))) = (plan.flows.get(position), passed.get_mut(position)) else {
        return Fate::Drop;
    };
    let place = *count;
    *count = count.saturating_add(1);
    let (head, tail) = match flow.share {
        Share::Nothing => return sign(plan, frame, packet),
        Share::Ends => ENDS,
        Share::Most => MOST,
    };
    if segment.flags & TURNS != 0 && *flagged < FLAGGED {
        *flagged = flagged.saturating_add(1);
        return Fate::Keep;
    }
    let shown = flow.shown.iter().any(|shown| shown.abs_diff(place) <= AROUND);
    let kept = place < head || place.saturating_add(tail) >= flow.packets || shown;
    let paced = frame.time >= flow.paced && place.saturating_add(PACED) >= flow.packets;
    match (kept, paced && flow.share == Share::Most) {
        (true, _) => Fate::Keep,
        (false, true) if flow.late <= SLOW => Fate::Keep,
        (false, true) => headers(),
        (false, false) => sign(plan, frame, packet),
    }
}

/// Keeps the headers of the last packets that an endpoint sent and received: they show how long it was alive.
fn sign(plan: &Plan, frame: &Frame<'_>, packet: &Packet<'_>) -> Fate {
    let last =
        plan.signs.contains(&(packet.src, frame.time)) || plan.signs.contains(&(packet.dst, frame.time));
    // Eight bytes behind the IP header hold the ports, and nothing that was said.
    if last { Fate::Headers(packet.payload.len().saturating_sub(8)) } else { Fate::Drop }
}

fn arp_fate(
    plan: &Plan,
    link: &mut BTreeMap<(IpAddr, IpAddr), (u32, u32)>,
    frame: &Frame<'_>,
    arp: Arp,
) -> Fate {
    on_link(plan, link, frame, (IpAddr::V4(arp.sender), IpAddr::V4(arp.target)))
}

fn neighbour(
    plan: &Plan,
    link: &mut BTreeMap<(IpAddr, IpAddr), (u32, u32)>,
    frame: &Frame<'_>,
    packet: &Packet<'_>,
) -> Fate {
    let target = || Some(Ipv6Addr::from(<[u8; 16]>::try_from(packet.payload.get(8..24)?).ok()?));
    match (packet.payload.first(), target()) {
        (Some(135 | 136), Some(target)) => on_link(plan, link, frame, (packet.src, IpAddr::V6(target))),
        _ => sign(plan, frame, packet),
    }
}

/// Keeps the first messages of each pair, and those that have to do with an endpoint near an attempt.
fn on_link(
    plan: &Plan,
    link: &mut BTreeMap<(IpAddr, IpAddr), (u32, u32)>,
    frame: &Frame<'_>,
    pair: (IpAddr, IpAddr),
) -> Fate {
    if link.len() >= LINK_PAIRS && !link.contains_key(&pair) {
        return Fate::Drop;
    }
    let (far, near) = link.entry(pair).or_default();
    let of_endpoint = plan.endpoints.contains(&pair.0) || plan.endpoints.contains(&pair.1);
    if of_endpoint && plan.is_within(frame.time) && *near < LINK_NEAR {
        *near = near.saturating_add(1);
        return Fate::Keep;
    }
    if *far < LINK_PAIR {
        *far = far.saturating_add(1);
        return Fate::Keep;
    }
    Fate::Drop
}

/// Gives between whom a frame goes that is a fragment of an IP packet, the lower address first.
fn fragment(frame: &Frame<'_>) -> Option<(IpAddr, IpAddr)> {
    let carried = link::strip(frame.link, frame.data)?;
    let (mut protocol, mut bytes) = (carried.protocol.0, carried.payload);
    while matches!(protocol, 0x8100 | 0x88a8 | 0x9100) {
        protocol = link::be16(bytes, 2)?;
        bytes = bytes.get(4..)?;
    }
    let (one, other) = match protocol {
        0x0800 if link::be16(bytes, 6)? & 0x3fff != 0 => (
            IpAddr::V4(Ipv4Addr::from(link::be32(bytes, 12)?)),
            IpAddr::V4(Ipv4Addr::from(link::be32(bytes, 16)?)),
        ),
        0x86dd if bytes.get(6) == Some(&44) => {
            let address = |at: usize| {
                let bytes = bytes.get(at..at.checked_add(16)?)?;
                Some(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)))
            };
            (address(8)?, address(24)?)
        }
        _ => return None,
    };
    Some((one.min(other), one.max(other)))
}
