//! Conversations for tests of those who read byte streams: recorded ones, cut into pieces and played back.

use crate::stream::{At, Dir, count};

/// A conversation as one reader sees it: directions and bytes.
pub type Talk = Vec<(Dir, Vec<u8>)>;

/// Reads `> hex` and `< hex` lines: what the client and the server sent.
pub fn talk(text: &str) -> Talk {
    let mut talk = Talk::new();
    for line in text.lines() {
        let dir = match line.as_bytes().first() {
            Some(b'>') => Dir::ToServer,
            Some(b'<') => Dir::ToClient,
            _ => continue,
        };
        talk.push((dir, unhex(&line[1..])));
    }
    talk
}

/// Reads a conversation of the laboratory from `fixtures/sources/capture`.
pub fn fixture(name: &str) -> Talk {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/sources/capture/");
    talk(&std::fs::read_to_string(format!("{folder}{name}.hex")).unwrap())
}

/// Turns hexadecimal digits into bytes.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|byte| char::from(byte).to_digit(16))
        .map(|digit| u8::try_from(digit).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

/// A small generator of pseudo-random numbers: the same ones on every run.
pub struct Dice(pub u64);

impl Dice {
    /// Draws a number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// Flips some bytes, or cuts the end off.
    pub fn damage(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len());
            bytes[place] = u8::try_from(self.below(256)).unwrap();
        }
        if self.below(4) == 0 {
            bytes.truncate(self.below(bytes.len()));
        }
    }
}

/// What a test does with a reader.
pub enum Act<'a> {
    /// It hands over bytes.
    Data(Dir, At, &'a [u8]),
    /// It passes over bytes that were not captured.
    Gap(Dir, At, u64),
}

/// Feeds a talk cut into pieces of pseudo-random sizes of at most `most` bytes; all bytes of one turn bear one place.
pub fn feed(talk: &Talk, most: usize, dice: &mut Dice, mut act: impl FnMut(Act<'_>)) {
    for (number, (dir, bytes)) in talk.iter().enumerate() {
        let frame = u64::try_from(number).unwrap() + 1;
        let at = At { frame, time: i64::try_from(frame).unwrap() * 1_000 };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let size = (1 + dice.below(most)).min(rest.len());
            act(Act::Data(*dir, at, &rest[..size]));
            rest = &rest[size..];
        }
    }
}

/// Feeds a talk as a capture with a snap length would: of every piece of `segment` bytes, the first `snap`.
pub fn feed_snapped(talk: &Talk, segment: usize, snap: usize, mut act: impl FnMut(Act<'_>)) {
    let mut frame = 0;
    for (dir, bytes) in talk {
        for piece in bytes.chunks(segment) {
            frame += 1;
            let at = At { frame, time: 0 };
            let seen = snap.min(piece.len());
            act(Act::Data(*dir, at, &piece[..seen]));
            if seen < piece.len() {
                act(Act::Gap(*dir, at, count(piece.len() - seen)));
            }
        }
    }
}
