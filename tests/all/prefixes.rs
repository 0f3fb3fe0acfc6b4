//! Any bytes: captures cut anywhere, and every kind of input with one byte changed. It ends, it does not panic, and it
//! takes no more memory than the input is worth.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tetra_analyze::diagnose;
use tetra_analyze::progress::Progress;
use tetra_analyze::rule::RuleSet;
use tetra_bundle::{Bundle, Limits};

use crate::cases::{self, Input, captures};
use crate::program;

/// How many captures are cut, at how many places each.
const CAPTURES: usize = 20;
const CUTS: usize = 1_000;
/// How many inputs get a byte changed: of captures, of archives, of other files.
const MUTATIONS: [usize; 3] = [30_000, 6_000, 64_000];
/// Set where a test runs in a process of its own, so that its memory is its own too.
const ALONE: &str = "TETRA_TESTS_ALONE";
/// The most memory that the process of a test may have held at any time, in KiB.
const HELD: u64 = 600 << 10;
/// The most that it may have asked for.
const ASKED: u64 = 4 << 20;

/// The smallest archives of all cases.
fn archives() -> Vec<Input> {
    let mut found: Vec<Input> = cases::all()
        .iter()
        .map(|case| cases::input(case))
        .filter(|path| path.extension().is_some_and(|kind| kind == "zip" || kind == "7z"))
        .map(|path| Input { name: "in.zip".to_owned(), bytes: std::fs::read(path).unwrap() })
        .collect();
    found.sort_by_key(|input| input.bytes.len());
    found.truncate(8);
    found
}

/// The samples of logs, XML, JSON and transcripts, under names by which they are known.
fn files() -> Vec<Input> {
    let sources = program::root().join("fixtures/sources");
    let named = [
        ("local_xml/new.xml", "local.xml"),
        ("local_xml/old.xml", "local.xml"),
        ("policy_xml/plain.xml", "policy.xml"),
        ("policy_xml/signed.xml", "policy.xml"),
        ("log/sfc.exe.log", "sfc.exe.log"),
        ("posture/whole.json", "posture.json"),
        ("console/computer.json", "computer.json"),
        ("console/computers.json", "computers.json"),
        ("curl/several.txt", "curl.txt"),
        ("curl/revocation_de.txt", "curl.txt"),
        ("resolve_dns/answered.txt", "dns.txt"),
        ("resolve_dns/errors_fr.txt", "dns.txt"),
        ("probes/probes.jsonl", "probes.jsonl"),
        ("network_config/config.json", "network-config.json"),
        ("hosts/hosts.txt", "hosts.txt"),
        ("services/services.json", "services.json"),
        ("certificates/certificates.json", "certificates.json"),
        ("power/power.json", "power.json"),
        ("tetra_plugins/tetra-plugins.json", "tetra-plugins.json"),
    ];
    let read = |path: &str| std::fs::read(sources.join(path)).unwrap();
    named.iter().map(|(path, name)| Input { name: (*name).to_owned(), bytes: read(path) }).collect()
}

/// Writes the input and has it analysed. That it cannot be opened is an answer too.
fn analyse(rules: &RuleSet, place: &Path, input: &Input) {
    let path = place.join(&input.name);
    std::fs::write(&path, &input.bytes).unwrap();
    if let Ok(bundle) = Bundle::open(&path, Limits::default()) {
        let _ = diagnose(&bundle, rules, "input", &Progress::hidden());
    }
}

/// Does work number 0, 1, 2 … on two threads; asserts that no thread panicked, not even one that nobody asks.
fn on_two_threads(works: usize, work: impl Fn(usize, &Path) + Sync) {
    let panics = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&panics);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Tests have threads with names.
        if thread::current().name().is_none() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        before(info);
    }));
    thread::scope(|scope| {
        for first in 0..2 {
            let work = &work;
            scope.spawn(move || {
                let place = tempfile::tempdir().unwrap();
                for number in (first..works).step_by(2) {
                    work(number, place.path());
                }
            });
        }
    });
    assert_eq!(panics.load(Ordering::Relaxed), 0, "panics");
    assert_bounded();
}

/// Runs a test once more, in a process of its own, and asserts that it passes there; tells whether this is not yet that process.
fn is_handed_on(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return false;
    }
    let name = format!("prefixes::{test}");
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args([&name, "--exact", "--nocapture"]).env(ALONE, "1").stdin(Stdio::null());
    let done = alone.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("1 passed"), "{said}");
    true
}

/// Asserts that the process never held or asked for more than it should (where the system tells).
fn assert_bounded() {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    for (name, limit) in [("VmHWM:", HELD), ("VmPeak:", ASKED)] {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let held: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(held < limit, "{name} {held} KiB, expected below {limit}");
    }
}

#[test]
fn every_prefix_of_a_capture_is_read() {
    if is_handed_on("every_prefix_of_a_capture_is_read") {
        return;
    }
    let rules = RuleSet::core().unwrap();
    let captures = captures(CAPTURES);
    on_two_threads(CAPTURES * CUTS, |number, place| {
        let Input { name, bytes } = &captures[number / CUTS];
        let length = bytes.len() * (number % CUTS) / CUTS;
        let cut = Input { name: name.clone(), bytes: bytes[..length].to_vec() };
        analyse(&rules, place, &cut);
    });
}

#[test]
fn inputs_with_one_byte_changed_are_read() {
    if is_handed_on("inputs_with_one_byte_changed_are_read") {
        return;
    }
    let rules = RuleSet::core().unwrap();
    let mut captures = captures(CAPTURES);
    captures.truncate(6);
    let kinds = [captures, archives(), files()];
    let ends = [MUTATIONS[0], MUTATIONS[0] + MUTATIONS[1], MUTATIONS.iter().sum()];
    on_two_threads(ends[2], |number, place| {
        let kind = &kinds[ends.iter().position(|end| number < *end).unwrap()];
        let mut input = kind[number % kind.len()].clone();
        let dice = dice(number as u64);
        let at = (dice % input.bytes.len() as u64) as usize;
        // A change, whatever was there.
        input.bytes[at] ^= ((dice >> 32) % 255) as u8 + 1;
        analyse(&rules, place, &input);
    });
}

/// Pseudo-random bits, the same ones for the same number (splitmix64).
fn dice(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
