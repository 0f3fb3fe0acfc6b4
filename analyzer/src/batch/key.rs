//! What a row is valid for: the content of the bundle, the rules, and the program.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tetra_bundle::{Bundle, Limits};

use super::{Error, address};
use crate::rule::RuleSet;

/// Loads the packs: the one compiled in, and folders. Installed packs are left out: a row is to be the same on every machine.
pub(super) fn load(folders: &[PathBuf]) -> Result<RuleSet, Error> {
    crate::packs::load(folders, false).map_err(|refused| Error::Rules(refused.to_string()))
}

/// Gives the hash over all packs, in their order.
pub(super) fn rules(set: &RuleSet) -> String {
    let mut all = Sha256::new();
    for pack in set.packs() {
        all.update(format!("{}\n{}\n{}\n", pack.pack, pack.version, pack.sha256));
    }
    hex(&all.finalize())
}

/// Gives the hash of a bundle, the same that its analysis shows; of one in a bucket, the tag that its store gives it.
pub(super) fn content(path: &Path) -> io::Result<String> {
    if let Some(address) = address::of(path) {
        return address::content(address);
    }
    if path.is_dir() {
        let opened = Bundle::open(path, Limits::default()).and_then(|bundle| bundle.sha256());
        return opened.map_err(io::Error::other);
    }
    File::open(path).and_then(tetra_bundle::hash)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
