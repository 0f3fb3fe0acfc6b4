//! The fuzzer's targets on stable Rust: every seed, its prefixes and changed versions of it; and every input that once
//! showed a fault.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::program;
use crate::targets::{self, TARGETS, Target, seeds};

/// Bytes that mean something to one parser or another.
const BYTES: &[u8] = b"\x00\x01\x7f\x80\xff\xfe\xef\n\r\t <>&;/!?-[]{}\":,.0123456789()*#'=+ AZaz";
/// Largest input that a change may lead to.
const LARGEST: usize = 128 << 10;

/// Pseudo-random numbers, the same ones on every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ bits >> 31) as usize % sides.max(1)
    }
}

/// Changes an input in one to five ways: bits, bytes, numbers, pieces twice or left out, pieces of another seed, cuts.
fn change(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.throw(5) {
        let length = bytes.len();
        let at = dice.throw(length);
        let to = (at + 1 + dice.throw(32)).min(length);
        match dice.throw(8) {
            0 if length > 0 => bytes[at] ^= 1 << dice.throw(8),
            1 if length > 0 => bytes[at] = BYTES[dice.throw(BYTES.len())],
            2 => bytes.insert(at, BYTES[dice.throw(BYTES.len())]),
            3 => {
                // A length in either byte order that lies.
                let lie = [0_u32, 1, 0x7fff, 0x8000, 0xffff, 0xffff_fffe][dice.throw(6)];
                for (place, byte) in bytes[at..].iter_mut().zip(lie.to_be_bytes()) {
                    *place = byte;
                }
            }
            4 if length > 1 => drop(bytes.drain(at..to)),
            5 if length < LARGEST => {
                let piece = bytes[at..to].repeat(1 + dice.throw(40));
                bytes.splice(at..at, piece);
            }
            6 if !other.is_empty() && length < LARGEST => {
                let from = dice.throw(other.len());
                let end = (from + 1 + dice.throw(64)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            7 if dice.throw(3) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// Runs a target; gives the input back where it panics.
fn fails(target: Target, bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err()
}

/// Runs one target on all its inputs; gives what it failed on.
fn attack(target: Target) -> Vec<Vec<u8>> {
    let seeds = seeds::of(target.name, &program::root());
    assert!(!seeds.is_empty(), "`{}` has no seeds", target.name);
    let mut failed: Vec<Vec<u8>> = seeds.iter().filter(|seed| fails(target, seed)).cloned().collect();
    let mut dice = Dice(target.rounds as u64);
    for round in 0..target.rounds {
        let (seed, other) = (&seeds[round % seeds.len()], &seeds[dice.throw(seeds.len())]);
        let bytes = change(seed, other, &mut dice);
        if fails(target, &bytes) {
            failed.push(bytes);
        }
    }
    failed
}

#[test]
fn no_target_fails_on_changed_seeds() {
    let next = AtomicUsize::new(0);
    let failed: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut told = Vec::new();
            while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = std::time::Instant::now();
                let mut failed = attack(*target);
                failed.sort_by_key(Vec::len);
                println!("{}: {} inputs in {:.1?}", target.name, target.rounds, begun.elapsed());
                if let Some(first) = failed.first() {
                    let kept = std::env::temp_dir().join(format!("tetra-{}-failed", target.name));
                    std::fs::write(&kept, first).unwrap();
                    told.push(format!("{}: {} inputs, see {}", target.name, failed.len(), kept.display()));
                }
            }
            told
        };
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "panics:\n  {}", failed.join("\n  "));
}

#[test]
fn what_once_failed_does_not_fail_again() {
    for folder in program::list(&program::root().join("tests/fuzz/found")) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for path in program::list(&folder) {
            targets::run(&name, &std::fs::read(&path).unwrap());
        }
    }
}
