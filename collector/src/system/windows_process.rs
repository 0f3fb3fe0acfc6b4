//! Windows: what the program asks of the system for its own process.

#![expect(
    unsafe_code,
    reason = "Win32 is called directly where no kept crate offers it; each call says why it is sound"
)]

use std::io;
use std::ptr;

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Power::{ES_CONTINUOUS, ES_SYSTEM_REQUIRED, SetThreadExecutionState};
use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, GetCurrentProcess, SetPriorityClass,
};

/// Has whatever the program starts end with it, however it ends: a job that the system closes then.
pub fn bind() -> io::Result<()> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    let length = u32::try_from(size_of_val(&limits)).unwrap_or_default();
    // SAFETY: it takes nothing that must live; the job is held until the program ends, and nobody else knows of it.
    let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    let limits = (&raw const limits).cast();
    // SAFETY: the job is open, and the limits are whole and as long as they are said to be.
    let bound = unsafe {
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, limits, length) != 0
            && AssignProcessToJobObject(job, GetCurrentProcess()) != 0
    };
    if bound { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Steps back behind what the user does.
pub fn step_back() {
    // SAFETY: the handle is the one of this process, which is always there. A refusal changes nothing.
    unsafe { SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS) };
}

/// Has the machine not go to sleep by itself as long as this thread wants it; the screen may go dark.
pub fn keep_awake(wanted: bool) {
    let state = if wanted { ES_CONTINUOUS | ES_SYSTEM_REQUIRED } else { ES_CONTINUOUS };
    // SAFETY: it takes a number. The system forgets it when the thread ends, and a refusal changes nothing.
    unsafe { SetThreadExecutionState(state) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_kept_awake_until_it_is_let_go() {
        keep_awake(true);
        // SAFETY: it takes a number, and gives what was wanted before.
        let held = unsafe { SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED) };
        assert_eq!(held, ES_CONTINUOUS | ES_SYSTEM_REQUIRED);
        keep_awake(false);
        // SAFETY: as above.
        let after = unsafe { SetThreadExecutionState(ES_CONTINUOUS) };
        assert_eq!(after, ES_CONTINUOUS);
    }
}
