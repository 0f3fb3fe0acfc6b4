//! Windows: the table of TCP connections.

#![expect(unsafe_code, reason = "Win32 is called directly; each call says why it is sound")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{GetExtendedTcpTable, TCP_TABLE_OWNER_PID_CONNECTIONS};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};

/// The largest table that is read, in bytes.
const LARGEST: u32 = 16 << 20;
/// Between these, a connection is being made, or open.
const OPEN: std::ops::RangeInclusive<u32> = 3..=5;

/// Lists the far ends of the connections that are open, or about to be. A table that cannot be read counts as empty.
pub(super) fn connections() -> Vec<SocketAddr> {
    let mut found = Vec::new();
    // A row for IPv4: state, local address and port, remote address and port, process.
    for row in rows(AF_INET.into(), 24) {
        let word = |at: usize| Some(<[u8; 4]>::try_from(row.get(at..at.checked_add(4)?)?).ok()?);
        let (Some(state), Some(address), Some(port)) = (word(0), word(12), word(16)) else { continue };
        note(&mut found, state, IpAddr::V4(Ipv4Addr::from(address)), port);
    }
    // And for IPv6: local address, scope and port, remote address, scope and port, state, process.
    for row in rows(AF_INET6.into(), 56) {
        let word = |at: usize| Some(<[u8; 4]>::try_from(row.get(at..at.checked_add(4)?)?).ok()?);
        let address = row.get(24..40).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let (Some(address), Some(port), Some(state)) = (address, word(44), word(48)) else { continue };
        note(&mut found, state, IpAddr::V6(Ipv6Addr::from(address)), port);
    }
    found
}

fn note(found: &mut Vec<SocketAddr>, state: [u8; 4], address: IpAddr, port: [u8; 4]) {
    let [high, low, ..] = port;
    if OPEN.contains(&u32::from_le_bytes(state)) {
        found.push(SocketAddr::new(address, u16::from_be_bytes([high, low])));
    }
}

/// Reads the table of one family: a count, then rows of a fixed length.
fn rows(family: u32, length: usize) -> Vec<Vec<u8>> {
    let mut size = 0;
    for _ in 0..4 {
        let words = usize::try_from(size).unwrap_or(0).div_ceil(4);
        let mut table = vec![0_u32; words];
        let place = if words == 0 { ptr::null_mut() } else { table.as_mut_ptr().cast() };
        // SAFETY: the place is null, or as many bytes long as is said, and aligned for the numbers of the table.
        let result = unsafe {
            GetExtendedTcpTable(place, &raw mut size, 0, family, TCP_TABLE_OWNER_PID_CONNECTIONS, 0)
        };
        match result {
            NO_ERROR => {
                let bytes: Vec<u8> = table.iter().flat_map(|word| word.to_le_bytes()).collect();
                let count = table.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or(0);
                let rows = bytes.get(4..).unwrap_or_default().chunks_exact(length);
                return rows.take(count).map(<[u8]>::to_vec).collect();
            }
            ERROR_INSUFFICIENT_BUFFER if size <= LARGEST => {}
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn lists_a_connection_of_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        assert!(connections().contains(&address), "{:?}", connections());
        drop(stream);
    }
}
