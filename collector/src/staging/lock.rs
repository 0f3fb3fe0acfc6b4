//! The lock of a run: it lasts as long as the process holds the file.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a lock is waited for.
const MOMENT: Duration = Duration::from_secs(1);

/// Takes a lock that lasts as long as the process holds the file.
///
/// # Errors
///
/// Fails with `WouldBlock` where another process has it.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(path)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A run that was killed may have been starting a program: that holds the lock until it is one of its own.
            Err(TryLockError::WouldBlock) if begun.elapsed() < MOMENT => thread::sleep(MOMENT / 20),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another tetra-collect is at work there",
                ));
            }
            Err(TryLockError::Error(fault)) => return Err(fault),
        }
    }
}
