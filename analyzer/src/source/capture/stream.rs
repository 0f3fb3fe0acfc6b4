//! What every reader of a byte stream is told: where bytes came from and which way they went.
//!
//! The packet layer puts segments in order and hands each reader contiguous bytes and gaps; a reader never sees a packet.

/// The segment that carried some bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The frame's number, as Wireshark counts.
    pub frame: u64,
    /// When it was captured, in nanoseconds since the Unix epoch.
    pub time: i64,
}

/// The direction of bytes on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dir {
    /// From the side that opened the connection.
    ToServer,
    /// To the side that opened the connection.
    ToClient,
}

/// One value for each direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both<T> {
    /// The value for bytes that the client sent.
    pub to_server: T,
    /// The value for bytes that the server sent.
    pub to_client: T,
}

impl<T> Both<T> {
    /// Returns the value of one direction.
    pub fn get(&self, dir: Dir) -> &T {
        match dir {
            Dir::ToServer => &self.to_server,
            Dir::ToClient => &self.to_client,
        }
    }

    /// Returns the value of one direction, to change it.
    pub fn get_mut(&mut self, dir: Dir) -> &mut T {
        match dir {
            Dir::ToServer => &mut self.to_server,
            Dir::ToClient => &mut self.to_client,
        }
    }
}

/// The first and the last segment of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it began.
    pub first: At,
    /// Where it ended, or the last that was seen of it.
    pub last: At,
}

impl Span {
    /// Starts a span of one segment.
    pub fn at(at: At) -> Self {
        Self { first: at, last: at }
    }

    /// Extends the span to a later segment.
    pub fn extend(&mut self, at: At) {
        self.last = at;
    }
}

/// Converts a length in memory to a count of bytes on the wire.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Takes at most `limit` bytes from the front.
pub(crate) fn split_at_most(bytes: &[u8], limit: u64) -> (&[u8], &[u8]) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(limit).unwrap_or((bytes, &[]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A conversation as one reader sees it: directions and bytes.
    pub(crate) type Talk = Vec<(Dir, Vec<u8>)>;

    /// Reads `> hex` and `< hex` lines: what the client and the server sent.
    pub(crate) fn talk(text: &str) -> Talk {
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
    pub(crate) fn fixture(name: &str) -> Talk {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/sources/capture/");
        talk(&std::fs::read_to_string(format!("{folder}{name}.hex")).unwrap())
    }

    /// Turns hexadecimal digits into bytes.
    pub(crate) fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .bytes()
            .filter_map(|byte| char::from(byte).to_digit(16))
            .map(|digit| u8::try_from(digit).unwrap())
            .collect();
        digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
    }

    /// A small generator of pseudo-random numbers: the same ones on every run.
    pub(crate) struct Dice(pub u64);

    impl Dice {
        pub(crate) fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from((self.0 >> 16) % u64::try_from(limit.max(1)).unwrap()).unwrap()
        }

        /// Flips some bytes, or cuts the end off.
        pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>) {
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
    pub(crate) enum Act<'a> {
        Data(Dir, At, &'a [u8]),
        Gap(Dir, At, u64),
    }

    /// Feeds a talk cut into pieces of pseudo-random sizes of at most `most` bytes; all bytes of one turn bear one place.
    pub(crate) fn feed(talk: &Talk, most: usize, dice: &mut Dice, mut act: impl FnMut(Act<'_>)) {
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
    pub(crate) fn feed_snapped(talk: &Talk, segment: usize, snap: usize, mut act: impl FnMut(Act<'_>)) {
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

    #[test]
    fn splits_within_bounds() {
        assert_eq!(split_at_most(b"abc", 2), (&b"ab"[..], &b"c"[..]));
        assert_eq!(split_at_most(b"abc", u64::MAX), (&b"abc"[..], &b""[..]));
    }
}
