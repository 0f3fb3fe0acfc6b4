//! Saved output of PowerShell's `Resolve-DnsName`. Its sentences are translated: only codes, tables and addresses are read.

use std::net::IpAddr;

use super::{is_full, text};
use crate::model::{Endpoints, Fields, Kind, Locator, Sink, shorten};

/// Error names and numbers, and what they mean: outcome and rcode.
const ERRORS: &[(&str, &str, &str, Option<i64>)] = &[
    ("DNS_ERROR_RCODE_FORMAT_ERROR", "9001", "formerr", Some(1)),
    ("DNS_ERROR_RCODE_SERVER_FAILURE", "9002", "servfail", Some(2)),
    ("DNS_ERROR_RCODE_NAME_ERROR", "9003", "nxdomain", Some(3)),
    ("DNS_ERROR_RCODE_NOT_IMPLEMENTED", "9004", "unknown", Some(4)),
    ("DNS_ERROR_RCODE_REFUSED", "9005", "refused", Some(5)),
    ("DNS_INFO_NO_RECORDS", "9501", "nodata", Some(0)),
    ("DNS_ERROR_BAD_PACKET", "9502", "unknown", None),
    ("ERROR_TIMEOUT", "1460", "unanswered", None),
];
const TYPES: &[&str] = &["A", "AAAA", "CNAME", "SOA", "NS", "PTR", "MX", "TXT", "SRV", "HTTPS", "SVCB"];

/// Reads answers and errors, one `dns_transaction` for each command and address family.
///
/// ```text
/// PS C:\> Resolve-DnsName -Name tetra-defs.amp.cisco.com
/// Name                       Type   TTL   Section    IPAddress
/// tetra-defs.amp.cisco.com   A      5     Answer     192.0.2.10
///
/// + FullyQualifiedErrorId : DNS_ERROR_RCODE_NAME_ERROR,Microsoft.DnsClient.Commands.ResolveDnsName
/// ```
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    text::note_long_lines(&text, sink);
    let mut question = Question::default();
    let mut stated = false;
    for (number, line) in text::lines(&text) {
        if let Some((name, server)) = command(line) {
            stated |= question.state(endpoints, sink);
            question = Question { name, server, ..Question::default() };
        } else if let Some(row) = row(line) {
            // Without a command between them, a new name that no CNAME led to is a new question.
            if question.is_done_for(&row) {
                stated |= question.state(endpoints, sink);
                question = Question { server: question.server, ..Question::default() };
            }
            question.take(&row, number, line);
        } else if let Some((outcome, rcode)) = error(line) {
            question.error = Some((outcome, rcode, number, line.to_owned()));
        } else if let Some(name) = line.split_once("CategoryInfo").and_then(|(_, rest)| category_name(rest)) {
            question.name.get_or_insert(name);
        }
        if is_full(sink) {
            return;
        }
    }
    stated |= question.state(endpoints, sink);
    if !stated {
        sink.anomaly(Locator::Whole, "no answer and no error of Resolve-DnsName is in it");
    }
}

/// A row of the table.
struct Row<'a> {
    name: &'a str,
    kind: &'a str,
    value: &'a str,
}

/// One command and what came of it.
#[derive(Default)]
struct Question {
    name: Option<String>,
    server: Option<IpAddr>,
    chain: Vec<String>,
    addresses: Vec<(IpAddr, u64, String)>,
    first: Option<(u64, String)>,
    error: Option<(&'static str, Option<i64>, u64, String)>,
}

impl Question {
    fn is_done_for(&self, row: &Row<'_>) -> bool {
        let row_name = host(row.name);
        let expected = self.chain.contains(&row_name) || self.name.as_ref() == Some(&row_name);
        matches!(row.kind, "A" | "AAAA" | "CNAME") && !self.addresses.is_empty() && !expected
    }

    fn take(&mut self, row: &Row<'_>, number: u64, line: &str) {
        self.first.get_or_insert_with(|| (number, line.to_owned()));
        match row.kind {
            "A" | "AAAA" => {
                self.name.get_or_insert_with(|| host(row.name));
                if let (Ok(address), true) = (row.value.parse(), self.addresses.len() < 64) {
                    self.addresses.push((address, number, line.to_owned()));
                }
            }
            "CNAME" => {
                self.name.get_or_insert_with(|| host(row.name));
                if self.chain.len() < 64 {
                    self.chain.push(host(row.value));
                }
            }
            _ => {}
        }
    }

