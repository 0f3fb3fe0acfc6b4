//! The revocation check of one handshake: OCSP, CRL and staple together (RFC 6960, RFC 5280).

use std::net::{IpAddr, SocketAddr};

use super::rung::{Fill, rung};
use super::view::{Part, View, host_of_url};
use crate::model::{Certificate, Exchange, Mark, Ocsp, Purpose, Role, Rung, Seen, Stage, StageState, TcpFlow, Timestamp, Tls};

/// What is known of a revocation check.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// In the words of the taxonomy.
    pub ocsp: &'static str,
    /// The same for the CRL.
    pub crl: &'static str,
    /// The same for a missing intermediate's download.
    pub issuer: &'static str,
    /// `none`, `good`, `revoked`, …
    pub staple: &'static str,
    /// The outcome that decides.
    pub decisive: &'static str,
    crl_only: bool,
    hosts: Vec<String>,
    places: Vec<SocketAddr>,
    resolvers: Vec<SocketAddr>,
    marks: Vec<Mark>,
    via_proxy: bool,
}

/// What one source came to, with the host and the frames.
#[derive(Clone, Debug, Default)]
struct Source {
    outcome: &'static str,
    hosts: Vec<String>,
    places: Vec<SocketAddr>,
    resolvers: Vec<SocketAddr>,
    marks: Vec<Mark>,
    via_proxy: bool,
}

impl Check {
    /// Tells whether the check could not be done.
    pub fn failed(&self) -> bool {
        !matches!(self.decisive, "good" | "not_asked" | "not_listed" | "unknown" | "cut")
    }

    /// Tells whether anything of it is seen.
    pub fn seen(&self) -> bool {
        self.ocsp != "not_asked" && self.ocsp != "not_listed" || self.crl != "not_asked" && self.crl != "not_listed" || self.staple != "none"
    }

    /// Builds the rung.
    pub fn rung(&self, state: StageState) -> Rung {
        let mut out = rung(Stage::TlsRevocation, state);
        out.with("revocation.ocsp", self.ocsp)
            .with("revocation.crl", self.crl)
            .with("revocation.staple", self.staple)
            .with("revocation.decisive", self.decisive)
            .with("revocation.crl_only", self.crl_only)
            .with_opt("revocation.host", self.hosts.first().cloned())
            .with("http.from_proxy", self.via_proxy);
        let by_resolver = self.decisive.starts_with("dns_");
        for host in &self.hosts {
            out.peer("revocation", Some(host), None);
        }
        for place in if by_resolver { &self.resolvers } else { &self.places } {
            out.peer(if self.via_proxy && state == StageState::Failed { "proxy" } else { "revocation" }, None, Some(*place));
        }
        for mark in &self.marks {
            out.mark(Some(mark.seen), mark.what.clone());
        }
        let hosts = self.hosts.join(", ");
        out.say(match (self.staple, self.decisive) {
            ("good", _) => "the stapled OCSP answer says good".to_owned(),
            ("revoked", _) => "the stapled OCSP answer says revoked".to_owned(),
            (_, "good") => format!("the certificate is not revoked ({hosts})"),
            (_, decisive) => format!(
                "OCSP: {}; CRL: {}{}",
                self.ocsp.replace('_', " "),
                self.crl.replace('_', " "),
                if hosts.is_empty() || decisive == "not_asked" { String::new() } else { format!(" ({hosts})") }
            ),
        });
        out.filter = match self.hosts.first() {
            _ if by_resolver => format!("dns.qry.name == \"{}\"", self.hosts.first().map_or("", String::as_str)),
            _ => {
                let places: Vec<String> = self
                    .places
                    .iter()
                    .map(|place| format!("{}.addr == {}", super::rung::family(place.ip()), place.ip()))
                    .collect();
                if places.is_empty() { "ocsp || http.request.uri contains \".crl\"".to_owned() } else { places.join(" || ") }
            }
        };
        out
    }
}

