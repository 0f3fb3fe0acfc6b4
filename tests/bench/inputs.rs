//! The inputs in a folder: made where they are not there yet.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::generate::pcap::{self, Mix};
use crate::generate::{log, pack};

/// How large the inputs are, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) bulk: u64,
    pub(crate) dense: u64,
    pub(crate) log: u64,
}

/// Where the inputs lie.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) bulk: PathBuf,
    pub(crate) dense: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) bundle: PathBuf,
    /// A folder as the collector gathers it, with the log in it.
    pub(crate) collected: PathBuf,
    /// The folder of a connector that has written the log.
    pub(crate) install: PathBuf,
    pub(crate) folder: PathBuf,
}

/// The folder of the connector's version.
const VERSION: &str = "8.1.7.21417";

/// Numbers of templates that the log is read with, besides those of the core pack.
pub(crate) const PATTERNS: [usize; 2] = [50, 500];

impl Inputs {
    /// Gives the folder of a pack, and the file of its patterns.
    pub(crate) fn patterns(&self, count: usize) -> (PathBuf, PathBuf) {
        (self.folder.join(format!("pack-{count}")), self.folder.join(format!("patterns-{count}.txt")))
    }
}

/// Makes what is missing.
pub(crate) fn make(folder: &Path, sizes: Sizes, tell: &mut dyn FnMut(&str)) -> io::Result<Inputs> {
    std::fs::create_dir_all(folder)?;
    let at = |name: &str| folder.join(name);
    let inputs = Inputs {
        bulk: at("bulk.pcap"),
        dense: at("dense.pcap"),
        log: at("sfc.exe.log"),
        bundle: at("bundle.zip"),
        collected: at("collected"),
        install: at("AMP"),
        folder: folder.to_owned(),
    };
    for (path, seed, bytes, mix) in
        [(&inputs.bulk, 42, sizes.bulk, Mix::Bulk), (&inputs.dense, 43, sizes.dense, Mix::Dense)]
    {
        if !path.exists() {
            let held = pcap::write(path, seed, bytes, mix)?;
            tell(&format!("made {}: {held:?}", path.display()));
        }
    }
    if !inputs.log.exists() {
        let (lines, errors) = log::write(&inputs.log, 44, sizes.log)?;
        tell(&format!("made {}: {lines} lines, {errors} of errors", inputs.log.display()));
    }
    for place in [inputs.collected.join("connector/logs"), inputs.install.join(VERSION)] {
        let log = place.join("sfc.exe.log");
        if !log.exists() {
            std::fs::create_dir_all(&place)?;
            std::fs::hard_link(&inputs.log, &log)?;
        }
    }
    // By its program a version's folder is known; where it is none, nothing is run.
    std::fs::write(inputs.install.join(VERSION).join("sfc.exe"), [])?;
    for count in PATTERNS {
        let (folder, patterns) = inputs.patterns(count);
        pack::write(&folder, &patterns, 45, count)?;
    }
    if !inputs.bundle.exists() {
        bundle(&inputs)?;
        tell(&format!("made {}", inputs.bundle.display()));
    }
    Ok(inputs)
}

/// Packs log and capture as an engineer would get them.
fn bundle(inputs: &Inputs) -> io::Result<()> {
    let mut archive = ZipWriter::new(File::create(&inputs.bundle)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .large_file(true);
    for (name, path) in [("connector/logs/sfc.exe.log", &inputs.log), ("network/capture.pcap", &inputs.bulk)]
    {
        archive.start_file(name, options)?;
        io::copy(&mut File::open(path)?, &mut archive)?;
    }
    archive.finish()?;
    Ok(())
}
