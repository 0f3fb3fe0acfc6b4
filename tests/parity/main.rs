//! Compares our decoder with tshark on a folder of captures, frame by frame: `cargo run -p tetra-tests --bin parity -- DIR`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]

#[path = "../all/parity/compare.rs"]
mod compare;
#[path = "../all/parity/fields.rs"]
mod fields;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compare::FIELDS;

/// Differences that are listed of one capture.
const LISTED: usize = 20;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("error: expected a folder of captures (pcap, pcapng)");
        return ExitCode::from(2);
    };
    if !compare::is_installed() {
        eprintln!("error: tshark is not installed");
        return ExitCode::from(2);
    }
    let mut captures = Vec::new();
    find(Path::new(&folder), &mut captures);
    captures.sort();
    let (mut frames, mut values, mut differ) = (0, [0; FIELDS.len()], [0; FIELDS.len()]);
    let mut explained: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left_out = 0;
    for path in &captures {
        let found = match compare::compare(path) {
            Ok(found) => found,
            Err(why) => {
                println!("{}: cannot be compared: {}", path.display(), why.trim());
                left_out += 1;
                continue;
            }
        };
        frames += found.frames;
        for (sum, own) in values.iter_mut().zip(found.values) {
            *sum += own;
        }
        for why in found.differences.iter().filter_map(|one| one.why) {
            *explained.entry(why).or_default() += 1;
        }
        let differences: Vec<_> = found.differences.iter().filter(|one| one.why.is_none()).collect();
        for one in &differences {
            for (field, sum) in FIELDS.iter().zip(&mut differ) {
                *sum += u64::from(*field == one.field);
            }
        }
        for one in differences.iter().take(LISTED) {
            println!("{} {one}", path.display());
        }
        if differences.len() > LISTED {
            println!("{}: {} more", path.display(), differences.len() - LISTED);
        }
    }
    println!("\n| field | frames with it | differ |\n|---|---|---|");
    for ((field, values), differ) in FIELDS.iter().zip(values).zip(differ) {
        println!("| {field} | {values} | {differ} |");
    }
    for (why, count) in &explained {
        println!("\nboth are right: {why}: {count} times");
    }
    let total: u64 = differ.iter().sum();
    println!(
        "\n{} captures, {frames} frames, {total} differences without a reason, {left_out} left out",
        captures.len()
    );
    if captures.is_empty() || left_out > 0 || total > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Collects the captures of a folder and of those in it.
fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            find(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng") {
            found.push(path);
        }
    }
}
