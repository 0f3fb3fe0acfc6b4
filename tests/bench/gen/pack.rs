//! Patterns: a rule pack of log templates for the analyzer, and the same patterns as lines for other tools.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::rng::Rng;

const VERBS: [&str; 15] = [
    "load", "open", "read", "write", "verify", "parse", "connect", "resolve", "apply", "commit", "decode",
    "register", "unload", "rollback", "schedule",
];
const THINGS: [&str; 15] = [
    "driver",
    "engine",
    "snapshot",
    "manifest",
    "certificate",
    "channel",
    "journal",
    "policy",
    "update",
    "registry key",
    "service",
    "database",
    "cache file",
    "listener",
    "proxy",
];
const ENDS: [&str; 8] =
    ["failed", "denied", "timed out", "corrupt", "not found", "rejected", "aborted", "mismatch"];

/// Writes a pack of so many templates into a folder, and their patterns, one a line, beside it.
pub(crate) fn write(folder: &Path, patterns: &Path, seed: u64, count: usize) -> io::Result<()> {
    let mut r = Rng::new(seed);
    let mut known: Vec<String> = Vec::new();
    let mut templates = "version: 1\ntemplates:\n".to_owned();
    let mut lines = String::new();
    while known.len() < count {
        let literal = format!("{} {} {}", r.pick(&VERBS), r.pick(&THINGS), r.pick(&ENDS));
        if known.contains(&literal) {
            continue;
        }
        let number = known.len();
        let (pattern, example) = match number % 4 {
            0 => (format!(r"{literal} \([0-9]+\)"), format!("{literal} (12)")),
            1 => (
                format!("(failed|unable) to {literal}: error 0x[0-9A-Fa-f]{{8}}"),
                format!("unable to {literal}: error 0x80070005"),
            ),
            2 => (format!("ERROR: .*{literal}"), format!("ERROR: x {literal}")),
            _ => (format!("E[0-9]{{4}}: {literal}"), format!("E1234: {literal}")),
        };
        let _ = write!(
            templates,
            "    - event: made_up_{number:03}\n      literal: '{literal}'\n      pattern: '{pattern}'\n      verified: false\n      \
             source: made up\n      examples: ['{example}']\n"
        );
        let _ = writeln!(lines, "{pattern}");
        known.push(literal);
    }
    std::fs::create_dir_all(folder.join("templates"))?;
    std::fs::write(folder.join("pack.yml"), "name: bench\nversion: 1.0.0\nprofile: 1\ntaxonomy: tetra\n")?;
    std::fs::write(folder.join("templates/made_up.yml"), templates)?;
    std::fs::write(patterns, lines)
}
