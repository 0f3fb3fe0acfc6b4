//! Windows, as far as the network goes: the verdict on a chain of certificates, routes, and what WinHTTP says.
//!
//! Plain functions over Win32; what they mean is told by those who call them.

#![expect(
    unsafe_code,
    reason = "Win32 is called directly where no kept crate offers it; each call says why it is sound"
)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

use windows_sys::Win32::Foundation::{FILETIME, GetLastError, GlobalFree};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    FreeMibTable, GetIfEntry2, GetIpForwardTable2, MIB_IF_ROW2, MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2,
};
use windows_sys::Win32::Networking::WinHttp::{
    WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTO_DETECT_TYPE_DHCP,
    WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT, WINHTTP_AUTOPROXY_CONFIG_URL,
    WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_PROXY_INFO, WinHttpCloseHandle, WinHttpGetDefaultProxyConfiguration,
    WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6, AF_UNSPEC, SOCKADDR_INET};
use windows_sys::Win32::Security::Cryptography::{
    AUTHTYPE_SERVER, CERT_CHAIN_CONTEXT, CERT_CHAIN_PARA, CERT_CHAIN_POLICY_PARA, CERT_CHAIN_POLICY_SSL,
    CERT_CHAIN_POLICY_STATUS, CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, CERT_CONTEXT,
    CERT_STORE_ADD_ALWAYS, CERT_STORE_PROV_MEMORY, CertAddEncodedCertificateToStore, CertCloseStore,
    CertFreeCertificateChain, CertFreeCertificateContext, CertGetCertificateChain, CertOpenStore,
    CertVerifyCertificateChainPolicy, HTTPSPolicyCallbackData, X509_ASN_ENCODING,
};

/// The most routes that are read.
const ROUTES: usize = 1000;
/// How long one list or answer of revocation may take, in milliseconds; Windows has the same by itself.
const RETRIEVAL: u32 = 15_000;

/// Gives what Windows says of a chain, revocation included: 0, or an HRESULT. Unlike most programs it does not pass over a
/// revocation that could not be checked.
pub fn chain_status(chain: &[Vec<u8>], host: &str) -> Option<u32> {
    // SAFETY: the constants are those of a store in memory; nothing is passed in.
    let store = unsafe { CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, ptr::null()) };
    if store.is_null() {
        return None;
    }
    let mut leaf: *mut CERT_CONTEXT = ptr::null_mut();
    for (position, der) in chain.iter().enumerate() {
        let into = if position == 0 { &raw mut leaf } else { ptr::null_mut() };
        let length = u32::try_from(der.len()).unwrap_or(0);
        // SAFETY: the store is open, the bytes are as many as said, and `into` is null or a place for a pointer.
        unsafe {
            CertAddEncodedCertificateToStore(
                store,
                X509_ASN_ENCODING,
                der.as_ptr(),
                length,
                CERT_STORE_ADD_ALWAYS,
                into,
            )
        };
    }
    let mut built: *mut CERT_CHAIN_CONTEXT = ptr::null_mut();
    let parameters = CERT_CHAIN_PARA {
        cbSize: size_of::<CERT_CHAIN_PARA>().try_into().ok()?,
        dwUrlRetrievalTimeout: RETRIEVAL,
        ..Default::default()
    };
    let mut status = None;
    if !leaf.is_null() {
        // SAFETY: the leaf and the store are valid, no time means now, and the structures live as long as the call.
        let done = unsafe {
            CertGetCertificateChain(
                ptr::null_mut(),
                leaf,
                ptr::null::<FILETIME>(),
                store,
                &raw const parameters,
                CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT,
                ptr::null(),
                &raw mut built,
            )
        };
        if done != 0 && !built.is_null() {
            status = policy_status(built, host);
            // SAFETY: it was made above and is used no more.
            unsafe { CertFreeCertificateChain(built) };
        }
        // SAFETY: it was made above and is used no more.
        unsafe { CertFreeCertificateContext(leaf) };
    }
    // SAFETY: it was opened above and is used no more.
    unsafe { CertCloseStore(store, 0) };
    status
}

/// Asks whether a chain is good for a server of this name.
fn policy_status(chain: *const CERT_CHAIN_CONTEXT, host: &str) -> Option<u32> {
    let mut name = wide(host);
    let mut server = HTTPSPolicyCallbackData {
        dwAuthType: AUTHTYPE_SERVER,
        pwszServerName: name.as_mut_ptr(),
        ..Default::default()
    };
    server.Anonymous.cbSize = size_of::<HTTPSPolicyCallbackData>().try_into().ok()?;
    let parameters = CERT_CHAIN_POLICY_PARA {
        cbSize: size_of::<CERT_CHAIN_POLICY_PARA>().try_into().ok()?,
        dwFlags: 0,
        pvExtraPolicyPara: (&raw mut server).cast(),
    };
    let mut status = CERT_CHAIN_POLICY_STATUS {
        cbSize: size_of::<CERT_CHAIN_POLICY_STATUS>().try_into().ok()?,
        ..Default::default()
    };
    // SAFETY: the chain is valid, and the structures and the name outlive the call.
    let done = unsafe {
        CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &raw const parameters, &raw mut status)
    };
    (done != 0).then_some(status.dwError)
}

/// A route: destination, length of its prefix, next hop, number of the interface, metric.
pub type Route = (IpAddr, u8, Option<IpAddr>, u32, u32);

