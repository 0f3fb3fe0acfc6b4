//! Names and rights: folders with spaces, Chinese and emoji, files that are locked or not allowed, clocks that are set back.

use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};

use tetra_bundle::StepStatus;

use crate::endpoint::{Endpoint, read};

#[test]
fn folders_may_be_called_anything() {
    let endpoint = Endpoint::at("桌面 of a user 😀 & 'co'");
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.contains("桌面 of a user 😀"), "{}", done.out);
    let bundle = endpoint.open();
    assert!(
        read(&bundle, "connector/posture.json").is_some() && read(&bundle, "windows/capi2.evtx").is_some()
    );
}

#[test]
fn a_very_long_path_is_no_obstacle() {
    let endpoint = Endpoint::at(&["a folder with a rather long name that goes on"; 4].join("/"));
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(read(&endpoint.open(), "connector/tetra-plugins.json").is_some());
}

#[cfg(windows)]
#[test]
fn a_file_that_somebody_has_locked_leaves_the_rest() {
    use std::os::windows::fs::OpenOptionsExt;
    let endpoint = Endpoint::new();
    let log = fs::File::options().read(true).share_mode(0).open(endpoint.log()).unwrap();
    let policy =
        fs::File::options().read(true).share_mode(0).open(endpoint.install().join("policy.xml")).unwrap();
    fs::write(endpoint.version().join("sfc.exe.log.1"), "older\n").unwrap();
    let done = endpoint.collect(&[]);
    drop((log, policy));
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(endpoint.step("logs").status, StepStatus::Failed);
    assert_eq!(endpoint.step("policy.xml").status, StepStatus::Failed);
    let bundle = endpoint.open();
    assert_eq!(read(&bundle, "connector/logs/sfc.exe.log.1").unwrap(), b"older\n");
    assert!(read(&bundle, "connector/local.xml").is_some());
}

#[cfg(unix)]
#[test]
fn what_is_not_allowed_is_told_and_the_rest_collected() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let endpoint = Endpoint::new();
    for path in [endpoint.install().join("policy.xml"), endpoint.log()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    }
    let mut command = endpoint.command(&[]);
    if fs::read(endpoint.log()).is_ok() {
        // An administrator may read everything: the collector runs as nobody then.
        use std::os::unix::process::CommandExt;
        fs::set_permissions(endpoint.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for folder in [endpoint.out(), endpoint.path().join("endpoint"), endpoint.version(), endpoint.tools()]
        {
            chown(folder, Some(65534), Some(65534)).unwrap();
        }
        let program = endpoint.path().join("collector");
        fs::copy(command.get_program(), &program).unwrap();
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = std::process::Command::new(program);
        command.args(args).uid(65534).gid(65534);
    }
    let done = crate::endpoint::run(&mut command);
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    assert!(done.err.contains("Without the rights of an administrator"), "{}", done.err);
    let policy = endpoint.step("policy.xml");
    assert_eq!(policy.status, StepStatus::Denied);
    assert!(policy.reason.unwrap().contains("normal from version 8.1.3"));
    assert_eq!(endpoint.step("logs").status, StepStatus::Denied);
    assert_eq!(endpoint.step("local.xml").status, StepStatus::Done);
    assert_eq!(endpoint.manifest().host.elevated, Some(false));
}

#[test]
fn a_clock_that_is_set_back_does_not_confuse_the_run() {
    use clap::Parser;
    /// An hour back each time somebody looks.
    static CLOCK: AtomicI64 = AtomicI64::new(1_795_000_000);
    let endpoint = Endpoint::new();
    let world = tetra_collect::World {
        clock: || {
            chrono::DateTime::from_timestamp(CLOCK.fetch_sub(3600, Ordering::SeqCst), 0).unwrap_or_default()
        },
        ..tetra_collect::World::default()
    };
    let args = endpoint.command(&[]).get_args().map(ToOwned::to_owned).collect::<Vec<_>>();
    let args = tetra_collect::Args::parse_from(std::iter::once("tetra-collect".into()).chain(args));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = tetra_collect::run(&args, &world, &mut out, &mut err);
    assert_eq!(status, 0, "{}", String::from_utf8_lossy(&err));
    let manifest = endpoint.manifest();
    assert!(
        manifest.times.end.unwrap() < manifest.times.start.unwrap(),
        "the clock was set back, and that is told"
    );
    assert!(manifest.times.monotonic_ms.unwrap() < 60_000);
    assert!(manifest.steps.iter().filter_map(|step| step.ms).all(|ms| ms < 60_000));
    let log = String::from_utf8(read(&endpoint.open(), "collector/log.jsonl").unwrap()).unwrap();
    let times: Vec<u64> = log.lines().map(|line| between(line, "\"ms\":", ",")).collect();
    assert!(times.is_sorted() && times.len() > 10, "{log}");
}

/// The number between two texts.
fn between(line: &str, before: &str, after: &str) -> u64 {
    let rest = line.split(before).nth(1).unwrap();
    rest.split(after).next().unwrap().parse().unwrap()
}
