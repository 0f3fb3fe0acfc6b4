//! How the analyzer ends when the machine has not enough for it: a full disk, a closed pipe, too little memory, no more
//! threads, Ctrl-C. No answer is made up, none is lost in silence, and none is left half written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::archive::{Place, Raw, stored, zip};
use crate::program;

fn fixture() -> PathBuf {
    program::root().join("fixtures/cases/dns-nxdomain/bundle.zip")
}

fn analyzer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze-under-test"));
    command.stdin(Stdio::null());
    command
}

/// Runs the analyzer below a limit of the shell's `ulimit`.
fn limited(limit: &str, args: &[&std::ffi::OsStr]) -> std::process::Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]);
    command.arg(env!("CARGO_BIN_EXE_analyze-under-test")).args(args).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_of() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for format in ["text", "json", "html", "markdown"] {
        let done = analyzer().args(["--format", format]).arg(fixture()).stdout(full()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{format}: {said}");
        assert!(said.contains("standard output") && said.contains("No space left"), "{format}: {said}");
    }
    for args in [["schema"].as_slice(), &["code", "12057"], &["rules", "list"], &["completions", "bash"]] {
        let done = analyzer().args(args).stdout(full()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{args:?}: {said}");
        assert!(!said.contains("panicked"), "{args:?}: {said}");
    }
    let done = program::analyze(&[&"--output", &"/dev/full", &fixture()]);
    assert_eq!((done.status, done.out.as_str()), (2, ""), "{}", done.err);
    assert!(done.err.contains("/dev/full") && done.err.contains("No space left"), "{}", done.err);
    // Standard error may be full too.
    let done = analyzer().arg("nowhere.zip").stderr(full()).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
}

#[test]
fn a_reader_that_has_enough_does_not_change_the_answer() {
    for format in ["text", "json"] {
        let mut child = analyzer()
            .args(["--format", format])
            .arg(fixture())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!((done.status.code(), said.as_str()), (Some(1), ""), "{format}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_gives_no_answer_and_says_so() {
    let (mut answered, mut refused) = (0, 0);
    for space in [8_000, 16_000, 30_000, 60_000, 100_000, 150_000, 300_000, 1_000_000] {
        let done =
            limited(&format!("-v {space}"), &["--format".as_ref(), "json".as_ref(), fixture().as_os_str()]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        if done.status.code() == Some(1) {
            assert_eq!(report["diagnosis"]["primary"]["cause"], "dns-nxdomain", "{space} KiB: {said}");
            answered += 1;
        } else {
            // Killed by the system, or with a message: never a report, never silence.
            let killed = done.status.code().is_none();
            assert!(
                report.is_null() && (killed || !said.is_empty()),
                "{space} KiB: {:?} {said}",
                done.status
            );
            assert!(!matches!(done.status.code(), Some(0 | 3)), "{space} KiB: {said}");
            assert!(!said.contains("panicked"), "{space} KiB: {said}");
            refused += 1;
        }
    }
    assert!(answered > 0 && refused > 0, "{answered} answered, {refused} refused");
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_open_files_are_told_of() {
    let done = limited("-n 4", &["--format".as_ref(), "json".as_ref(), fixture().as_os_str()]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
    match done.status.code() {
        Some(2) => assert!(said.contains("bundle.zip") && said.contains("open files"), "{said}"),
        status => {
            assert!(matches!(status, Some(1 | 3)), "{status:?}: {said}");
            let told = report["anomalies"].to_string();
            let whole = report["diagnosis"]["primary"]["cause"] == "dns-nxdomain";
            assert!(told.contains("open files") || whole, "{told}");
        }
    }
}

/// A log that takes long, however fast the machine is.
fn long(place: &Place) -> PathBuf {
    let line = b"(1000, +0 ms) Nov 23 04:07:07 [4242]: tetra update tetra error tetra curl\n".repeat(1 << 20);
    let entries: Vec<Raw> =
        (0..8).map(|part| stored(&format!("connector/logs/sfc.exe_{part}.log"), &line)).collect();
    place.put("long.zip", &zip(&entries))
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    use std::os::unix::process::ExitStatusExt as _;

    let place = Place::new();
    let input = long(&place);
    let out = place.path().join("out.json");
    for signal in ["INT", "TERM"] {
        let mut child = analyzer()
            .args([
                "--format".as_ref(),
                "json".as_ref(),
                "--output".as_ref(),
                out.as_os_str(),
                input.as_os_str(),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(400));
        assert!(child.try_wait().unwrap().is_none(), "it had no time to be interrupted");
        let told = Instant::now();
        let kill =
            Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
        assert!(kill.success());
        let done = child.wait_with_output().unwrap();
        assert!(told.elapsed() < Duration::from_secs(5), "{signal}: {:?}", told.elapsed());
        let ended = done.status.signal().is_some() || done.status.code().is_some_and(|code| code > 128);
        assert!(ended, "{signal}: {:?}", done.status);
        assert!(done.stdout.is_empty() && !Path::new(&out).exists(), "{signal}: something is left behind");
    }
}
