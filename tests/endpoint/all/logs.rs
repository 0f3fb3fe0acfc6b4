//! Logs that are written, rotated and deleted while they are read, and logs that are too long.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tetra_bundle::SourceId;

use crate::endpoint::{Endpoint, read};

fn line(number: u64) -> String {
    format!(
        "({number}, +0 ms) Nov 23 09:00:00 [1]: Class::Method line {number} of the connector's log, as long as such lines are\n"
    )
}

/// All numbers of lines in a bundle, in the order of the logs' names, newest last.
fn numbers(endpoint: &Endpoint) -> Vec<u64> {
    let bundle = endpoint.open();
    let mut logs: Vec<String> = bundle.of(SourceId::ConnectorLog).map(|entry| entry.path.clone()).collect();
    // sfc.exe.log, .1, .2, …: the highest number is the oldest.
    logs.sort();
    logs.reverse();
    let mut all = Vec::new();
    for path in logs {
        let text = String::from_utf8(read(&bundle, &path).unwrap()).unwrap();
        // The last line may be half written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        all.extend(whole.lines().map(|line| line[1..line.find(',').unwrap()].parse::<u64>().unwrap()));
    }
    all
}

#[test]
fn a_log_that_is_rotated_while_it_is_read_is_neither_lost_nor_doubled() {
    for round in 0..5 {
        let endpoint = Arc::new(Endpoint::new());
        let stop = Arc::new(AtomicBool::new(false));
        let (writes, ends) = (Arc::clone(&endpoint), Arc::clone(&stop));
        let before = 40_000;
        let mut out = BufWriter::new(File::create(endpoint.log()).unwrap());
        (0..before).for_each(|number| out.write_all(line(number).as_bytes()).unwrap());
        out.into_inner().unwrap();
        let writer = thread::spawn(move || {
            let mut number = before;
            let mut kept = 0;
            while !ends.load(Ordering::SeqCst) {
                let mut file = File::options().append(true).create(true).open(writes.log()).unwrap();
                for _ in 0..300 {
                    file.write_all(line(number).as_bytes()).unwrap();
                    number += 1;
                }
                drop(file);
                // Wine starts a program slowly.
                thread::sleep(Duration::from_millis(round + if cfg!(windows) { 40 } else { 7 }));
                if kept == 40 {
                    continue;
                }
                kept += 1;
                for old in (1..kept).rev() {
                    let name = |number: u32| writes.version().join(format!("sfc.exe.log.{number:04}"));
                    // A reader without full sharing would make this fail on Windows.
                    fs::rename(name(old), name(old + 1)).unwrap();
                }
                fs::rename(writes.log(), writes.version().join("sfc.exe.log.0001")).unwrap();
            }
        });
        thread::sleep(Duration::from_millis(30 * round));
        let done = endpoint.collect(&[]);
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        assert_eq!(done.status, 0, "{}", done.err);
        let mut found = numbers(&endpoint);
        let count = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), count, "round {round}: no line is doubled");
        let last = *found.last().unwrap();
        assert!(last >= before, "round {round}: the newest log is there");
        assert_eq!(count as u64, last + 1, "round {round}: no line before the newest one is lost");
    }
}

#[test]
fn a_log_that_is_cut_off_while_it_is_read_ends_the_step_soon() {
    let endpoint = Endpoint::new();
    File::create(endpoint.log()).unwrap().set_len(100 << 20).unwrap();
    let mut running = endpoint.command(&[]).spawn().unwrap();
    thread::sleep(Duration::from_millis(40));
    File::options().write(true).open(endpoint.log()).unwrap().set_len(10).unwrap();
    assert!(running.wait().unwrap().code().is_some_and(|code| code <= 1));
    assert!(endpoint.step("logs").ms.unwrap() < 20_000);
}

#[test]
fn a_log_of_five_gigabytes_gives_its_newest_part() {
    let endpoint = Endpoint::new();
    let length: u64 = 5 << 30;
    let mut log = File::create(endpoint.log()).unwrap();
    // A hole, but for its last 20 MB.
    log.set_len(length - (20 << 20)).unwrap();
    std::io::Seek::seek(&mut log, std::io::SeekFrom::End(0)).unwrap();
    let mut out = BufWriter::new(log);
    let mut number = 0;
    let mut written = 0;
    while written < 20 << 20 {
        let text = line(number);
        out.write_all(text.as_bytes()).unwrap();
        written += text.len();
        number += 1;
    }
    drop(out);
    let whole = fs::metadata(endpoint.log()).unwrap().len();
    let done = endpoint.collect(&["--log-limit", "64"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let manifest = endpoint.manifest();
    let parts: Vec<_> = manifest.files.iter().filter(|file| file.source == SourceId::ConnectorLog).collect();
    let bytes: u64 = parts.iter().map(|part| part.bytes.unwrap()).sum();
    assert!(bytes <= 64 << 20 && bytes > 60 << 20, "{bytes}");
    assert_eq!(parts[0].truncated.len(), 1);
    assert_eq!(parts[0].truncated[0].to + bytes, whole, "what is cut and what is there make the whole");
    let bundle = endpoint.open();
    let last = parts.iter().map(|part| part.path.as_str()).max().unwrap();
    let text = read(&bundle, last).unwrap();
    assert!(text.ends_with(line(number - 1).as_bytes()), "the newest line is there");
    assert!(endpoint.step("logs").reason.unwrap().contains("left out"));
}
