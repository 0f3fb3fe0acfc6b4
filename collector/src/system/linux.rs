//! Linux, where the connector has a client too, and where tests run.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use tetra_bundle::Host;

use super::{Root, Service};
use crate::step::Interrupt;

pub(super) fn install_folders() -> Vec<PathBuf> {
    vec![PathBuf::from("/opt/cisco/amp")]
}

pub(super) fn tool_folders() -> Vec<PathBuf> {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map(PathBuf::from).to_vec()
}

pub(super) fn is_elevated() -> bool {
    rustix::process::geteuid().is_root()
}

pub(super) fn host(folder: &Path) -> Host {
    let names = rustix::system::uname();
    let disk = rustix::fs::statvfs(folder).ok();
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let pretty = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = |key: &str| {
        let line = memory.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = uptime.split('.').next().and_then(|text| text.parse::<u64>().ok());
    Host {
        hostname: Some(names.nodename().to_string_lossy().into_owned()),
        os: pretty.map(|name| name.trim_matches('"').to_owned()),
        os_build: Some(names.release().to_string_lossy().into_owned()),
        architecture: Some(names.machine().to_string_lossy().into_owned()),
        disk_free_bytes: disk.as_ref().and_then(|disk| disk.f_bavail.checked_mul(disk.f_frsize)),
        disk_total_bytes: disk.and_then(|disk| disk.f_blocks.checked_mul(disk.f_frsize)),
        memory_bytes: kilobytes("MemTotal:"),
        memory_free_bytes: kilobytes("MemAvailable:"),
        uptime_ms: seconds.and_then(|seconds| seconds.checked_mul(1000)),
        elevated: Some(is_elevated()),
        ..Host::default()
    }
}

pub(super) fn services() -> io::Result<Vec<Service>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Windows has services of this kind"))
}

pub(super) fn roots() -> io::Result<Vec<Root>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Windows has a certificate store of this kind"))
}

pub(super) fn state_folder() -> io::Result<PathBuf> {
    if is_elevated() {
        return Ok(PathBuf::from("/var/lib/tetra-collect"));
    }
    let named = |key: &str| std::env::var_os(key).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")));
    let state =
        state.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the user has no home folder"))?;
    Ok(state.join("tetra-collect"))
}

pub(super) fn hosts_file() -> PathBuf {
    PathBuf::from("/etc/hosts")
}

pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder)
}

pub(super) fn open_shared(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // A named pipe would hold up whoever opens it.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    File::options().read(true).custom_flags(flags).open(path)
}

pub(super) fn identity(file: &File) -> io::Result<u64> {
    Ok(file.metadata()?.ino())
}

pub(super) fn watch(interrupt: &Interrupt) -> io::Result<()> {
    let interrupt = interrupt.clone();
    ctrlc::set_handler(move || interrupt.ask()).map_err(io::Error::other)
}

pub(super) fn bind() -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "only Windows ends the children of a program that is killed",
    ))
}

pub(super) fn output_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

pub(super) fn keep_awake(_wanted: bool) {
    // Where the connector runs on Linux, machines do not go to sleep by themselves.
}

pub(super) fn step_back() {
    // Where the system does not allow it, everything works all the same.
    let _ = rustix::process::nice(10);
}

pub(super) fn language() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|key| std::env::var(key).ok().filter(|value| !value.is_empty()))
}
