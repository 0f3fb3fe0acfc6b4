//! The doors to the operating system. What the collector reads of the endpoint, besides files, it asks here.

mod install;
#[cfg(not(windows))]
mod linux;
mod recorded;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_process;
#[cfg(windows)]
mod windows_tcp;

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tetra_bundle::Host;

#[cfg(not(windows))]
use linux as native;
#[cfg(not(windows))]
use linux as process;
#[cfg(windows)]
use windows as native;
#[cfg(windows)]
use windows_process as process;

pub use install::Install;
pub use recorded::Recorded;

use crate::step::Interrupt;

/// The endpoint: this machine, or what a test says of one.
#[derive(Debug, Clone)]
pub enum System {
    /// This machine.
    Native(Places),
    /// A machine that a test has written down.
    Recorded(Box<Recorded>),
}

/// Where to look instead of the usual places.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The folder of the connector.
    pub install: Option<PathBuf>,
    /// The folder of the system's programs.
    pub tools: Option<PathBuf>,
    /// The folder where runs find each other.
    pub state: Option<PathBuf>,
}

/// A service of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display: Option<String>,
    /// What it does now: `running`, `stopped`, …
    pub state: String,
    /// How it is started: `auto`, `manual`, `disabled`, …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start: Option<String>,
    /// The program that it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

/// A root certificate of the machine's store.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Root {
    /// The store it is in.
    pub store: String,
    /// The SHA-1 of the certificate, as Windows shows it.
    pub thumbprint: String,
}

impl System {
    /// Finds the connector.
    #[must_use]
    pub fn install(&self) -> Option<Install> {
        match self {
            Self::Native(Places { install: Some(folder), .. }) => Install::at(folder),
            Self::Native(_) => native::install_folders().iter().find_map(|folder| Install::at(folder)),
            Self::Recorded(recorded) => Install::at(recorded.install.as_ref()?),
        }
    }

    /// Describes the machine; `folder` tells of which disk the free space counts.
    #[must_use]
    pub fn host(&self, folder: &Path) -> Host {
        match self {
            Self::Native(_) => native::host(folder),
            Self::Recorded(recorded) => recorded.host.clone(),
        }
    }

    /// Lists the services that have to do with updates.
    ///
    /// # Errors
    ///
    /// Fails where they cannot be listed, with `Unsupported` where there are none of the kind.
    pub fn services(&self) -> io::Result<Vec<Service>> {
        match self {
            Self::Native(_) => native::services(),
            Self::Recorded(recorded) => Ok(recorded.services.clone()),
        }
    }

    /// Lists the root certificates of the machine.
    ///
    /// # Errors
    ///
    /// Fails where the store cannot be read, with `Unsupported` where there is none.
    pub fn roots(&self) -> io::Result<Vec<Root>> {
        match self {
            Self::Native(_) => native::roots(),
            Self::Recorded(recorded) => Ok(recorded.roots.clone()),
        }
    }

    /// Returns whether this is Windows, or a record of it.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        match self {
            Self::Native(_) => cfg!(windows),
            Self::Recorded(recorded) => recorded.windows,
        }
    }

    /// Returns whether the collector has the rights of an administrator.
    #[must_use]
    pub fn is_elevated(&self) -> bool {
        match self {
            Self::Native(_) => native::is_elevated(),
            Self::Recorded(recorded) => recorded.host.elevated.unwrap_or(false),
        }
    }

    /// Finds a program of the system by its name without an ending, in the system's own folders only.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<PathBuf> {
        let folders = match self {
            Self::Native(Places { tools: Some(folder), .. }) => vec![folder.clone()],
            Self::Native(_) => native::tool_folders(),
            Self::Recorded(recorded) => recorded.tools.iter().cloned().collect(),
        };
        folders.iter().find_map(|folder| program(folder, name))
    }

    /// Returns the folder of this machine where runs find each other: the lock, and what must be restored.
    ///
    /// # Errors
    ///
    /// Fails where there is none and none can be made.
    pub fn state_folder(&self) -> io::Result<PathBuf> {
        let folder = match self {
            Self::Native(Places { state: Some(folder), .. }) => folder.clone(),
            Self::Native(_) => native::state_folder()?,
            Self::Recorded(recorded) => recorded.state.clone(),
        };
        if !folder.is_dir() {
            if let Some(parent) = folder.parent() {
                std::fs::create_dir_all(parent)?;
            }
            match private_folder(&folder) {
                Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(fault),
                _ => {}
            }
        }
        Ok(folder)
    }
}

/// Finds a program in a folder, with the ending that this system gives to programs.
#[must_use]
pub fn program(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path).and_then(|path| std::path::absolute(path).ok())
}

/// Makes a folder that only this user and the administrators may open. Fails where it is there already.
///
/// # Errors
///
/// Fails where it cannot be made.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    native::private_folder(folder)
}

/// Opens a file that others may be writing, renaming or deleting at the same time.
///
/// # Errors
///
/// Fails where it cannot be opened, or is no regular file.
pub fn open_shared(path: &Path) -> io::Result<File> {
    let file = native::open_shared(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}

/// Returns a number that tells a file from all others of its folder, whatever it is called.
///
/// # Errors
///
/// Fails where the system does not tell.
pub fn identity(file: &File) -> io::Result<u64> {
    native::identity(file)
}

/// Has `interrupt` asked when the user, or the system, wants the program to end: Ctrl-C, a closed window, a shutdown.
///
/// # Errors
///
/// Fails where the system does not let the program know.
pub fn watch(interrupt: &Interrupt) -> io::Result<()> {
    native::watch(interrupt)
}

/// Returns whether this system has a table of connections that is read here.
#[must_use]
pub fn has_connections() -> bool {
    cfg!(windows)
}

/// Lists the far ends of the connections that are open, or about to be.
#[must_use]
pub fn connections() -> Vec<SocketAddr> {
    #[cfg(windows)]
    return windows_tcp::connections();
    #[cfg(not(windows))]
    Vec::new()
}

/// Has the program, and what it runs, step back behind what the user does.
pub fn step_back() {
    process::step_back();
}

/// Has the machine not go to sleep by itself until it is dropped, on the thread that asked for it.
#[derive(Debug)]
pub struct Awake(PhantomData<*const ()>);

impl Awake {
    /// Asks for it.
    pub fn keep() -> Self {
        process::keep_awake(true);
        Self(PhantomData)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        process::keep_awake(false);
    }
}

/// Has whatever the program starts end with it, also where it is killed. Meant for the program's very beginning.
///
/// # Errors
///
/// Fails where the system cannot do that.
pub fn bind() -> io::Result<()> {
    process::bind()
}

/// Returns the folder that a bundle goes to, where none is asked for.
#[must_use]
pub fn output_folder() -> PathBuf {
    native::output_folder()
}

/// Returns the file in which this machine itself gives names their addresses.
#[must_use]
pub fn hosts_file() -> PathBuf {
    native::hosts_file()
}

/// Returns the user's language, as the system names it.
#[must_use]
pub fn language() -> Option<String> {
    native::language()
}