/// Finds what became of the revocation check of a handshake.
pub(super) fn check(view: &View<'_>, flow: &TcpFlow, tls: &Tls) -> Check {
    let endpoint = view.who(flow.client.ip());
    let from = tls.certificates_at.or(tls.server_hello).or(tls.client_hello.map(|hello| hello.0)).unwrap_or(flow.first);
    let window = (from.time.plus_secs(-0.2), flow.last.time.plus_secs(1.0));
    let leaf = tls.certificates.first().map(AsRef::as_ref);
    let staple = tls.staple.as_ref().map_or("none", |(at, ocsp)| staple(ocsp, *at));
    let seeker = Seeker { view, endpoint, window, leaf };
    let ocsp = seeker.find(Purpose::Ocsp, leaf.map(|leaf| leaf.ocsp.as_slice()));
    let crl = seeker.find(Purpose::Crl, leaf.map(|leaf| leaf.crls.as_slice()));
    let issuer = seeker.find(Purpose::IssuerCertificate, leaf.map(|leaf| leaf.issuers.as_slice()));
    let usable = |outcome: &str| outcome == "good" || outcome == "revoked";
    let (decisive, chosen) = if staple == "good" || staple == "revoked" {
        (if staple == "good" { "good" } else { "revoked" }, None)
    } else if ocsp.outcome == "revoked" || crl.outcome == "revoked" {
        ("revoked", Some(if ocsp.outcome == "revoked" { &ocsp } else { &crl }))
    } else if usable(ocsp.outcome) {
        ("good", Some(&ocsp))
    } else if usable(crl.outcome) {
        ("good", Some(&crl))
    } else if !matches!(ocsp.outcome, "not_listed" | "not_asked") {
        (ocsp.outcome, Some(&ocsp))
    } else {
        (crl.outcome, Some(&crl))
    };
    let mut marks = Vec::new();
    if let Some((at, _)) = &tls.staple {
        marks.push(Mark { seen: *at, what: format!("stapled OCSP answer: {staple}") });
    }
    marks.extend(chosen.into_iter().flat_map(|source| source.marks.clone()));
    let mut hosts: Vec<String> = Vec::new();
    let mut places: Vec<SocketAddr> = Vec::new();
    let mut resolvers: Vec<SocketAddr> = Vec::new();
    let both = chosen.into_iter().chain([&ocsp, &crl].into_iter().filter(|other| other.outcome == decisive));
    for source in both {
        hosts.extend(source.hosts.iter().filter(|host| !hosts.contains(host)).cloned().collect::<Vec<_>>());
        places.extend(source.places.iter().filter(|place| !places.contains(place)).copied().collect::<Vec<_>>());
        resolvers.extend(source.resolvers.iter().filter(|one| !resolvers.contains(one)).copied().collect::<Vec<_>>());
        for mark in &source.marks {
            if !marks.contains(mark) {
                marks.push(mark.clone());
            }
        }
    }
    Check {
        ocsp: ocsp.outcome,
        crl: crl.outcome,
        issuer: issuer.outcome,
        staple,
        decisive,
        crl_only: leaf.is_some_and(|leaf| leaf.ocsp.is_empty() && !leaf.crls.is_empty()),
        hosts,
        places,
        resolvers,
        marks,
        via_proxy: chosen.is_some_and(|source| source.via_proxy),
    }
}

struct Seeker<'v, 'a> {
    view: &'v View<'a>,
    endpoint: IpAddr,
    window: (Timestamp, Timestamp),
    leaf: Option<&'v Certificate>,
}

impl Seeker<'_, '_> {
    fn find(&self, purpose: Purpose, urls: Option<&[String]>) -> Source {
        if urls.is_some_and(<[String]>::is_empty) {
            return Source { outcome: "not_listed", ..Source::default() };
        }
        let listed: Option<Vec<String>> = urls.map(|urls| urls.iter().filter_map(|url| host_of_url(url)).collect());
        let mut best = self.exchanges(purpose, listed.as_deref());
        if best.outcome.is_empty() || best.outcome == "not_asked" {
            best = self.openings(purpose, listed.as_deref());
        }
        if best.outcome.is_empty() {
            best = self.lookups(purpose, listed.as_deref());
        }
        if best.outcome.is_empty() {
            best.outcome = "not_asked";
        }
        if best.hosts.is_empty() && best.outcome != "not_asked" {
            best.hosts = listed.unwrap_or_default();
        }
        best
    }

