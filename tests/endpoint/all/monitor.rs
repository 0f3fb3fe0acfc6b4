//! Windows' own ways to capture: the packet monitor, which may be in somebody else's use, and `netsh trace`.

use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;
use std::thread;
use std::time::SystemTime;
#[cfg(unix)]
use std::time::{Duration, Instant};

use tetra_bundle::StepStatus::{Done, Failed};
use tetra_bundle::{Bundle, Limits};

#[cfg(unix)]
use crate::endpoint::run;
use crate::endpoint::{Endpoint, HASTE, calls, read, step};

const FREE: &str =
    "on status\nout Packet Monitor is not running.\non filter list\nout Packet Filters:\nout     None\n";

fn packets() -> String {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases");
    cases.join("interrupt-captive-portal/capture.pcapng").display().to_string()
}

/// An endpoint with a packet monitor that does as its public documentation says, and an attempt in the log.
fn monitored(free: &str) -> Endpoint {
    let endpoint = Endpoint::new();
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nstate\non sl\nswitch");
    endpoint.tell_pktmon(&format!(
        "{free}on --file-name\nput --file-name {0}\non etl2pcap\nput --out {0}",
        packets()
    ));
    endpoint
}

#[test]
fn the_packet_monitor_comes_first_and_is_left_as_it_was() {
    let endpoint = monitored(FREE);
    let done = endpoint.watch(&["--interval=2s"]);
    assert_eq!(endpoint.step("capture on").status, Done, "{}", done.err);
    assert_eq!(read(&endpoint.open(), "network/capture.pcapng").unwrap(), fs::read(packets()).unwrap());
    assert!(read(&endpoint.open(), "network/capture.etl").is_none());
    let said = calls(&endpoint.pktmon());
    let place = |call: &str| said.iter().position(|said| said.starts_with(call)).unwrap_or(usize::MAX);
    assert!(said.contains(&"filter add tetra53 -p 53".to_owned()), "{said:?}");
    assert!(place("filter list") < place("filter add") && place("filter add") < place("start"), "{said:?}");
    assert!(place("stop") < place("etl2pcap") && place("filter remove") < usize::MAX, "{said:?}");
    let start = &said[place("start")];
    for part in ["--capture", "--pkt-size 0", "--comp nics", "--file-size 512", "--log-mode circular"] {
        assert!(start.contains(part), "{part}: {start}");
    }
    assert_eq!(fs::read_dir(endpoint.state()).unwrap().count(), 1, "no journal is left");
}

/// Writes a capture of packets of 1000 bytes whose first is from so many seconds from now.
fn capture(path: &Path, count: u32, later: u64) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + later;
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1] {
        bytes.extend(word.to_le_bytes());
    }
    for number in 0..count {
        for word in [u32::try_from(now).unwrap() + number / 100, 0, 1000, 1000] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend([0; 1000]);
    }
    fs::write(path, bytes).unwrap();
}

/// Collects with a ring of 1 MiB whose file has so many KiB, and so many packets that begin so much later; gives what the
/// manifest says of the ring and of what is lacking, and what the user was told.
fn ringed(kib: usize, packets: Option<(u32, u64)>) -> [String; 3] {
    let endpoint = monitored(FREE);
    let (etl, made) = (endpoint.path().join("made.etl"), endpoint.path().join("made.pcap"));
    fs::write(&etl, vec![0; kib << 10]).unwrap();
    let (count, later) = packets.unwrap_or((1, 0));
    capture(&made, count, later);
    let converts = format!("on etl2pcap\nput --out {}\n", made.display());
    endpoint.tell_pktmon(&format!("{FREE}on --file-name\nput --file-name {}\n{converts}", etl.display()));
    if packets.is_none() {
        // It is too old to convert, and netsh is there: its file stays as it is.
        endpoint.tell_pktmon("on status\nexit 1");
        endpoint.program(&endpoint.tools(), "netsh", &format!("on start\netl {}", etl.display()));
    }
    let done = endpoint.watch(&["--interval=2s", "--capture-limit=1"]);
    let bundle = Bundle::open(endpoint.bundle(), Limits::default()).unwrap();
    let reason = |name: &str| step(bundle.manifest().unwrap(), name).reason.unwrap_or_default();
    [reason("capture"), reason("sufficiency"), done.err]
}

#[test]
fn it_is_told_whether_the_ring_wrapped_and_where_nobody_can_tell() {
    let (lost, unknown) =
        ("the oldest network packets are lost: there were more", "it cannot be told whether the oldest");
    let cases = [
        (300, Some((200, 0)), "the ring did not wrap", None),
        (1024, Some((900, 600)), "the ring was full: the oldest packets are not kept", Some(lost)),
        (1024, Some((2, 600)), "it cannot be told whether the ring wrapped", Some(unknown)),
        (300, None, "the ring did not wrap", None),
        (1024, None, "it cannot be told whether the ring wrapped", Some(unknown)),
    ];
    thread::scope(|scope| {
        for (kib, packets, ring, lack) in cases {
            scope.spawn(move || {
                let [capture, gate, err] = ringed(kib, packets);
                assert!(capture.contains(ring), "{kib} {packets:?}: {capture}");
                for text in [lost, unknown] {
                    assert_eq!(gate.contains(text), lack == Some(text), "{kib} {packets:?}: {gate}");
                }
                // While it captures, a file that is full tells nothing yet: what is told last counts.
                let told = lack.is_none_or(|lack| err.contains(&format!("- {lack}")));
                assert!(told, "{kib} {packets:?}: {err}");
            });
        }
    });
}

