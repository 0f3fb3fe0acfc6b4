//! Reads packet captures.
#![allow(
    dead_code,
    unused_imports,
    reason = "the packet layer that calls the protocol readers is not here yet"
)]

pub(crate) mod crl;
pub(crate) mod cursor;
pub(crate) mod dns;
pub(crate) mod http;
pub(crate) mod ocsp;
pub(crate) mod socks;
pub(crate) mod stream;
pub(crate) mod tls;
pub(crate) mod x509;
