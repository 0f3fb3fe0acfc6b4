//! How long each test may take.

use std::time::Duration;

/// The limits of single tests; the whole has a deadline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One lookup.
    pub lookup: Duration,
    /// Opening one connection.
    pub connect: Duration,
    /// One handshake.
    pub handshake: Duration,
    /// One request and its answer.
    pub answer: Duration,
    /// The platform's verdict on a certificate, revocation included.
    pub verdict: Duration,
    /// How many addresses of a name are tried.
    pub addresses: usize,
    /// How many tests run at a time.
    pub at_once: usize,
    /// The most bytes of a body that are read.
    pub body: usize,
}

impl Default for Limits {
    /// Waits as long as Windows does for a connection, and a little less for the rest.
    fn default() -> Self {
        Self {
            lookup: Duration::from_secs(10),
            connect: Duration::from_secs(21),
            handshake: Duration::from_secs(20),
            answer: Duration::from_secs(20),
            verdict: Duration::from_secs(45),
            addresses: 4,
            at_once: 8,
            body: 16 << 20,
        }
    }
}
