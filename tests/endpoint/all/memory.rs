//! Memory, as the system counts it: it stays the same whatever the length of logs and captures.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::endpoint::Endpoint;

/// The most KiB that the collector may take.
const MOST: u64 = 64 << 10;
/// The most KiB that it may take to clean a log however much it names: 56 MB.
const MOST_CLEANING: u64 = 56_000_000 >> 10;

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
        // Until it has its own program, it still shows the memory of who started it. The system cuts names.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let text = if text.starts_with("Name:\tcollect-on-endp\n") { text } else { String::new() };
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

/// Writes a log that names so many users, hosts, hardware addresses and secrets, all different, then so many addresses,
/// and after that lines of no interest, so that the log takes several parts of a bundle.
fn names(log: File, people: u64, addresses: u64, mebibytes: usize) {
    let mut out = BufWriter::new(log);
    for number in 0..people + addresses {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [a, b, c, d, e, f, g, h] = mixed.to_be_bytes();
        write!(out, "({number}, +0 ms) Nov 23 09:00:00 [7]: INFO: flow {}.{b}.{c}.{d}:443", 20 + a % 150)
            .unwrap();
        if number < people {
            let host = format!("pc{number:06}.dept{}.corp{}.example.com", number % 5_000, number % 97);
            write!(
                out,
                " user=\"staff{mixed:x}\" computer=WS-{number:07X} password=Pw{mixed:016x} host {host}"
            )
            .unwrap();
            write!(out, " mac 02:{d:02x}:{e:02x}:{f:02x}:{g:02x}:{h:02x}").unwrap();
        }
        out.write_all(b"\n").unwrap();
    }
    fill(out.into_inner().unwrap(), mebibytes);
}

#[test]
fn many_names_and_addresses_take_no_more_memory() {
    let place = tempfile::tempdir().unwrap();
    let (folder, bundle) = (place.path().join("folder"), place.path().join("bundle.zip"));
    fs::create_dir_all(folder.join("connector/logs")).unwrap();
    // More than are learned, remembered and held ready, and more than one part of a bundle.
    names(File::create(folder.join("connector/logs/sfc.exe.log")).unwrap(), 7_000, 20_000, 10);
    let most = sealing(&folder, &bundle);
    assert!(most > 0 && most < MOST_CLEANING, "{most} KiB");
}

/// Seals a folder without what is private, and returns the most KiB it took.
fn sealing(folder: &Path, bundle: &Path) -> u64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_collect-on-endpoint"));
    command.arg("seal").arg(folder).arg("--output").arg(bundle).args(["--redact", "full"]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let most = peak(&mut running);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    most
}

/// Writes a capture of so many connections from many computers, each of which asks for a page and gets one.
fn connections(path: &Path, count: u32) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    out.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 1, 0, 0, 0])
        .unwrap();
    let server = [93, 184, 215, 14];
    for number in 0..count {
        let (computer, nth) = (number % 5_000, u16::try_from(number / 5_000).unwrap());
        let [_, b, c, d] = computer.to_be_bytes();
        let client = [10, b, c, d];
        let ask = format!("GET /{number} HTTP/1.1\r\nHost: pc{computer}.corp.example\r\n\r\n");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        for (from_client, flags, seq, ack, payload) in [
            (true, 2, 0, 0, &b""[..]),
            (false, 0x12, 0, 1, b""),
            (true, 0x10, 1, 1, ask.as_bytes()),
            (false, 0x10, 1, 1, answer),
        ] {
            let (src, dst) = if from_client { (client, server) } else { (server, client) };
            let (src_port, dst_port) = if from_client { (50_000 + nth, 80) } else { (80, 50_000 + nth) };
            let length = u16::try_from(40 + payload.len()).unwrap();
            let mut frame =
                [&[2; 12][..], &[8, 0, 0x45, 0], &length.to_be_bytes(), &[0, 1, 0, 0, 64, 6, 0, 0]].concat();
            frame.extend([src, dst].concat());
            frame.extend([src_port.to_be_bytes(), dst_port.to_be_bytes()].concat());
            frame.extend([u32::to_be_bytes(seq), u32::to_be_bytes(ack)].concat());
            frame.extend([0x50, flags, 255, 255, 0, 0, 0, 0]);
            frame.extend_from_slice(payload);
            let size = u32::try_from(frame.len()).unwrap().to_le_bytes();
            for part in [&number.to_le_bytes()[..], &[0; 4], &size, &size, &frame] {
                out.write_all(part).unwrap();
            }
        }
    }
    out.flush().unwrap();
}

#[test]
fn many_connections_take_no_more_memory() {
    let place = tempfile::tempdir().unwrap();
    let (folder, bundle) = (place.path().join("folder"), place.path().join("bundle.zip"));
    fs::create_dir_all(folder.join("network")).unwrap();
    connections(&folder.join("network/capture.pcap"), 40_000);
    let most = sealing(&folder, &bundle);
    assert!(most > 0 && most < MOST, "{most} KiB");
}
