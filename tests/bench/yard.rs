//! Yardsticks: the least that a program could do with an input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tetra_bundle::{Bundle, Limits};
use tetra_capture::blocks;

/// Reads a file in blocks, and does nothing with it.
pub(crate) fn read(path: &Path) -> io::Result<u64> {
    drain(&mut File::open(path)?)
}

/// Hashes a file, as every report names its input.
pub(crate) fn hash(path: &Path) -> io::Result<u64> {
    tetra_bundle::hash(File::open(path)?)?;
    Ok(path.metadata()?.len())
}

/// Walks over the frames of a capture, and does nothing with them.
pub(crate) fn iterate(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    blocks::read(Box::new(File::open(path)?), &mut |frame| bytes += frame.data.len() as u64);
    Ok(bytes)
}

/// Inflates every entry of an archive, one after the other, and does nothing with it.
pub(crate) fn inflate(path: &Path) -> io::Result<u64> {
    let bundle = Bundle::open(path, Limits::default()).map_err(io::Error::other)?;
    let mut bytes = 0;
    for entry in bundle.entries() {
        bytes += drain(&mut bundle.read(entry).map_err(io::Error::other)?)?;
    }
    Ok(bytes)
}

fn drain(input: &mut dyn Read) -> io::Result<u64> {
    let mut block = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        match input.read(&mut block)? {
            0 => return Ok(bytes),
            read => bytes += read as u64,
        }
    }
}
