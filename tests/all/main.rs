//! End-to-end tests: real programs, real files, whole bundles in and reports out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must stop, and it tells what it left out"
)]

#[expect(dead_code, reason = "the bundle's own tests use more of it")]
#[path = "../../bundle/tests/inputs/raw.rs"]
mod archive;
mod batch;
mod both;
mod boundaries;
mod cases;
mod commands;
mod dependencies;
mod diff;
mod endings;
mod fuzzing;
mod hostile;
mod isolation;
mod languages;
mod live;
mod networks;
mod pack;
mod parity;
mod parts;
mod prefixes;
mod probes;
mod program;
mod redact;
mod slice;
mod sqlite;
#[path = "../fuzz/targets/mod.rs"]
mod targets;
mod tutorial;
mod workbench;
