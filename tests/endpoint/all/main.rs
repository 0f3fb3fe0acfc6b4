//! The collector on an endpoint whose programs are fakes that do as they are told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[cfg(target_os = "linux")]
mod disk;
mod endpoint;
mod ends;
#[cfg(unix)]
mod guided;
mod limits;
mod logs;
#[cfg(target_os = "linux")]
mod memory;
mod monitor;
mod places;
mod watch;
#[cfg(unix)]
mod whole;