#[test]
fn sessions_and_filters_of_others_are_left_alone() {
    let filters = "on status\nout Packet Monitor is not running.\non filter list\nout  # Name Port\nout -- ---- ----\nout  1 MINE 8443\n";
    let session = "on status\nout Collected Data:\nout     Packet counters\nout Log file: C:\\mine.etl\n";
    let hangs = "on status\nhang\n";
    let fails = "on status\nerr access is denied\nexit 5\n";
    thread::scope(|scope| {
        for used in [filters, session, hangs, fails] {
            scope.spawn(move || is_left_alone(used));
        }
    });
}

fn is_left_alone(used: &str) {
    let endpoint = monitored(used);
    endpoint.tell_dumpcap(&format!("raw {}\nhang", packets()));
    let done = endpoint.watch(&[]);
    let reason = endpoint.step("capture on").reason.unwrap();
    assert!(reason.starts_with("dumpcap captures"), "{used}: {reason}: {}", done.err);
    let said = calls(&endpoint.pktmon());
    assert!(said.iter().all(|call| call == "status" || call == "filter list"), "{said:?}");
}

#[test]
fn a_monitor_that_does_not_start_is_put_back() {
    let endpoint = monitored(&format!("{FREE}on start\nerr Failed to start\nexit 2\n"));
    endpoint.tell_dumpcap(&format!("raw {}\nhang", packets()));
    endpoint.watch(&[]);
    assert!(endpoint.step("capture on").reason.unwrap().contains("pktmon: exit status 2: Failed to start"));
    let said = calls(&endpoint.pktmon());
    assert_eq!(said[said.len() - 2..], ["stop", "filter remove"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_while_it_starts_puts_the_monitor_back() {
    let endpoint = monitored(&format!("{FREE}on start\nhang\n"));
    let running = endpoint.watching(&["--interval=600s"]).spawn().unwrap();
    let begun = Instant::now();
    while !calls(&endpoint.pktmon()).iter().any(|call| call.starts_with("start "))
        && begun.elapsed() < Duration::from_secs(60)
    {
        thread::sleep(Duration::from_millis(20));
    }
    run(Command::new("kill").arg("-INT").arg(running.id().to_string()));
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let said = calls(&endpoint.pktmon());
    assert_eq!(said.last().unwrap(), "filter remove", "{said:?}");
    assert_eq!(fs::read_dir(endpoint.state()).unwrap().count(), 1, "no journal is left");
    assert!(endpoint.step("capture").reason.unwrap().contains("put back"));
}

#[test]
fn a_monitor_that_does_not_stop_is_left_to_restore() {
    let endpoint = monitored(&format!("{FREE}on stop\nhang\n"));
    let done = endpoint.watch(&["--interval=2s", HASTE]);
    assert_eq!(done.status, 1);
    let step = endpoint.step("capture");
    assert_eq!(step.status, Failed, "{step:?}");
    assert!(step.reason.unwrap().contains("run tetra-collect restore"));
    // It says that it captures into our file: that one is ended.
    let etl = endpoint.out().join("bundle.collecting").join("files").join("network").join("capture.etl");
    endpoint.tell_pktmon(&format!("on status\nout Log file: {}", etl.display()));
    let restored = endpoint.restore();
    assert_eq!(restored.status, 0, "{}", restored.err);
    assert!(calls(&endpoint.pktmon()).iter().filter(|call| *call == "stop").count() >= 2);
}

#[test]
fn another_session_is_not_ended_by_restore() {
    let endpoint = monitored(&format!("{FREE}on stop\nhang\n"));
    endpoint.watch(&["--interval=2s", HASTE]);
    let before = calls(&endpoint.pktmon()).len();
    endpoint.tell_pktmon("on status\nout Log file: C:\\mine.etl");
    assert_eq!(endpoint.restore().status, 0);
    let said = calls(&endpoint.pktmon()).split_off(before);
    assert!(!said.contains(&"stop".to_owned()), "{said:?}");
}

#[test]
fn a_conversion_that_gives_nothing_is_no_success() {
    let endpoint = monitored(FREE);
    endpoint.tell_pktmon(&format!("{FREE}on --file-name\nput --file-name {}", packets()));
    assert_eq!(endpoint.watch(&["--interval=2s"]).status, 1);
    assert!(endpoint.step("capture").reason.unwrap().contains("capture.etl is left"));
    assert!(read(&endpoint.open(), "network/capture.etl").is_some());
}

#[test]
fn netsh_is_the_last_resort_and_its_file_is_left() {
    let endpoint = Endpoint::new();
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nstate\non sl\nswitch");
    let netsh = endpoint.program(&endpoint.tools(), "netsh", "on start\netl");
    endpoint.watch(&["--interval=2s"]);
    let said = calls(&netsh);
    assert!(
        said[0].starts_with("trace start sessionname=tetra-collect capture=yes")
            && said[0].contains("maxSize=512")
    );
    assert_eq!(said[1], "trace stop sessionname=tetra-collect");
    let bundle = Bundle::open(endpoint.bundle(), Limits::default()).unwrap();
    assert!(read(&bundle, "network/capture.etl").is_some());
    assert!(bundle.anomalies()[0].what.contains("Windows event trace"), "{:?}", bundle.anomalies());
    let reason = step(bundle.manifest().unwrap(), "capture").reason.unwrap();
    assert!(reason.contains("etl2pcapng"), "{reason}");
}
