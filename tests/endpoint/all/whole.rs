//! Whole runs, from the endpoint to the diagnosis: everything is collected at once, cleaned, sealed and analysed.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;
use tetra_analyze::progress::Progress;
use tetra_analyze::rule::RuleSet;
use tetra_analyze::{diagnose, report};
use tetra_bundle::{Bundle, Limits, StepStatus};

use crate::endpoint::{Endpoint, read, step, troubled};

/// The connector writes more while debug logging is on.
const TALKS: &str = "on start\nlog (2, +0 ms) Nov 23 09:00:01 [1]: a line of the debug log\n";

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases").join(name)
}

/// An endpoint on which happens what a case tells of: its packets are captured, its connector's files lie there.
fn endpoint(name: &str) -> Endpoint {
    let endpoint = Endpoint::at("home/quillfeather/a desk");
    let bundle = Bundle::open(case(name).join("bundle.zip"), Limits::default()).unwrap();
    for entry in bundle.entries() {
        let bytes = read(&bundle, &entry.path).unwrap();
        let inner = entry.path.strip_prefix("connector/").unwrap_or_default();
        if let Some(name) = inner.strip_prefix("logs/") {
            fs::write(endpoint.version().join(name), bytes).unwrap();
        } else if inner == "local.xml" || inner == "policy.xml" {
            fs::write(endpoint.install().join(inner), bytes).unwrap();
        } else if entry.path.starts_with("network/capture") {
            let packets = endpoint.path().join("packets");
            fs::write(&packets, bytes).unwrap();
            endpoint.tell_dumpcap(&format!("raw {}\nhang", packets.display()));
        }
    }
    assert!(endpoint.dumpcap().is_file(), "{name} has no capture");
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nstate\non sl\nswitch");
    endpoint.program(&endpoint.version(), "sfc", TALKS);
    endpoint
}

/// What the analyzer says of a bundle.
fn diagnosis(bundle: &Path, rules: &RuleSet) -> Value {
    let bundle = Bundle::open(bundle, Limits::default()).unwrap();
    let analysis = diagnose(&bundle, rules, "bundle", &Progress::hidden()).unwrap();
    let mut out = Vec::new();
    report::json::write(&analysis, &mut out).unwrap();
    let report: Value = serde_json::from_slice(&out).unwrap();
    report.pointer("/diagnosis").unwrap().clone()
}

/// Collects what a case tells of at each level, and holds the diagnosis against the one that is expected.
fn is_diagnosed(name: &str, rules: &RuleSet) {
    let expected = fs::read(case(name).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for level in ["none", "secrets", "full"] {
        let endpoint = endpoint(name);
        let done = endpoint.watch(&["--redact", level]);
        let manifest = endpoint.manifest();
        assert_eq!(done.status, 0, "{name} {level}: {:?} {}", troubled(&manifest), done.err);
        for watched in ["debug log on", "capture on", "watch", "sufficiency", "debug log off", "capture"] {
            assert_eq!(step(&manifest, watched).status, StepStatus::Done, "{name} {level}: {watched}");
        }
        let found = diagnosis(&endpoint.bundle(), rules);
        assert_eq!(found.pointer("/primary/cause"), expected.pointer("/cause"), "{name} {level}: {found:#}");
    }
}

#[test]
fn what_is_collected_on_the_endpoint_is_diagnosed_at_every_level_of_redaction() {
    let rules = RuleSet::core().unwrap();
    let cases =
        ["dns-nxdomain", "tls-revocation-nxdomain", "proxy-auth-required", "interrupt-reset-by-server"];
    // They mostly wait.
    thread::scope(|scope| {
        for name in cases {
            let rules = &rules;
            let run = move || is_diagnosed(name, rules);
            thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, run).unwrap();
        }
    });
}

/// What must not leave the endpoint, as it stands in its files; by itself it is like nothing else.
const CANARIES: [&str; 8] = [
    "Zw4rtKanarie",
    "0ddba11c0ffee",
    "svc-kolibri",
    "quillfeather",
    "pelican-desk-77",
    "heron-proxy",
    "10.83.61.207",
    "eyJoZXJvbiI6",
];

