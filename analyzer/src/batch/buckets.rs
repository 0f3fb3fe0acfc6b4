//! Bundles in buckets: listed, and fetched by ranges into a local file with holes where nobody will look.
//!
//! All that waits for a network is here, behind plain functions; keys and endpoints come from the environment (`AWS_…`,
//! `AZURE_…`, `GOOGLE_…`). Of an archive the directory is fetched, then the first bytes of every entry, which tell what it is,
//! and then the whole of those that the analysis reads. All else is fetched as a whole.

mod ranges;

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;

use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use tetra_bundle::{Bundle, Limits};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// Bytes of one request at most.
const STRIDE: u64 = 8 << 20;
/// Folders of a bucket that are listed at most.
const FOLDERS: usize = 1_000_000;

/// An object that may be a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its address.
    pub address: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub modified: i64,
}

/// What was fetched of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fetched {
    /// What its content is known by, for most of it was not read: its tag and size.
    pub content: String,
    /// Its size.
    pub bytes: u64,
    /// Bytes that were fetched.
    pub fetched: u64,
    /// Requests that it took.
    pub requests: u64,
}

/// A place in a bucket, with what it takes to ask for it.
struct Place {
    runtime: Runtime,
    store: Box<dyn ObjectStore>,
    key: Key,
    root: String,
}

/// Lists the objects at an address: the one that has it as its name, or all below it.
pub(super) fn list(address: &str) -> io::Result<Vec<Object>> {
    let place = Place::open(address)?;
    match place.runtime.block_on(place.store.head(&place.key)) {
        Ok(facts) => return Ok(vec![place.object(&facts)]),
        Err(object_store::Error::NotFound { .. }) => {}
        // The root of a bucket is no name of an object; some stores say so in other words.
        Err(_) if place.key.as_ref().is_empty() => {}
        Err(error) => return Err(said(&error)),
    }
    let mut folders = vec![place.key.clone()];
    let mut found = Vec::new();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        count += 1;
        if count > FOLDERS {
            return Err(io::Error::other(format!("more than {FOLDERS} folders")));
        }
        let listed = place.runtime.block_on(place.store.list_with_delimiter(Some(&folder)));
        let listed = listed.map_err(|error| said(&error))?;
        folders.extend(listed.common_prefixes);
        found.extend(listed.objects.iter().map(|facts| place.object(facts)));
    }
    found.sort_by(|one, other| one.address.cmp(&other.address));
    Ok(found)
}

/// Gives what the content of an object is known by.
pub(super) fn content(address: &str) -> io::Result<String> {
    let place = Place::open(address)?;
    let facts = place.runtime.block_on(place.store.head(&place.key)).map_err(|error| said(&error))?;
    Ok(known_by(&facts))
}

/// Fetches what an analysis reads of an object into a file, at the place where it belongs; the rest is a hole.
pub(super) fn fetch(address: &str, to: &Path) -> io::Result<Fetched> {
    let place = Place::open(address)?;
    let facts = place.runtime.block_on(place.store.head(&place.key)).map_err(|error| said(&error))?;
    let mut file = File::create(to)?;
    file.set_len(facts.size)?;
    let mut held = ranges::Held::default();
    let mut get = |wanted: Range<u64>| -> io::Result<()> {
        for piece in held.missing(wanted, facts.size) {
            let mut at = piece.start;
            while at < piece.end {
                let end = piece.end.min(at.saturating_add(STRIDE));
                let asked = place.store.get_range(&place.key, at..end);
                let bytes = place.runtime.block_on(asked).map_err(|error| said(&error))?;
                if u64::try_from(bytes.len()).ok() != end.checked_sub(at) {
                    return Err(io::Error::other("the store gave another range than asked for"));
                }
                file.seek(SeekFrom::Start(at))?;
                file.write_all(&bytes)?;
                held.add(at..end);
                at = end;
            }
        }
        Ok(())
    };
    match ranges::directory(to, facts.size, &mut get)? {
        Some(entries) => {
            for range in ranges::joined(entries.iter().map(ranges::Entry::head)) {
                get(range)?;
            }
            // Now it can be opened, and says itself what each entry is.
            let read = Bundle::open(to, Limits::default()).map(|bundle| ranges::read_of(&bundle));
            let wanted =
                entries.iter().filter(|entry| read.as_ref().is_ok_and(|read| read.wants(&entry.name)));
            for range in ranges::joined(wanted.map(ranges::Entry::whole)) {
                get(range)?;
            }
        }
        None => get(0..facts.size)?,
    }
    let (fetched, requests) = held.cost();
    Ok(Fetched { content: known_by(&facts), bytes: facts.size, fetched, requests })
}

impl Place {
    fn open(address: &str) -> io::Result<Self> {
        // Whoever came first has set the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let url = Url::parse(address).map_err(io::Error::other)?;
        let ours = ["aws_", "azure_", "google_"];
        let options = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.to_str()?.to_ascii_lowercase();
            let known = ours.iter().any(|prefix| name.starts_with(prefix));
            known.then_some((name, value.into_string().ok()?))
        });
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let (store, key) = object_store::parse_url_opts(&url, options).map_err(|error| said(&error))?;
        drop(entered);
        let bucket = url.host_str().unwrap_or_default();
        let root = format!("{}://{bucket}/", url.scheme());
        Ok(Self { runtime, store, key, root })
    }

    fn object(&self, facts: &ObjectMeta) -> Object {
        Object {
            address: format!("{}{}", self.root, facts.location),
            bytes: facts.size,
            modified: facts.last_modified.timestamp_nanos_opt().unwrap_or_default(),
        }
    }
}

/// Gives what an object is known by: the tag changes with the content.
fn known_by(facts: &ObjectMeta) -> String {
    let tag = facts.e_tag.clone().unwrap_or_else(|| facts.last_modified.to_rfc3339());
    format!("tag:{}:{}", tag.trim_matches('"'), facts.size)
}

/// Says in one line what a store had against it.
fn said(error: &object_store::Error) -> io::Error {
    use object_store::Error as E;
    let (kind, what) = match error {
        E::NotFound { .. } => (io::ErrorKind::NotFound, "there is no such object".to_owned()),
        E::PermissionDenied { .. } => (io::ErrorKind::PermissionDenied, "the store denies access".to_owned()),
        E::Unauthenticated { .. } => {
            (io::ErrorKind::PermissionDenied, "the store does not know the credentials".to_owned())
        }
        error => (io::ErrorKind::Other, error.to_string()),
    };
    io::Error::new(kind, what)
}
