//! TLS handshakes, certificates, and what OCSP and CRLs say of them.

use std::sync::Arc;

use crate::model::{Seen, Side};

/// A TLS alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who sends it.
    pub from: Side,
    /// Its description, in the words of the taxonomy; `encrypted` where only its presence shows.
    pub name: String,
    /// Where it is.
    pub at: Seen,
}

/// Records of one side that carry application data (TLS 1.3: everything encrypted).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// First.
    pub first: Option<Seen>,
    /// Last.
    pub last: Option<Seen>,
    /// Length of the last record.
    pub last_len: u32,
}

/// A TLS conversation.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Server name asked for.
    pub sni: Option<String>,
    /// ClientHello: first and last frame.
    pub client_hello: Option<(Seen, Seen)>,
    /// Highest version offered, e.g. `1.3`.
    pub offered: Option<String>,
    /// The client asks for a stapled OCSP answer.
    pub staple_asked: bool,
    /// ServerHello.
    pub server_hello: Option<Seen>,
    /// Version agreed on, e.g. `1.2`.
    pub version: Option<String>,
    /// Cipher suite agreed on.
    pub cipher: Option<String>,
    /// Certificates sent in clear, leaf first.
    pub certificates: Vec<Arc<Certificate>>,
    /// Frame in which they were complete.
    pub certificates_at: Option<Seen>,
    /// The Certificate message was begun but is cut or missing.
    pub certificates_cut: bool,
    /// Stapled OCSP answer.
    pub staple: Option<(Seen, Box<Ocsp>)>,
    /// Bytes of the server's encrypted flight before the client's first encrypted record (TLS 1.3).
    pub flight_bytes: u64,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// The handshake is seen to be complete.
    pub complete: Option<Seen>,
    /// Application data of the client.
    pub up: Records,
    /// Application data of the server.
    pub down: Records,
    /// The server's side is not TLS: its first bytes.
    pub not_tls: Option<(Seen, String)>,
    /// Records were cut by the snap length, so alerts and lengths may be missing.
    pub cut: bool,
    /// Bytes still missing of a record of the server's that had begun when the connection ended.
    pub unfinished: Option<u64>,
    /// The place of the server's records was lost: what is said of them is incomplete.
    pub lost: bool,
}

/// A certificate (RFC 5280).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Distinguished name of the subject.
    pub subject: String,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Validity, Unix seconds.
    pub not_before: i64,
    /// Validity, Unix seconds.
    pub not_after: i64,
    /// DNS names and addresses it is for.
    pub names: Vec<String>,
    /// Subject and issuer are the same, and it is signed with its own key as far as that can be checked.
    pub self_signed: bool,
    /// OCSP responders.
    pub ocsp: Vec<String>,
    /// Where its issuer's certificate is.
    pub issuers: Vec<String>,
    /// Where its CRL is.
    pub crls: Vec<String>,
    /// SHA-256, hex.
    pub sha256: String,
}

/// What an OCSP exchange says (RFC 6960).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ocsp {
    /// Serial asked for, hex.
    pub serial: Option<String>,
    /// Response status: `successful`, `unauthorized`, `try_later`, …
    pub status: String,
    /// `good`, `revoked`, `unknown`; empty without one.
    pub certificate: String,
    /// Unix seconds.
    pub produced: Option<i64>,
    /// Unix seconds.
    pub this_update: Option<i64>,
    /// Unix seconds.
    pub next_update: Option<i64>,
    /// `issuer`, `delegated`, `not_delegated` or `unverified`.
    pub signer: &'static str,
    /// The body is no OCSP answer, but this.
    pub not_ocsp: Option<String>,
}

/// What a CRL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crl {
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Unix seconds.
    pub this_update: i64,
    /// Unix seconds.
    pub next_update: Option<i64>,
    /// Serials it lists, hex, sorted (at most 100,000).
    pub serials: Vec<String>,
    /// The body is no CRL, or cut.
    pub unreadable: bool,
}
