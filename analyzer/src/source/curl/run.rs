//! One connection of curl, collected line by line.

use std::net::IpAddr;

use super::line::{self, Line};
use crate::source::{code, policy_xml::host_of, text};

/// How many addresses and exchanges of one run are kept.
const MANY: usize = 64;

/// A place in the transcript.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) line: String,
}

/// An attempt to connect to one address.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) address: IpAddr,
    pub(super) port: Option<u16>,
    pub(super) outcome: Option<&'static str>,
    pub(super) place: Place,
}

/// A request and its answer.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) host: Option<String>,
    pub(super) credentials: Option<&'static str>,
    pub(super) status: Option<i64>,
    pub(super) squid_error: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content_length: Option<i64>,
    pub(super) place: Place,
}

/// What is seen of TLS.
#[derive(Debug, Default)]
pub(super) struct Tls {
    pub(super) version: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) status: Option<String>,
    pub(super) alert: Option<(String, &'static str)>,
    pub(super) ending: Option<&'static str>,
    pub(super) complete: bool,
    pub(super) place: Option<Place>,
}

/// One connection, or the failure to make one.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) host: Option<String>,
    pub(super) https: bool,
    pub(super) proxied: bool,
    pub(super) resolved: Option<(String, Place)>,
    pub(super) unresolved: Option<(String, Place)>,
    pub(super) tries: Vec<Try>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) tls: Tls,
    pub(super) exit: Option<(i64, Place)>,
    connected: bool,
    closed: bool,
}

impl Run {
    /// Tells whether a line belongs to the next run.
    pub(super) fn ends_before(&self, line: &Line<'_>) -> bool {
        match line {
            Line::Command(_) => true,
            Line::Info(info) => {
                (self.closed || self.exit.is_some())
                    && (line::trying(info).is_some()
                        || info.starts_with("Host ")
                        || info.starts_with("Could not resolve"))
            }
            Line::Exit(..) => self.exit.is_some(),
            _ => false,
        }
    }

    /// Takes a line.
    pub(super) fn take(&mut self, line: &Line<'_>, number: u64) {
        match line {
            Line::Command(command) => self.command(command),
            Line::Info(info) => self.info(info, Place { number, line: text::head(info, 300).to_owned() }),
            Line::Sent(sent) => self.sent(sent, number),
            Line::Received(received) => self.received(received),
            Line::Exit(code, line) => {
                let place = Place { number, line: text::head(line, 300).to_owned() };
                self.tls_words(line, &place);
                if let Some((_, name)) = line
                    .split_once("Could not resolve host: ")
                    .or(line.split_once("Could not resolve proxy: "))
                {
                    self.unresolved = Some((host_of(name), place.clone()));
                }
                self.proxied |= *code == 5;
                self.exit = Some((*code, place));
            }
            Line::Other => {}
        }
    }

    fn command(&mut self, command: &str) {
        let url = line::url(command).unwrap_or_default();
        self.https = url.starts_with("https://");
        self.host = Some(host_of(url)).filter(|host| !host.is_empty());
        let mut words = command.split_whitespace();
        self.proxied = words.any(|word| matches!(word, "-x" | "--proxy") || word.starts_with("--proxy="));
    }

    fn info(&mut self, info: &str, place: Place) {
        if let Some((address, port)) = line::trying(info) {
            self.https |= port == Some(443);
            self.tried(Try { address, port, outcome: None, place });
        } else if let Some((name, address, port)) = line::connected(info) {
            self.connected(name, address, port, place);
        } else if let Some((address, port)) = line::connect_failed(info) {
            let outcome = Some(line::why(info));
            self.tried(Try { address, port, outcome, place });
        } else if let Some(name) =
            info.strip_prefix("Could not resolve host: ").or(info.strip_prefix("Could not resolve proxy: "))
        {
            self.unresolved = Some((host_of(name), place));
        } else if let Some((name, _)) =
            info.strip_prefix("Host ").and_then(|rest| rest.split_once(" was resolved"))
        {
            let name = host_of(name);
            if !self.proxied {
                self.host.get_or_insert_with(|| name.clone());
            }
            self.resolved = Some((name, place));
        } else if info.contains("proxy env variable")
            || info.contains("HTTP proxy tunnel")
            || info.contains("CONNECT tunnel")
        {
            self.proxied = true;
        } else if info.starts_with("Closing connection") || info.starts_with("closing connection") {
            self.closed = true;
        } else {
            self.tls_words(info, &place);
        }
    }

