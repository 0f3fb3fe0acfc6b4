//! A connector's log: lines of the known form, few of them errors, the same bytes for the same seed on every machine.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::lines::{COMP, DIR, ERRS, chatter};
use super::rng::Rng;

/// Errors among a million lines.
const ERRORS: u64 = 200;

/// Writes a log of so many bytes, and returns how many lines it has and how many of them tell of errors.
pub(crate) fn write(path: &Path, seed: u64, bytes: u64) -> io::Result<(u64, u64)> {
    let mut r = Rng::new(seed);
    let mut w = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let (mut n, mut lines, mut up, mut sec, mut errors) = (0_u64, 0_u64, 1_234_567_u64, 0_u64, 0_u64);
    let files: Vec<(String, String)> = (0..3000)
        .map(|_| {
            let f = format!(
                "{}\\{}{}",
                DIR[r.below(6) as usize],
                r.hex(6),
                ["dll", "exe", "tmp", "dat"].map(|e| format!(".{e}"))[r.below(4) as usize]
            );
            let h = r.hex(64);
            (f, h)
        })
        .collect();
    let mut l = String::with_capacity(1024);
    while n < bytes {
        l.clear();
        let d = if r.chance(700_000) { 0 } else { r.below(40) };
        up += d;
        sec = sec.max((up - 1_234_567) / 1000);
        let (day, s) = (10 + sec / 86_400, sec % 86_400);
        let tid = 1_000 + 4 * r.below(24);
        let _ = write!(
            l,
            "({up}, +{d} ms) Nov {} {:02}:{:02}:{:02} [{tid}]: ",
            1 + (day - 1) % 30,
            (18 + s / 3600) % 24,
            s / 60 % 60,
            s % 60
        );
        if r.chance(ERRORS) {
            let i = r.below(ERRS.len() as u64) as usize;
            errors += 1;
            let _ = write!(l, "ERROR: {}", ERRS[i]);
        } else if r.chance(3_000) {
            let c = COMP[r.below(20) as usize];
            let _ = write!(l, "WARN: {c} slow operation took {} ms", r.range(500, 9_000));
        } else {
            chatter(&mut r, &files, (tid, sec, lines), &mut l);
        }
        l.push_str("\r\n");
        w.write_all(l.as_bytes())?;
        n += l.len() as u64;
        lines += 1;
    }
    w.flush()?;
    Ok((lines, errors))
}
