//! Windows: the one door to Win32. What a kept crate can ask safely is asked there.

#![expect(
    unsafe_code,
    reason = "Win32 is called directly where no kept crate offers it; each call says why it is sound"
)]

mod services;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tetra_bundle::Host;
use windows_sys::Win32::Foundation::{LocalFree, TRUE};
use windows_sys::Win32::Globalization::GetUserDefaultLocaleName;
use windows_sys::Win32::Security::Authorization::ConvertStringSecurityDescriptorToSecurityDescriptorW;
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CreateDirectoryW, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    GetDiskFreeSpaceExW, GetFileInformationByHandle,
};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::Win32::System::SystemInformation::{
    GetSystemDirectoryW, GetTickCount64, GlobalMemoryStatusEx, MEMORYSTATUSEX,
};
use windows_sys::Win32::UI::Shell::IsUserAnAdmin;
use windows_sys::core::BOOL;
use winreg::RegKey;
use winreg::enums::{HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY};

pub(super) use services::{roots, services};

use crate::step::Interrupt;

/// Full rights for the system, the administrators and the owner; nothing is inherited.
const PRIVATE: &str = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)";
/// How long the system is kept waiting when it closes the window: it does not wait longer itself.
const LAST_MOMENT: Duration = Duration::from_secs(20);
pub(super) fn install_folders() -> Vec<PathBuf> {
    let given = machine_key(r"SOFTWARE\Immunet Protect")
        .and_then(|key| key.get_value::<String, _>("InstallDir"))
        .ok()
        .filter(|folder| !folder.trim().is_empty());
    let usual = std::env::var_os("ProgramFiles").unwrap_or_else(|| r"C:\Program Files".into());
    let usual = PathBuf::from(usual).join("Cisco").join("AMP");
    given.map(|folder| PathBuf::from(folder.trim().trim_matches('"'))).into_iter().chain([usual]).collect()
}

pub(super) fn tool_folders() -> Vec<PathBuf> {
    // SAFETY: the buffer is as long as it is said to be.
    let system = from_buffer(|buffer, length| unsafe { GetSystemDirectoryW(buffer, length) });
    system.map(PathBuf::from).into_iter().collect()
}

pub(super) fn hosts_file() -> PathBuf {
    tool_folders().into_iter().next().unwrap_or_default().join("drivers").join("etc").join("hosts")
}

pub(super) fn is_elevated() -> bool {
    // SAFETY: it takes nothing.
    unsafe { IsUserAnAdmin() != 0 }
}

pub(super) fn host(folder: &Path) -> Host {
    let version = machine_key(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion").ok();
    let text = |name: &str| version.as_ref()?.get_value::<String, _>(name).ok();
    let build = text("CurrentBuildNumber");
    let revision = version.as_ref().and_then(|key| key.get_value::<u32, _>("UBR").ok());
    let number = build.as_ref().and_then(|build| build.parse::<u32>().ok());
    let mut os = text("ProductName");
    if number.is_some_and(|number| number >= 22000) {
        // The registry goes on calling it Windows 10.
        os = os.map(|name| name.replace("Windows 10", "Windows 11"));
    }
    let release = text("DisplayVersion").map_or_else(String::new, |release| format!(" {release}"));
    let memory = memory();
    let disk = disk(folder);
    Host {
        hostname: std::env::var("COMPUTERNAME").ok(),
        os: os.map(|name| format!("{name}{release}")),
        os_build: build.map(|build| match revision {
            Some(revision) => format!("{build}.{revision}"),
            None => build,
        }),
        architecture: std::env::var("PROCESSOR_ARCHITECTURE").ok(),
        disk_free_bytes: disk.map(|(free, _)| free),
        disk_total_bytes: disk.map(|(_, total)| total),
        memory_bytes: memory.map(|(_, total)| total),
        memory_free_bytes: memory.map(|(free, _)| free),
        // SAFETY: it takes nothing.
        uptime_ms: Some(unsafe { GetTickCount64() }),
        elevated: Some(is_elevated()),
        ..Host::default()
    }
}

fn memory() -> Option<(u64, u64)> {
    let mut facts =
        MEMORYSTATUSEX { dwLength: size_of::<MEMORYSTATUSEX>().try_into().ok()?, ..Default::default() };
    // SAFETY: the structure is whole, and says how long it is.
    let known = unsafe { GlobalMemoryStatusEx(&raw mut facts) } != 0;
    known.then_some((facts.ullAvailPhys, facts.ullTotalPhys))
}

fn disk(folder: &Path) -> Option<(u64, u64)> {
    let folder = wide(folder.as_os_str());
    let (mut free, mut total) = (0, 0);
    // SAFETY: the name ends with a null, and the numbers live as long as the call.
    let known =
        unsafe { GetDiskFreeSpaceExW(folder.as_ptr(), &raw mut free, &raw mut total, ptr::null_mut()) } != 0;
    known.then_some((free, total))
}

pub(super) fn state_folder() -> io::Result<PathBuf> {
    let data = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
    Ok(PathBuf::from(data).join("tetra-collect"))
}

pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let (rights, name) = (wide(PRIVATE.as_ref()), wide(folder.as_os_str()));
    let mut descriptor = ptr::null_mut();
    // SAFETY: the text ends with a null; the descriptor is freed below.
    let made = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rights.as_ptr(),
            1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>().try_into().unwrap_or_default(),
        lpSecurityDescriptor: descriptor,
        bInheritHandle: 0,
    };
    // SAFETY: the name ends with a null, and the attributes live as long as the call.
    let made = unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) };
    let fault = io::Error::last_os_error();
    // SAFETY: the descriptor was made by the call above, and is not used any more.
    unsafe { LocalFree(descriptor) };
    if made == 0 { Err(fault) } else { Ok(()) }
}