    fn connected(&mut self, name: &str, address: Option<IpAddr>, port: Option<u16>, place: Place) {
        self.connected = true;
        self.https |= port == Some(443);
        if !self.proxied {
            self.host.get_or_insert_with(|| host_of(name));
        }
        if name.parse::<IpAddr>().is_err() {
            self.resolved.get_or_insert_with(|| (host_of(name), place.clone()));
        }
        let Some(address) = address else { return };
        self.tried(Try { address, port, outcome: Some("established"), place });
    }

    /// Notes how an attempt to connect went, also of an address that was not announced.
    fn tried(&mut self, new: Try) {
        match self.tries.iter().position(|tried| tried.address == new.address) {
            Some(at) => {
                if let Some(tried) = self.tries.get_mut(at) {
                    *tried = Try { port: new.port.or(tried.port), ..new };
                }
            }
            None if self.tries.len() < MANY => self.tries.push(new),
            None => {}
        }
    }

    /// Reads what a line says of TLS.
    fn tls_words(&mut self, line: &str, place: &Place) {
        let lower = line.to_ascii_lowercase();
        let tls = &mut self.tls;
        let mut telling = false;
        if let Some(status) = code::status(line).filter(|status| status.starts_with("0x8")) {
            telling = tls.status.is_none();
            tls.status.get_or_insert(status);
        }
        if let Some((_, alert)) = lower.split_once("tls alert, ") {
            let word = alert.split('(').next().unwrap_or(alert).trim().replace([' ', '-'], "_");
            let from = if lower.contains("(out)") { "client" } else { "server" };
            if word != "close_notify" {
                telling = true;
                tls.alert = Some((word, from));
            }
        }
        for (words, ending) in [
            ("connection was reset", "reset"),
            ("connection reset", "reset"),
            ("failed to receive handshake", "closed"),
            ("ssl_error_syscall", "closed"),
            ("unexpected eof", "closed"),
            ("wrong version number", "not_tls"),
            ("ssl connection timeout", "silent"),
            ("ssl certificate problem", "failed"),
        ] {
            if lower.contains(words) && tls.ending.is_none() {
                telling = true;
                tls.ending = Some(ending);
            }
        }
        if let Some(rest) = line.strip_prefix("SSL connection using ") {
            telling = true;
            tls.complete = true;
            let version = rest.split([' ', '/']).next().unwrap_or(rest).trim_start_matches("TLSv");
            tls.version = Some(text::head(version, 16).to_owned());
        }
        if let Some(issuer) = line.trim_start().strip_prefix("issuer: ") {
            tls.issuer = Some(text::head(issuer, 200).to_owned());
        }
        if telling {
            tls.place.get_or_insert_with(|| place.clone());
        }
    }

    fn sent(&mut self, sent: &str, number: u64) {
        let mut words = sent.split(' ');
        let (method, target, version) = (words.next().unwrap_or_default(), words.next(), words.next());
        if let (Some(target), true) = (target, version.is_some_and(|version| version.starts_with("HTTP/"))) {
            let connect = method == "CONNECT";
            self.proxied |= connect || target.contains("://");
            self.https |= connect;
            if connect {
                self.host = Some(host_of(target));
            }
            if self.exchanges.len() < MANY {
                let place = Place { number, line: text::head(sent, 300).to_owned() };
                let (method, target) =
                    (text::head(method, 20).to_owned(), text::head(target, 300).to_owned());
                self.exchanges.push(Exchange { method, target, place, ..Exchange::default() });
            }
            return;
        }
        let Some(((name, value), exchange)) = line::header(sent).zip(self.exchanges.last_mut()) else {
            return;
        };
        match name.as_str() {
            "host" => exchange.host = Some(host_of(value)),
            "authorization" | "proxy-authorization" => exchange.credentials = Some(line::scheme(value)),
            _ => {}
        }
    }

    fn received(&mut self, received: &str) {
        let Some(exchange) = self.exchanges.last_mut() else { return };
        if received.starts_with("HTTP/") {
            exchange.status = received.split(' ').nth(1).and_then(|status| status.parse().ok());
            let place = &mut exchange.place;
            place.line = format!("{} → {}", place.line, text::head(received, 80));
            return;
        }
        let Some((name, value)) = line::header(received) else { return };
        let kept = || text::head(value, 200).to_owned();
        match name.as_str() {
            "content-length" => exchange.content_length = value.parse().ok(),
            "content-type" => exchange.content_type = Some(kept()),
            "x-squid-error" => exchange.squid_error = value.split(' ').next().map(str::to_owned),
            _ => {}
        }
    }

    /// Tells whether a connection was made.
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }
}
