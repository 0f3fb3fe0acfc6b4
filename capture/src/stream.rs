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
pub fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Takes at most `limit` bytes from the front.
pub fn split_at_most(bytes: &[u8], limit: u64) -> (&[u8], &[u8]) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(limit).unwrap_or((bytes, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_within_bounds() {
        assert_eq!(split_at_most(b"abc", 2), (&b"ab"[..], &b"c"[..]));
        assert_eq!(split_at_most(b"abc", u64::MAX), (&b"abc"[..], &b""[..]));
    }
}
