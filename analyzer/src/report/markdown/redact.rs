//! What a reply to a customer leaves out: names, addresses and users of the inside.
//!
//! Everything that looks like a host name, an address or a user is replaced, unless it is known to be public or is the
//! very thing the customer must change. What is replaced gets a number, so that two places can still be compared.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::model::Analysis;
use crate::report::words::{Words, fill};

/// Domains of the vendor and of public certificate services: naming them tells nothing of the inside.
const PUBLIC: [&str; 12] = [
    "cisco.com",
    "identrust.com",
    "digicert.com",
    "digicert.cn",
    "entrust.net",
    "sectigo.com",
    "globalsign.com",
    "lencr.org",
    "amazontrust.com",
    "microsoft.com",
    "msftconnecttest.com",
    "windowsupdate.com",
];
/// Endings of file names, which look like host names.
const FILES: [&str; 22] = [
    "xml", "json", "jsonl", "log", "exe", "pcap", "pcapng", "zip", "txt", "yml", "evtx", "crl", "cer", "crt",
    "pem", "dat", "pac", "dll", "html", "cap", "7z", "ps1",
];

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        users: Regex::new(
            r"(?ix) (?: [a-z0-9._%+-]+ (?: : [^\s@/]* )? @ [a-z0-9.-]+ ) | S-1-5-21(?:-\d+)+
              | \b[a-z0-9_.-]{1,64}\\[a-z0-9_.$-]{1,64} (?: \b | $ )",
        )
        .ok()?,
        homes: Regex::new(r"(?i)((?:\\|/)(?:users|home)(?:\\|/))([^\\/\s]+)").ok()?,
        addresses: Regex::new(
            r"(?ix) \b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b
              | (?: [0-9a-f]{0,4} : ){2,7} (?:\d{1,3}\.){3}\d{1,3} | (?: [0-9a-f]{0,4} : ){2,7} [0-9a-f]{0,4}
              | \b(?:\d{1,3}\.){3}\d{1,3}\b",
        )
        .ok()?,
        names: Regex::new(r"(?i)\b(?:[\p{L}0-9_](?:[\p{L}0-9_-]*[\p{L}0-9])?\.)+\p{L}[\p{L}0-9-]*\b").ok()?,
    })
});

struct Patterns {
    users: Regex,
    homes: Regex,
    addresses: Regex,
    names: Regex,
}

/// Replaces what is internal, the same by the same.
pub(super) struct Redactor {
    words: &'static Words,
    kept: Vec<String>,
    inside: Vec<String>,
    endpoints: Vec<IpAddr>,
    names: BTreeMap<String, usize>,
    addresses: BTreeMap<String, usize>,
}

impl Redactor {
    /// Learns from the analysis what must be named, and which names without a dot are inside.
    pub fn new(analysis: &Analysis, words: &'static Words) -> Self {
        let culprit = analysis.diagnosis.primary.as_ref().map(|cause| &cause.culprit);
        // The endpoint is known to the customer; its name and address help nobody who must not know them.
        let culprit = culprit.filter(|culprit| culprit.role != "endpoint");
        let kept = culprit.into_iter().flat_map(|culprit| culprit.names.iter().chain(&culprit.addresses));
        let endpoints =
            analysis.endpoint.addresses.iter().chain(analysis.attempts.iter().map(|one| &one.endpoint));
        let endpoints =
            endpoints.chain(analysis.findings.iter().filter_map(|finding| finding.endpoint.as_ref()));
        let endpoints: Vec<IpAddr> = endpoints.filter_map(|address| address.parse().ok()).collect();
        let kept: Vec<String> = kept
            .map(|name| name.to_lowercase())
            .filter(|name| !name.parse().is_ok_and(|address| endpoints.contains(&address)))
            .collect();
        let mut inside: Vec<String> = analysis.endpoint.hostname.iter().cloned().collect();
        inside.extend(
            analysis
                .attempts
                .iter()
                .flat_map(|attempt| &attempt.picture.lanes)
                .flat_map(|lane| lane.names.iter().cloned()),
        );
        inside.retain(|name| name.len() > 2 && !name.contains('.') && !kept.contains(&name.to_lowercase()));
        inside.sort();
        inside.dedup();
        Self { words, kept, inside, endpoints, names: BTreeMap::new(), addresses: BTreeMap::new() }
    }

    /// Leaves out of a text what is internal.
    pub fn text(&mut self, text: &str) -> String {
        // Without its patterns nothing may be shown.
        let Some(patterns) = PATTERNS.as_ref() else { return String::new() };
        let page = &self.words.page;
        let text = patterns.homes.replace_all(text, |found: &Captures<'_>| {
            format!("{}{}", found.get(1).map_or("", |part| part.as_str()), page.hidden_user)
        });
        let text = patterns.users.replace_all(&text, page.hidden_user);
        let text = patterns.addresses.replace_all(&text, |found: &Captures<'_>| {
            self.address(found.get(0).map_or("", |part| part.as_str()))
        });
        let mut text = patterns
            .names
            .replace_all(&text, |found: &Captures<'_>| {
                self.name(found.get(0).map_or("", |part| part.as_str()))
            })
            .into_owned();
        for name in self.inside.clone() {
            if let Ok(pattern) = Regex::new(&format!(r"(?i)\b{}\b", regex::escape(&name))) {
                text = pattern.replace_all(&text, self.numbered_name(&name).as_str()).into_owned();
            }
        }
        text
    }

    fn address(&mut self, text: &str) -> String {
        let parsed: Option<IpAddr> = text.parse().ok();
        // Times of day look like the beginnings of IPv6 addresses.
        let mac = text.len() == 17;
        if parsed.is_none() && !mac || self.kept.contains(&text.to_lowercase()) {
            return text.to_owned();
        }
        if parsed.is_some_and(|address| is_public(address) && !self.endpoints.contains(&address)) {
            return text.to_owned();
        }
        let next = self.addresses.len() + 1;
        let number = *self.addresses.entry(text.to_lowercase()).or_insert(next);
        fill(self.words.page.hidden_address, &[&number.to_string()])
    }

    fn name(&mut self, text: &str) -> String {
        let lower = text.to_lowercase();
        let public = PUBLIC.iter().any(|domain| {
            lower == *domain || lower.strip_suffix(domain).is_some_and(|head| head.ends_with('.'))
        });
        let ending = lower.rsplit('.').next().unwrap_or_default();
        let file = FILES.contains(&ending) && lower.matches('.').count() < 4;
        if public || file || self.kept.contains(&lower) {
            return text.to_owned();
        }
        self.numbered_name(text)
    }

    fn numbered_name(&mut self, text: &str) -> String {
        let next = self.names.len() + 1;
        let number = *self.names.entry(text.to_lowercase()).or_insert(next);
        fill(self.words.page.hidden_name, &[&number.to_string()])
    }
}

/// Tells whether an address is one of the public network.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = matches!(v4.octets(), [100, second, ..] if second & 0xc0 == 64);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local())
                && v6.to_ipv4_mapped().is_none_or(|v4| is_public(IpAddr::V4(v4)))
        }
    }
}
