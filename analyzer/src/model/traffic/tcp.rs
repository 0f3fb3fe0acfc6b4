//! TCP connections: opening, both halves, ending, and what each carried.

use std::net::SocketAddr;

use tetra_capture::tcp::{Half, Opening};

use crate::model::{Exchange, Seen, Socks, Tls};

/// One TCP connection.
#[derive(Clone, Debug)]
pub struct TcpFlow {
    /// Who opened it.
    pub client: SocketAddr,
    /// Whom it called.
    pub server: SocketAddr,
    /// Interface of the first packet, within its file.
    pub interface: u32,
    /// First packet.
    pub first: Seen,
    /// Last packet.
    pub last: Seen,
    /// How the opening went.
    pub opening: Opening,
    /// What the client sent.
    pub up: Half,
    /// What the server sent.
    pub down: Half,
    /// ICMP errors about it: positions in [`Traffic::icmp`].
    pub errors: Vec<usize>,
    /// What it carried.
    pub app: App,
}

/// What a connection carried.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// SOCKS negotiation at its begin.
    pub socks: Option<Socks>,
    /// HTTP exchanges, in order (before a tunnel).
    pub http: Vec<Exchange>,
    /// The CONNECT that opened a tunnel: position in `http`.
    pub tunnel: Option<usize>,
    /// TLS, directly or within the tunnel.
    pub tls: Option<Box<Tls>>,
}