/// Lists the routes of the machine.
pub fn routes() -> Option<Vec<Route>> {
    let mut table: *mut MIB_IPFORWARD_TABLE2 = ptr::null_mut();
    // SAFETY: the place for the pointer lives as long as the call.
    let fault = unsafe { GetIpForwardTable2(AF_UNSPEC, &raw mut table) };
    if fault != 0 || table.is_null() {
        return None;
    }
    // SAFETY: the system filled the table: it has as many rows as it says.
    let rows: &[MIB_IPFORWARD_ROW2] = unsafe {
        let count = usize::try_from((*table).NumEntries).unwrap_or(0).min(ROUTES);
        std::slice::from_raw_parts((&raw const (*table).Table).cast(), count)
    };
    let found = rows
        .iter()
        .filter_map(|row| {
            let hop = address(&row.NextHop).filter(|hop| !hop.is_unspecified());
            let prefix = address(&row.DestinationPrefix.Prefix)?;
            Some((prefix, row.DestinationPrefix.PrefixLength, hop, row.InterfaceIndex, row.Metric))
        })
        .collect();
    // SAFETY: the system made it, and nothing of it is used any more.
    unsafe { FreeMibTable(table.cast()) };
    Some(found)
}

/// Gives the largest packet and whether the interface is up.
pub fn interface(index: u32) -> Option<(u32, String)> {
    let mut row = MIB_IF_ROW2 { InterfaceIndex: index, ..Default::default() };
    // SAFETY: the row is whole and lives as long as the call.
    let fault = unsafe { GetIfEntry2(&raw mut row) };
    let alias = row.Alias.iter().take_while(|unit| **unit != 0).copied().collect::<Vec<u16>>();
    (fault == 0).then(|| (row.Mtu, String::from_utf16_lossy(&alias)))
}

fn address(socket: &SOCKADDR_INET) -> Option<IpAddr> {
    // SAFETY: the family stands at the same place in every form, and says which form it is.
    unsafe {
        match socket.si_family {
            AF_INET => Some(Ipv4Addr::from(u32::from_be(socket.Ipv4.sin_addr.S_un.S_addr)).into()),
            AF_INET6 => Some(Ipv6Addr::from(socket.Ipv6.sin6_addr.u.Byte).into()),
            _ => None,
        }
    }
}

/// What WinHTTP is set up with: the proxy and its exceptions, or none.
pub fn default_proxy() -> Option<Option<(String, String)>> {
    let mut info = WINHTTP_PROXY_INFO::default();
    // SAFETY: the structure lives as long as the call.
    let done = unsafe { WinHttpGetDefaultProxyConfiguration(&raw mut info) };
    (done != 0).then(|| taken(info))
}

/// Has WinHTTP find the proxies for an address by a script, or by WPAD where no script is given; an error is a number.
pub fn proxies_by_script(address: &str, script: Option<&str>) -> Result<Option<String>, u32> {
    let agent = wide("tetra-collect");
    // SAFETY: the name ends with a null, and the other texts may be null.
    let session =
        unsafe { WinHttpOpen(agent.as_ptr(), WINHTTP_ACCESS_TYPE_NO_PROXY, ptr::null(), ptr::null(), 0) };
    if session.is_null() {
        return Err(last_error());
    }
    let (address, script) = (wide(address), script.map(wide));
    let mut options = WINHTTP_AUTOPROXY_OPTIONS::default();
    match &script {
        Some(script) => {
            options.dwFlags = WINHTTP_AUTOPROXY_CONFIG_URL;
            options.lpszAutoConfigUrl = script.as_ptr();
        }
        None => {
            options.dwFlags = WINHTTP_AUTOPROXY_AUTO_DETECT;
            options.dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
        }
    }
    let mut info = WINHTTP_PROXY_INFO::default();
    // SAFETY: the session is open, the texts end with a null and outlive the calls, the structures too.
    let done = unsafe {
        WinHttpSetTimeouts(session, 5000, 10_000, 10_000, 10_000);
        WinHttpGetProxyForUrl(session, address.as_ptr(), &raw mut options, &raw mut info)
    };
    let found = if done == 0 { Err(last_error()) } else { Ok(taken(info).map(|(proxy, _)| proxy)) };
    // SAFETY: it was opened above and is used no more.
    unsafe { WinHttpCloseHandle(session) };
    found
}

fn last_error() -> u32 {
    // SAFETY: it takes nothing.
    unsafe { GetLastError() }
}

/// Copies what WinHTTP says of a proxy, and gives its memory back.
fn taken(info: WINHTTP_PROXY_INFO) -> Option<(String, String)> {
    let (proxy, bypass) = (text(info.lpszProxy), text(info.lpszProxyBypass));
    for place in [info.lpszProxy, info.lpszProxyBypass] {
        if !place.is_null() {
            // SAFETY: WinHTTP allocated it for the caller to free, and it was copied.
            unsafe { GlobalFree(place.cast()) };
        }
    }
    (info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY && !proxy.is_empty()).then_some((proxy, bypass))
}

/// Copies a text of the system that ends with a null.
fn text(place: *const u16) -> String {
    if place.is_null() {
        return String::new();
    }
    // SAFETY: the text ends with a null, and no unit behind it is read.
    let units: Vec<u16> = unsafe { (0..).map(|at| *place.add(at)).take_while(|unit| *unit != 0).collect() };
    String::from_utf16_lossy(&units)
}

/// Gives a text as Windows takes it.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|unit| *unit != 0).chain([0]).collect()
}
