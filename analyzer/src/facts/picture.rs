//! The picture of an attempt: its parties, and its frames from one to the other.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::frames::Frames;
use crate::model::{Ladder, Lane, Party, Passage, Path, Picture, Rung, Stage, StageState, Traffic};

/// Frames shown of one rung: the one that decides, and the first ones.
const PER_RUNG: usize = 6;
/// Names and addresses kept of one party.
const NAMES: usize = 4;

/// Draws an attempt.
pub(super) fn of(traffic: &Traffic, ladder: &Ladder) -> Picture {
    let marks = ladder.rungs.iter().flat_map(|rung| rung.marks.iter().map(|mark| mark.seen));
    let frames = Frames::of(traffic, marks);
    let mut parties = Parties::of(traffic, ladder);
    let mut passages = Vec::new();
    for rung in &ladder.rungs {
        passages.extend(of_rung(traffic, ladder, rung, &frames, &mut parties));
    }
    passages.sort_by(|one, other| {
        (one.after_us, &one.path, one.frame).cmp(&(other.after_us, &other.path, other.frame))
    });
    // Two rungs may rest on one frame: the one it decides shows it.
    let mut kept: Vec<Passage> = Vec::new();
    for passage in passages {
        match kept.iter_mut().find(|other| (&other.path, other.frame) == (&passage.path, passage.frame)) {
            Some(other) if passage.decides && !other.decides => *other = passage,
            Some(_) => {}
            None => kept.push(passage),
        }
    }
    Picture { lanes: parties.lanes(ladder, &kept), passages: kept }
}

fn of_rung(
    traffic: &Traffic,
    ladder: &Ladder,
    rung: &Rung,
    frames: &Frames,
    parties: &mut Parties,
) -> Vec<Passage> {
    let peer = usual(rung, ladder.path);
    let mut farewells = Vec::new();
    let mut out: Vec<Passage> = Vec::new();
    for (position, mark) in rung.marks.iter().enumerate().take(PER_RUNG) {
        let sent = frames.sent(mark.seen);
        let (from, to) = sent.map_or((Party::Endpoint, peer), |sent| {
            (parties.party(sent.from, rung, peer), parties.party(sent.to, rung, peer))
        });
        let tunnelled =
            |party: Party| party == Party::Proxy && above_proxy(rung.stage) && peer == Party::Server;
        let via = (tunnelled(from) || tunnelled(to)).then_some(Party::Proxy);
        let beyond = |party: Party| if tunnelled(party) { Party::Server } else { party };
        farewells.push(sent.is_none_or(|sent| sent.farewell));
        out.push(Passage {
            stage: rung.stage,
            state: rung.state,
            path: traffic
                .captures
                .get(usize::from(mark.seen.capture))
                .map(|file| file.path.clone())
                .unwrap_or_default(),
            frame: u64::from(mark.seen.frame),
            after_us: mark.seen.time.0.saturating_sub(ladder.start.time.0) / 1_000,
            from: beyond(from),
            to: beyond(to),
            via,
            what: mark.what.clone(),
            decides: position == 0,
            lost: false,
        });
    }
    let back: Vec<(Party, i64)> = out
        .iter()
        .filter(|passage| passage.to == Party::Endpoint)
        .map(|one| (one.from, one.after_us))
        .collect();
    for (passage, farewell) in out.iter_mut().zip(farewells) {
        let answered = back
            .iter()
            .any(|(from, at)| (*from == passage.to || *from == Party::Router) && *at >= passage.after_us);
        passage.lost = matches!(rung.state, StageState::Failed | StageState::Recovered)
            && passage.from == Party::Endpoint
            && !farewell
            && !answered;
    }
    out
}

fn above_proxy(stage: Stage) -> bool {
    stage > Stage::ProxyRequest && stage != Stage::TlsRevocation
}

/// Gives who is at the other end of a rung as a rule.
fn usual(rung: &Rung, path: Path) -> Party {
    match (rung.peer.role, rung.stage) {
        ("resolver", _) | (_, Stage::Dns) => Party::Resolver,
        (_, Stage::Discovery) => Party::Discovery,
        ("proxy", stage) if path == Path::Direct || !above_proxy(stage) => Party::Proxy,
        (_, Stage::ProxyConnect | Stage::ProxyAuth | Stage::ProxyRequest) => Party::Proxy,
        (_, Stage::TlsRevocation) => Party::Revocation,
        _ => Party::Server,
    }
}

/// Which address is who.
struct Parties {
    endpoint: IpAddr,
    known: BTreeMap<IpAddr, Party>,
    seen: BTreeMap<Party, Vec<IpAddr>>,
}

impl Parties {
    fn of(traffic: &Traffic, ladder: &Ladder) -> Self {
        let mut known: BTreeMap<IpAddr, Party> = BTreeMap::new();
        for rung in &ladder.rungs {
            let party = match (ladder.path, usual(rung, ladder.path)) {
                // What goes through a tunnel goes to the proxy's address.
                (Path::Proxy | Path::Socks, Party::Server) => Party::Proxy,
                (_, party) => party,
            };
            for address in &rung.peer.addresses {
                known.entry(*address).or_insert(party);
            }
        }
        for question in &traffic.questions {
            known.entry(question.server.ip()).or_insert(Party::Resolver);
        }
        for error in &traffic.icmp {
            known.entry(error.from).or_insert(Party::Router);
        }
        Self { endpoint: ladder.endpoint, known, seen: BTreeMap::new() }
    }

    fn party(&mut self, address: IpAddr, rung: &Rung, peer: Party) -> Party {
        if address == self.endpoint {
            return Party::Endpoint;
        }
        let party = self.known.get(&address).copied().unwrap_or(peer);
        // A resolver is asked on behalf of a rung; any other name for the peer of this rung would confuse.
        let own = rung.peer.addresses.contains(&address) && party != Party::Proxy;
        let party = if own && party != Party::Resolver { peer } else { party };
        let seen = self.seen.entry(party).or_default();
        if !seen.contains(&address) {
            seen.push(address);
        }
        party
    }

    /// Gives the parties that took part, and the server in any case.
    fn lanes(&self, ladder: &Ladder, passages: &[Passage]) -> Vec<Lane> {
        let mut parties: Vec<Party> = vec![Party::Endpoint, Party::Server];
        parties.extend(passages.iter().flat_map(|one| [Some(one.from), Some(one.to), one.via]).flatten());
        if ladder.path != Path::Direct {
            parties.push(Party::Proxy);
        }
        parties.sort_unstable();
        parties.dedup();
        parties.into_iter().map(|party| Lane { party, names: self.names(party, ladder) }).collect()
    }

    fn names(&self, party: Party, ladder: &Ladder) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        match party {
            Party::Endpoint => names.push(ladder.endpoint.to_string()),
            Party::Server => names.extend(ladder.target.clone()),
            _ => {
                let of_party = ladder.rungs.iter().filter(|rung| usual(rung, ladder.path) == party);
                names.extend(of_party.flat_map(|rung| rung.peer.names.iter().cloned()));
            }
        }
        names.extend(self.seen.get(&party).into_iter().flatten().map(ToString::to_string));
        let mut unique: Vec<String> = Vec::new();
        for name in names {
            if unique.len() < NAMES && !unique.contains(&name) {
                unique.push(name);
            }
        }
        unique
    }
}
