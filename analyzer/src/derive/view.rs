//! Who is who in the captures: which connections and questions have to do with definitions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};

use super::alias;
use crate::model::{DnsQuestion, Endpoints, Purpose, Role, TcpFlow, Tls, Traffic};

/// What a connection is to an update attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Straight to an update server.
    Direct(String),
    /// Through an HTTP proxy to an update server.
    Proxied(String),
    /// Through a SOCKS proxy to an update server.
    Socks(String),
    /// To a proxy, and what for is not seen.
    ToProxy,
    /// To a revocation host.
    Revocation,
    /// To a discovery host.
    Discovery,
    /// To a resolver.
    Resolver,
    /// To another of the vendor's services.
    Cloud,
    /// Something else.
    Other,
}

/// The captures, with an index of names.
pub(super) struct View<'a> {
    pub traffic: &'a Traffic,
    pub endpoints: &'a Endpoints,
    /// Addresses with the names that they were answered for, sorted.
    names: Vec<(IpAddr, &'a str)>,
    /// What the names of questions are by themselves.
    roles: HashMap<&'a str, Role>,
    proxies: BTreeSet<SocketAddr>,
    proxy_names: BTreeSet<String>,
    revocation_hosts: BTreeSet<String>,
    aliases: BTreeMap<IpAddr, IpAddr>,
    /// Servers and their names that gave out definitions by their paths.
    served: BTreeMap<SocketAddr, String>,
    /// Proxies through which definitions were asked for.
    pub update_proxies: BTreeSet<SocketAddr>,
}

impl<'a> View<'a> {
    /// Indexes the captures.
    pub fn new(traffic: &'a Traffic, endpoints: &'a Endpoints) -> Self {
        let mut view = Self {
            traffic,
            endpoints,
            names: Vec::new(),
            roles: HashMap::new(),
            proxies: BTreeSet::new(),
            proxy_names: BTreeSet::new(),
            revocation_hosts: BTreeSet::new(),
            aliases: BTreeMap::new(),
            served: BTreeMap::new(),
            update_proxies: BTreeSet::new(),
        };
        for question in &traffic.questions {
            let addresses = question.answers.iter().flat_map(|answer| &answer.addresses);
            view.names.extend(addresses.map(|address| (*address, question.name.as_str())));
        }
        view.names.extend(traffic.guessed.iter().map(|(address, name)| (*address, name.as_str())));
        view.names.sort_unstable();
        view.names.dedup();
        for (_, name) in &view.names {
            view.roles.entry(name).or_insert_with(|| endpoints.role_of_question(name));
        }
        view.proxies.extend(traffic.proxies.iter().map(|(_, proxy)| *proxy));
        for flow in &traffic.flows {
            if flow.app.socks.is_some() || flow.app.http.iter().any(|exchange| exchange.to_proxy) {
                view.proxies.insert(flow.server);
            }
            for exchange in &flow.app.http {
                if exchange.purpose == Purpose::Definitions && !exchange.to_proxy {
                    view.served.insert(flow.server, exchange.host.clone());
                }
                for proxy in &exchange.pac_proxies {
                    let host = proxy.rsplit_once(':').map_or(proxy.as_str(), |(host, _)| host);
                    view.proxy_names.insert(host.to_owned());
                }
            }
            if let Some(leaf) = flow.app.tls.as_ref().and_then(|tls| tls.certificates.first())
                && view.tls_role(flow) == Role::UpdateServer
            {
                for url in leaf.ocsp.iter().chain(&leaf.crls).chain(&leaf.issuers) {
                    view.revocation_hosts.extend(host_of_url(url));
                }
            }
        }
        view.aliases = alias::aliases(traffic);
        let through = |flow: &&TcpFlow| matches!(view.part(flow), Part::Proxied(_) | Part::Socks(_));
        view.update_proxies = traffic.flows.iter().filter(through).map(|flow| flow.server).collect();
        view
    }

    /// Gives one address for all addresses of an endpoint: IPv4 and IPv6, the network card's and the VPN's.
    pub fn who(&self, address: IpAddr) -> IpAddr {
        self.aliases.get(&address).copied().unwrap_or(address)
    }

    /// Gives the endpoint's gateway, as far as the link shows it: the neighbour it asked for, when it is the only one.
    pub fn gateway(&self, endpoint: IpAddr) -> Vec<IpAddr> {
        let mut asked =
            self.traffic.neighbours.iter().filter(|(asker, _)| *asker == endpoint).map(|(_, target)| *target);
        match (asked.next(), asked.next()) {
            (Some(gateway), None) => vec![gateway],
            _ => Vec::new(),
        }
    }

    /// Gives the role of a host name in this bundle.
    pub fn role(&self, name: &str) -> Role {
        if self.proxy_names.contains(name) {
            return Role::Proxy;
        }
        let own = self.roles.get(name).copied();
        match own.unwrap_or_else(|| self.endpoints.role_of_question(name)) {
            Role::Other if self.revocation_hosts.contains(name) => Role::Revocation,
            Role::Other if self.served.values().any(|served| served == name) => Role::UpdateServer,
            role => role,
        }
    }

