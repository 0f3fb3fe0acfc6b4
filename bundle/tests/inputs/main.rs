//! Opens real and hostile inputs, built byte by byte.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must stop, and the builder writes fields that lie"
)]

mod bombs;
mod cut;
mod folders;
mod names;
mod raw;
mod vendor;
mod zips;
