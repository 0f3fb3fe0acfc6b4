//! A capture as one endpoint would make it: valid frames with right checksums, the same bytes for the same seed on every machine.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::frames::{Pk, Truth};
use super::rng::Rng;
use super::{talks, traffic};

/// When the first conversation begins, in microseconds.
const BEGIN: u64 = 1_794_334_928_000_000;

/// What a capture is mostly made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Downloads.
    Bulk,
    /// Lookups, handshakes and proxies.
    Dense,
}

/// Writes a pcap file of so many bytes, and returns what it holds, by name.
pub(crate) fn write(path: &Path, seed: u64, bytes: u64, mix: Mix) -> io::Result<BTreeMap<&'static str, u64>> {
    let mut r = Rng::new(seed);
    let mut tr = Truth::default();
    let mut w = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        w.write_all(&word.to_le_bytes())?;
    }
    let mut total = 24;
    let world = traffic::world(&mut r);
    let bulk_ppm = if mix == Mix::Dense { 0 } else { 4_500 };
    let mut now = BEGIN;
    // Time, conversation, and packet within it.
    let mut heap: BinaryHeap<Reverse<(u64, u64, usize)>> = BinaryHeap::new();
    let mut live: BTreeMap<u64, Vec<Pk>> = BTreeMap::new();
    let (mut number, mut port, mut id, mut pending) = (0_u64, 49_152_u16, 1_u16, 0_u64);
    loop {
        let stop = total + pending >= bytes;
        let next = if stop { u64::MAX } else { now + r.below(30_000) };
        while let Some(&Reverse((ts, flow, at))) = heap.peek() {
            if ts > next {
                break;
            }
            heap.pop();
            let Some(packets) = live.get_mut(&flow) else { continue };
            let frame = std::mem::take(&mut packets[at].1);
            let length = frame.len() as u32;
            for word in [(ts / 1_000_000) as u32, (ts % 1_000_000) as u32, length, length] {
                w.write_all(&word.to_le_bytes())?;
            }
            w.write_all(&frame)?;
            total += 16 + u64::from(length);
            pending -= 16 + u64::from(length);
            tr.add("packets", 1);
            match packets.get(at + 1) {
                Some(following) => heap.push(Reverse((following.0, flow, at + 1))),
                None => drop(live.remove(&flow)),
            }
        }
        if stop {
            break;
        }
        now = next;
        number += 1;
        port = if port >= 65_500 { 49_152 } else { port + 1 };
        let hi = if r.chance(400_000) { r.below(7) } else { r.below(400) } as usize;
        let begin = traffic::Begin { hi, port, now };
        let roll = r.below(1_000_000);
        let mut packets = if roll < 560_000 {
            traffic::lookup(&world, &begin, &mut id, &mut r, &mut tr)
        } else {
            talks::connection(&world, &begin, roll, bulk_ppm, &mut r, &mut tr)
        };
        packets.sort_by_key(|packet| packet.0);
        pending += packets.iter().map(|packet| 16 + packet.1.len() as u64).sum::<u64>();
        heap.push(Reverse((packets[0].0, number, 0)));
        live.insert(number, packets);
    }
    w.flush()?;
    tr.add("bytes", total);
    Ok(tr.n)
}
