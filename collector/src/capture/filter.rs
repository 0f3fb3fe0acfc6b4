//! Which packets are captured: those that an update can be made of.

use std::collections::BTreeSet;

/// Name lookups, HTTP for revocation checks, HTTPS.
const ALWAYS: [u16; 3] = [53, 80, 443];
/// Ports that proxies usually listen on: taken where the policy cannot be read, and no proxy is known.
const USUAL: [u16; 3] = [1080, 3128, 8080];

/// Which packets are captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those of these ports, and the complaints of the network about them.
    Ports(BTreeSet<u16>),
}

impl Filter {
    /// Makes the filter for the ports that are known of the proxy and the update server.
    #[must_use]
    pub fn new(known: &[u16], proxy_known: bool) -> Self {
        let usual = if proxy_known { &[] } else { USUAL.as_slice() };
        Self::Ports(ALWAYS.iter().chain(usual).chain(known).copied().collect())
    }

    /// Returns it as `dumpcap` and `tcpdump` take it.
    #[must_use]
    pub fn expression(&self) -> Option<String> {
        let Self::Ports(ports) = self else { return None };
        let mut parts: Vec<String> = ports.iter().map(|port| format!("port {port}")).collect();
        // Errors of routers and hosts, neighbours that do not answer, later pieces of large datagrams.
        parts.extend(["icmp", "icmp6", "arp", "(ip[6:2] & 0x1fff != 0)"].map(str::to_owned));
        Some(parts.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_ports_once() {
        let filter = Filter::new(&[443, 8443], true);
        let text =
            "port 53 or port 80 or port 443 or port 8443 or icmp or icmp6 or arp or (ip[6:2] & 0x1fff != 0)";
        assert_eq!(filter.expression().as_deref(), Some(text));
        assert!(Filter::new(&[], false).expression().is_some_and(|text| text.contains("port 3128")));
        assert_eq!(Filter::All.expression(), None);
    }
}
