//! Keeps the newest part of a capture: whole packets, in files of which the oldest goes first.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::blocks::Block;

/// How many files a full ring has.
const PARTS: u64 = 8;
/// The smallest file of a ring.
const SMALLEST: u64 = 64 << 10;

/// What a ring has taken and given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Packets that came.
    pub packets: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// Packets that are not kept, the oldest.
    pub lost: u64,
}

struct Part {
    path: PathBuf,
    bytes: u64,
    packets: u64,
}

/// The files that a capture goes to.
pub struct Ring {
    folder: PathBuf,
    limit: u64,
    /// What every file begins with.
    first: Vec<u8>,
    parts: VecDeque<Part>,
    open: Option<BufWriter<File>>,
    number: u64,
    count: Count,
}

impl Ring {
    /// Makes a ring of at most `limit` bytes in a folder.
    #[must_use]
    pub fn new(folder: &Path, limit: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            limit: limit.max(SMALLEST * PARTS),
            first: Vec::new(),
            parts: VecDeque::new(),
            open: None,
            number: 0,
            count: Count::default(),
        }
    }

    /// Keeps a block.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written.
    pub fn put(&mut self, block: Block<'_>) -> io::Result<()> {
        let (whole, packets) = match block {
            Block::First(whole) => {
                // A new section: what comes is of its interfaces.
                self.first = whole.to_vec();
                (whole, 0)
            }
            Block::Interface(whole) => {
                self.first.extend_from_slice(whole);
                (whole, 0)
            }
            Block::Packet { whole, .. } => (whole, 1),
            Block::Other(whole) => (whole, 0),
        };
        let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        let full =
            self.parts.back().is_none_or(|part| part.bytes.saturating_add(length) > self.limit / PARTS);
        if full && (packets > 0 || self.parts.is_empty()) {
            self.next()?;
            if packets == 0 {
                return Ok(());
            }
        }
        if let (Some(file), Some(part)) = (&mut self.open, self.parts.back_mut()) {
            file.write_all(whole)?;
            part.bytes = part.bytes.saturating_add(length);
            part.packets = part.packets.saturating_add(packets);
        }
        self.count.packets = self.count.packets.saturating_add(packets);
        self.count.bytes = self.count.bytes.saturating_add(length);
        Ok(())
    }

    /// Begins the next file, and gives up the oldest where there are too many.
    fn next(&mut self) -> io::Result<()> {
        self.flush()?;
        self.open = None;
        while u64::try_from(self.parts.len()).unwrap_or(u64::MAX) >= PARTS {
            let Some(oldest) = self.parts.pop_front() else { break };
            fs::remove_file(&oldest.path)?;
            self.count.lost = self.count.lost.saturating_add(oldest.packets);
        }
        self.number = self.number.saturating_add(1);
        let ending = if self.first.first() == Some(&0x0a) { "pcapng" } else { "pcap" };
        let path = self.folder.join(format!("capture-{:05}.{ending}", self.number));
        let mut file = BufWriter::new(File::create(&path)?);
        file.write_all(&self.first)?;
        let bytes = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        self.parts.push_back(Part { path, bytes, packets: 0 });
        self.open = Some(file);
        Ok(())
    }

    /// Writes what waits, so that a kill at any moment leaves whole packets.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Returns what has come so far.
    #[must_use]
    pub fn count(&self) -> Count {
        self.count
    }

    /// Makes one file of all, `capture.pcapng` or `capture.pcap`.
    ///
    /// Sections of pcapng may stand one behind the other; of pcap the header is written once.
    ///
    /// # Errors
    ///
    /// Fails where the files cannot be written; those that are left are whole.
    pub fn finish(mut self) -> io::Result<(Count, Option<PathBuf>)> {
        self.flush()?;
        self.open = None;
        let Some(oldest) = self.parts.pop_front() else { return Ok((self.count, None)) };
        let ending = oldest.path.extension().unwrap_or_default().to_owned();
        let is_pcap = ending == "pcap";
        let mut out = File::options().append(true).open(&oldest.path)?;
        for part in self.parts {
            let mut from = File::open(&part.path)?;
            if is_pcap {
                let head = u64::try_from(self.first.len()).unwrap_or_default();
                io::Seek::seek(&mut from, io::SeekFrom::Start(head))?;
            }
            io::copy(&mut from, &mut out)?;
            drop(from);
            fs::remove_file(&part.path)?;
        }
        drop(out);
        let whole = self.folder.join("capture").with_extension(&ending);
        fs::rename(&oldest.path, &whole)?;
        Ok((self.count, Some(whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(ring: &mut Ring, number: u8) {
        let whole = [number; 1000];
        ring.put(Block::Packet { whole: &whole, link: 1, data: &whole, wire_len: 1000 }).unwrap();
    }

    #[test]
    fn keeps_the_newest_packets_behind_one_header() {
        for (head, headers) in [([0x0a; 24], 8), ([0xd4; 24], 1)] {
            let place = tempfile::tempdir().unwrap();
            let mut ring = Ring::new(place.path(), 0);
            ring.put(Block::First(&head)).unwrap();
            for number in (0..=255).chain(0..=255).chain(0..=255) {
                put(&mut ring, number);
            }
            let (count, path) = ring.finish().unwrap();
            let bytes = fs::read(path.unwrap()).unwrap();
            assert_eq!(count.packets, 768);
            assert!(count.lost > 200 && count.lost < 400, "{count:?}");
            let kept = usize::try_from(count.packets - count.lost).unwrap();
            assert_eq!(bytes.len(), kept * 1000 + headers * 24);
            assert_eq!(bytes.last(), Some(&255));
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn leaves_a_small_capture_in_one_file() {
        let place = tempfile::tempdir().unwrap();
        let mut ring = Ring::new(place.path(), 1 << 30);
        assert!(Ring::new(place.path(), 1).finish().unwrap().1.is_none());
        ring.put(Block::First(&[0x0a; 28])).unwrap();
        ring.put(Block::Interface(&[2; 20])).unwrap();
        put(&mut ring, 3);
        ring.put(Block::Other(&[4; 12])).unwrap();
        let (count, path) = ring.finish().unwrap();
        assert_eq!((count.packets, count.lost), (1, 0));
        assert_eq!(fs::read(path.unwrap()).unwrap().len(), 28 + 20 + 1000 + 12);
    }
}