    /// States the question, unless nothing came of it.
    fn state(&mut self, endpoints: &Endpoints, sink: &mut Sink) -> bool {
        let name = self.name.clone().unwrap_or_default();
        let cname = self.chain.last().cloned();
        let server = self.server;
        let base = |kind: Option<&'static str>, outcome: &'static str, rcode: Option<i64>| {
            let mut fields = Fields::new();
            fields
                .set("dns.name", name.clone())
                .set("dns.outcome", outcome)
                .set("dns.role", endpoints.role(&name).name())
                .set_opt("dns.type", kind)
                .set_opt("dns.rcode", rcode)
                .set_opt("dns.server", server)
                .set_opt("dns.cname", cname.clone());
            fields
        };
        let mut stated = false;
        for (kind, wanted) in [("A", true), ("AAAA", false)] {
            let found: Vec<_> =
                self.addresses.iter().filter(|(address, ..)| address.is_ipv4() == wanted).collect();
            if let Some((_, number, line)) = found.first() {
                let mut fields = base(Some(kind), "answered", Some(0));
                fields.set("dns.addresses", found.iter().map(|(address, ..)| *address).collect::<Vec<_>>());
                sink.observe(Kind::DnsTransaction, Locator::Line(*number), line, None, fields);
                stated = true;
            }
        }
        if stated {
            return true;
        }
        if let Some((outcome, rcode, number, line)) = self.error.take() {
            sink.observe(
                Kind::DnsTransaction,
                Locator::Line(number),
                &line,
                None,
                base(None, outcome, rcode),
            );
            return true;
        }
        // A table without an address: only a CNAME, or the SOA of a name that has no address.
        let Some((number, line)) = self.first.take() else { return false };
        let fields = base(None, "nodata", Some(0));
        sink.observe(Kind::DnsTransaction, Locator::Line(number), &line, None, fields);
        true
    }
}

/// Reads the command: the name asked for, and the server if one is given.
fn command(line: &str) -> Option<(Option<String>, Option<IpAddr>)> {
    let lower = line.to_ascii_lowercase();
    let at = lower.find("resolve-dnsname").filter(|_| !line.trim_start().starts_with('+'))?;
    let rest = line.get(at.checked_add("resolve-dnsname".len())?..)?;
    // `Resolve-DnsName : name : …` is an error, `[Resolve-DnsName]` a part of one.
    if rest.trim_start().starts_with([':', ']', ',']) {
        return None;
    }
    let (mut name, mut server) = (None, None);
    let mut words = rest.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "-name" => name = words.next().map(host),
            "-server" => server = words.next().and_then(|word| word.parse().ok()),
            "-type" => drop(words.next()),
            ";" | "|" | ">" => break,
            other if other.starts_with('-') => {}
            _ if name.is_none() => name = Some(host(word)),
            _ => {}
        }
    }
    Some((name, server))
}

/// Reads a row: name, type, TTL, section, and the value in the last column.
fn row(line: &str) -> Option<Row<'_>> {
    let mut words = line.split_whitespace();
    let (name, kind, ttl) = (words.next()?, words.next()?, words.next()?);
    words.next()?;
    let known = TYPES.contains(&kind) && ttl.bytes().all(|byte| byte.is_ascii_digit());
    known.then(|| Row { name, kind, value: words.next_back().unwrap_or_default() })
}

/// Finds an error by its name or its number.
fn error(line: &str) -> Option<(&'static str, Option<i64>)> {
    let numbers = || line.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 4);
    ERRORS
        .iter()
        .find(|(name, ..)| line.contains(name))
        .or_else(|| {
            let about_dns =
                line.contains("DNS") || line.contains("Win32") || line.contains("Resolve-DnsName");
            ERRORS.iter().find(|(_, number, ..)| about_dns && numbers().any(|word| word == *number))
        })
        .map(|(_, _, outcome, rcode)| (*outcome, *rcode))
}

/// Finds the name in `: ResourceUnavailable: (tetra-defs.amp.cisco.com:String) [Resolve-DnsName], Win32Exception`.
fn category_name(rest: &str) -> Option<String> {
    let inner = rest.split_once('(')?.1.split_once(')')?.0;
    inner.rsplit_once(':').map(|(name, _)| host(name))
}

fn host(name: &str) -> String {
    shorten(name.trim_end_matches('.')).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const GOOD: &[u8] = include_bytes!("../../../fixtures/sources/resolve_dns/answered.txt");
    const BAD: &[u8] = include_bytes!("../../../fixtures/sources/resolve_dns/errors_fr.txt");

    fn shown(input: &[u8]) -> Vec<String> {
        let endpoints = Endpoints::default();
        let (observations, _) = hammer::parse(SourceId::ResolveDnsTranscript, input, |input, sink| {
            parse(input, &endpoints, sink)
        });
        let show = |seen: &crate::model::Observation| {
            let fields: Vec<_> =
                seen.fields.iter().map(|(name, value)| format!("{}={value}", &name[4..])).collect();
            format!("{}: {}", seen.evidence[0].line().unwrap(), fields.join(" "))
        };
        observations.iter().map(show).collect()
    }

    #[test]
    fn reads_tables() {
        assert_eq!(
            shown(GOOD),
            [
                "5: addresses=192.0.2.10, 192.0.2.11 name=tetra-defs.amp.cisco.com outcome=answered rcode=0 role=other type=A",
                "15: addresses=2001:db8::2 cname=edge.example.net name=mgmt.amp.cisco.com outcome=answered rcode=0 role=other server=10.0.0.53 type=AAAA",
                "21: name=none.amp.cisco.com outcome=nodata rcode=0 role=other",
            ]
        );
    }

    #[test]
    fn reads_errors_in_any_language() {
        assert_eq!(
            shown(BAD),
            [
                "5: name=tetra-defs.amp.cisco.com outcome=nxdomain rcode=3 role=other",
                "11: name=tetra-defs.amp.cisco.com outcome=unanswered role=other server=10.0.0.53",
                "17: name=tetra-defs.eu.amp.cisco.com outcome=servfail rcode=2 role=other",
            ]
        );
    }

    #[test]
    fn says_when_nothing_is_in_it() {
        let (observations, anomalies) =
            hammer::parse(SourceId::ResolveDnsTranscript, b"PS C:\\> dir\n1460 files", |input, sink| {
                parse(input, &Endpoints::default(), sink);
            });
        assert_eq!(observations, []);
        assert_eq!(anomalies[0].what, "no answer and no error of Resolve-DnsName is in it");
    }

    #[test]
    fn survives_anything() {
        for sample in [GOOD, BAD] {
            hammer::hammer(SourceId::ResolveDnsTranscript, sample, |input, sink| {
                parse(input, &Endpoints::default(), sink);
            });
        }
    }
}
