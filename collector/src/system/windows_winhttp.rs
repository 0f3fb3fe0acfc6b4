//! A request made by WinHTTP itself, the way a service of Windows makes it, with revocation checked.

#![expect(
    unsafe_code,
    reason = "Win32 is called directly where no kept crate offers it; each call says why it is sound"
)]

use std::ffi::c_void;
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::Networking::WinHttp::{
    WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, WINHTTP_DISABLE_AUTHENTICATION, WINHTTP_DISABLE_COOKIES,
    WINHTTP_DISABLE_REDIRECTS, WINHTTP_ENABLE_SSL_REVOCATION, WINHTTP_FLAG_SECURE,
    WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_OPTION_ENABLE_FEATURE, WINHTTP_QUERY_FLAG_NUMBER,
    WINHTTP_QUERY_STATUS_CODE, WinHttpCloseHandle, WinHttpConnect, WinHttpOpen, WinHttpOpenRequest,
    WinHttpQueryHeaders, WinHttpReceiveResponse, WinHttpSendRequest, WinHttpSetOption, WinHttpSetTimeouts,
};

use super::windows_net::wide;

/// A handle of WinHTTP, closed when it is dropped.
struct Handle(*mut c_void);

impl Handle {
    /// Takes a handle, or the last error in its place.
    fn of(handle: *mut c_void) -> Result<Self, u32> {
        if handle.is_null() { Err(last_error()) } else { Ok(Self(handle)) }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it is open, and nobody else has it.
        unsafe { WinHttpCloseHandle(self.0) };
    }
}

fn last_error() -> u32 {
    // SAFETY: it takes nothing.
    unsafe { GetLastError() }
}

/// Asks for a page by HEAD with the machine's proxy settings; gives the status of the answer, or the number of the error.
/// Credentials are not sent, redirects not followed.
pub fn head(secure: bool, host: &str, port: u16, page: &str, limit: Duration) -> Result<u16, u32> {
    let (agent, host, page, verb) = (wide("tetra-collect"), wide(host), wide(page), wide("HEAD"));
    let limit = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the name ends with a null, and the other texts may be null.
    let session = Handle::of(unsafe {
        WinHttpOpen(agent.as_ptr(), WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, ptr::null(), ptr::null(), 0)
    })?;
    // SAFETY: the session is open.
    unsafe { WinHttpSetTimeouts(session.0, limit, limit, limit, limit) };
    // SAFETY: the session is open, and the name ends with a null.
    let server = Handle::of(unsafe { WinHttpConnect(session.0, host.as_ptr(), port, 0) })?;
    let flags = if secure { WINHTTP_FLAG_SECURE } else { 0 };
    // SAFETY: the connection is open, the texts end with a null, and the others may be null.
    let request = Handle::of(unsafe {
        WinHttpOpenRequest(
            server.0,
            verb.as_ptr(),
            page.as_ptr(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            flags,
        )
    })?;
    option(
        &request,
        WINHTTP_OPTION_DISABLE_FEATURE,
        WINHTTP_DISABLE_AUTHENTICATION | WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_REDIRECTS,
    )?;
    if secure {
        option(&request, WINHTTP_OPTION_ENABLE_FEATURE, WINHTTP_ENABLE_SSL_REVOCATION)?;
    }
    // SAFETY: the request is open; nothing is sent along.
    let sent = unsafe { WinHttpSendRequest(request.0, ptr::null(), 0, ptr::null(), 0, 0, 0) };
    if sent == 0 {
        return Err(last_error());
    }
    // SAFETY: the request was sent.
    if unsafe { WinHttpReceiveResponse(request.0, ptr::null_mut()) } == 0 {
        return Err(last_error());
    }
    let mut status: u32 = 0;
    let mut length = u32::try_from(size_of::<u32>()).unwrap_or(4);
    // SAFETY: the answer is there, and the number and its length live as long as the call.
    let known = unsafe {
        WinHttpQueryHeaders(
            request.0,
            WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
            ptr::null(),
            (&raw mut status).cast(),
            &raw mut length,
            ptr::null_mut(),
        )
    };
    if known == 0 { Err(last_error()) } else { Ok(u16::try_from(status).unwrap_or(0)) }
}

fn option(request: &Handle, which: u32, value: u32) -> Result<(), u32> {
    let length = u32::try_from(size_of::<u32>()).unwrap_or(4);
    // SAFETY: the request is open, and the number lives as long as the call.
    let set = unsafe { WinHttpSetOption(request.0, which, (&raw const value).cast(), length) };
    if set == 0 { Err(last_error()) } else { Ok(()) }
}
