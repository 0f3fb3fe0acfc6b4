//! Memory, as the system counts it: it stays the same whatever the length of logs and captures.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::Child;
use std::thread;
use std::time::Duration;

use crate::endpoint::Endpoint;

/// The most that the collector may take.
const MOST: u64 = 64 << 10;

/// Writes so many MiB of lines that are all different.
fn fill(log: File, mebibytes: usize) {
    let mut out = BufWriter::new(log);
    let (mut written, mut number) = (0, 0_u64);
    while written < mebibytes << 20 {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let line = format!(
            "({number}, +0 ms) Nov 23 09:00:00 [{}]: INFO: Cache::Lookup path=C:\\Windows\\System32\\{mixed:x}.dll result={}\n",
            mixed % 9999,
            mixed % 7
        );
        out.write_all(line.as_bytes()).unwrap();
        written += line.len();
        number += 1;
    }
    out.flush().unwrap();
}

/// Waits for a process to end, and returns the most KiB it had in memory.
fn peak(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        most = most.max(line.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0));
        thread::sleep(Duration::from_millis(2));
    }
    most
}

#[test]
fn long_logs_take_no_more_memory() {
    let endpoint = Endpoint::new();
    for number in 0..3 {
        let name = format!("sfc.exe.log.{number}");
        fill(File::create(endpoint.version().join(name)).unwrap(), if number == 0 { 150 } else { 20 });
    }
    let mut running = endpoint.command(&[]).spawn().unwrap();
    let most = peak(&mut running);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    assert!(most > 0 && most < MOST, "{most} KiB");
    let logs: u64 = endpoint.manifest().files.iter().filter_map(|file| file.bytes).sum();
    assert!(logs > 190 << 20, "{logs}");
}

#[test]
fn cleaning_takes_no_more_memory_either() {
    let endpoint = Endpoint::new();
    fill(File::create(endpoint.log()).unwrap(), 8);
    let mut running = endpoint.command(&["--redact", "full"]).spawn().unwrap();
    let most = peak(&mut running);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    assert!(most > 0 && most < MOST, "{most} KiB");
}
