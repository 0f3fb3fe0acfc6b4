//! Sources far larger than anything honest: bounded time, and the rest is analysed.

use super::{assert_still_answered, with};
use crate::archive::{Raw, stored};

/// A deflated entry with a million bytes `times` over in its middle, made without ever holding them.
pub fn repeated(path: &str, front: &[u8], middle: &[u8], times: u64, back: &[u8]) -> Raw {
    let again = packed(middle, false);
    let mut data = packed(front, false);
    for _ in 0..times {
        data.extend_from_slice(&again);
    }
    data.extend(packed(back, true));
    let mut crc = summed(front);
    for _ in 0..times {
        crc.combine(&summed(middle));
    }
    crc.combine(&summed(back));
    let bytes = front.len() as u64 + times * middle.len() as u64 + back.len() as u64;
    Raw { method: 8, packed: data.len() as u64, bytes, crc: crc.sum(), data, ..stored(path, b"") }
}

/// A MiB that packs well, but not as well as a bomb does.
fn honest(filler: u8) -> Vec<u8> {
    let mut seed = 1_u32;
    let mut piece = vec![filler; 1 << 20];
    for byte in piece.iter_mut().take(10_000) {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = b'a' + (seed >> 24) as u8 % 26;
    }
    piece
}

/// Deflated bytes that end at a byte's border, so that more can follow.
fn packed(bytes: &[u8], last: bool) -> Vec<u8> {
    let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() + 1_024);
    let flush = if last { flate2::FlushCompress::Finish } else { flate2::FlushCompress::Full };
    packer.compress_vec(bytes, &mut out, flush).unwrap();
    out
}

fn summed(bytes: &[u8]) -> flate2::Crc {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc
}

#[test]
fn a_log_line_of_a_gigabyte() {
    let path = "connector/logs/sfc.exe.log";
    let front = b"(1000, +0 ms) Nov 23 04:07:07 [4242]: begin\n";
    let back = b"\n(2000, +0 ms) Nov 23 04:08:07 [4242]: end\n";
    let entry = repeated(path, front, &honest(b'x'), 1_024, back);
    assert_still_answered(&with(&[entry]), path, "");
}

#[test]
fn json_of_a_hundred_megabytes() {
    for path in ["connector/posture.json", "network/config.json"] {
        let entry = repeated(path, b"{\"a\": \"", &honest(b' '), 100, b"\"}");
        assert_still_answered(&with(&[entry]), path, "larger than 16 MiB");
    }
}

#[test]
fn bombs_are_cut_short() {
    let path = "connector/logs/sfc.exe.log";
    let bomb = repeated(path, b"", &[0; 1 << 20], 400, b"");
    assert_still_answered(&with(&[bomb]), path, "");
    // The bytes are there, but the entry says that there are few, or far more.
    let middling = repeated(path, b"", &honest(b'a'), 1, b"");
    for bytes in [100, 4_000_000_000] {
        assert_still_answered(&with(&[Raw { bytes, ..middling.clone() }]), path, "");
    }
}

#[test]
fn a_hundred_thousand_entries() {
    let names = (0..100_001).map(|number| stored(&format!("more/{number}.txt"), b"x"));
    let entries: Vec<Raw> = super::good().into_iter().chain(names).collect();
    let bytes = crate::archive::zip(&entries);
    let (done, report) = super::analysed("in.zip", &bytes);
    assert!(done.took < super::PATIENCE, "took {:?}", done.took);
    assert!(matches!(done.status, 1..=3), "{}", done.err);
    let said = format!("{}{}", done.err, report["anomalies"]);
    assert!(said.contains("entries"), "{said}");
}
