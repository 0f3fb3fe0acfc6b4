//! The policy, `policy.xml`: engine, update server, proxy, TLS checks. Secrets never leave this module.

use super::{is_full, text, xml};
use crate::model::{Endpoints, Fields, Kind, Locator, Role, Sink};

/// What stands for a secret.
const WITHHELD: &str = "(withheld)";

/// Paths below `config` and the settings that stand there.
const SETTINGS: &[(&str, &str)] = &[
    ("agent/scansettings/tetra/enable", "tetra.enable"),
    ("agent/scansettings/tetra/updater/enable", "tetra.updater.enable"),
    ("agent/scansettings/tetra/updater/server", "tetra.updater.server"),
    ("agent/scansettings/tetra/updater/interval", "tetra.updater.interval"),
    ("proxy/type", "proxy.type"),
    ("proxy/server", "proxy.server"),
    ("proxy/port", "proxy.port"),
    ("proxy/authtype", "proxy.authtype"),
    ("proxy/username", "proxy.username"),
    ("proxy/pacloc", "proxy.pac"),
    ("proxy/nolocalresolvehost", "proxy.nolocalresolve"),
    ("conn/ssl/verifyhost", "ssl.verifyhost"),
    ("conn/ssl/verifypeer", "ssl.verifypeer"),
    ("conn/ssl/crlc", "ssl.crlc"),
    ("agent/log/level", "log.level"),
    ("janus/policy/serial_number", "policy.serial"),
    ("janus/policy/name", "policy.name"),
    ("agent/endpointisolation/enable", "isolation.enable"),
    ("agent/firewall/mode", "firewall.mode"),
];

/// Reads the policy, in its signed envelope or exported plain.
///
/// ```text
/// <Signature xmlns="http://www.w3.org/2000/09/xmldsig#">…<Object><config><agent><scansettings><tetra><enable>1</enable>…
/// ```
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    if text.trim().is_empty() {
        sink.anomaly(Locator::Whole, "is empty");
        return;
    }
    let mut known = 0_usize;
    let mut elements = 0_usize;
    xml::walk(&text, sink, &mut |path, value, sink| {
        elements = elements.saturating_add(1);
        let Some(below) = path.split_once("/config/").map(|(_, below)| below) else { return };
        known = known.saturating_add(1);
        let Some((_, key)) = SETTINGS.iter().find(|(known, _)| *known == below) else { return };
        if !value.is_empty() && !is_full(sink) {
            state(path, value, key, endpoints, sink);
        }
    });
    if elements > 0 && known == 0 {
        sink.anomaly(Locator::Whole, "holds no element below `config`: no policy is in it");
    }
}

/// States one setting.
fn state(path: &str, value: &str, key: &'static str, endpoints: &Endpoints, sink: &mut Sink) {
    let shown = if key == "proxy.username" { WITHHELD.to_owned() } else { without_credentials(value) };
    let excerpt = xml::excerpt(path, &shown);
    let mut fields = Fields::new();
    fields.set("setting.key", key).set_opt("setting.int", shown.parse::<i64>().ok());
    if key == "tetra.updater.server" {
        fields.set("setting.known_server", endpoints.role(&host_of(&shown)) == Role::UpdateServer);
    }
    fields.set("setting.text", shown);
    sink.observe(Kind::Setting, Locator::Element(path.to_owned()), &excerpt, None, fields);
}

/// Takes user and password out of a URL or `user:password@host`.
pub(crate) fn without_credentials(value: &str) -> String {
    let (scheme, rest) = match value.find("://") {
        Some(at) => value.split_at_checked(at.saturating_add(3)).unwrap_or(("", value)),
        None => ("", value),
    };
    // A user name may itself hold a slash or an at sign: what stands before the last at sign goes.
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{WITHHELD}@{host}"),
        None => value.to_owned(),
    }
}

