//! One PUT of one file over HTTPS, straight or through a proxy's tunnel.
//!
//! The answer is minded at every moment: a server that refuses early, as it does with a wrong token, is heard although not
//! everything was sent.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::network::{Proxy, Speaks, with_port};
use crate::probe::head::{self, Head};
use crate::probe::lookup;
use crate::probe::wire::{Wire, within};
use crate::probe::{Outcome, Server};

/// How long the other side may take over one answer, or take no byte.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a server is given to say "continue"; not every server does.
const CONTINUE: Duration = Duration::from_secs(5);
/// How much is sent at once.
const PIECE: usize = 64 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The proxy does not lead on.
    #[error("the proxy answered {0}")]
    Proxy(u16),
    /// The proxy is of a kind that is not used.
    #[error("a proxy of this kind is not supported")]
    Kind,
    /// The server's certificate is not believed.
    #[error("the server is not believed: {0}")]
    NotBelieved(rustls::Error),
    /// The bundle could not be read.
    #[error("the bundle cannot be read: {0}")]
    File(io::Error),
    /// The connection did not come about, or broke.
    #[error("{0}")]
    Broken(#[from] io::Error),
}

/// Whom to believe.
pub fn trust(roots: Option<&Path>) -> Option<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = match roots {
        None => builder.with_platform_verifier().ok()?.with_no_client_auth(),
        Some(path) => {
            let mut store = RootCertStore::empty();
            let (added, _) = store
                .add_parsable_certificates(CertificateDer::pem_file_iter(path).ok()?.map_while(Result::ok));
            if added == 0 {
                return None;
            }
            builder.with_root_certificates(store).with_no_client_auth()
        }
    };
    Some(Arc::new(config))
}

/// Puts a file of so many bytes, with one more header, and gives the status of the answer.
pub fn put(
    server: &Server,
    proxy: Option<&Proxy>,
    trust: &Arc<ClientConfig>,
    header: &str,
    (file, total): (File, u64),
    tell: &mut dyn FnMut(u64),
) -> Result<u16, Fault> {
    let wire = reach(server, proxy)?;
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| io::Error::new(ErrorKind::InvalidInput, "the server has no valid name"))?;
    let session = ClientConnection::new(Arc::clone(trust), name).map_err(Fault::NotBelieved)?;
    let mut stream = StreamOwned::new(session, wire);
    let place = with_port(&server.host, server.port);
    let request = format!(
        "PUT {} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {}\r\n{header}\r\nContent-Type: application/octet-stream\r\n\
         Content-Length: {total}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        server.page,
        head::AGENT
    );
    stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).map_err(believed)?;
    let mut begun = Vec::new();
    stream.sock.extend(soon(CONTINUE));
    match head::next(&mut stream, &mut begun) {
        Ok(head) if head.status != 100 => return Ok(head.status),
        Err(fault) if fault.kind() != ErrorKind::TimedOut => return Err(believed(fault)),
        _ => {}
    }
    match body(&mut stream, file, total, tell) {
        Ok(()) => {}
        // A server that hangs up while it is still being sent to may have said why.
        Err(Fault::Broken(fault)) => {
            stream.sock.extend(soon(CONTINUE));
            return last(&mut stream, begun).map(|head| head.status).map_err(|_| Fault::Broken(fault));
        }
        Err(fault) => return Err(fault),
    }
    stream.sock.extend(soon(PATIENCE));
    Ok(last(&mut stream, begun)?.status)
}

/// Sends the file.
fn body(
    stream: &mut StreamOwned<ClientConnection, Wire>,
    file: File,
    total: u64,
    tell: &mut dyn FnMut(u64),
) -> Result<(), Fault> {
    let mut file = file.take(total);
    let mut piece = vec![0; PIECE];
    let mut sent: u64 = 0;
    while sent < total {
        let count = file.read(&mut piece).map_err(Fault::File)?;
        if count == 0 {
            return Err(Fault::File(io::Error::new(ErrorKind::UnexpectedEof, "it became shorter")));
        }
        stream.sock.extend(soon(PATIENCE));
        stream.write_all(piece.get(..count).unwrap_or_default())?;
        sent = sent.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        tell(sent);
    }
    Ok(stream.flush()?)
}

/// Reads the final answer.
fn last(stream: &mut impl Read, mut begun: Vec<u8>) -> io::Result<Head> {
    loop {
        let head = head::next(stream, &mut begun)?;
        if !(100..200).contains(&head.status) {
            return Ok(head);
        }
    }
}

/// Connects to the server, or has a proxy do it.
fn reach(server: &Server, proxy: Option<&Proxy>) -> Result<Wire, Fault> {
    let Some(proxy) = proxy else { return Ok(connect(&server.host, server.port)?) };
    if proxy.speaks != Speaks::Http {
        return Err(Fault::Kind);
    }
    let mut wire = connect(&proxy.host, proxy.port)?;
    let status = head::connect(&mut wire, &with_port(&server.host, server.port))?.status;
    if (200..300).contains(&status) { Ok(wire) } else { Err(Fault::Proxy(status)) }
}

/// Connects to each address of a host in turn, until one is there.
fn connect(host: &str, port: u16) -> io::Result<Wire> {
    let found = lookup::by_system(host, soon(PATIENCE));
    let mut last = match found.record.outcome {
        Some(Outcome::Unanswered) => io::Error::new(ErrorKind::TimedOut, format!("no answer for `{host}`")),
        _ => io::Error::new(ErrorKind::NotFound, format!("the name `{host}` is not found")),
    };
    for address in found.addresses {
        match Wire::connect(SocketAddr::new(address, port), soon(PATIENCE)) {
            Ok(wire) => return Ok(wire),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

fn soon(time: Duration) -> Instant {
    let now = Instant::now();
    within(time, now.checked_add(time).unwrap_or(now))
}

/// Tells a server that is not believed from a connection that broke.
fn believed(fault: io::Error) -> Fault {
    match fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(inner @ rustls::Error::InvalidCertificate(_)) => Fault::NotBelieved(inner.clone()),
        _ => Fault::Broken(fault),
    }
}
