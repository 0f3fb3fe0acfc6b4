//! What the connector's own files tell of its updates: interval and server from the policy, times and errors from the state.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::network::Proxy;
use crate::system;

/// The longest file that is read.
const LONGEST: u64 = 16 << 20;
/// How deep elements may stand in each other.
const DEEPEST: usize = 64;
/// An interval that a policy may well mean; other numbers have another unit, or another meaning.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 300..=604_800;
/// The log level of a connector in debug mode.
const DEBUG: &str = "549755813887";

/// What the policy says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The policy could be read.
    pub readable: bool,
    /// How often definitions are looked for, if the policy says it plausibly.
    pub interval: Option<Duration>,
    /// The host names of the update server.
    pub server: Option<String>,
    /// The ports of the update server and of the proxy.
    pub ports: Vec<u16>,
    /// The update server as it is written.
    pub server_at: Option<String>,
    /// The proxy.
    pub proxy: Option<Proxy>,
    /// Whether a user is written down for the proxy.
    pub signs_in: bool,
    /// Whether the policy itself has debug logging on.
    pub debug: Option<bool>,
}

impl Settings {
    /// Reads the policy; one that cannot be read says nothing.
    #[must_use]
    pub fn read(policy: &Path) -> Self {
        let Some(values) = values(policy) else { return Self::default() };
        let value = |end: &str| {
            let found = values.iter().find(|(path, _)| path.ends_with(end)).map(|(_, text)| text.trim());
            found.filter(|text| !text.is_empty())
        };
        let seconds = value("/tetra/updater/interval").and_then(|text| text.parse().ok());
        let (server, port) = value("/tetra/updater/server").map_or((None, None), host_and_port);
        let proxy = value("/config/proxy/server");
        let written = proxy.and_then(|text| host_and_port(text).1);
        let proxy_port = value("/config/proxy/port").and_then(|text| text.parse().ok()).or(written);
        Self {
            readable: true,
            interval: seconds.filter(|seconds| PLAUSIBLE.contains(seconds)).map(Duration::from_secs),
            server,
            ports: port.into_iter().chain(proxy_port).collect(),
            server_at: value("/tetra/updater/server").map(str::to_owned),
            signs_in: value("/config/proxy/username").is_some()
                || proxy.is_some_and(|text| text.contains('@')),
            proxy: proxy.and_then(|text| proxy_at(text, proxy_port, value("/config/proxy/type"))),
            debug: value("/agent/log/level").map(|level| level == DEBUG),
        }
    }
}

/// Reads the proxy of a policy, whose port and kind may stand beside it.
fn proxy_at(text: &str, port: Option<u16>, kind: Option<&str>) -> Option<Proxy> {
    let plain = text.split_once("://").map_or(text, |(_, rest)| rest);
    let kind = kind.map(str::to_ascii_lowercase).filter(|kind| kind.starts_with("socks"));
    let mut proxy = match kind {
        Some(kind) if kind.contains('4') => Proxy::parse(&format!("socks4://{plain}"))?,
        Some(_) => Proxy::parse(&format!("socks5://{plain}"))?,
        None => Proxy::parse(text).or_else(|| Proxy::parse(plain))?,
    };
    proxy.port = port.unwrap_or(proxy.port);
    Some(proxy)
}

/// Splits `https://host:port/path` into host and port; either may be missing.
fn host_and_port(text: &str) -> (Option<String>, Option<u16>) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let place = rest.split('/').next().unwrap_or_default();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, port.parse().ok()),
        _ => (place, None),
    };
    (Some(host.to_ascii_lowercase()).filter(|host| !host.is_empty()), port)
}

/// The values of the state file that an update attempt changes.
const CHANGING: [&str; 6] =
    ["lasterror", "lastupdate", "lastupdatechecked", "lastsuccesstime", "defversions", "definitions"];

/// What the state file says of updates.
pub type State = BTreeMap<String, String>;

/// Reads the state file; `None` where it cannot be read, as while it is being written.
#[must_use]
pub fn state(local: &Path) -> Option<State> {
    let values = values(local)?;
    let ours = |path: &str| {
        let name = path.rsplit('/').next()?;
        (CHANGING.contains(&name) && (path.contains("/tetra/") || name == "definitions"))
            .then(|| name.to_owned())
    };
    Some(values.into_iter().filter_map(|(path, text)| Some((ours(&path)?, text))).collect())
}

/// Reads all elements that hold text and nothing else: their paths and texts. `None` where the document is broken.
fn values(file: &Path) -> Option<Vec<(String, String)>> {
    let mut text = Vec::new();
    system::open_shared(file).ok()?.take(LONGEST).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut path, mut inner) = (Vec::<String>::new(), String::new());
    let mut found = Vec::new();
    let mut whole = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if path.len() >= DEEPEST {
                    return None;
                }
                path.push(start.local_name().as_ref().to_owned());
                inner.clear();
            }
            Event::Text(text) => inner.push_str(&text),
            Event::CData(text) => inner.push_str(&text),
            // The values that are asked for hold no entity.
            Event::GeneralRef(_) => inner.push('\u{fffc}'),
            Event::End(_) => {
                if !inner.trim().is_empty() {
                    found.push((format!("/{}", path.join("/")), std::mem::take(&mut inner)));
                }
                path.pop();
                whole = path.is_empty();
            }
            Event::Eof => return whole.then_some(found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("policy.xml");
        std::fs::write(&file, text).unwrap();
        Settings::read(&file)
    }

    #[test]
    fn reads_what_the_policy_says_of_updates() {
        let policy = |interval: &str| {
            settings(&format!(
                "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><Object><config><proxy><server>proxy.corp.example</server>\
                 <port>8081</port></proxy><agent><log><level>549755813887</level></log><scansettings><tetra><updater>\
                 <server>https://Tetra-Defs.eu.amp.cisco.com:8443/x</server><interval>{interval}</interval>\
                 </updater></tetra></scansettings></agent></config></Object></Signature>"
            ))
        };
        let read = policy("3600");
        assert_eq!(read.interval, Some(Duration::from_secs(3600)));
        assert_eq!(read.server.as_deref(), Some("tetra-defs.eu.amp.cisco.com"));
        assert_eq!(read.ports, [8443, 8081]);
        assert_eq!((read.signs_in, read.debug, read.readable), (false, Some(true), true));
        assert_eq!(
            read.proxy.map(|proxy| proxy.to_string()).as_deref(),
            Some("http://proxy.corp.example:8081")
        );
        assert_eq!(policy("60").interval, None, "not plausible in seconds");
        assert_eq!(policy("x").interval, None);
        for broken in ["", "<a><b></a>", "<config>", "\u{0}"] {
            assert_eq!(settings(broken), Settings::default(), "{broken:?}");
        }
    }

    #[test]
    fn reads_what_an_attempt_changes() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("local.xml");
        let text = "<config><agent><engine><tetra><lasterror>4294965193</lasterror></tetra><stats>\
                    <definitions>{\"a\":1}</definitions></stats></engine></agent><x><lasterror>1</lasterror></x></config>";
        std::fs::write(&file, text).unwrap();
        let state = state(&file).unwrap();
        assert_eq!(state.get("lasterror").map(String::as_str), Some("4294965193"));
        assert_eq!(state.len(), 2);
        std::fs::write(&file, &text[..60]).unwrap();
        assert_eq!(super::state(&file), None);
    }
}