#[test]
fn nothing_private_is_in_the_finished_bundle() {
    let endpoint = endpoint("dns-nxdomain");
    let policy = "<Signature><Object><config><agent><control><uninstallex>0ddba11c0ffee</uninstallex></control></agent>\
        <proxy><type>http</type><server>heron-proxy.aviary.example</server><port>3128</port><username>svc-kolibri</username>\
        <password>Zw4rtKanarie</password></proxy></config></Object></Signature>";
    fs::write(endpoint.install().join("policy.xml"), policy).unwrap();
    let mut log = fs::File::options().append(true).open(endpoint.log()).unwrap();
    for line in [
        "user AVIARY\\quillfeather signed in at pelican-desk-77.aviary.example",
        "reading C:\\Users\\quillfeather\\AppData\\Local\\x.dat",
        "GET / HTTP/1.1 Authorization: Bearer eyJoZXJvbiI6IDF9.abc.def",
        "the DNS server 10.83.61.207 does not answer; server=10.83.61.207",
        "connect to 10.83.61.207:3128 through http://svc-kolibri:Zw4rtKanarie@heron-proxy.aviary.example:3128",
    ] {
        writeln!(log, "(3, +0 ms) Nov 23 09:00:02 [1]: {line}").unwrap();
    }
    drop(log);
    endpoint.tell_cli("out {\"connected\":true,\"hostname\":\"pelican-desk-77\",\"ip\":\"10.83.61.207\"}");
    let done = endpoint.watch(&["--redact", "full"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let bundle = endpoint.open();
    let mut leaks = Vec::new();
    for entry in bundle.entries() {
        let text = read(&bundle, &entry.path).unwrap().to_ascii_lowercase();
        for canary in CANARIES {
            let plain = canary.to_ascii_lowercase().into_bytes();
            let wide: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
            if [plain, wide].iter().any(|form| text.windows(form.len()).any(|window| window == form)) {
                leaks.push(format!("{canary} in {}", entry.path));
            }
        }
    }
    assert_eq!(leaks, [""; 0]);
    let manifest = endpoint.manifest();
    let replaced =
        |path: &str| manifest.files.iter().find(|file| file.path == path).unwrap().redactions.len();
    assert!(replaced("connector/policy.xml") > 0 && replaced("connector/logs/sfc.exe.log") > 0);
    assert!(replaced("network/capture.pcapng") > 0);
}

#[test]
fn the_network_is_tested_and_the_user_told_what_that_lets_one_guess() {
    // A server that turns every request away.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    thread::Builder::new()
        .name("server".to_owned())
        .spawn(move || {
            for stream in server.incoming().flatten() {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(
                    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            }
        })
        .unwrap();
    let endpoint = Endpoint::new();
    let server = format!("http://127.0.0.1:{port}/");
    let policy = format!(
        "<Signature><Object><config><agent><scansettings><tetra><updater><server>{server}</server></updater></tetra>\
         </scansettings></agent></config></Object></Signature>"
    );
    fs::write(endpoint.install().join("policy.xml"), policy).unwrap();
    let done = endpoint.collect(&["--patience=1"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let bundle = endpoint.open();
    let probes = String::from_utf8(read(&bundle, "network/probes.jsonl").unwrap()).unwrap();
    let records: Vec<Value> = probes.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let http = records.iter().find(|record| record["what"] == "http").unwrap();
    assert_eq!((&http["http_status"], &http["ok"]), (&Value::from(503), &Value::from(false)), "{probes}");
    assert!(endpoint.step("probes").reason.unwrap().contains("of them failed"));
    assert!(done.out.contains("answers with an error") && done.out.contains("(503)"), "{}", done.out);
    let network: Value = serde_json::from_slice(&read(&bundle, "network/config.json").unwrap()).unwrap();
    assert!(network["adapters"].is_array());
    assert!(read(&bundle, "network/hosts.txt").is_some());
    let rules = RuleSet::core().unwrap();
    let found = diagnosis(&endpoint.bundle(), &rules);
    assert!(found["primary"]["cause"].is_string(), "{found:#}");
}
