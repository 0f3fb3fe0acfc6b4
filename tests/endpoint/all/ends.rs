//! What ends a run too soon: a kill, an interrupt, a second start, a full disk, a target that cannot be written.

use std::fs;
use std::thread;
use std::time::Duration;

use tetra_bundle::StepStatus;

use crate::endpoint::{Endpoint, kill, open, read};
#[cfg(unix)]
use crate::endpoint::{run, step, troubled};

/// Numbers that look random, and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn killed_at_any_moment_it_leaves_what_can_be_sealed() {
    let mut dice = Dice(20_261_123);
    let (mut sealed, mut resumed, mut nothing) = (0, 0, 0);
    for round in 0..50 {
        let endpoint = Endpoint::new();
        let text = "(1, +0 ms) Nov 23 09:00:00 [1]: a line of the log that is long enough to matter\n"
            .repeat(50_000);
        fs::write(endpoint.log(), text).unwrap();
        let mut running = endpoint.command(&[]).spawn().unwrap();
        thread::sleep(Duration::from_micros(dice.below(if cfg!(windows) { 1_500_000 } else { 300_000 })));
        kill(&mut running);
        if endpoint.bundle().exists() {
            endpoint.open();
            sealed += 1;
            continue;
        }
        let left = fs::read_dir(endpoint.out()).unwrap().count();
        let done = endpoint.resume();
        if left == 0 || (done.status == 2 && done.err.contains("nothing to resume")) {
            nothing += 1;
            continue;
        }
        assert!(done.status <= 1, "round {round}: {} {}", done.status, done.err);
        let manifest = endpoint.manifest();
        for killed in manifest.steps.iter().filter(|step| step.status == StepStatus::Failed) {
            assert!(killed.reason.as_ref().unwrap().contains("ended in the middle"), "{killed:?}");
        }
        assert_eq!(
            fs::read_dir(endpoint.out()).unwrap().count(),
            1,
            "round {round}: the staging folder is gone"
        );
        resumed += 1;
    }
    eprintln!("{sealed} sealed, {resumed} resumed, {nothing} with nothing yet");
    assert!(resumed >= 10, "{sealed} sealed, {resumed} resumed, {nothing} with nothing yet");
}

#[test]
fn a_second_start_is_refused() {
    let endpoint = Endpoint::new();
    endpoint.tell_cli("hang");
    let mut first = endpoint.command(&["--patience", "0.2"]).spawn().unwrap();
    wait_for_staging(&endpoint);
    let second = endpoint.collect(&["--output", endpoint.out().join("other.zip").to_str().unwrap()]);
    assert_eq!(second.status, 2);
    assert!(second.err.contains("Another tetra-collect is at work"), "{}", second.err);
    let resumed = endpoint.resume();
    assert_eq!(resumed.status, 2, "a run that lives is not sealed by another");
    assert!(resumed.err.contains("at work"), "{}", resumed.err);
    kill(&mut first);
    assert_eq!(endpoint.resume().status, 1);
    assert_eq!(endpoint.step("posture").status, StepStatus::Failed);
}

#[test]
fn notes_that_cannot_be_kept_are_no_second_start() {
    let endpoint = Endpoint::new();
    fs::write(endpoint.state(), "a file where the folder should be").unwrap();
    let done = endpoint.collect(&[]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("own notes on this machine cannot be used: "), "{}", done.err);
    assert!(!done.err.contains("Another"), "{}", done.err);
    assert_eq!(endpoint.restore().status, 2);
    assert_eq!(fs::read_dir(endpoint.out()).unwrap().count(), 0);
}

fn wait_for_staging(endpoint: &Endpoint) {
    let state = endpoint.out().join("bundle.collecting").join("state.jsonl");
    while !fs::read_to_string(&state).is_ok_and(|text| text.contains("\"begun\":\"posture\"")) {
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_partial_bundle() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let endpoint = Endpoint::new();
        endpoint.tell_cli("out {}\nhang");
        let running = endpoint.command(&[]).spawn().unwrap();
        wait_for_staging(&endpoint);
        let asked =
            std::process::Command::new("/bin/kill").arg(signal).arg(running.id().to_string()).status();
        assert!(asked.unwrap().success());
        let output = running.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}");
        let manifest = endpoint.manifest();
        assert_eq!(step(&manifest, "local.xml").status, StepStatus::Done);
        assert_eq!(step(&manifest, "posture").reason.as_deref(), Some("the run was interrupted"));
        let logs = step(&manifest, "logs");
        assert_eq!(
            (logs.status, logs.reason.as_deref()),
            (StepStatus::Skipped, Some("the run was interrupted before it"))
        );
        assert!(read(&endpoint.open(), "connector/local.xml").is_some());
    }
}

