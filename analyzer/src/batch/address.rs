//! Addresses of buckets where a path may stand; only a build with the feature `buckets` knows what to do with them.

use std::path::Path;

#[cfg(not(feature = "buckets"))]
pub(super) use absent::{Fetched, content, fetch, list};

#[cfg(feature = "buckets")]
pub(super) use super::buckets::{Fetched, content, fetch, list};

/// Gives the address that stands where a path might.
pub(super) fn of(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    ["s3://", "gs://", "az://"].iter().any(|scheme| text.starts_with(scheme)).then_some(text)
}

/// What a build without buckets says of them.
#[cfg(not(feature = "buckets"))]
mod absent {
    use std::io;
    use std::path::Path;

    pub(in crate::batch) struct Object {
        pub address: String,
        pub bytes: u64,
        pub modified: i64,
    }

    pub(in crate::batch) struct Fetched {
        pub content: String,
        pub bytes: u64,
        pub fetched: u64,
        pub requests: u64,
    }

    pub(in crate::batch) fn list(_address: &str) -> io::Result<Vec<Object>> {
        Err(unknown())
    }

    pub(in crate::batch) fn content(_address: &str) -> io::Result<String> {
        Err(unknown())
    }

    pub(in crate::batch) fn fetch(_address: &str, _to: &Path) -> io::Result<Fetched> {
        Err(unknown())
    }

    fn unknown() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "this build knows no buckets (cargo feature `buckets`)")
    }
}
