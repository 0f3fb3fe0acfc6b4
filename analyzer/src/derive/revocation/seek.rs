//! Looks for what became of one source of revocation: its exchanges, else its connections, else its lookups.

use super::*;

/// What one source came to, with the host and the frames.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) outcome: &'static str,
    pub(super) hosts: Vec<String>,
    pub(super) places: Vec<SocketAddr>,
    pub(super) resolvers: Vec<SocketAddr>,
    pub(super) marks: Vec<Mark>,
    pub(super) via_proxy: bool,
}

pub(super) struct Seeker<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) endpoint: IpAddr,
    pub(super) window: (Timestamp, Timestamp),
    pub(super) leaf: Option<&'v Certificate>,
}

impl Seeker<'_, '_> {
    pub(super) fn find(&self, purpose: Purpose, urls: Option<&[String]>) -> Source {
        if urls.is_some_and(<[String]>::is_empty) {
            return Source { outcome: "not_listed", ..Source::default() };
        }
        let listed: Option<Vec<String>> =
            urls.map(|urls| urls.iter().filter_map(|url| host_of_url(url)).collect());
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
        for flow in
            self.view.traffic.flows.iter().filter(|flow| self.view.who(flow.client.ip()) == self.endpoint)
        {
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
                    self.leaf
                        .is_some_and(|leaf| ocsp.serial.as_ref().is_some_and(|serial| *serial != leaf.serial))
                });
                if other {
                    continue;
                }
                let mut marks = vec![Mark {
                    seen: asked,
                    what: format!(
                        "{} {}{}",
                        exchange.method,
                        exchange.host,
                        exchange.path.chars().take(40).collect::<String>()
                    ),
                }];
                if let Some(answer) = &exchange.answer {
                    let what = format!(
                        "HTTP {} from {}: {}",
                        answer.status,
                        exchange.host,
                        outcome.replace('_', " ")
                    );
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
        for flow in
            self.view.traffic.flows.iter().filter(|flow| self.view.who(flow.client.ip()) == self.endpoint)
        {
            if !self.within(flow.first)
                || self.view.part(flow) != Part::Revocation
                || !flow.app.http.is_empty()
            {
                continue;
            }
            let names: Vec<&str> = self.view.names(flow.server.ip()).collect();
            let Some(host) = names.iter().find(|name| self.fits(name, purpose, listed)) else { continue };
            let error = crate::derive::opening::error(self.view, flow);
            let opening = &flow.opening;
            let (outcome, seen, what) =
                match crate::derive::opening::outcome(self.view, flow, self.window.1.plus_secs(60.0)) {
                    "refused" => {
                        ("refused", opening.refused, format!("RST from {} answers the SYN", flow.server))
                    }
                    "prohibited" => (
                        "prohibited",
                        error.map(|error| error.at),
                        format!("ICMP prohibited for {}", flow.server),
                    ),
                    "net_unreachable" | "host_unreachable" | "port_unreachable" | "ttl_exceeded" => (
                        "unreachable",
                        error.map(|error| error.at),
                        format!("ICMP unreachable for {}", flow.server),
                    ),
                    "established" if flow.down.reset.is_some() && flow.up.bytes > 0 => {
                        ("reset", flow.down.reset.map(|reset| reset.at), format!("RST from {}", flow.server))
                    }
                    // The request is not readable (snap length); what came back is all one can go by.
                    "established" if flow.down.bytes > 0 => {
                        ("cut", flow.down.last_data, "answer cut by the snap length".to_owned())
                    }
                    "established" => (
                        "silent",
                        flow.up.last_data.or(flow.opening.accepted),
                        format!("no answer from {}", flow.server),
                    ),
                    _ => (
                        "syn_unanswered",
                        opening.last,
                        format!("{} SYNs to {}, no answer", opening.syns, flow.server),
                    ),
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
            let Some(asked) = question.tries.first().copied().filter(|asked| self.within(*asked)) else {
                continue;
            };
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

pub(super) fn ocsp_outcome(ocsp: &Ocsp, now: i64) -> &'static str {
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

pub(super) fn staple(ocsp: &Ocsp, at: Seen) -> &'static str {
    match ocsp_outcome(ocsp, at.time.secs()) {
        "good" => "good",
        "revoked" => "revoked",
        "stale" => "stale",
        "unknown_status" => "unknown_status",
        _ => "other",
    }
}
