//! Facts about the endpoint from the bundle's manifest: disk, operating system.

use serde_json::Value;

use crate::model::{Fields, Kind, Locator, Sink};

/// How many free bytes the definitions need: the vendor asks for one gigabyte.
const DISK_NEEDED: u64 = 1_000_000_000;

/// States what the `host` part of a manifest (`tetra-bundle/1`) says.
///
/// ```text
/// {"schema":"tetra-bundle/1","host":{"os":"Windows 11","os_build":"22621.1702","disk_free_bytes":52428800}}
/// ```
pub fn state(manifest: &Value, sink: &mut Sink) {
    let Some(host) = manifest.get("host") else { return };
    if let Some(free) = host.get("disk_free_bytes").and_then(Value::as_u64) {
        let excerpt = format!("\"disk_free_bytes\":{free}");
        let mut fields = Fields::new();
        fields.set("host.fact", "disk_free").set("host.int", free).set("host.ok", free >= DISK_NEEDED);
        sink.observe(
            Kind::HostFact,
            Locator::Element("/host/disk_free_bytes".into()),
            &excerpt,
            None,
            fields,
        );
    }
    if let Some(os) = host.get("os").and_then(Value::as_str) {
        let build = host.get("os_build").and_then(Value::as_str).unwrap_or_default();
        let text = format!("{os} {build}").trim().to_owned();
        let mut fields = Fields::new();
        fields.set("host.fact", "os").set("host.text", text.clone());
        sink.observe(Kind::HostFact, Locator::Element("/host/os".into()), &text, None, fields);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tetra_bundle::SourceId;

    use super::*;

    #[test]
    fn states_disk_and_system() {
        let mut sink = Sink::new(SourceId::Manifest, "manifest.json");
        state(
            &json!({"host": {"os": "Windows 11", "os_build": "22621", "disk_free_bytes": 52_428_800}}),
            &mut sink,
        );
        let (observations, _) = sink.finish();
        assert_eq!(observations[0].fields.int("host.int"), Some(52_428_800));
        assert_eq!(observations[0].fields.get("host.ok"), Some(&false.into()));
        assert_eq!(observations[1].fields.text("host.text"), Some("Windows 11 22621"));
    }

    #[test]
    fn states_nothing_where_nothing_is_said() {
        let mut sink = Sink::new(SourceId::Manifest, "manifest.json");
        for manifest in [json!(null), json!({}), json!({"host": {"os": 5, "disk_free_bytes": -1}})] {
            state(&manifest, &mut sink);
        }
        assert_eq!(sink.finish(), (vec![], vec![]));
    }
}