    /// Tells whether a host belongs to this purpose, by the certificate or, where that is hidden, by its name.
    fn fits(&self, host: &str, purpose: Purpose, listed: Option<&[String]>) -> bool {
        match listed {
            Some(listed) => listed.iter().any(|known| known == host),
            None => {
                let role = self.view.role(host) == Role::Revocation;
                match purpose {
                    Purpose::Ocsp => role && host.contains("ocsp"),
                    Purpose::Crl => role && !host.contains("ocsp"),
                    _ => false,
                }
            }
        }
    }

    fn within(&self, seen: Seen) -> bool {
        self.window.0 <= seen.time && seen.time <= self.window.1
    }

    fn exchanges(&self, purpose: Purpose, listed: Option<&[String]>) -> Source {
        let mut best = Source::default();
        for flow in self.view.traffic.flows.iter().filter(|flow| self.view.who(flow.client.ip()) == self.endpoint) {
            for exchange in flow.app.http.iter().filter(|exchange| exchange.purpose == purpose) {
                let Some(asked) = exchange.asked.filter(|asked| self.within(*asked)) else { continue };
                if listed.is_some() && !self.fits(&exchange.host, purpose, listed) {
                    continue;
                }
                if listed.is_none() && self.view.role(&exchange.host) != Role::Revocation {
                    continue;
                }
                let outcome = self.outcome(flow, exchange);
                // An answer about another certificate of the chain says nothing of this one.
                let other = exchange.ocsp.as_ref().is_some_and(|ocsp| {
                    self.leaf.is_some_and(|leaf| ocsp.serial.as_ref().is_some_and(|serial| *serial != leaf.serial))
                });
                if other {
                    continue;
                }
                let mut marks = vec![Mark { seen: asked, what: format!("{} {}{}", exchange.method, exchange.host, exchange.path.chars().take(40).collect::<String>()) }];
                if let Some(answer) = &exchange.answer {
                    let what = format!("HTTP {} from {}: {}", answer.status, exchange.host, outcome.replace('_', " "));
                    marks.insert(0, Mark { seen: answer.at, what });
                } else if let Some(reset) = flow.down.reset {
                    marks.insert(0, Mark { seen: reset.at, what: format!("RST from {}", flow.server) });
                }
                best = Source {
                    outcome,
                    hosts: vec![exchange.host.clone()],
                    places: vec![flow.server],
                    resolvers: Vec::new(),
                    marks,
                    via_proxy: exchange.to_proxy,
                };
                if outcome == "good" || outcome == "revoked" {
                    return best;
                }
            }
        }
        best
    }

