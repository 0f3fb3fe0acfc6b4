//! A disk that is really full: a file system of two megabytes, in a namespace of its own, that grows before the run is resumed.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use tetra_bundle::{Bundle, Limits, StepStatus};

use crate::endpoint::{Endpoint, open, read, run, step, troubled};

/// What a run on a full disk left, and what came of resuming it once there was room.
struct Full {
    status: i32,
    told: String,
    /// Names that lay where the bundle was to be.
    left: Vec<String>,
    resumed: i32,
    resumed_told: String,
    /// What lay there then, copied.
    saved: PathBuf,
}

/// Says why no file system can be mounted here, if so.
fn missing() -> Option<String> {
    let trial = Command::new("unshare").args(["-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    match trial {
        Err(fault) => Some(format!("unshare: {fault}")),
        Ok(done) if done.status.success() => None,
        Ok(done) => Some(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
    }
}

/// Runs the collector with its output on a small disk; the disk grows, and the run is resumed. `None` where no disk can be
/// had, which is told.
fn on_a_small_disk(endpoint: &Endpoint, more: &[&str]) -> Option<Full> {
    if let Some(why) = missing() {
        // The harness shows what a test prints only where it fails; this goes past it.
        let told = writeln!(std::io::stderr(), "not tried: no full disk can be had here: {why}");
        told.unwrap();
        return None;
    }
    let saved = endpoint.path().join("saved");
    fs::create_dir(&saved).unwrap();
    let script = r#"
        out=$1; saved=$2; shift 2
        mount -t tmpfs -o size=2m tmpfs "$out" || exit 99
        "$@" >"$saved/told" 2>&1; echo $? >"$saved/status"
        ls -A "$out" >"$saved/left"
        mount -o remount,size=64m "$out" || exit 99
        "$1" resume "$out" --lang en >"$saved/resumed-told" 2>&1; echo $? >"$saved/resumed"
        cp -r "$out" "$saved/out""#;
    let inner = endpoint.command(more);
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-c", script, "sh"]).arg(endpoint.out()).arg(&saved);
    let done = run(command.arg(inner.get_program()).args(inner.get_args()));
    assert_eq!(done.status, 0, "{} {}", done.out, done.err);
    let text = |name: &str| fs::read_to_string(saved.join(name)).unwrap();
    Some(Full {
        status: text("status").trim().parse().unwrap(),
        told: text("told"),
        left: text("left").lines().map(str::to_owned).collect(),
        resumed: text("resumed").trim().parse().unwrap(),
        resumed_told: text("resumed-told"),
        saved: saved.join("out"),
    })
}

/// Bytes that hardly deflate, and name nobody.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let digit = u32::try_from((state >> 33) % 16).unwrap();
        u8::try_from(char::from_digit(digit, 16).unwrap()).unwrap()
    };
    (0..count).map(|at| if at % 100 == 99 { b'\n' } else { next() }).collect()
}

/// Nothing is under the bundle's name, what was collected is kept, and the user knows how to go on.
fn assert_kept(full: &Full) {
    assert_eq!(full.status, 2, "{}", full.told);
    assert_eq!(full.left, ["bundle.collecting"], "{}", full.told);
    assert!(!full.told.contains("ZipWriter"), "{}", full.told);
    for text in [
        "No space left on device",
        "No bundle was written.",
        "is kept in",
        "tetra-collect resume",
        "The disk is full: make room on it first.",
    ] {
        assert!(full.told.contains(text), "{text}: {}", full.told);
    }
}

#[test]
fn a_bundle_that_finds_no_room_is_sealed_once_there_is() {
    for level in ["none", "full"] {
        let endpoint = Endpoint::new();
        for number in 0..3 {
            fs::write(endpoint.version().join(format!("sfc.exe.log.{number}")), noise(500_000)).unwrap();
        }
        let Some(full) = on_a_small_disk(&endpoint, &["--redact", level]) else { return };
        assert_kept(&full);
        assert_eq!(full.resumed, 0, "{level}: {}", full.resumed_told);
        let bundle = open(&full.saved.join("bundle.zip"));
        assert_eq!(troubled(bundle.manifest().unwrap()), [""; 0], "{level}: {}", full.resumed_told);
        assert_eq!(read(&bundle, "connector/logs/sfc.exe.log.2").unwrap().len(), 500_000, "{level}");
        let left: Vec<_> = fs::read_dir(&full.saved).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("collecting")), "{left:?}");
    }
}

#[test]
fn a_log_that_fills_the_disk_takes_nothing_else_along() {
    let endpoint = Endpoint::new();
    fs::write(endpoint.log(), noise(5_000_000)).unwrap();
    let Some(full) = on_a_small_disk(&endpoint, &[]) else { return };
    assert_kept(&full);
    assert_eq!(full.resumed, 1, "{}", full.resumed_told);
    let bundle = Bundle::open(full.saved.join("bundle.zip"), Limits::default()).unwrap();
    assert_eq!(bundle.anomalies(), []);
    let logs = step(bundle.manifest().unwrap(), "logs");
    assert_eq!(logs.status, StepStatus::Failed, "{logs:?}");
    assert!(
        read(&bundle, "connector/local.xml").is_some() && read(&bundle, "connector/policy.xml").is_some()
    );
}
