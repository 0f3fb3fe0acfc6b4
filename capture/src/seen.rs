//! Where something was seen, and which side of a connection did it.

use crate::Timestamp;

/// A frame and its time. Compact, for there are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Capture time.
    pub time: Timestamp,
    /// Frame number within its file, from 1.
    pub frame: u32,
    /// Position of the file among those read together.
    pub capture: u16,
}

/// Which way something went on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The side that opened the connection.
    Client,
    /// The side that was called.
    Server,
}
