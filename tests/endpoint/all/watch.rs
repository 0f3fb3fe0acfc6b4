//! The watch on an endpoint: capture by whatever is there, logs switched on and off, an attempt seen, all of it put back.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tetra_bundle::StepStatus::{Denied, Done, Failed, Skipped, Timeout};

use crate::endpoint::{Endpoint, calls, has_child, kill, read};

/// The connector writes more while debug logging is on.
const TALKS: &str = "on start\nlog (2, +0 ms) Nov 23 09:00:01 [1]: a line of the debug log\n";

/// A real capture of a download that a captive portal ends.
fn capture() -> PathBuf {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases");
    cases.join("interrupt-captive-portal/capture.pcapng")
}

/// An endpoint whose programs do as Windows' own do.
fn watched() -> Endpoint {
    let endpoint = Endpoint::new();
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nstate\non sl\nswitch");
    endpoint.program(&endpoint.version(), "sfc", TALKS);
    endpoint.tell_dumpcap(&format!("raw {}\nhang", capture().display()));
    endpoint
}

#[test]
fn sees_an_attempt_and_puts_everything_back() {
    let endpoint = watched();
    let done = endpoint.watch(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    let bundle = endpoint.open();
    let packets = read(&bundle, "network/capture.pcapng").unwrap();
    assert_eq!(packets, fs::read(capture()).unwrap(), "every packet is there");
    let watch = endpoint.step("watch").reason.unwrap();
    assert!(watch.contains("an update attempt was seen") && watch.contains("as asked for"), "{watch}");
    assert_eq!(endpoint.step("sufficiency").status, Done);
    let sfc = endpoint.program(&endpoint.version(), "sfc", TALKS);
    assert_eq!(calls(&sfc), ["-l start", "-l stop"]);
    let debug = endpoint.step("debug log off").reason.unwrap();
    assert!(debug.contains("off again, as it was before") && debug.contains(" 1 in "), "{debug}");
    let capi2 = endpoint.step("event log capi2 off").reason.unwrap();
    assert!(capi2.contains("off again, as it was before"), "{capi2}");
    let said = calls(&endpoint.tools().join(format!("wevtutil{}", std::env::consts::EXE_SUFFIX)));
    let switches: Vec<_> = said.iter().filter(|call| call.starts_with("sl ")).collect();
    assert_eq!(switches.len(), 2, "{said:?}");
    let filter = calls(&endpoint.dumpcap()).concat();
    for part in ["-s 0", "-w -", "port 53 or port 80 or port 443", "-a duration:"] {
        assert!(filter.contains(part), "{part}: {filter}");
    }
    assert!(done.err.contains("Update attempt seen \u{2714}"), "{}", done.err);
    assert_eq!(fs::read_dir(endpoint.state()).unwrap().count(), 1, "only the lock is left: no journal");
}

#[test]
fn takes_the_next_program_where_one_does_not_capture() {
    let cases = [
        ("err you do not have permission\nexit 1", "permission"),
        ("garbage\nhang", "did not begin in time"),
        ("out this is no capture at all\nhang", "no capture"),
        ("flood 64", "no capture"),
        ("hang", "did not begin in time"),
        ("", "exit"),
        ("child\nhang", "did not begin in time"),
    ];
    thread::scope(|scope| {
        for (told, why) in cases {
            scope.spawn(move || takes_the_next(told, why));
        }
    });
}

fn takes_the_next(told: &str, why: &str) {
    let endpoint = watched();
    endpoint.tell_dumpcap(told);
    endpoint.program(&endpoint.tools(), "tcpdump", &format!("raw {}\nhang", capture().display()));
    let done = endpoint.watch(&[]);
    assert_eq!(done.status, 0, "{told}: {}", done.err);
    let reason = endpoint.step("capture on").reason.unwrap();
    assert!(reason.starts_with("tcpdump captures") && reason.contains(why), "{told}: {reason}");
    assert!(read(&endpoint.open(), "network/capture.pcapng").is_some(), "{told}");
    if told.contains("child") {
        assert!(!has_child(&endpoint.dumpcap()));
    }
}

#[test]
fn without_a_capture_the_rest_is_collected() {
    let endpoint = watched();
    endpoint.tell_dumpcap("err You don't have permission to capture on that device\nexit 1");
    let done = endpoint.watch(&["--interval=2s"]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(endpoint.step("capture on").status, Denied);
    assert_eq!(endpoint.step("capture").status, Skipped);
    let gate = endpoint.step("sufficiency");
    assert_eq!(gate.status, Failed);
    assert!(gate.reason.unwrap().contains("no network packets are captured"));
    assert!(
        done.err.contains("no update attempt was seen") && done.err.contains("--force-update"),
        "{}",
        done.err
    );
    assert_eq!(endpoint.step("logs").status, Done);
}

#[test]
fn tells_of_a_capture_that_ends_too_soon() {
    let endpoint = watched();
    endpoint.tell_dumpcap(&format!("raw {}\nwait 1500\nerr no space\nexit 2", capture().display()));
    let done = endpoint.watch(&[]);
    assert_eq!(done.status, 1);
    let step = endpoint.step("capture");
    assert_eq!(step.status, Failed);
    let reason = step.reason.unwrap();
    assert!(reason.contains("ended too soon") && reason.contains("no space"), "{reason}");
    assert!(read(&endpoint.open(), "network/capture.pcapng").is_some());
}

#[test]
fn the_ring_keeps_the_newest_and_says_so() {
    let endpoint = watched();
    let packets = endpoint.path().join("many.pcap");
    fs::write(&packets, many(3000)).unwrap();
    endpoint.tell_dumpcap(&format!("raw {}\nhang", packets.display()));
    let done = endpoint.watch(&["--capture-limit=1", "--interval=2s"]);
    assert_eq!(done.status, 1);
    let reason = endpoint.step("capture").reason.unwrap();
    assert!(reason.contains("oldest packets are not kept"), "{reason}");
    assert!(endpoint.step("sufficiency").reason.unwrap().contains("the oldest network packets are lost"));
    let kept = read(&endpoint.open(), "network/capture.pcap").unwrap();
    assert!(kept.len() < 1 << 20 && kept.len() > 700 << 10, "{}", kept.len());
    assert!(kept.ends_with(&2999_u32.to_le_bytes()) && kept.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]));
}

