//! The endpoint's network settings as the collector notes them, `network/config.json`.

use super::json::Json;
use super::policy_xml::without_credentials;
use super::{is_full, text};
use crate::model::{Fields, Kind, Locator, Sink};

/// Reads resolvers, gateways and system proxies.
///
/// ```text
/// {"dns_servers":["10.0.0.53"],"gateways":["10.0.0.1"],"winhttp_proxy":"proxy:8080",
///  "wininet":{"proxy":"proxy:8080","pac":"http://wpad/proxy.pac"},"adapters":[…]}
/// ```
pub fn parse(input: &[u8], sink: &mut Sink) {
    let text = text::open(input, sink);
    let (root, problem) = Json::read(&text);
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    each(&root, "", &["dns_servers", "resolvers"], "resolver.server", sink);
    each(&root, "", &["gateways", "gateway"], "gateway.address", sink);
    for (position, adapter) in root.any(&["adapters"]).map_or(&[][..], Json::items).iter().enumerate() {
        let parent = format!("/adapters/{position}");
        each(adapter, &parent, &["dns_servers", "resolvers"], "resolver.server", sink);
        each(adapter, &parent, &["gateways", "gateway"], "gateway.address", sink);
    }
    each(&root, "", &["winhttp_proxy"], "winhttp.proxy", sink);
    each(&root, "", &["wininet_proxy"], "wininet.proxy", sink);
    each(&root, "", &["wininet_pac"], "wininet.pac", sink);
    for (name, proxy, pac) in [("winhttp", "winhttp.proxy", ""), ("wininet", "wininet.proxy", "wininet.pac")]
    {
        let Some(settings) = root.any(&[name]) else { continue };
        let parent = format!("/{name}");
        // A proxy that is written down but switched off is not used.
        let on = settings.any(&["proxy_enable", "enabled"]).and_then(Json::bool).unwrap_or(true);
        if on {
            each(settings, &parent, &["proxy", "proxy_server", "server"], proxy, sink);
        }
        if !pac.is_empty() {
            each(settings, &parent, &["pac", "auto_config_url", "autoconfigurl"], pac, sink);
        }
    }
}

/// States a value, or each value of a list; equal ones once.
fn each(parent: &Json, pointer: &str, names: &[&str], key: &'static str, sink: &mut Sink) {
    for name in names {
        let Some(found) = parent.any(&[name]) else { continue };
        match found {
            Json::List(items) => {
                for (position, item) in items.iter().enumerate() {
                    state(item, format!("{pointer}/{name}/{position}"), key, sink);
                }
            }
            // `{"proxy": "…", "bypass": "…"}`
            Json::Map(_) => {
                if let Some(inner) = found.any(&["proxy", "server", "address"]) {
                    state(inner, format!("{pointer}/{name}"), key, sink);
                }
            }
            _ => state(found, format!("{pointer}/{name}"), key, sink),
        }
    }
}

/// States one value; none, and `direct`, are no proxy.
fn state(value: &Json, pointer: String, key: &'static str, sink: &mut Sink) {
    let inner = value.any(&["address", "server"]).unwrap_or(value);
    let at = Locator::Element(pointer);
    let Some(word) = inner.word() else {
        if *inner != Json::Null {
            sink.anomaly(at, "has a value of an unknown form");
        }
        return;
    };
    let shown = without_credentials(word.trim());
    let none = shown.is_empty() || shown.eq_ignore_ascii_case("direct") || shown.eq_ignore_ascii_case("none");
    let known = sink.observations.iter().any(|seen| {
        seen.fields.text("setting.key") == Some(key) && seen.fields.text("setting.text") == Some(&shown)
    });
    if none || known || is_full(sink) {
        return;
    }
    let mut fields = Fields::new();
    let excerpt = format!("{key}: {shown}");
    fields.set("setting.key", key).set("setting.text", shown);
    sink.observe(Kind::Setting, at, &excerpt, None, fields);
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/network_config/config.json");

    fn shown(input: &[u8]) -> (Vec<String>, Vec<String>) {
        let (observations, anomalies) = hammer::parse(SourceId::NetworkConfig, input, parse);
        let show = |seen: &crate::model::Observation| {
            format!(
                "{} {}",
                seen.fields.text("setting.key").unwrap(),
                seen.fields.text("setting.text").unwrap()
            )
        };
        (observations.iter().map(show).collect(), anomalies.into_iter().map(|anomaly| anomaly.what).collect())
    }

    #[test]
    fn states_each_value_once() {
        let (found, anomalies) = shown(SAMPLE);
        assert_eq!(
            found,
            [
                "resolver.server 10.0.0.53",
                "resolver.server 2001:db8::53",
                "gateway.address 10.0.0.1",
                "resolver.server 10.8.0.1",
                "winhttp.proxy http://(withheld)@proxy.example.com:8080",
                "wininet.proxy proxy.example.com:8080",
                "wininet.pac http://wpad.example.com/proxy.pac",
            ]
        );
        assert_eq!(anomalies, Vec::<String>::new());
    }

    #[test]
    fn direct_is_no_proxy() {
        let direct = br#"{"winhttp_proxy":"direct","wininet":{"proxy":"p:1","proxy_enable":0,"pac":null},"gateways":[true]}"#;
        assert_eq!(shown(direct), (vec![], vec!["has a value of an unknown form".to_owned()]));
        assert_eq!(shown(br#"{"dns_servers":["10.0.0.53","10.0"#).0, ["resolver.server 10.0.0.53"]);
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::NetworkConfig, SAMPLE, parse);
    }
}
