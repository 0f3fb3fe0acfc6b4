//! End-to-end tests: real programs, real files, whole bundles in and reports out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that cannot go on must stop, and it tells what it left out"
)]

mod cases;
mod program;