pub(super) fn open_shared(path: &Path) -> io::Result<File> {
    File::options().read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE).open(path)
}

pub(super) fn identity(file: &File) -> io::Result<u64> {
    let mut facts = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open as long as the file, and the structure is whole.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut facts) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let index = u64::from(facts.nFileIndexHigh) << 32 | u64::from(facts.nFileIndexLow);
    Ok(index)
}

/// The run that the system's call is meant for: Win32 gives a handler nothing of its own.
static INTERRUPT: OnceLock<Interrupt> = OnceLock::new();

pub(super) fn watch(interrupt: &Interrupt) -> io::Result<()> {
    if INTERRUPT.set(interrupt.clone()).is_err() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a run is watched already"));
    }
    // SAFETY: the handler only sets a flag and sleeps, on a thread that the system makes for it.
    if unsafe { SetConsoleCtrlHandler(Some(handler), TRUE) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

extern "system" fn handler(event: u32) -> BOOL {
    if let Some(interrupt) = INTERRUPT.get() {
        interrupt.ask();
    }
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        // The window is closed, or the user logs off: the process ends when this returns.
        let begun = Instant::now();
        while begun.elapsed() < LAST_MOMENT {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    TRUE
}

pub(super) fn output_folder() -> PathBuf {
    let home = std::env::var_os("USERPROFILE").map(PathBuf::from);
    let desktop = home.map(|home| home.join("Desktop")).filter(|desktop| desktop.is_dir());
    desktop.or_else(|| std::env::current_dir().ok()).unwrap_or_default()
}

pub(super) fn language() -> Option<String> {
    let name = from_buffer(|buffer, length| {
        // SAFETY: the buffer is as long as it is said to be.
        let written = unsafe { GetUserDefaultLocaleName(buffer, i32::try_from(length).unwrap_or_default()) };
        u32::try_from(written).unwrap_or_default().saturating_sub(1)
    });
    name.and_then(|name| name.into_string().ok())
}

/// Opens a key of the machine, never the view for 32-bit programs.
fn machine_key(path: &str) -> io::Result<RegKey> {
    RegKey::predef(HKEY_LOCAL_MACHINE).open_subkey_with_flags(path, KEY_READ | KEY_WOW64_64KEY)
}

/// Reads a text that a call writes to a buffer; the call returns its length without the null.
fn from_buffer(call: impl FnOnce(*mut u16, u32) -> u32) -> Option<OsString> {
    let mut buffer = [0_u16; 512];
    let length = call(buffer.as_mut_ptr(), u32::try_from(buffer.len()).unwrap_or_default());
    let text = buffer.get(..usize::try_from(length).ok()?)?;
    (!text.is_empty()).then(|| OsString::from_wide(text))
}

fn wide(text: &std::ffi::OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
