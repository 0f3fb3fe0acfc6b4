//! Hands a bundle to a support case: HTTPS PUT, only when asked to.
//!
//! The token is read from a file and goes into one header; it is in no message, no log and no command line.

mod command;
mod put;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use command::{UploadArgs, command};
use put::Fault;
use rustls::ClientConfig;

use crate::network::Proxy;
use crate::probe::Server;

/// Where the vendor takes files for its cases.
pub const VENDOR: &str = "https://cxd.cisco.com/home/";
/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often progress is told.
const OFTEN: Duration = Duration::from_millis(500);
/// The longest token.
const TOKEN: u64 = 4096;

/// Why a bundle was not handed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bundle cannot be read.
    #[error("cannot read the bundle `{path}`")]
    Bundle {
        /// The bundle.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The token cannot be read.
    #[error("cannot read the token from `{path}`")]
    Token {
        /// The file that should hold it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of the token holds none.
    #[error("`{path}` does not hold one token (expected one line of letters and digits)")]
    NoToken {
        /// The file.
        path: PathBuf,
    },
    /// The case is none.
    #[error("`{0}` is no case number (expected digits, as in 612345678)")]
    Case(String),
    /// The place is not reached by HTTPS.
    #[error("`{0}` does not begin with https://: the token would be readable on the way")]
    Place(String),
    /// The certificates to believe cannot be used.
    #[error("there is no certificate to believe (--ca-file, or the system's store)")]
    Roots,
    /// The server does not know the case with this token.
    #[error(
        "the server does not accept the case number with this token (401): check both; a token is for one case \
         and is valid for 72 days, and support can give you a new one"
    )]
    Unauthorized,
    /// The server gives another answer than "created".
    #[error("the server answered {0}, and not 201: the bundle was not taken")]
    Refused(u16),
    /// The server's certificate is not believed.
    #[error("the server is not believed, and nothing was sent to it: {0}")]
    NotBelieved(String),
    /// The proxy does not lead to the server.
    #[error("the proxy does not lead to the server: {0}")]
    Proxy(String),
    /// The server was not reached, or the connection broke.
    #[error("cannot hand the bundle over, after {tries} tries: {why}")]
    Broken {
        /// How often it was tried.
        tries: u32,
        /// Why the last try failed.
        why: String,
    },
}

/// What is handed over, and how.
#[derive(Clone)]
pub struct Upload {
    /// The bundle.
    pub bundle: PathBuf,
    /// The number of the case.
    pub case: String,
    /// The token of the case.
    pub token: String,
    /// The folder that it goes to, by HTTPS.
    pub place: String,
    /// The proxy to use.
    pub proxy: Option<Proxy>,
    /// Certificates to believe in place of the platform's, in PEM.
    pub roots: Option<PathBuf>,
    /// How often it is tried.
    pub tries: u32,
    /// The wait before the second try; it doubles from one to the next.
    pub pause: Duration,
}

/// What a try is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes of so many are sent.
    Sent(u64, u64),
    /// It failed, and is tried again after so long.
    Again(String, Duration),
}

/// What came of one try.
enum Try {
    Done,
    Failed(Error),
    Again(String),
}

/// Reads a token from a file.
pub fn token(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(TOKEN).read_to_string(&mut text))
        .map_err(|source| Error::Token { path: path.to_owned(), source })?;
    let token = text.trim_start_matches('\u{feff}').trim();
    let plain = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
    if plain { Ok(token.to_owned()) } else { Err(Error::NoToken { path: path.to_owned() }) }
}

/// Hands a bundle over; what broke on the way, or failed on the server's side, is tried again.
pub fn send(upload: &Upload, tell: &mut dyn FnMut(Progress)) -> Result<String, Error> {
    let digits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if upload.case.is_empty() || upload.case.len() > 32 || !upload.case.chars().all(digits) {
        return Err(Error::Case(upload.case.clone()));
    }
    let url = format!("{}/{}", upload.place.trim_end_matches('/'), name(&upload.bundle));
    let server = Server::parse(&url).filter(|server| server.secure && url.starts_with("https://"));
    let server = server.ok_or_else(|| Error::Place(upload.place.clone()))?;
    let trust = put::trust(upload.roots.as_deref()).ok_or(Error::Roots)?;
    let mut pause = upload.pause;
    let mut tries: u32 = 0;
    loop {
        tries = tries.saturating_add(1);
        match once(upload, &server, &trust, tell)? {
            Try::Done => return Ok(url),
            Try::Failed(error) => return Err(error),
            Try::Again(why) if tries >= upload.tries => return Err(Error::Broken { tries, why }),
            Try::Again(why) => {
                tell(Progress::Again(why, pause));
                std::thread::sleep(pause);
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Tries once.
fn once(
    upload: &Upload,
    server: &Server,
    trust: &Arc<ClientConfig>,
    tell: &mut dyn FnMut(Progress),
) -> Result<Try, Error> {
    let unread = |source| Error::Bundle { path: upload.bundle.clone(), source };
    let file = File::open(&upload.bundle).map_err(unread)?;
    let facts = file.metadata().map_err(unread)?;
    if !facts.is_file() || facts.len() == 0 {
        return Err(unread(io::Error::new(ErrorKind::InvalidInput, "it is no file, or an empty one")));
    }
    let total = facts.len();
    let header =
        format!("Authorization: Basic {}", STANDARD.encode(format!("{}:{}", upload.case, upload.token)));
    let mut last = Instant::now();
    let mut all = false;
    let answer = put::put(server, upload.proxy.as_ref(), trust, &header, (file, total), &mut |sent| {
        all = sent == total;
        if all || last.elapsed() >= OFTEN {
            last = Instant::now();
            tell(Progress::Sent(sent, total));
        }
    });
    Ok(match answer {
        Ok(201) if all => Try::Done,
        Ok(401) => Try::Failed(Error::Unauthorized),
        Ok(status @ (408 | 429 | 500..=599)) => Try::Again(format!("the server answered {status}")),
        Ok(status) => Try::Failed(Error::Refused(status)),
        Err(Fault::Proxy(407)) => Try::Failed(Error::Proxy(
            "it asks for a sign-in (407), which is not supported; hand the bundle over by the case's web page".to_owned(),
        )),
        Err(fault @ (Fault::Proxy(_) | Fault::Kind)) => Try::Failed(Error::Proxy(fault.to_string())),
        // A certificate that is not believed does not get better.
        Err(Fault::NotBelieved(fault)) => Try::Failed(Error::NotBelieved(fault.to_string())),
        Err(Fault::File(fault)) => return Err(unread(fault)),
        Err(Fault::Broken(fault)) => Try::Again(fault.to_string()),
    })
}

/// Gives the name of the bundle as it stands in an address.
fn name(bundle: &Path) -> String {
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => text.push(char::from(byte)),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}