    fn outcome(&self, flow: &TcpFlow, exchange: &Exchange) -> &'static str {
        let Some(answer) = &exchange.answer else {
            return if flow.down.reset.is_some() {
                "reset"
            } else if exchange.garbled.is_some() {
                "not_ocsp"
            } else if flow.down.fin.is_some_and(|fin| flow.up.fin.is_none_or(|own| fin < own)) {
                "closed"
            } else {
                "silent"
            };
        };
        match answer.status {
            200 => {}
            // A proxy that answers itself: what it says is its own.
            status if exchange.to_proxy && status >= 400 => return "proxy_error",
            404 => return "http_404",
            _ => return "http_error",
        }
        let now = answer.at.time.secs();
        match exchange.purpose {
            Purpose::Ocsp => exchange.ocsp.as_ref().map_or("cut", |ocsp| ocsp_outcome(ocsp, now)),
            Purpose::Crl => exchange.crl.as_ref().map_or("cut", |crl| {
                if crl.unreadable {
                    let html = answer.content_type.as_deref().is_some_and(|kind| kind.contains("html"));
                    if html { "not_ocsp" } else { "cut" }
                } else if self.leaf.is_some_and(|leaf| crl.serials.contains(&leaf.serial)) {
                    "revoked"
                } else if crl.next_update.is_some_and(|next| next < now) {
                    "expired"
                } else {
                    "good"
                }
            }),
            _ => "good",
        }
    }

    fn openings(&self, purpose: Purpose, listed: Option<&[String]>) -> Source {
        let mut best = Source::default();
        for flow in self.view.traffic.flows.iter().filter(|flow| self.view.who(flow.client.ip()) == self.endpoint) {
            if !self.within(flow.first) || self.view.part(flow) != Part::Revocation || !flow.app.http.is_empty() {
                continue;
            }
            let names: Vec<&str> = self.view.names(flow.server.ip()).collect();
            let Some(host) = names.iter().find(|name| self.fits(name, purpose, listed)) else { continue };
            let error = super::opening::error(self.view, flow);
            let opening = &flow.opening;
            let (outcome, seen, what) = match super::opening::outcome(self.view, flow, self.window.1.plus_secs(60.0)) {
                "refused" => ("refused", opening.refused, format!("RST from {} answers the SYN", flow.server)),
                "prohibited" => ("prohibited", error.map(|error| error.at), format!("ICMP prohibited for {}", flow.server)),
                "net_unreachable" | "host_unreachable" | "port_unreachable" | "ttl_exceeded" => {
                    ("unreachable", error.map(|error| error.at), format!("ICMP unreachable for {}", flow.server))
                }
                "established" if flow.down.reset.is_some() && flow.up.bytes > 0 => {
                    ("reset", flow.down.reset.map(|reset| reset.at), format!("RST from {}", flow.server))
                }
                // The request is not readable (snap length); what came back is all one can go by.
                "established" if flow.down.bytes > 0 => ("cut", flow.down.last_data, "answer cut by the snap length".to_owned()),
                "established" => ("silent", flow.up.last_data.or(flow.opening.accepted), format!("no answer from {}", flow.server)),
                _ => ("syn_unanswered", opening.last, format!("{} SYNs to {}, no answer", opening.syns, flow.server)),
            };
            best.outcome = outcome;
            if !best.hosts.iter().any(|known| known == host) {
                best.hosts.push((*host).to_owned());
            }
            if !best.places.contains(&flow.server) {
                best.places.push(flow.server);
            }
            best.marks.extend(seen.map(|seen| Mark { seen, what }));
        }
        best
    }

    fn lookups(&self, purpose: Purpose, listed: Option<&[String]>) -> Source {
        let mut best = Source::default();
        for question in self.view.questions(self.endpoint, Role::Revocation) {
            let Some(asked) = question.tries.first().copied().filter(|asked| self.within(*asked)) else { continue };
            if !self.fits(&question.name, purpose, listed) {
                continue;
            }
            let answer = question.answers.last();
            let (outcome, at) = match answer {
                None => ("dns_unanswered", asked),
                Some(answer) if answer.rcode == 3 => ("dns_nxdomain", answer.at),
                Some(answer) if answer.rcode == 0 && !answer.addresses.is_empty() => ("", answer.at),
                Some(answer) => ("dns_failed", answer.at),
            };
            // An answer without an address for AAAA says nothing when A is answered.
            if outcome.is_empty() || question.kind == "AAAA" && !best.outcome.is_empty() {
                continue;
            }
            best.outcome = outcome;
            if !best.hosts.contains(&question.name) {
                best.hosts.push(question.name.clone());
            }
            if !best.resolvers.contains(&question.server) {
                best.resolvers.push(question.server);
            }
            let what = format!("{} {}: {}", question.kind, question.name, outcome.replace('_', " "));
            best.marks.push(Mark { seen: at, what });
        }
        best
    }
}

fn ocsp_outcome(ocsp: &Ocsp, now: i64) -> &'static str {
    if ocsp.not_ocsp.is_some() {
        return "not_ocsp";
    }
    match ocsp.status.as_str() {
        "successful" => {}
        "unauthorized" => return "unauthorized",
        "try_later" => return "try_later",
        "" => return "cut",
        _ => return "malformed",
    }
    if ocsp.signer == "not_delegated" {
        return "bad_signature";
    }
    if ocsp.next_update.is_some_and(|next| next < now) {
        return "stale";
    }
    match ocsp.certificate.as_str() {
        "good" => "good",
        "revoked" => "revoked",
        _ => "unknown_status",
    }
}

fn staple(ocsp: &Ocsp, at: Seen) -> &'static str {
    match ocsp_outcome(ocsp, at.time.secs()) {
        "good" => "good",
        "revoked" => "revoked",
        "stale" => "stale",
        "unknown_status" => "unknown_status",
        _ => "other",
    }
}
