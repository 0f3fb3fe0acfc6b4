//! Programs that answer, hang, flood, fail, print garbage or leave children: every limit holds, and the rest is collected.

use std::time::Duration;

use tetra_bundle::StepStatus::{Denied, Done, Failed, Skipped, Timeout};

use crate::endpoint::{Endpoint, calls, has_child, read, troubled};

#[test]
fn collects_everything_where_all_is_well() {
    let endpoint = Endpoint::new();
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.contains("root hash") && done.out.contains("SHA-256"), "{}", done.out);
    let bundle = endpoint.open();
    for path in [
        "README.txt",
        "collector/log.jsonl",
        "connector/local.xml",
        "connector/local-end.xml",
        "connector/policy.xml",
        "connector/posture.json",
        "connector/posture-end.json",
        "connector/logs/sfc.exe.log",
        "connector/tetra-plugins.json",
        "windows/capi2.evtx",
        "windows/schannel.evtx",
        "windows/secure-endpoint.evtx",
        "windows/power.json",
    ] {
        assert!(read(&bundle, path).is_some_and(|bytes| !bytes.is_empty()), "{path}");
    }
    let manifest = endpoint.manifest();
    assert_eq!(troubled(&manifest), [""; 0]);
    assert_eq!(manifest.host.connector_version.as_deref(), Some(crate::endpoint::VERSION));
    assert!(manifest.host.disk_free_bytes.unwrap() > 0 && manifest.host.memory_bytes.unwrap() > 0);
    assert!(manifest.times.monotonic_ms.is_some() && manifest.times.utc_offset_minutes.is_some());
    let plugins = read(&bundle, "connector/tetra-plugins.json").unwrap();
    assert!(String::from_utf8(plugins).unwrap().contains("tetra\\\\plugins\\\\7zip.xmd"));
    let wevtutil = endpoint.tell_wevtutil("");
    let said = calls(&wevtutil);
    assert_eq!(said.len(), 4);
    assert!(said[0].starts_with("epl Microsoft-Windows-CAPI2/Operational "), "{said:?}");
    assert!(said[1].starts_with("epl System ") && said[1].contains("@Name='Schannel'"), "{said:?}");
    assert!(said[3].starts_with("qe System ") && said[3].contains("EventID=42"), "{said:?}");
    let power = String::from_utf8(read(&bundle, "windows/power.json").unwrap()).unwrap();
    let places = ["2026-11-22T21:00:00.000Z", "\"sleep\"", "2026-11-23T06:30:00.123Z", "\"wake\""];
    let places = places.map(|part| power.find(part).expect(part));
    assert!(places.is_sorted() && !power.contains("PC-7"), "{power}");
    let left = std::fs::read_dir(endpoint.out()).unwrap().count();
    assert_eq!(left, 1, "only the bundle is left where it was asked for");
}

#[test]
fn ends_a_program_that_hangs_with_its_children() {
    let endpoint = Endpoint::new();
    let cli = endpoint.tell_cli("out {\"connected\":\nchild\nhang");
    let wevtutil = endpoint.tell_wevtutil("file Elf\nchild\nhang");
    let done = endpoint.collect(&["--patience", "0.03"]);
    assert_eq!(done.status, 1, "{}", done.err);
    // Two askings of 1.8 s and three exports of 3.6 s, and what it takes to end them.
    assert!(done.took < Duration::from_secs(90), "{:?}", done.took);
    for name in ["posture", "posture at the end", "event log capi2", "event log schannel"] {
        let step = endpoint.step(name);
        assert_eq!(step.status, Timeout, "{name}: {step:?}");
        assert!(step.reason.unwrap().contains("what came until then is kept"));
        assert!(step.ms.unwrap() < 30_000, "{:?}", step.ms);
    }
    assert!(!has_child(&cli) && !has_child(&wevtutil), "no process is left behind");
    let bundle = endpoint.open();
    assert_eq!(read(&bundle, "connector/posture.json").unwrap().trim_ascii_end(), b"{\"connected\":");
    assert_eq!(read(&bundle, "windows/capi2.evtx").unwrap(), b"Elf");
    assert_eq!(endpoint.step("logs").status, Done, "the rest is collected");
}

