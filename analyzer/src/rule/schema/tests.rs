//! The schema tried with a validator: every rule of the core pack passes, and seeded mistakes do not.

use jsonschema::Validator;

use super::super::pack::PackFiles;
use super::super::sample;
use super::super::yaml::{self, Data, Node};
use super::*;

fn validator() -> Validator {
    jsonschema::draft7::new(&schema(&RuleSet::core().unwrap())).unwrap()
}

/// Turns YAML into what an editor gives a validator.
fn json_of(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(yes) => (*yes).into(),
        Data::Int(number, _) => (*number).into(),
        Data::Float(number, _) => (*number).into(),
        Data::Text(text) => text.as_str().into(),
        Data::List(items) => items.iter().map(json_of).collect(),
        Data::Map(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json_of(&entry.value))).collect()
        }
    }
}

fn mistakes(validator: &Validator, text: &str) -> Vec<String> {
    let documents = yaml::parse(text).unwrap();
    let errors = |node: &Node| {
        let value = json_of(node);
        validator.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>()
    };
    documents.iter().flat_map(errors).collect()
}

#[test]
fn every_rule_of_the_core_pack_passes() {
    let validator = validator();
    let core = PackFiles::core();
    let rules: Vec<&(String, String)> =
        core.files.iter().filter(|(path, _)| path.contains('/') && !path.starts_with("templates/")).collect();
    assert!(rules.len() > 200);
    for (path, text) in rules {
        let told = mistakes(&validator, text);
        assert!(told.is_empty(), "{path}: {told:?}");
    }
}

#[test]
fn the_sample_rules_pass_but_for_their_causes() {
    let mut set = sample::set();
    set.taxonomy = RuleSet::core().unwrap().taxonomy;
    let validator = jsonschema::draft7::new(&schema(&set)).unwrap();
    for text in [sample::DNS, sample::PROXY, sample::CUT] {
        assert_eq!(mistakes(&validator, text), Vec::<String>::new());
    }
}

#[test]
fn seeded_mistakes_are_seen_in_the_editor() {
    let mut set = sample::set();
    set.taxonomy = RuleSet::core().unwrap().taxonomy;
    let validator = jsonschema::draft7::new(&schema(&set)).unwrap();
    let line = "dns.outcome: unanswered\n";
    for (part, by) in [
        ("title:", "titel:"),
        ("level: high", "level: hihg"),
        ("status: experimental", "status: expermental"),
        ("5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b01", "5b0f3a56"),
        ("name: dns_unanswered", "name: DNS-Unanswered"),
        ("category: dns_transaction", "category: dns"),
        ("product: secure_endpoint", "product: windows"),
        ("detection:", "detections:"),
        ("    condition: selection\n", ""),
        ("strength: strong", "strength: strnog"),
        ("strength: strong", "strenght: strong"),
        ("supports: dns-timeout", "supports: dns-timout"),
        ("subject: [host, dns.name]", "subject: [host, dns.names]"),
        ("{expect: match", "{expect: matches"),
        ("dns.tries: 3}", "dns.tries: three}"),
        ("dns.tries: 3}", "dns.trials: 3}"),
        ("dns.outcome: unknown", "dns.outcome: unknwon"),
        (line, "dns.outcom: unanswered\n"),
        (line, "dns.outcome: unansered\n"),
        (line, "dns.outcome|begins: un\n"),
        (line, "dns.name: 0x80092013\n"),
        (line, "dns.rcode: '3'\n"),
        (line, "dns.rtt_ms|gt: fast\n"),
        (line, "dns.name|gt: 3\n"),
        (line, "dns.server|contains: '10.'\n"),
        (line, "dns.name: ~\n"),
        (line, "dns.name: []\n"),
        (line, "dns.name|exists: 'yes'\n"),
        (line, "dns.name|fieldref: dns.nam\n"),
        (line, "tcp.port: 443\n"),
    ] {
        assert!(sample::DNS.contains(part), "{part}");
        let told = mistakes(&validator, &sample::DNS.replacen(part, by, 1));
        assert!(!told.is_empty(), "{by} passes");
    }
    for (part, by) in [
        ("type: temporal_ordered", "type: temporal_orderd"),
        ("group-by:", "groupby:"),
        ("timespan: 30s", "timespan: 30"),
        ("timespan: 30s", "timespan: 30x"),
        ("http.status: 407, http.via_proxy: true}}]", "http.sttus: 407, http.via_proxy: true}}]"),
    ] {
        assert!(sample::PROXY.contains(part), "{part}");
        let told = mistakes(&validator, &sample::PROXY.replacen(part, by, 1));
        assert!(!told.is_empty(), "{by} passes");
    }
}