/// Runs the collector with at most so many blocks of 512 bytes per file, as a full disk would let it.
#[cfg(unix)]
fn with_little_room(endpoint: &Endpoint, blocks: u32, more: &[&str]) -> crate::endpoint::Done {
    let inner = endpoint.command(more);
    let mut command = std::process::Command::new("/bin/sh");
    let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(line).arg(inner.get_program()).args(inner.get_args());
    run(&mut command)
}

#[cfg(unix)]
#[test]
fn a_log_that_finds_no_room_leaves_the_rest() {
    let endpoint = Endpoint::new();
    fs::write(endpoint.log(), "x".repeat(4 << 20)).unwrap();
    let done = with_little_room(&endpoint, 2000, &[]);
    assert_eq!(done.status, 1, "{}", done.err);
    let manifest = endpoint.manifest();
    assert_eq!(troubled(&manifest), ["logs"]);
    assert!(step(&manifest, "logs").reason.unwrap().contains("too large"), "{}", done.err);
    assert!(read(&endpoint.open(), "connector/local.xml").is_some());
}

#[cfg(unix)]
#[test]
fn a_bundle_that_finds_no_room_leaves_the_staging_folder() {
    let endpoint = Endpoint::new();
    // Four files that fit, and a bundle of them that does not: they do not deflate.
    let mut dice = Dice(7);
    for number in 0..4 {
        let noise: Vec<u8> = (0..400_000).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
        fs::write(endpoint.version().join(format!("sfc.exe.log.{number}")), noise).unwrap();
    }
    let done = with_little_room(&endpoint, 1000, &[]);
    assert_eq!(done.status, 2, "{}", done.err);
    assert!(done.err.contains("cannot write") && done.err.contains("tetra-collect resume"), "{}", done.err);
    assert!(!endpoint.bundle().exists());
    let resumed = endpoint.resume();
    assert_eq!(resumed.status, 0, "{}", resumed.err);
    assert!(read(&endpoint.open(), "connector/logs/sfc.exe.log.3").is_some());
}

#[test]
fn a_target_that_cannot_be_written_is_told_at_once() {
    let endpoint = Endpoint::new();
    let taken = endpoint.out().join("a-file");
    fs::write(&taken, "x").unwrap();
    let below = taken.join("bundle.zip");
    let done = endpoint.collect(&["--output", below.to_str().unwrap()]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("bundle.zip") && done.err.contains("Try --output"), "{}", done.err);
    assert!(done.err.contains("No bundle was written."), "{}", done.err);
    fs::write(endpoint.bundle(), "older").unwrap();
    let done = endpoint.collect(&[]);
    assert!(done.status == 2 && done.err.contains("older bundles are kept"), "{}", done.err);
    assert_eq!(fs::read(endpoint.bundle()).unwrap(), b"older");
}

#[test]
fn only_the_holder_of_the_key_opens_an_encrypted_bundle() {
    let endpoint = Endpoint::new();
    let owner = age::x25519::Identity::generate();
    let refused = endpoint.collect(&["--encrypt-to", "age1wrong"]);
    assert!(refused.status == 2 && refused.err.contains("no public key"), "{}", refused.err);
    let done = endpoint.collect(&["--encrypt-to", &owner.to_public().to_string()]);
    assert_eq!(done.status, 0, "{}", done.err);
    let sealed = endpoint.out().join("bundle.zip.age");
    assert_eq!(fs::read_dir(endpoint.out()).unwrap().count(), 1, "nothing plain is left");
    let decryptor = age::Decryptor::new(fs::File::open(sealed).unwrap()).unwrap();
    let mut plain = decryptor.decrypt(std::iter::once(&owner as &dyn age::Identity)).unwrap();
    let opened = endpoint.path().join("opened.zip");
    std::io::copy(&mut plain, &mut fs::File::create(&opened).unwrap()).unwrap();
    assert!(read(&open(&opened), "connector/local.xml").is_some());
}