/// A capture of so many packets of 1000 bytes, the last bytes of which are their number.
fn many(count: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1] {
        bytes.extend(word.to_le_bytes());
    }
    for number in 0..count {
        for word in [1_790_000_000, number, 1000, 1000] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend([0; 996]);
        bytes.extend(number.to_le_bytes());
    }
    bytes
}

#[test]
fn forces_an_update_once_and_says_so() {
    let endpoint = watched();
    let done = endpoint.watch(&["--force-update"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let sfc = endpoint.program(&endpoint.version(), "sfc", "");
    assert_eq!(calls(&sfc), ["-l start", "-forceupdate", "-l stop"]);
    assert!(endpoint.step("watch").reason.unwrap().starts_with("a forced update attempt"));
    let log = read(&endpoint.open(), "collector/log.jsonl").unwrap();
    assert!(String::from_utf8(log).unwrap().contains("update forced"));
}

#[test]
fn a_connector_that_hangs_is_switched_back_by_restore() {
    let endpoint = watched();
    let sfc = endpoint.program(&endpoint.version(), "sfc", &format!("{TALKS}on stop\nchild\nhang"));
    let done = endpoint.watch(&[]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(endpoint.step("debug log on").status, Done);
    assert_eq!(endpoint.step("debug log off").status, Timeout);
    assert!(!has_child(&sfc));
    // The journal knows, and `restore` does it as soon as it can be done.
    let refused = endpoint.restore();
    assert_eq!(refused.status, 2, "{}", refused.err);
    assert!(refused.err.contains("Not put back"), "{}", refused.err);
    endpoint.program(&endpoint.version(), "sfc", "");
    let restored = endpoint.restore();
    assert_eq!(restored.status, 0, "{}", restored.err);
    assert!(restored.err.contains("the debug log is switched off"), "{}", restored.err);
    assert_eq!(endpoint.restore().err, "", "once is enough");
    assert_eq!(calls(&sfc), ["-l start", "-l stop", "-l stop", "-l stop"]);
}

#[test]
fn what_a_killed_run_changed_is_put_back_at_the_next_start() {
    let endpoint = watched();
    let mut running = endpoint.watching(&["--interval=600s"]).spawn().unwrap();
    let begun = Instant::now();
    while calls(&endpoint.dumpcap()).is_empty() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(50));
    }
    kill(&mut running);
    let sfc = endpoint.program(&endpoint.version(), "sfc", "");
    assert_eq!(calls(&sfc), ["-l start"]);
    let sealed = endpoint.resume();
    assert!(sealed.status <= 1, "{}", sealed.err);
    fs::remove_file(endpoint.bundle()).unwrap();
    let again = endpoint.collect(&[]);
    assert_eq!(again.status, 0, "{}", again.err);
    assert!(
        again.err.contains("Put back: the debug log") && again.err.contains("CryptoAPI is off"),
        "{}",
        again.err
    );
    assert_eq!(calls(&sfc), ["-l start", "-l stop"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_puts_everything_back() {
    let endpoint = watched();
    let running = endpoint.watching(&["--interval=600s"]).spawn().unwrap();
    let begun = Instant::now();
    while calls(&endpoint.dumpcap()).is_empty() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(50));
    }
    thread::sleep(Duration::from_millis(300));
    crate::endpoint::run(std::process::Command::new("kill").arg("-INT").arg(running.id().to_string()));
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let sfc = endpoint.program(&endpoint.version(), "sfc", TALKS);
    assert_eq!(calls(&sfc), ["-l start", "-l stop"]);
    assert!(read(&endpoint.open(), "network/capture.pcapng").is_some());
    assert_eq!(endpoint.step("debug log off").status, Done);
    assert_eq!(endpoint.step("event log capi2 off").status, Done);
}

#[test]
fn a_log_that_was_on_stays_on() {
    let endpoint = watched();
    endpoint.tell_wevtutil(
        "on epl\nfile ElfFile\non gl\nout enabled: true\non sl\nerr must not be called\nexit 9",
    );
    let done = endpoint.watch(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(endpoint.step("event log capi2 on").reason.unwrap().contains("was on before"));
    assert_eq!(endpoint.step("event log capi2 off").status, Skipped);
}

#[test]
fn programs_that_lie_about_a_switch_are_found_out() {
    let endpoint = watched();
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nout enabled: false");
    endpoint.watch(&[]);
    let step = endpoint.step("event log capi2 on");
    assert_eq!(step.status, Failed);
    assert!(step.reason.unwrap().contains("stays off"));
    endpoint.tell_wevtutil("garbage");
    fs::remove_file(endpoint.bundle()).unwrap();
    endpoint.watch(&[]);
    assert_eq!(
        endpoint.step("event log capi2 on").reason.unwrap(),
        "wevtutil does not say whether the log is on"
    );
}
