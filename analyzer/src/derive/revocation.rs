//! The revocation check of one handshake: OCSP, CRL and staple together (RFC 6960, RFC 5280).

mod seek;

use std::net::{IpAddr, SocketAddr};

use super::rung::{Fill, rung};
use super::view::{Part, View, host_of_url};
use crate::model::{
    Certificate, Exchange, Mark, Ocsp, Purpose, Role, Rung, Seen, Stage, StageState, TcpFlow, Timestamp, Tls,
};
use seek::{Seeker, staple};

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

impl Check {
    /// Tells whether the check could not be done.
    pub fn failed(&self) -> bool {
        !matches!(self.decisive, "good" | "not_asked" | "not_listed" | "unknown" | "cut")
    }

    /// Tells whether anything of it is seen.
    pub fn seen(&self) -> bool {
        self.ocsp != "not_asked" && self.ocsp != "not_listed"
            || self.crl != "not_asked" && self.crl != "not_listed"
            || self.staple != "none"
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
            out.peer(
                if self.via_proxy && state == StageState::Failed { "proxy" } else { "revocation" },
                None,
                Some(*place),
            );
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
                if hosts.is_empty() || decisive == "not_asked" {
                    String::new()
                } else {
                    format!(" ({hosts})")
                }
            ),
        });
        out.filter = match self.hosts.first() {
            _ if by_resolver => {
                format!("dns.qry.name == \"{}\"", self.hosts.first().map_or("", String::as_str))
            }
            _ => {
                let places: Vec<String> = self
                    .places
                    .iter()
                    .map(|place| format!("{}.addr == {}", super::rung::family(place.ip()), place.ip()))
                    .collect();
                if places.is_empty() {
                    "ocsp || http.request.uri contains \".crl\"".to_owned()
                } else {
                    places.join(" || ")
                }
            }
        };
        out
    }
}

/// Finds what became of the revocation check of a handshake.
pub(super) fn check(view: &View<'_>, flow: &TcpFlow, tls: &Tls) -> Check {
    let endpoint = view.who(flow.client.ip());
    let from = tls
        .certificates_at
        .or(tls.server_hello)
        .or(tls.client_hello.map(|hello| hello.0))
        .unwrap_or(flow.first);
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
        places.extend(
            source.places.iter().filter(|place| !places.contains(place)).copied().collect::<Vec<_>>(),
        );
        resolvers.extend(
            source.resolvers.iter().filter(|one| !resolvers.contains(one)).copied().collect::<Vec<_>>(),
        );
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
