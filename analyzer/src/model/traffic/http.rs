//! HTTP exchanges and SOCKS negotiations.

use crate::model::{Crl, Ocsp, Seen};

/// A SOCKS negotiation (RFC 1928, 1929).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Socks {
    /// 4 or 5.
    pub version: u8,
    /// Greeting or request of the client.
    pub asked: Option<Seen>,
    /// Method the server chose; 255 none.
    pub method: Option<(u8, Seen)>,
    /// Whether user and password were accepted.
    pub auth_ok: Option<(bool, Seen)>,
    /// Host asked for.
    pub host: Option<String>,
    /// Port asked for.
    pub port: Option<u16>,
    /// Reply code; 0 granted.
    pub reply: Option<(u8, Seen)>,
}

/// What an HTTP exchange is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Definitions.
    Definitions,
    /// A tunnel.
    Connect,
    /// OCSP.
    Ocsp,
    /// A CRL.
    Crl,
    /// An issuer's certificate (AIA).
    IssuerCertificate,
    /// Proxy discovery (WPAD, PAC).
    Discovery,
    /// Anything else.
    #[default]
    Other,
}

impl Purpose {
    /// Gives the name used in rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Connect => "connect",
            Self::Ocsp => "ocsp",
            Self::Crl => "crl",
            Self::IssuerCertificate => "issuer_certificate",
            Self::Discovery => "discovery",
            Self::Other => "other",
        }
    }
}

/// One HTTP request and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// What it is for.
    pub purpose: Purpose,
    /// The request's head: last frame; `None` where only the answer was captured.
    pub asked: Option<Seen>,
    /// Method.
    pub method: String,
    /// Host asked for, lower case, without port.
    pub host: String,
    /// Port named with the host.
    pub port: Option<u16>,
    /// Path (and query) asked for.
    pub path: String,
    /// The request names an absolute URI or is a CONNECT: the receiver is a proxy.
    pub to_proxy: bool,
    /// User-Agent.
    pub user_agent: Option<String>,
    /// First byte asked for by Range.
    pub range: Option<u64>,
    /// Scheme of Proxy-Authorization, lower case.
    pub credentials: Option<String>,
    /// Type of the NTLM message sent.
    pub ntlm: Option<u32>,
    /// The answer.
    pub answer: Option<Answer>,
    /// OCSP request or answer.
    pub ocsp: Option<Box<Ocsp>>,
    /// CRL.
    pub crl: Option<std::sync::Arc<Crl>>,
    /// Proxies that a PAC file names: `host:port`.
    pub pac_proxies: Vec<String>,
    /// What came instead of an HTTP answer.
    pub garbled: Option<(Seen, String)>,
}

/// An HTTP answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// First and last frame of the head.
    pub at: Seen,
    /// Status.
    pub status: u16,
    /// Server header.
    pub server: Option<String>,
    /// Via header.
    pub via: Option<String>,
    /// X-Squid-Error header.
    pub squid_error: Option<String>,
    /// Content-Type.
    pub content_type: Option<String>,
    /// Content-Length.
    pub length: Option<u64>,
    /// First byte of the part that is sent, by Content-Range.
    pub range: Option<u64>,
    /// Location.
    pub location: Option<String>,
    /// Schemes of Proxy-Authenticate, lower case.
    pub schemes: Vec<String>,
    /// Bytes of the body received.
    pub received: u64,
    /// Whether the body is complete; `None` where that cannot be told.
    pub complete: Option<bool>,
    /// Last frame of the body.
    pub last: Option<Seen>,
    /// Begin of the body, as text, where it is text.
    pub text: String,
    /// Connection: close.
    pub close: bool,
    /// `Age` or a cache's hit mark.
    pub cached: bool,
}
