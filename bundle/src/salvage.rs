//! An archive that was cut off has no directory: its entries are found by their own headers.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::DeflateDecoder;

use crate::anomaly::Anomalies;
use crate::archive::Names;
use crate::entry::{Entry, Packing, Place};
use crate::inflate::BLOCK;
use crate::{Limits, SourceId, name};

const HEADER: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 1 << 3;
const WIDE: u32 = u32::MAX;

/// What an entry's own header says.
struct Header {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    bytes: u64,
    /// Where its bytes start.
    start: u64,
}

/// Lists the entries from the start of the file up to the first header that leads nowhere.
pub(crate) fn list(path: &Path, limits: &Limits, anomalies: &mut Anomalies) -> io::Result<Vec<Entry>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let shared = Arc::new(path.to_owned());
    let mut names = Names::default();
    let mut found = Vec::new();
    let mut at = 0;
    let mut count = 0;
    let mut total: u64 = 0;
    while count < limits.entries && total <= limits.total_bytes {
        count = count.saturating_add(1);
        let Some(mut header) = read_header(&mut file, at, limits)? else { break };
        if header.flags & SIZES_FOLLOW != 0 && header.compressed == 0 && header.flags & ENCRYPTED == 0 {
            measure(&mut file, &mut header, length, limits)?;
        }
        let end = header.start.saturating_add(header.compressed);
        total = total.saturating_add(header.bytes);
        let entry = to_entry(&header, &shared, length, limits, &mut names, anomalies);
        found.extend(entry);
        if end >= length || end <= at {
            break;
        }
        at = after_descriptor(&mut file, &header, end)?;
    }
    Ok(found)
}

/// Makes an entry of a header, where that can be done.
fn to_entry(
    header: &Header,
    archive: &Arc<std::path::PathBuf>,
    length: u64,
    limits: &Limits,
    names: &mut Names,
    anomalies: &mut Anomalies,
) -> Option<Entry> {
    if header.flags & ENCRYPTED != 0 {
        anomalies.note(&name::shown(&header.name), "it is encrypted: the entry is left out");
        return None;
    }
    let packing = match header.method {
        0 => Packing::Stored,
        8 => Packing::Deflated,
        _ => return None,
    };
    let path = names.accept(&header.name, limits, anomalies)?;
    let there = length.saturating_sub(header.start);
    if header.compressed > there {
        let what = format!("it is cut off: {there} of its {} packed bytes are there", header.compressed);
        anomalies.note(&path, what);
    }
    Some(Entry {
        index: 0,
        path,
        source: SourceId::Unknown,
        bytes: header.bytes,
        compressed: header.compressed.min(there),
        modified: None,
        crc: (header.flags & SIZES_FOLLOW == 0).then_some(header.crc),
        place: Place::Zip { archive: Arc::clone(archive), start: header.start, packing },
    })
}

/// Reads the header at an offset. `None` where there is none, or where it is cut.
fn read_header(file: &mut File, at: u64, limits: &Limits) -> io::Result<Option<Header>> {
    file.seek(SeekFrom::Start(at))?;
    let Some(fixed) = take(file, 30)? else { return Ok(None) };
    if !fixed.starts_with(&HEADER) {
        return Ok(None);
    }
    let (name_length, extra_length) = (u16_at(&fixed, 26), u16_at(&fixed, 28));
    let Some(name) = take(file, name_length.into())? else { return Ok(None) };
    let Some(extra) = take(file, extra_length.into())? else { return Ok(None) };
    let mut header = Header {
        name: name.get(..name.len().min(limits.name_bytes.saturating_add(1))).unwrap_or_default().to_vec(),
        flags: u16_at(&fixed, 6),
        method: u16_at(&fixed, 8),
        crc: u32_at(&fixed, 14),
        compressed: u32_at(&fixed, 18).into(),
        bytes: u32_at(&fixed, 22).into(),
        start: at.saturating_add(30).saturating_add(name_length.into()).saturating_add(extra_length.into()),
    };
    widen(&mut header, &extra);
    Ok(Some(header))
}

/// Takes sizes of more than 32 bits from the zip64 field.
fn widen(header: &mut Header, mut extra: &[u8]) {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((field, rest)) = rest.split_at_checked(u16_at(head, 2).into()) else { return };
        extra = rest;
        if u16_at(head, 0) != 1 {
            continue;
        }
        let mut numbers = field
            .chunks_exact(8)
            .map(|wide| wide.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        for size in [&mut header.bytes, &mut header.compressed] {
            if *size == u64::from(WIDE) {
                *size = numbers.next().unwrap_or(*size);
            }
        }
    }
}

/// Finds the length of a deflated entry whose header does not say it, by inflating it.
fn measure(file: &mut File, header: &mut Header, length: u64, limits: &Limits) -> io::Result<()> {
    let there = length.saturating_sub(header.start);
    (header.compressed, header.bytes) = (there, 0);
    if header.method != 8 {
        header.bytes = there;
        return Ok(());
    }
    file.seek(SeekFrom::Start(header.start))?;
    let mut decoder = DeflateDecoder::new(BufReader::with_capacity(BLOCK, file.take(there)));
    let mut block = vec![0; BLOCK];
    while decoder.read(&mut block).is_ok_and(|read| read > 0) {
        let (inflated, packed) = (decoder.total_out(), decoder.total_in());
        if inflated > limits.entry_bytes || limits.is_bomb(inflated, packed) {
            break;
        }
    }
    (header.compressed, header.bytes) = (decoder.total_in().min(there), decoder.total_out());
    Ok(())
}

/// Returns the offset of the next header: sizes that follow an entry are passed over.
fn after_descriptor(file: &mut File, header: &Header, end: u64) -> io::Result<u64> {
    if header.flags & SIZES_FOLLOW == 0 {
        return Ok(end);
    }
    file.seek(SeekFrom::Start(end))?;
    let mut near = Vec::new();
    file.take(28).read_to_end(&mut near)?;
    let marked = usize::from(near.starts_with(&DESCRIPTOR)) * 4;
    let next = [12, 20].into_iter().map(|size| size + marked);
    let hit = next.into_iter().find(|size| near.get(*size..).is_some_and(|rest| rest.starts_with(&HEADER)));
    Ok(end.saturating_add(hit.and_then(|size| u64::try_from(size).ok()).unwrap_or(0)))
}

/// Reads exactly `count` bytes. `None` where the file ends before.
fn take(file: &mut File, count: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match file.take(count).read_to_end(&mut bytes) {
        Ok(read) => Ok((u64::try_from(read).unwrap_or(u64::MAX) == count).then_some(bytes)),
        Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(cause) => Err(cause),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_le_bytes(*four))
}
