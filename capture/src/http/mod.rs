//! Reads HTTP/1.x on any port: heads, body sizes, and the tunnels that CONNECT opens.
//!
//! Bodies are counted, not kept, except for their start and for the small ones that say why a revocation check or a proxy search failed.

mod auth;
mod body;
mod exchanges;
mod head;
mod hold;
mod keep;
mod reader;
mod side;

pub use auth::{Challenge, Credentials};
pub use body::{Body, End, Framing};
pub use hold::Early;
pub use reader::HttpReader;

use super::stream::{At, Span};

/// A request and its answer; either may be missing from the capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub request: Option<Request>,
    /// The final answer.
    pub response: Option<Response>,
    /// How many 1xx answers came before it.
    pub interim: u32,
}

/// What a request's head says, and how its body went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Where the head was.
    pub head: Span,
    /// The head was not captured to its end: fields may be missing.
    pub cut: bool,
    /// `GET`, `CONNECT` …
    pub method: String,
    /// The request target as sent: a path, a whole URI to a proxy, or `host:port` for CONNECT.
    pub target: String,
    /// The minor version: 1 for HTTP/1.1.
    pub minor_version: u8,
    /// The host, and port if any, of a whole URI or a CONNECT target.
    pub target_host: Option<String>,
    /// The `Host` field.
    pub host: Option<String>,
    /// The `User-Agent` field.
    pub user_agent: Option<String>,
    /// The first byte asked for with `Range`.
    pub range_start: Option<u64>,
    /// What is offered to the proxy.
    pub proxy_credentials: Option<Credentials>,
    /// What is offered to the server.
    pub credentials: Option<Credentials>,
    /// The `Content-Type` field.
    pub content_type: Option<String>,
    /// The `Content-Length` field.
    pub content_length: Option<u64>,
    /// The client asks to close the connection after the answer.
    pub close: bool,
    /// The body.
    pub body: Body,
}

/// What an answer's head says, and how its body went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Where the head was.
    pub head: Span,
    /// The head was not captured to its end: fields may be missing.
    pub cut: bool,
    /// The status code.
    pub status: u16,
    /// The words after it.
    pub reason: String,
    /// The minor version: 1 for HTTP/1.1.
    pub minor_version: u8,
    /// The `Server` field.
    pub server: Option<String>,
    /// The `Via` field: a proxy was passed.
    pub via: Option<String>,
    /// The `X-Squid-Error` field, as in `ERR_ACCESS_DENIED 0`.
    pub squid_error: Option<String>,
    /// The `X-Cache` field.
    pub cache: Option<String>,
    /// The `Content-Type` field.
    pub content_type: Option<String>,
    /// The `Content-Encoding` field: the body's start is not plain text.
    pub content_encoding: Option<String>,
    /// The `Content-Length` field.
    pub content_length: Option<u64>,
    /// The `Content-Range` field, as in `bytes 100-199/5000`.
    pub content_range: Option<String>,
    /// The body is sent in chunks.
    pub chunked: bool,
    /// The `Location` field.
    pub location: Option<String>,
    /// The `Date` field, in seconds since the Unix epoch.
    pub date: Option<i64>,
    /// The `Age` field, in seconds.
    pub age: Option<u64>,
    /// The `Retry-After` field.
    pub retry_after: Option<String>,
    /// The ways to log in that a proxy offers.
    pub proxy_challenges: Vec<Challenge>,
    /// The ways to log in that a server offers.
    pub challenges: Vec<Challenge>,
    /// The server will close the connection after the answer.
    pub close: bool,
    /// The body.
    pub body: Body,
}

impl Request {
    /// Returns the host that the request is for, with its port if it was given.
    pub fn authority(&self) -> Option<&str> {
        self.target_host.as_deref().or(self.host.as_deref())
    }

    /// Returns the path without the query.
    pub fn path(&self) -> &str {
        let path = match self.target.split_once("://") {
            Some((_, after)) => after.find('/').and_then(|start| after.get(start..)).unwrap_or("/"),
            None => &self.target,
        };
        path.split('?').next().unwrap_or(path)
    }
}

/// The start of what a side sent that is not HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it began.
    pub at: At,
    /// Its first bytes, at most 64.
    pub bytes: Vec<u8>,
}

/// The methods by which a request is known on any port.
const METHODS: [&[u8]; 9] =
    [b"GET ", b"POST ", b"HEAD ", b"CONNECT ", b"PUT ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"PROPFIND "];

/// Says whether bytes at the start of a connection are a request.
pub fn looks_like_request(bytes: &[u8]) -> bool {
    METHODS.iter().any(|method| bytes.starts_with(method))
}

/// Says whether bytes at the start of a connection are an answer.
pub fn looks_like_response(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.")
}

#[cfg(test)]
mod tests;
