//! One named stretch of bytes of a bundle.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::SourceId;

/// When an entry was last written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modified {
    /// An instant.
    Utc(DateTime<Utc>),
    /// What the clock on the wall showed, in a zone that the archive does not say.
    Local(NaiveDateTime),
}

impl Modified {
    /// Returns date and time as written, whatever the zone: good enough for a year.
    #[must_use]
    pub fn naive(self) -> NaiveDateTime {
        match self {
            Self::Utc(at) => at.naive_utc(),
            Self::Local(at) => at,
        }
    }
}

/// An entry of a bundle that can be read.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its position in [`Bundle::entries`](crate::Bundle::entries).
    pub index: usize,
    /// Its path in the bundle, with forward slashes, safe to print.
    pub path: String,
    /// What it is.
    pub source: SourceId,
    /// Its length, inflated, as declared. Reading never yields more.
    pub bytes: u64,
    /// Its length in the archive.
    pub compressed: u64,
    /// When it was last written: the manifest's word, or else the archive's or the file system's.
    pub modified: Option<Modified>,
    /// The checksum that its archive declares.
    pub crc: Option<u32>,
    pub(crate) place: Place,
}

/// Where the bytes of an entry are.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file of its own.
    File(PathBuf),
    /// A stretch of an archive.
    Zip { archive: Arc<PathBuf>, start: u64, packing: Packing },
}

/// How an entry lies in its archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Stored,
    Deflated,
}
