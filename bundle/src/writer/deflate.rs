//! Deflates one part of a log as a whole: five times the speed of the usual tools for most of their gain.

use std::io::{self, Cursor};

use libdeflater::{CompressionLvl, Compressor};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};
use zip::{DateTime, ZipArchive};

use super::Zip;

/// Deflates `bytes` into the entry `name`.
pub(super) fn put(out: &mut Zip, name: &str, bytes: &[u8], at: DateTime) -> io::Result<()> {
    // The fastest level that deflates at all: the crate's own `fastest` only copies.
    let level = CompressionLvl::new(1).unwrap_or_default();
    let mut deflater = Compressor::new(level);
    let mut deflated = vec![0; deflater.deflate_compress_bound(bytes.len())];
    let length = deflater.deflate_compress(bytes, &mut deflated).map_err(io::Error::other)?;
    deflated.truncate(length);
    let (sum, length) = (libdeflater::crc32(bytes), u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    // The writer takes what is deflated already only from another archive: this one holds nothing else.
    let mut small = ZipArchiveWriter::new(Vec::with_capacity(deflated.len().saturating_add(1024)));
    let (mut entry, _) = small
        .new_file(name)
        .compression_method(CompressionMethod::DEFLATE)
        .start()
        .map_err(io::Error::other)?;
    io::Write::write_all(&mut entry, &deflated)?;
    drop(deflated);
    entry.finish(DataDescriptorOutput::new(sum, length)).map_err(io::Error::other)?;
    let small = small.finish().map_err(io::Error::other)?;
    let mut small = ZipArchive::new(Cursor::new(small))?;
    out.raw_copy_file_touch(small.by_index_raw(0)?, at, Some(0o644))?;
    Ok(())
}
