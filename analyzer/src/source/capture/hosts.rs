//! Who took part in unicast traffic, and when.
use std::net::IpAddr;

use tetra_capture::Map;
use tetra_capture::packet::Packet;

use crate::model::HostSeen;

/// Hosts that are counted.
const COUNTED: usize = 50_000;

/// Counts packets per address. The last pair is remembered, for packets come in runs.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    list: Vec<HostSeen>,
    index: Map<IpAddr, usize>,
    recent: [Option<(IpAddr, usize)>; 2],
}

impl Hosts {
    /// Counts a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        if !unicast(packet.dst) || packet.src.is_unspecified() {
            return;
        }
        if let Some(host) = self.host(packet.src, 0) {
            host.sent = host.sent.saturating_add(1);
            host.last_out = Some(packet.time);
        }
        if let Some(host) = self.host(packet.dst, 1) {
            host.received = host.received.saturating_add(1);
            host.last_in = Some(packet.time);
        }
    }

    /// Gives all hosts, sorted by address.
    pub fn into_list(mut self) -> Vec<HostSeen> {
        self.list.sort_by_key(|host| host.address);
        self.list
    }

    fn host(&mut self, address: IpAddr, slot: usize) -> Option<&mut HostSeen> {
        let known = self.recent.iter().flatten().find(|(recent, _)| *recent == address).map(|(_, at)| *at);
        let position = match known.or_else(|| self.index.get(&address).copied()) {
            Some(position) => position,
            None if self.list.len() < COUNTED => {
                self.index.insert(address, self.list.len());
                self.list.push(HostSeen { address, sent: 0, received: 0, last_in: None, last_out: None });
                self.list.len() - 1
            }
            None => return None,
        };
        if known.is_none()
            && let Some(recent) = self.recent.get_mut(slot)
        {
            *recent = Some((address, position));
        }
        self.list.get_mut(position)
    }
}

/// Tells whether an address is one host's own, as far as the address alone can tell.
pub(crate) fn unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [.., last] = v4.octets();
            !v4.is_multicast() && !v4.is_broadcast() && last != 255
        }
        IpAddr::V6(v6) => !v6.is_multicast(),
    }
}
