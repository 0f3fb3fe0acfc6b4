//! Reading one entry of an archive, within its limits and against what it declares.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use crate::entry::{Packing, Place};
use crate::{Entry, Limits};

/// How much is read from the disk at once.
pub(crate) const BLOCK: usize = 256 << 10;

/// Opens an entry, each time with a file handle of its own, so that several can be read at once.
pub(crate) fn open(entry: &Entry, limits: &Limits) -> io::Result<Box<dyn Read + Send>> {
    match &entry.place {
        Place::File(path) => {
            let file = File::open(path)?;
            if !file.metadata()?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no longer a regular file"));
            }
            Ok(Box::new(file.take(entry.bytes)))
        }
        Place::Zip { archive, start, packing } => {
            let mut file = File::open(archive.as_ref())?;
            file.seek(SeekFrom::Start(*start))?;
            let packed = BufReader::with_capacity(BLOCK, file.take(entry.compressed));
            let inner = match packing {
                Packing::Stored => Inner::Stored(packed),
                Packing::Deflated => Inner::Deflated(DeflateDecoder::new(packed)),
            };
            Ok(Box::new(Guarded::new(inner, entry.bytes, entry.crc, *limits)))
        }
    }
}

/// The bytes of an entry, packed or not.
pub(crate) enum Inner<R> {
    Stored(R),
    Deflated(DeflateDecoder<R>),
}

impl<R: io::BufRead> Inner<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(inner) => inner.read(buffer),
            Self::Deflated(inner) => inner.read(buffer),
        }
    }
}

/// Yields an entry's bytes, and an error where they are not as declared.
///
/// Bytes that came before the fault are yielded first. An error stays an error.
pub(crate) struct Guarded<R> {
    inner: Inner<R>,
    declared: u64,
    expected: Option<u32>,
    limits: Limits,
    crc: Crc,
    done: u64,
    fault: Option<(io::ErrorKind, String)>,
}

impl<R: io::BufRead> Guarded<R> {
    pub(crate) fn new(inner: Inner<R>, declared: u64, expected: Option<u32>, limits: Limits) -> Self {
        Self { inner, declared, expected, limits, crc: Crc::new(), done: 0, fault: None }
    }

    fn fail(&mut self, kind: io::ErrorKind, what: String) -> io::Error {
        self.fault = Some((kind, what.clone()));
        io::Error::new(kind, what)
    }

    /// Says what is wrong at the end of the bytes, if anything is.
    fn end(&self) -> Option<(io::ErrorKind, String)> {
        if self.done < self.declared {
            let what = format!("it ends after {} of {} bytes", self.done, self.declared);
            return Some((io::ErrorKind::UnexpectedEof, what));
        }
        let wrong = self.expected.is_some_and(|expected| expected != self.crc.sum());
        wrong.then(|| {
            (io::ErrorKind::InvalidData, "its checksum is wrong: the content was altered or damaged".into())
        })
    }

    /// Says which limit the bytes so far have passed, if any.
    fn passed(&self) -> Option<String> {
        if self.done > self.limits.entry_bytes {
            return Some(format!("it passes the limit of {} bytes per entry", self.limits.entry_bytes));
        }
        let Inner::Deflated(inner) = &self.inner else { return None };
        let bomb = self.limits.is_bomb(self.done, inner.total_in());
        bomb.then(|| format!("it inflates more than {} times, as a zip bomb does", self.limits.ratio))
    }
}

impl<R: io::BufRead> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, what)) = &self.fault {
            return Err(io::Error::new(*kind, what.clone()));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(what) = self.passed() {
            return Err(self.fail(io::ErrorKind::InvalidData, what));
        }
        let read = loop {
            match self.inner.read(buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = match read {
            Ok(read) => read,
            Err(cause) => {
                let what = format!("it is damaged after {} of {} bytes: {cause}", self.done, self.declared);
                return Err(self.fail(cause.kind(), what));
            }
        };
        if read == 0 {
            return match self.end() {
                Some((kind, what)) => Err(self.fail(kind, what)),
                None => Ok(0),
            };
        }
        let left = usize::try_from(self.declared.saturating_sub(self.done)).unwrap_or(usize::MAX);
        if read > left {
            let what = format!("it holds more than the {} bytes it declares", self.declared);
            let error = self.fail(io::ErrorKind::InvalidData, what);
            if left == 0 {
                return Err(error);
            }
        }
        let given = read.min(left);
        self.crc.update(buffer.get(..given).unwrap_or_default());
        self.done = self.done.saturating_add(u64::try_from(given).unwrap_or(u64::MAX));
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn read(packed: &[u8], declared: u64, crc: Option<u32>, limits: Limits) -> (usize, Option<String>) {
        let mut guarded = Guarded::new(Inner::Deflated(DeflateDecoder::new(packed)), declared, crc, limits);
        let mut all = Vec::new();
        let fault = guarded.read_to_end(&mut all).err().map(|fault| fault.to_string());
        let again = guarded.read(&mut [0; 4]).err().map(|fault| fault.to_string());
        assert_eq!(fault, again, "an error stays an error");
        (all.len(), fault)
    }

    #[test]
    fn yields_honest_bytes() {
        let mut crc = Crc::new();
        crc.update(b"hello hello hello");
        assert_eq!(read(&deflated(b"hello hello hello"), 17, Some(crc.sum()), Limits::default()), (17, None));
    }

    #[test]
    fn names_every_lie() {
        let packed = deflated(b"hello hello hello");
        let fault = |declared, crc| read(&packed, declared, crc, Limits::default());
        assert_eq!(fault(5, None), (5, Some("it holds more than the 5 bytes it declares".into())));
        assert_eq!(fault(99, None), (17, Some("it ends after 17 of 99 bytes".into())));
        let wrong = "its checksum is wrong: the content was altered or damaged";
        assert_eq!(fault(17, Some(7)), (17, Some(wrong.into())));
        let cut = packed.get(..packed.len() - 3).unwrap();
        assert!(read(cut, 17, None, Limits::default()).1.is_some());
        assert!(
            read(b"\xff\xff\xff", 17, None, Limits::default())
                .1
                .unwrap()
                .starts_with("it is damaged after 0 of 17 bytes")
        );
    }

    #[test]
    fn stops_at_limits() {
        let packed = deflated(&vec![0; 1 << 20]);
        let limits = Limits { ratio: 100, ratio_floor: 1 << 16, ..Limits::default() };
        let (read_bytes, fault) = read(&packed, 1 << 20, None, limits);
        assert_eq!(fault.unwrap(), "it inflates more than 100 times, as a zip bomb does");
        assert!(read_bytes < 1 << 18, "{read_bytes}");
        let limits = Limits { entry_bytes: 1_000, ..Limits::default() };
        assert_eq!(
            read(&packed, 1 << 20, None, limits).1.unwrap(),
            "it passes the limit of 1000 bytes per entry"
        );
    }
}
