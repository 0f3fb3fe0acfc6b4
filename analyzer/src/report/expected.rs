//! Comparison of what the program writes with texts committed beside it.

use std::path::Path;
use std::{env, fs};

/// Compares a text with a committed file of the crate; with `UPDATE_EXPECTED` set, writes the file instead.
pub(crate) fn assert_expected(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if expected == actual {
        return;
    }
    let line = expected.lines().zip(actual.lines()).position(|(old, new)| old != new);
    let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    panic!(
        "{path} differs from line {} on\n  committed: {:?}\n  now:       {:?}\nif the change is meant: UPDATE_EXPECTED=1 cargo test, then read the diff",
        line + 1,
        expected.lines().nth(line),
        actual.lines().nth(line),
    );
}
