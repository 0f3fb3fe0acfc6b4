//! Certificates read once, however many connections carry them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::{Certificate, Malformed};
use crate::Map;

/// Certificates that are kept; a capture with more distinct ones is read a little slower.
const KEPT: usize = 4_096;
/// Authorities that signatures are checked with.
const AUTHORITIES: usize = 64;

/// The certificates of a capture by their bytes; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Store(Rc<RefCell<Map<Vec<u8>, Arc<Certificate>>>>);

impl Store {
    /// Reads a certificate, or gives it as it was read before.
    pub fn read(&self, der: &[u8]) -> Result<Arc<Certificate>, Malformed> {
        if let Some(known) = self.0.borrow().get(der) {
            return Ok(Arc::clone(known));
        }
        let certificate = Arc::new(Certificate::parse(der)?);
        let mut known = self.0.borrow_mut();
        if known.len() < KEPT {
            known.insert(der.to_vec(), Arc::clone(&certificate));
        }
        Ok(certificate)
    }

    /// Gives the certificates of authorities among them, sorted by their hashes.
    pub fn authorities(&self) -> Vec<Arc<Certificate>> {
        let mut authorities: Vec<Arc<Certificate>> =
            self.0.borrow().values().filter(|known| known.is_ca).map(Arc::clone).collect();
        authorities.sort_by(|one, other| one.sha256.cmp(&other.sha256));
        authorities.truncate(AUTHORITIES);
        authorities
    }
}
