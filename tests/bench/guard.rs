//! A guard against slowness that creeps in: the instructions of the analyzer on small fixed inputs, as callgrind counts
//! them, against those that are known. Unlike seconds, they hardly depend on the machine.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::generate::pcap::{self, Mix};
use crate::generate::{log, pack};

/// How far a count may be above the known one. Compilers and C libraries differ by some of a hundredth.
const TOLERANCE: f64 = 0.08;

/// Counts, compares, prints the table; tells whether every count is within the tolerance.
pub(crate) fn run(analyzer: &Path, known: &Path, update: bool) -> io::Result<bool> {
    let folder = std::env::temp_dir().join(format!("tetra-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let counted = inputs(&folder).and_then(|inputs| {
        inputs
            .iter()
            .map(|(name, args)| Ok((*name, count(analyzer, args, &folder)?)))
            .collect::<io::Result<Vec<_>>>()
    });
    std::fs::remove_dir_all(&folder)?;
    let counted = counted?;
    if update {
        let lines = counted.iter().fold(String::new(), |mut lines, (name, count)| {
            let _ = writeln!(lines, "{count} {name}");
            lines
        });
        std::fs::write(known, lines)?;
    }
    let text = std::fs::read_to_string(known)?;
    let mut good = true;
    println!("| input | instructions | known | change | |\n|---|---|---|---|---|");
    for (name, count) in counted {
        let line = text.lines().find_map(|line| line.split_once(' ').filter(|(_, of)| *of == name));
        let Some(before) = line.and_then(|(count, _)| count.parse::<u64>().ok()) else {
            println!("| {name} | {count} | not known | | FAILED |");
            good = false;
            continue;
        };
        let change = count as f64 / before as f64 - 1.0;
        let verdict = match change {
            change if change > TOLERANCE => "FAILED: slower",
            change if change < -TOLERANCE => "faster: run with --update",
            _ => "as known",
        };
        good &= change <= TOLERANCE;
        println!("| {name} | {count} | {before} | {:+.1} % | {verdict} |", change * 100.0);
    }
    Ok(good)
}

/// Makes the inputs: small ones, for under callgrind everything takes fifty times as long.
fn inputs(folder: &Path) -> io::Result<Vec<(&'static str, Vec<PathBuf>)>> {
    let (capture, text) = (folder.join("dense.pcap"), folder.join("sfc.exe.log"));
    pcap::write(&capture, 43, 8_000_000, Mix::Dense)?;
    log::write(&text, 44, 16_000_000)?;
    let rules = folder.join("pack");
    pack::write(&rules, &folder.join("patterns"), 45, 500)?;
    let bundle =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases/healthy-ntlm-proxy/bundle.zip");
    Ok(vec![
        ("capture of 8 MB", vec![capture]),
        ("log of 16 MB, 500 patterns", vec!["--rules".into(), rules, text]),
        ("bundle of a case", vec![bundle]),
    ])
}

fn count(analyzer: &Path, args: &[PathBuf], folder: &Path) -> io::Result<u64> {
    let counts = folder.join("callgrind");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", counts.display()));
    command.arg(analyzer).args(["--no-installed-rules", "--format", "json"]).args(args);
    let output = command.stdin(Stdio::null()).output()?;
    let text = std::fs::read_to_string(&counts).unwrap_or_default();
    let total =
        |line: &str| line.strip_prefix("totals: ").or(line.strip_prefix("summary: "))?.trim().parse().ok();
    text.lines().find_map(total).ok_or_else(|| {
        io::Error::other(format!("callgrind counts nothing: {}", String::from_utf8_lossy(&output.stderr)))
    })
}