/// Gives the host of a URL, of `host:port`, or of a bare name; lower case.
pub(crate) fn host_of(value: &str) -> String {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = if let Some(inner) = rest.strip_prefix('[') {
        inner.split(']').next().unwrap_or(inner)
    } else if rest.matches(':').count() == 1 {
        rest.split(':').next().unwrap_or(rest)
    } else {
        rest
    };
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::model::EndpointPattern;
    use crate::source::hammer;

    const SIGNED: &[u8] = include_bytes!("../../../fixtures/sources/policy_xml/signed.xml");
    const PLAIN: &[u8] = include_bytes!("../../../fixtures/sources/policy_xml/plain.xml");

    fn endpoints() -> Endpoints {
        let pattern = |name: &str| EndpointPattern {
            name: name.into(),
            role: Role::UpdateServer,
            region: "nam".into(),
        };
        Endpoints { patterns: vec![pattern("tetra-defs.amp.cisco.com")], ..Endpoints::default() }
    }

    fn read(input: &[u8]) -> (Vec<crate::model::Observation>, Vec<crate::model::Anomaly>) {
        hammer::parse(SourceId::PolicyXml, input, |input, sink| parse(input, &endpoints(), sink))
    }

    fn value(input: &[u8], key: &str) -> Option<String> {
        let (observations, _) = read(input);
        let found = observations.iter().find(|seen| seen.fields.text("setting.key") == Some(key))?;
        found.fields.text("setting.text").map(str::to_owned)
    }

    #[test]
    fn reads_the_signed_envelope() {
        let (observations, anomalies) = read(SIGNED);
        assert_eq!(anomalies, []);
        assert_eq!(observations.len(), 17);
        for (key, expected) in [
            ("tetra.enable", "1"),
            ("tetra.updater.server", "tetra-defs.amp.cisco.com"),
            ("tetra.updater.interval", "3600"),
            ("proxy.server", "proxy.example.com"),
            ("proxy.port", "8080"),
            ("ssl.crlc", "1"),
            ("policy.name", "Protect & Serve"),
            ("log.level", "549755813887"),
        ] {
            assert_eq!(value(SIGNED, key).as_deref(), Some(expected), "{key}");
        }
        let server =
            &observations.iter().find(|seen| seen.fields.get("setting.known_server").is_some()).unwrap();
        assert_eq!(server.fields.get("setting.known_server"), Some(&true.into()));
        let path = "/Signature/Object/config/agent/scansettings/tetra/updater/server";
        assert_eq!(server.evidence[0].locator, Locator::Element(path.into()));
    }

    #[test]
    fn reads_a_plain_export_with_a_private_server() {
        let (observations, _) = read(PLAIN);
        let server =
            observations.iter().find(|seen| seen.fields.get("setting.known_server").is_some()).unwrap();
        assert_eq!(server.fields.get("setting.known_server"), Some(&false.into()));
        assert_eq!(server.fields.text("setting.text"), Some("https://tetra.private.example:8443/defs"));
        assert_eq!(value(PLAIN, "proxy.server").as_deref(), Some("http://(withheld)@10.1.2.3"));
    }

    #[test]
    fn never_shows_a_secret() {
        for input in [SIGNED, PLAIN] {
            let (observations, anomalies) = read(input);
            let shown = format!("{observations:?}{anomalies:?}");
            for secret in ["S3cret", "svc-proxy", "unlock-me", "0a1b2c3d4e5f"] {
                assert!(!shown.contains(secret), "{secret}");
            }
            assert_eq!(value(SIGNED, "proxy.username").as_deref(), Some(WITHHELD));
        }
    }

    #[test]
    fn says_when_no_policy_is_there() {
        let (observations, anomalies) = read(b"<html><body>sign in</body></html>");
        assert_eq!(observations, []);
        assert_eq!(anomalies[0].what, "holds no element below `config`: no policy is in it");
        assert_eq!(read(b"").1[0].what, "is empty");
    }

    #[test]
    fn finds_hosts() {
        for (value, host) in [
            ("https://Tetra.example:8443/defs", "tetra.example"),
            ("tetra-defs.amp.cisco.com.", "tetra-defs.amp.cisco.com"),
            ("10.0.0.1:80", "10.0.0.1"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("http://u:p@h/", "h"),
        ] {
            assert_eq!(host_of(value), host);
        }
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::PolicyXml, SIGNED, |input, sink| parse(input, &endpoints(), sink));
    }
}
