//! Addresses asked for on the link, by ARP and by IPv6 neighbour solicitation (RFC 4861), and never answered.
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use tetra_capture::packet::Arp;

use crate::model::{ArpGap, Seen};

/// Addresses asked for that are watched.
const WATCHED: usize = 4096;
/// Requests before silence means anything.
const ENOUGH: u32 = 3;

/// Requests and answers on the link.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    asked: BTreeMap<(IpAddr, IpAddr), Asked>,
    present: BTreeSet<IpAddr>,
}

#[derive(Debug)]
struct Asked {
    first: Seen,
    last: Seen,
    tries: u32,
}

impl Neighbours {
    /// Takes an ARP message.
    pub fn arp(&mut self, seen: Seen, arp: Arp) {
        if !arp.sender.is_unspecified() {
            self.answered(IpAddr::V4(arp.sender));
        }
        if arp.operation == 1 && arp.sender != arp.target && !arp.sender.is_unspecified() {
            self.asks(seen, IpAddr::V4(arp.sender), IpAddr::V4(arp.target));
        }
    }

    /// Takes an ICMPv6 message: solicitation (135) or advertisement (136) with the target at byte 8.
    pub fn icmp6(&mut self, seen: Seen, src: IpAddr, message: &[u8]) {
        let target = || {
            let bytes: [u8; 16] = message.get(8..24)?.try_into().ok()?;
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        };
        match (message.first(), target()) {
            (Some(135), Some(target)) if !src.is_unspecified() => self.asks(seen, src, target),
            (Some(136), Some(target)) => self.answered(target),
            _ => {}
        }
    }

    /// Gives who was asked for in vain.
    pub fn gaps(&self) -> Vec<ArpGap> {
        let in_vain = |target: &IpAddr| !self.present.contains(target);
        let askers = |target: IpAddr| self.asked.keys().filter(move |(_, asked)| *asked == target).count();
        self.asked
            .iter()
            .filter(|((_, target), asked)| asked.tries >= ENOUGH && in_vain(target))
            .map(|((asker, target), asked)| ArpGap {
                asker: *asker,
                target: *target,
                first: asked.first,
                last: asked.last,
                tries: asked.tries,
                other_askers: u32::try_from(askers(*target).saturating_sub(1)).unwrap_or(u32::MAX),
            })
            .take(64)
            .collect()
    }

    /// Gives who asked for whom and was answered, sorted.
    pub fn answered_pairs(&self) -> Vec<(IpAddr, IpAddr)> {
        self.asked.keys().filter(|(_, target)| self.present.contains(target)).copied().take(256).collect()
    }

    fn answered(&mut self, address: IpAddr) {
        if self.present.len() < WATCHED {
            self.present.insert(address);
        }
    }

    fn asks(&mut self, seen: Seen, asker: IpAddr, target: IpAddr) {
        if let Some(asked) = self.asked.get_mut(&(asker, target)) {
            // The same request at another layer or interface.
            if seen.time.since(asked.last.time) > 0.05 {
                asked.tries = asked.tries.saturating_add(1);
                asked.last = seen;
            }
        } else if self.asked.len() < WATCHED {
            self.asked.insert((asker, target), Asked { first: seen, last: seen, tries: 1 });
        }
    }
}

#[cfg(test)]
mod tests;
