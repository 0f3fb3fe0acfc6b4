//! Connections that end by a deadline, whatever the other side does, and what the system says when they fail.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::record::Outcome;

/// The least time that is still worth waiting for.
const MOMENT: Duration = Duration::from_millis(1);

/// A TCP connection, no read or write of which lasts beyond the deadline.
#[derive(Debug)]
pub struct Wire {
    socket: TcpStream,
    until: Instant,
}

impl Wire {
    /// Connects to an address.
    pub fn connect(address: SocketAddr, until: Instant) -> io::Result<Self> {
        let socket = TcpStream::connect_timeout(&address, left(until)?)?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, until })
    }

    /// Sets another deadline.
    pub fn extend(&mut self, until: Instant) {
        self.until = until;
    }
}

/// Gives the time that is left until a deadline.
pub fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left < MOMENT { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// Gives the earlier of a limit from now on and a deadline.
pub fn within(limit: Duration, until: Instant) -> Instant {
    Instant::now().checked_add(limit).map_or(until, |own| own.min(until))
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(left(self.until)?))?;
        self.socket.read(into).map_err(timed)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(left(self.until)?))?;
        self.socket.write(bytes).map_err(timed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// Calls a time that ran out by one name; Unix calls it "would block".
fn timed(fault: io::Error) -> io::Error {
    if fault.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { fault }
}

/// Says how an opening failed, as the system tells it.
pub fn opening(fault: &io::Error) -> Outcome {
    match fault.kind() {
        ErrorKind::ConnectionRefused => Outcome::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Outcome::Unanswered,
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => Outcome::NetUnreachable,
        ErrorKind::HostUnreachable => Outcome::HostUnreachable,
        // A local filter: Windows says WSAEACCES, Linux EPERM or EACCES.
        ErrorKind::PermissionDenied => Outcome::Prohibited,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Outcome::Reset,
        _ => Outcome::Unknown,
    }
}

/// Says how a connection that had been open ended, as the system tells it.
pub fn ending(fault: &io::Error) -> Outcome {
    match fault.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Outcome::Silent,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Outcome::Reset,
        ErrorKind::UnexpectedEof => Outcome::Closed,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Outcome::Unreachable,
        _ => Outcome::Failed,
    }
}

/// Gives the milliseconds since a moment, to the tenth.
pub fn since(began: Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}
