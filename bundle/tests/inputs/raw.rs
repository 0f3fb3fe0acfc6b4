//! Builds zip archives byte by byte, so that any field can lie.

use std::io::Write;
use std::path::{Path, PathBuf};

use tetra_bundle::{Bundle, Error, Limits};

/// One entry, every field open to lies.
#[derive(Clone)]
pub struct Raw {
    pub name: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub data: Vec<u8>,
    pub packed: u64,
    pub bytes: u64,
    pub mode: u32,
    pub wide: bool,
    /// The header offset that the directory names, where it is not the true one.
    pub offset: Option<u32>,
}

/// An honest stored entry.
pub fn stored(name: &str, data: &[u8]) -> Raw {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let bytes = data.len() as u64;
    Raw {
        name: name.into(),
        method: 0,
        flags: 0,
        crc: crc.sum(),
        data: data.to_vec(),
        packed: bytes,
        bytes,
        mode: 0o100_644,
        wide: false,
        offset: None,
    }
}

/// An honest deflated entry.
pub fn deflated(name: &str, data: &[u8]) -> Raw {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(data).unwrap();
    let packed = packer.finish().unwrap();
    Raw { method: 8, packed: packed.len() as u64, data: packed, ..stored(name, data) }
}

impl Raw {
    fn fields(&self) -> Vec<u8> {
        let short = |size: u64| if self.wide { u32::MAX } else { size as u32 };
        let mut out = Vec::new();
        out.extend(45_u16.to_le_bytes());
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend(0x6000_u16.to_le_bytes());
        out.extend(0x5C21_u16.to_le_bytes());
        out.extend(self.crc.to_le_bytes());
        out.extend(short(self.packed).to_le_bytes());
        out.extend(short(self.bytes).to_le_bytes());
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend((self.extra().len() as u16).to_le_bytes());
        out
    }

    fn extra(&self) -> Vec<u8> {
        if !self.wide {
            return Vec::new();
        }
        let sizes = [self.bytes.to_le_bytes(), self.packed.to_le_bytes()].concat();
        [&1_u16.to_le_bytes()[..], &16_u16.to_le_bytes(), &sizes].concat()
    }

    pub fn local(&self) -> Vec<u8> {
        [b"PK\x03\x04", &self.fields()[..], &self.name, &self.extra(), &self.data].concat()
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x2d\x03".to_vec();
        out.extend(self.fields());
        out.extend([0; 6]);
        out.extend((self.mode << 16).to_le_bytes());
        out.extend(self.offset.unwrap_or(offset).to_le_bytes());
        out.extend(&self.name);
        out.extend(self.extra());
        out
    }
}

/// Puts entries together to an archive.
pub fn zip(entries: &[Raw]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(out.len() as u32));
        out.extend(entry.local());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(end(entries.len() as u16, directory.len() as u32, start));
    out
}

/// The last record of an archive.
pub fn end(count: u16, size: u32, start: u32) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A place for the inputs of one test.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn open(&self, bytes: &[u8]) -> Result<Bundle, Error> {
        Bundle::open(self.put("in.zip", bytes), Limits::default())
    }
}

/// Opens an archive made of entries.
pub fn open(entries: &[Raw]) -> (Place, Bundle) {
    let place = Place::new();
    let bundle = place.open(&zip(entries)).unwrap();
    (place, bundle)
}

/// The paths of a bundle's entries.
pub fn paths(bundle: &Bundle) -> Vec<&str> {
    bundle.entries().iter().map(|entry| entry.path.as_str()).collect()
}

/// The anomalies of a bundle, one line each.
pub fn odd(bundle: &Bundle) -> Vec<String> {
    bundle.anomalies().iter().map(|odd| format!("{}: {}", odd.path, odd.what)).collect()
}

/// Reads an entry to its end: its bytes, or what is wrong.
pub fn read(bundle: &Bundle, path: &str) -> Result<Vec<u8>, String> {
    let entry = bundle.entries().iter().find(|entry| entry.path == path).expect(path);
    let mut all = Vec::new();
    let mut reader = bundle.read(entry).unwrap();
    std::io::Read::read_to_end(&mut reader, &mut all).map(|_| all).map_err(|fault| fault.to_string())
}
