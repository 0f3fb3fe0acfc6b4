//! Handing a bundle over, to a server of the tests' own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};
use tetra_collect::network::Proxy;
use tetra_collect::upload::{Error, Progress, Upload, send};

use super::pki::{Authority, Points};
use super::servers;
use crate::archive::Place;
use crate::program;

const TOKEN: &str = "T0ken-that-nobody-may-see";

/// What a server heard: the head and the body of each request.
type Heard = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A server that answers each request in turn with one of these; nothing is a reset.
fn server(authority: &Authority, answers: &'static [&'static str]) -> (u16, Heard) {
    let identity = authority.issue("localhost", (-1, 30), &Points::default());
    let heard: Heard = Arc::default();
    let (own, turn) = (Arc::clone(&heard), AtomicUsize::new(0));
    let port = servers::tls(&identity, move |stream: &mut StreamOwned<ServerConnection, TcpStream>| {
        let answer = answers[turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)];
        let mut head = Vec::new();
        let mut one = [0];
        while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut one), Ok(1)) {
            head.push(one[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut body = Vec::new();
        if answer.starts_with("201") || answer.starts_with("503") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            stream.flush().unwrap();
            let length = head.to_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
        }
        own.lock().unwrap().push((head, body));
        if !answer.is_empty() {
            servers::respond(stream, answer, "Connection: close\r\n", b"");
        }
    });
    (port, heard)
}

/// A bundle, and the certificates to believe.
fn given(place: &Place, authority: &Authority) -> (PathBuf, PathBuf, PathBuf) {
    use base64::Engine as _;
    let root = base64::engine::general_purpose::STANDARD.encode(authority.root());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{root}\n-----END CERTIFICATE-----\n");
    let bundle = place.put("my bundle.zip", &b"PK".repeat(100_000));
    (bundle, place.put("roots.pem", pem.as_bytes()), place.put("token", format!("{TOKEN}\r\n").as_bytes()))
}

fn upload(place: &Place, authority: &Authority, port: u16) -> Upload {
    let (bundle, roots, _) = given(place, authority);
    Upload {
        bundle,
        case: "612345678".to_owned(),
        token: TOKEN.to_owned(),
        place: format!("https://localhost:{port}/home/"),
        proxy: None,
        roots: Some(roots),
        tries: 4,
        pause: Duration::from_millis(20),
    }
}

#[test]
fn a_bundle_is_handed_over() {
    let (place, authority) = (Place::new(), Authority::new("Test"));
    let (port, heard) = server(&authority, &["201 Created"]);
    let upload = upload(&place, &authority, port);
    let mut last = None;
    let url = send(&upload, &mut |progress| last = Some(progress)).unwrap();
    assert_eq!(url, format!("https://localhost:{port}/home/my%20bundle.zip"));
    assert_eq!(last, Some(Progress::Sent(200_000, 200_000)));
    let heard = heard.lock().unwrap();
    let (head, body) = &heard[0];
    assert!(head.starts_with("PUT /home/my%20bundle.zip HTTP/1.1\r\n"), "{head}");
    // 612345678:T0ken-that-nobody-may-see
    assert!(head.contains("Basic NjEyMzQ1Njc4OlQwa2VuLXRoYXQtbm9ib2R5LW1heS1zZWU="), "{head}");
    assert_eq!((heard.len(), body), (1, &b"PK".repeat(100_000)));
}

