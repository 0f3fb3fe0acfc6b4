//! What is tested: the servers that the connector needs, and no others.

use std::net::IpAddr;

use super::limits::Limits;
use super::record::What;
use crate::network::{Proxy, host_and_port};

/// The update server of the vendor's first region; Cisco document 214787 names it.
const USUAL_SERVER: &str = "tetra-defs.amp.cisco.com";
/// The page by which Cisco's own health checker learns the newest version, over plain HTTP.
const VERSION_PAGE: (&str, &str) = ("update.amp.cisco.com", "/av64bit/versions.id");
/// The hosts that Cisco document 214787 names for the revocation check.
const AUTHORITIES: [(What, &str); 2] =
    [(What::Ocsp, "commercial.ocsp.identrust.com"), (What::Crl, "validation.identrust.com")];

/// All that a run of probes tests.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The servers that are asked.
    pub servers: Vec<Server>,
    /// Revocation hosts that are tested even where no certificate names them.
    pub authorities: Vec<(What, String, u16)>,
    /// The proxy that the connector's policy names.
    pub policy_proxy: Option<Proxy>,
    /// Whether the policy has credentials for it, where that is known.
    pub connector_signs_in: Option<bool>,
    /// Addresses to use for a host instead of looking it up.
    pub addresses: Vec<(String, Vec<IpAddr>)>,
    /// Roots to believe beside the platform's, in DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// How long single tests may take.
    pub limits: Limits,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Whether it speaks TLS.
    pub secure: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What is asked for.
    pub page: String,
}

impl Server {
    /// Reads a server as a policy names it: a host, a host and port, or an address that begins with `http`.
    pub fn parse(text: &str) -> Option<Self> {
        let (secure, rest) = match text.trim().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some(_) => return None,
            None => (true, text.trim()),
        };
        let (place, page) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
        let (host, port) = host_and_port(place, if secure { 443 } else { 80 })?;
        let visible = |c: char| c.is_ascii_graphic();
        page.chars().all(visible).then(|| Self { secure, host, port, page: page.to_owned() })
    }
}

impl Targets {
    /// Chooses the targets: the update server given, or the vendor's, and what belongs to it.
    pub fn of(server: Option<Server>, policy_proxy: Option<Proxy>) -> Self {
        let ours = |host: &str| host.to_ascii_lowercase().ends_with(".amp.cisco.com");
        let usual =
            || Server { secure: true, host: USUAL_SERVER.to_owned(), port: 443, page: "/".to_owned() };
        let server = server.unwrap_or_else(usual);
        let mut servers = Vec::new();
        let mut authorities = Vec::new();
        if ours(&server.host) {
            let (host, page) = VERSION_PAGE;
            servers.push(Server { secure: false, host: host.to_owned(), port: 80, page: page.to_owned() });
            authorities.extend(AUTHORITIES.map(|(what, host)| (what, host.to_owned(), 80)));
        }
        servers.insert(0, server);
        Self {
            servers,
            authorities,
            policy_proxy,
            connector_signs_in: None,
            addresses: Vec::new(),
            extra_roots: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Gives the hosts whose names are looked up, each once.
    pub fn names(&self) -> Vec<String> {
        let servers = self.servers.iter().map(|server| server.host.clone());
        let others = self.authorities.iter().map(|(_, host, _)| host.clone());
        let proxy = self.policy_proxy.iter().map(|proxy| proxy.host.clone());
        let mut names: Vec<String> = Vec::new();
        for name in servers.chain(others).chain(proxy) {
            if name.parse::<IpAddr>().is_err() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_servers() {
        let read = |text: &str| {
            Server::parse(text)
                .map(|server| format!("{} {}:{} {}", server.secure, server.host, server.port, server.page))
        };
        assert_eq!(read("tetra-defs.eu.amp.cisco.com").unwrap(), "true tetra-defs.eu.amp.cisco.com:443 /");
        assert_eq!(read("http://10.0.0.5:8080/av").unwrap(), "false 10.0.0.5:8080 /av");
        assert_eq!(read("https://u:p@h/").unwrap(), "true h:443 /");
        assert_eq!(read("ftp://h"), None);
        assert_eq!(read("http://h/a b"), None);
        assert_eq!(read("http://h/a\r\nX: y"), None);
    }

    #[test]
    fn leaves_the_vendor_alone_where_the_server_is_another() {
        let vendor = Targets::of(None, None);
        assert_eq!((vendor.servers.len(), vendor.authorities.len(), vendor.names().len()), (2, 2, 4));
        let own = Targets::of(Server::parse("http://updates.example.com"), None);
        assert_eq!((own.servers.len(), own.authorities.len()), (1, 0));
        assert_eq!(own.names(), ["updates.example.com"]);
    }
}
