//! A machine that a test has written down: the same answers every time, whatever machine runs the test.

use std::path::PathBuf;

use tetra_bundle::Host;

use super::{Root, Service};

/// What a machine would answer.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// Whether it is Windows.
    pub windows: bool,
    /// The folder of the connector.
    pub install: Option<PathBuf>,
    /// The folder of the system's programs.
    pub tools: Option<PathBuf>,
    /// The folder where runs find each other.
    pub state: PathBuf,
    /// What the machine is.
    pub host: Host,
    /// Its services.
    pub services: Vec<Service>,
    /// Its root certificates.
    pub roots: Vec<Root>,
}