#[test]
fn what_breaks_is_tried_again_and_what_is_refused_is_not() {
    let (place, authority) = (Place::new(), Authority::new("Test"));
    let (port, heard) = server(&authority, &["", "503 Busy", "201 Created"]);
    let mut again = 0;
    let done = send(&upload(&place, &authority, port), &mut |progress| {
        again += usize::from(matches!(progress, Progress::Again(..)));
    });
    assert!(done.is_ok(), "{done:?}");
    assert_eq!((again, heard.lock().unwrap().len()), (2, 3));
    assert_eq!(heard.lock().unwrap()[2].1.len(), 200_000, "the whole bundle is sent again");

    let (port, heard) = server(&authority, &["401 Unauthorized"]);
    let refused = send(&upload(&place, &authority, port), &mut |_| {}).unwrap_err();
    assert!(matches!(refused, Error::Unauthorized), "{refused:?}");
    assert_eq!(heard.lock().unwrap().len(), 1);

    let (port, _) = server(&authority, &["302 Found"]);
    let moved = send(&upload(&place, &authority, port), &mut |_| {}).unwrap_err();
    assert!(matches!(moved, Error::Refused(302)), "{moved:?}");

    let nobody = send(&upload(&place, &authority, servers::closed_port()), &mut |_| {}).unwrap_err();
    assert!(matches!(nobody, Error::Broken { tries: 4, .. }), "{nobody:?}");
}

#[test]
fn the_token_goes_to_nobody_who_is_not_believed() {
    let (place, authority) = (Place::new(), Authority::new("Test"));
    let (port, heard) = server(&Authority::new("Stranger"), &["201 Created"]);
    let strange = send(&upload(&place, &authority, port), &mut |_| {}).unwrap_err();
    assert!(matches!(strange, Error::NotBelieved(_)), "{strange:?}");
    assert!(heard.lock().unwrap().iter().all(|(head, _)| head.is_empty()));

    for bad in ["http://localhost/home/", "ftp://localhost/", "localhost"] {
        let plain = Upload { place: bad.to_owned(), ..upload(&place, &authority, port) };
        assert!(matches!(send(&plain, &mut |_| {}), Err(Error::Place(_))), "{bad}");
    }
    let case = Upload { case: "1:2".to_owned(), ..upload(&place, &authority, port) };
    assert!(matches!(send(&case, &mut |_| {}), Err(Error::Case(_))));
}

#[test]
fn a_proxy_leads_on_or_asks_for_a_sign_in() {
    let (place, authority) = (Place::new(), Authority::new("Test"));
    let (port, _) = server(&authority, &["201 Created"]);
    let leads = servers::tcp(move |mut stream| {
        let (head, _) = servers::request(&mut stream);
        assert!(head.starts_with("CONNECT localhost:") && !head.contains(TOKEN), "{head}");
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        super::proxies::relay(stream, port);
    });
    let through = |proxy: u16| Upload {
        proxy: Proxy::parse(&format!("127.0.0.1:{proxy}")),
        ..upload(&place, &authority, port)
    };
    send(&through(leads), &mut |_| {}).unwrap();

    let asks = servers::tcp(|mut stream| {
        servers::request(&mut stream);
        servers::respond(&mut stream, "407 Proxy Authentication Required", "", b"");
    });
    let asked = send(&through(asks), &mut |_| {}).unwrap_err();
    assert!(matches!(asked, Error::Proxy(_)) && asked.to_string().contains("407"), "{asked}");
}

#[test]
fn the_program_never_shows_the_token() {
    let (place, authority) = (Place::new(), Authority::new("Test"));
    let (port, _) = server(&authority, &["401 Unauthorized", "201 Created"]);
    let (bundle, roots, token) = given(&place, &authority);
    let to = format!("https://localhost:{port}/home/");
    let run = || {
        let case = ["--case", "612345678", "--to", &to, "--token-file"];
        let mut args: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"upload"];
        args.extend(case.iter().map(|arg| arg as &dyn AsRef<std::ffi::OsStr>));
        args.extend([&token as &dyn AsRef<std::ffi::OsStr>, &"--ca-file", &roots, &bundle]);
        program::collect(&args)
    };
    let refused = run();
    assert_eq!((refused.status, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("(401)") && refused.err.contains("still where it was"), "{}", refused.err);
    let done = run();
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.contains("my%20bundle.zip"), "{}", done.out);
    for text in [refused.err, done.err, done.out] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    let empty = place.put("token", b"two\nlines");
    let none = run();
    assert_eq!(none.status, 2, "{}", empty.display());
    assert!(none.err.contains("does not hold one token") && !none.err.contains("two"), "{}", none.err);
}