    /// Gives the names for which an address was answered.
    pub fn names(&self, address: IpAddr) -> impl Iterator<Item = &'a str> + '_ {
        let from = self.names.partition_point(|(known, _)| *known < address);
        let rest = self.names.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(known, _)| *known == address).map(|(_, name)| *name)
    }

    /// Gives a name of that role for an address.
    pub fn name_with_role(&self, address: IpAddr, role: Role) -> Option<&'a str> {
        self.names(address).find(|name| self.role(name) == role)
    }

    /// Tells whether an address is one of a known role without any name: policies name addresses too.
    fn role_of_address(&self, address: IpAddr) -> Role {
        self.endpoints.role_of_address(address)
    }

    fn tls_role(&self, flow: &TcpFlow) -> Role {
        let named = flow.app.tls.as_ref().and_then(|tls| tls.sni.as_deref());
        match named {
            Some(sni) => self.endpoints.role(sni),
            None if self.has_role(flow.server.ip(), Role::UpdateServer) => Role::UpdateServer,
            None => Role::Other,
        }
    }

    fn has_role(&self, address: IpAddr, role: Role) -> bool {
        self.role_of_address(address) == role || self.name_with_role(address, role).is_some()
    }

    /// Tells what a connection is to an update attempt.
    pub fn part(&self, flow: &TcpFlow) -> Part {
        let app = &flow.app;
        if flow.server.port() == 53 {
            return Part::Resolver;
        }
        if let Some(socks) = &app.socks {
            let inner = app.tls.as_ref().and_then(|tls| tls.sni.clone()).or_else(|| socks.host.clone());
            return match inner {
                Some(host) if self.role(&host) == Role::UpdateServer => Part::Socks(host),
                Some(_) => Part::Other,
                None => Part::ToProxy,
            };
        }
        if app.http.iter().any(|exchange| exchange.to_proxy) {
            return self.part_of_proxied(flow);
        }
        if let Some(exchange) = app.http.iter().find(|exchange| {
            self.role(&exchange.host) == Role::UpdateServer || exchange.purpose == Purpose::Definitions
        }) {
            return Part::Direct(exchange.host.clone());
        }
        match app.http.first().map(|exchange| exchange.purpose) {
            Some(Purpose::Ocsp | Purpose::Crl | Purpose::IssuerCertificate) => return Part::Revocation,
            Some(Purpose::Discovery) => return Part::Discovery,
            _ => {}
        }
        self.part_by_name(flow, app.tls.as_deref())
    }

    fn part_of_proxied(&self, flow: &TcpFlow) -> Part {
        let target = flow.app.http.iter().find(|exchange| {
            self.role(&exchange.host) == Role::UpdateServer || exchange.purpose == Purpose::Definitions
        });
        match target {
            Some(exchange) => Part::Proxied(exchange.host.clone()),
            None if flow.app.http.iter().any(|exchange| {
                matches!(exchange.purpose, Purpose::Ocsp | Purpose::Crl | Purpose::IssuerCertificate)
            }) =>
            {
                Part::Revocation
            }
            None => Part::Other,
        }
    }

    fn part_by_name(&self, flow: &TcpFlow, tls: Option<&Tls>) -> Part {
        let address = flow.server.ip();
        if let Some(sni) = tls.and_then(|tls| tls.sni.as_deref()) {
            return match self.role(sni) {
                Role::UpdateServer => Part::Direct(sni.to_owned()),
                Role::Cloud => Part::Cloud,
                Role::Revocation => Part::Revocation,
                _ => Part::Other,
            };
        }
        if let Some(name) = self.served.get(&flow.server)
            && flow.app.http.is_empty()
        {
            return Part::Direct(name.clone());
        }
        let spoke = flow.app.http.iter().any(|exchange| !exchange.host.is_empty());
        if self.has_role(address, Role::UpdateServer) && !spoke {
            let name = self
                .name_with_role(address, Role::UpdateServer)
                .map(|name| self.endpoints.without_suffix(name).unwrap_or(name).to_owned());
            return Part::Direct(name.unwrap_or_else(|| address.to_string()));
        }
        if self.proxies.contains(&flow.server)
            || self.has_role(address, Role::Proxy) && flow.server.port() != 443
            || self.role_of_address(address) == Role::Proxy
        {
            return if spoke { Part::Other } else { Part::ToProxy };
        }
        if self.has_role(address, Role::Revocation) {
            Part::Revocation
        } else if self.has_role(address, Role::Discovery) && flow.server.port() == 80 {
            Part::Discovery
        } else if self.has_role(address, Role::Cloud) {
            Part::Cloud
        } else {
            Part::Other
        }
    }

    /// Gives the questions of one endpoint for names of a role.
    pub fn questions(&self, endpoint: IpAddr, role: Role) -> impl Iterator<Item = &'a DnsQuestion> + '_ {
        let traffic = self.traffic;
        traffic.questions.iter().filter(move |question| {
            self.who(question.client.ip()) == endpoint && self.role(&question.name) == role
        })
    }

    /// Tells whether an endpoint is seen to talk to the vendor's other services: a connector runs there.
    pub fn has_connector(&self, endpoint: IpAddr) -> bool {
        self.questions(endpoint, Role::Cloud).next().is_some()
            || self
                .traffic
                .flows
                .iter()
                .any(|flow| self.who(flow.client.ip()) == endpoint && self.part(flow) == Part::Cloud)
    }
}

/// Gives the host of an `http:` URL.
pub(super) fn host_of_url(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?']).next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}
