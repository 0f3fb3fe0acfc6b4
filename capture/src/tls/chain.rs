//! Reads the server's certificates, as TLS sends them up to version 1.2.

use crate::cursor::Cursor;
use crate::stream::Span;
use crate::x509::{Certificate, Store};
use std::sync::Arc;

/// The most certificates that are read of one chain.
const MAX_CERTIFICATES: usize = 16;

/// The server's certificates as sent, its own first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The segments that carried them.
    pub span: Span,
    /// The certificates that could be read.
    pub certificates: Vec<Arc<Certificate>>,
    /// How many could not.
    pub unreadable: usize,
    /// The message was not captured whole: there may be more.
    pub cut: bool,
}

/// Reads the certificates of a message, as many as are there.
pub(super) fn read(body: &[u8], span: Span, cut: bool, store: &Store) -> Chain {
    let mut chain = Chain { span, certificates: Vec::new(), unreadable: 0, cut };
    let mut cursor = Cursor::new(body.get(3..).unwrap_or_default());
    while let Some(der) = cursor.after_u24() {
        match store.read(der) {
            Ok(certificate) if chain.certificates.len() < MAX_CERTIFICATES => {
                chain.certificates.push(certificate)
            }
            _ => chain.unreadable = chain.unreadable.saturating_add(1),
        }
    }
    chain.cut |= !cursor.is_empty();
    chain
}
