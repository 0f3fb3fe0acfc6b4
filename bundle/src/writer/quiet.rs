//! An output that fails once: what comes behind the failure is swallowed.
//!
//! An archive that is given up on writes its end all the same when it is dropped, and complains on standard error where it
//! cannot. The failure itself has been handed on by then.

use std::io::{self, Seek, SeekFrom, Write};

/// An output that fails once.
pub(super) struct Quiet<W> {
    inner: W,
    failed: bool,
}

impl<W> Quiet<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, failed: false }
    }

    /// Gives back what it writes to.
    pub(super) fn into_inner(self) -> W {
        self.inner
    }

    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        let again = |fault: &io::Error| fault.kind() == io::ErrorKind::Interrupted;
        self.failed |= done.as_ref().is_err_and(|fault| !again(fault));
        done
    }
}

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(bytes.len());
        }
        let done = self.inner.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let done = self.inner.flush();
        self.noted(done)
    }
}

impl<W: Seek> Seek for Quiet<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.failed {
            return Ok(0);
        }
        let done = self.inner.seek(to);
        self.noted(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk of four bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn fails_once() {
        let mut out = Quiet::new(Full(4));
        assert!(out.write_all(b"abc").is_ok());
        assert_eq!(out.write_all(b"de").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(out.write_all(b"more").is_ok() && out.flush().is_ok());
    }
}