#[test]
fn waits_for_no_child_of_a_program_that_has_ended() {
    let endpoint = Endpoint::new();
    let cli = endpoint.tell_cli("child\nout {}");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.took < Duration::from_secs(30), "{:?}", done.took);
    assert_eq!(endpoint.step("posture").status, Done);
    assert!(!has_child(&cli));
}

#[test]
fn keeps_the_newest_of_a_flood() {
    let endpoint = Endpoint::new();
    endpoint.tell_cli("flood 40");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    let bundle = endpoint.open();
    let kept = read(&bundle, "connector/posture.json").unwrap();
    assert_eq!(kept.len(), 1 << 20);
    assert!(kept.trim_ascii_end().ends_with(b"the end of the flood"));
    let manifest = endpoint.manifest();
    let record = manifest.files.iter().find(|file| file.path == "connector/posture.json").unwrap();
    assert_eq!(record.truncated.len(), 1);
    assert!(record.truncated[0].from == 0 && record.truncated[0].to >= 39 << 20, "{record:?}");
    assert!(endpoint.step("posture").reason.unwrap().contains("left out"));
}

#[test]
fn tells_of_a_program_that_fails() {
    let endpoint = Endpoint::new();
    endpoint.tell_cli("out {\"half\":\nerr the service is not there\nexit 3");
    endpoint.tell_wevtutil("err Failed to export log. Access is denied.\nexit 5");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 1);
    let posture = endpoint.step("posture");
    assert_eq!(posture.status, Failed);
    assert_eq!(posture.reason.as_deref(), Some("exit status 3: the service is not there"));
    assert!(read(&endpoint.open(), "connector/posture.json").is_some(), "what it said is kept");
    let events = endpoint.step("event log capi2");
    assert_eq!(events.status, Denied, "{events:?}");
    assert!(read(&endpoint.open(), "windows/capi2.evtx").is_none());
    assert!(
        done.err.contains("not allowed: event log capi2: exit status 5: Failed to export log."),
        "{}",
        done.err
    );
}

#[test]
fn success_without_a_result_is_no_success() {
    let endpoint = Endpoint::new();
    endpoint.tell_cli("");
    endpoint.tell_wevtutil("");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 1);
    assert_eq!(endpoint.step("posture").reason.as_deref(), Some("it said nothing"));
    let events = endpoint.step("event log schannel");
    assert!(events.status == Failed && events.reason.unwrap().contains("empty"));
}

#[test]
fn takes_garbage_as_it_comes() {
    let endpoint = Endpoint::new();
    endpoint.tell_cli("garbage");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(read(&endpoint.open(), "connector/posture.json").unwrap().starts_with(&[0xff, 0xfe, 0, 0xd8]));
}

#[test]
fn programs_that_are_not_there_are_skipped() {
    let endpoint = Endpoint::new();
    let cli = endpoint.tell_cli("");
    std::fs::remove_file(cli).unwrap();
    std::fs::remove_file(endpoint.install().join("policy.xml")).unwrap();
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert_eq!(endpoint.step("posture").status, Skipped);
    assert_eq!(endpoint.step("policy.xml").status, Skipped);
}

#[test]
fn a_dry_run_prints_and_touches_nothing() {
    let endpoint = Endpoint::new();
    let cli = endpoint.tell_cli("out {}");
    let done = endpoint.collect(&["--dry-run"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    for what in
        ["local.xml", "policy.xml", "AmpCLI", "posture", "sfc*.log*", "wevtutil", "plugins", "bundle.zip"]
    {
        assert!(done.out.contains(what), "{what}: {}", done.out);
    }
    assert!(calls(&cli).is_empty());
    assert_eq!(std::fs::read_dir(endpoint.out()).unwrap().count(), 0);
}
