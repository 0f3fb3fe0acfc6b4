//! Small servers on loopback that answer, fail, hang or lie.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use domain::base::iana::{Rcode, Rtype};
use domain::base::{Message, MessageBuilder};
use domain::rdata::A;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::pki::Identity;

/// Longer than any limit of a test.
pub const LONG: Duration = Duration::from_secs(20);

/// Starts a thread with a name: a server may fail when its client has left, and that is nobody else's fault.
pub fn spawn(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name("server of a test".to_owned()).spawn(work).unwrap();
}

/// Serves each connection by a function, in threads that end with the test.
pub fn tcp(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            spawn(move || serve(stream));
        }
    });
    port
}

/// A port on which nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Reads an HTTP request: its head, and the body that its length announces.
pub fn request(stream: &mut impl Read) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut one) {
            Ok(1) => bytes.push(one[0]),
            _ => return (String::from_utf8_lossy(&bytes).into_owned(), Vec::new()),
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

/// Writes an HTTP answer.
pub fn respond(stream: &mut impl Write, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    // A client that has left gets nothing.
    let _ =
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush());
}

/// A plain web server.
pub fn web(answer: impl Fn(&str, &[u8]) -> (String, Vec<u8>) + Send + Sync + 'static) -> u16 {
    tcp(move |mut stream| {
        let (head, body) = request(&mut stream);
        let (status, body) = answer(&head, &body);
        let date = httpdate(0);
        respond(&mut stream, &status, &format!("Date: {date}\r\n"), &body);
    })
}

/// The time so many seconds from now as HTTP writes it.
pub fn httpdate(seconds: i64) -> String {
    let time = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A server that speaks TLS; what comes then is served by a function.
pub fn tls(
    identity: &Identity,
    serve: impl Fn(&mut StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> u16 {
    let config = Arc::new(config(identity));
    tcp(move |stream| {
        let session = ServerConnection::new(Arc::clone(&config)).unwrap();
        serve(&mut StreamOwned::new(session, stream));
    })
}

/// What a TLS server shows.
pub fn config(identity: &Identity) -> ServerConfig {
    let chain = identity.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.clone()));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// The update server: an empty page, as the real one gives.
pub fn update_server(identity: &Identity) -> u16 {
    tls(identity, |stream| {
        let (head, _) = request(stream);
        if head.starts_with("HEAD / ") {
            respond(stream, "200 OK", &format!("Date: {}\r\n", httpdate(0)), b"");
        }
    })
}

/// How a resolver behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// It gives an address.
    Answers,
    /// It gives this code.
    Says(Rcode),
    /// It says nothing.
    Silent,
    /// It takes so long.
    Late(Duration),
    /// It cuts its answers over UDP, and gives them over TCP.
    Cuts,
    /// It cuts its answers over UDP, and does not listen on TCP.
    CutsOnly,
}

/// Starts a resolver on UDP and on the same port of TCP.
pub fn resolver(how: Resolver) -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((count, from)) = udp.recv_from(&mut buffer) {
            if let Some(answer) = resolved(&buffer[..count], how, true) {
                udp.send_to(&answer, from).unwrap();
            }
        }
    });
    if how != Resolver::CutsOnly {
        spawn(move || {
            for mut stream in tcp.incoming().flatten() {
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut question).unwrap();
                if let Some(answer) = resolved(&question, how, false) {
                    let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                    stream.write_all(&[&length[..], &answer].concat()).unwrap();
                }
            }
        });
    }
    address
}

fn resolved(question: &[u8], how: Resolver, udp: bool) -> Option<Vec<u8>> {
    let (rcode, cut) = match how {
        Resolver::Silent => return None,
        Resolver::Late(time) => {
            thread::sleep(time);
            (Rcode::NOERROR, false)
        }
        Resolver::Says(code) => (code, false),
        Resolver::Cuts | Resolver::CutsOnly => (Rcode::NOERROR, udp),
        Resolver::Answers => (Rcode::NOERROR, false),
    };
    let asked = Message::from_octets(question.to_vec()).unwrap();
    let mut answer = MessageBuilder::new_vec().start_answer(&asked, rcode).unwrap();
    answer.header_mut().set_tc(cut);
    let query = asked.sole_question().unwrap();
    if !cut && !matches!(how, Resolver::Says(_)) && query.qtype() == Rtype::A {
        answer.push((query.qname(), 60, A::from_octets(192, 0, 2, 10))).unwrap();
    }
    Some(answer.finish())
}
