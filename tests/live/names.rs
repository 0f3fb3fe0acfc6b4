//! A name server that knows a few names.

use std::net::{Ipv4Addr, UdpSocket};
use std::thread;

/// Where it is asked.
const PLACE: &str = "10.10.0.53:53";
/// The names it knows, the update server's first.
const NAMES: [(&str, Ipv4Addr); 4] = [
    ("tetra-defs.amp.cisco.com", Ipv4Addr::new(192, 111, 4, 21)),
    ("commercial.ocsp.identrust.com", Ipv4Addr::new(23, 45, 67, 80)),
    ("validation.identrust.com", Ipv4Addr::new(23, 45, 67, 81)),
    ("proxy.corp.example", Ipv4Addr::new(10, 20, 0, 8)),
];

/// Answers on a thread of its own; whether it knows the update server is for the scene to say.
pub fn serve(whole: bool) {
    let socket = UdpSocket::bind(PLACE).unwrap();
    thread::spawn(move || {
        let mut question = [0; 512];
        loop {
            let (length, client) = socket.recv_from(&mut question).unwrap();
            let answer = answer(&question[..length], &NAMES[usize::from(!whole)..]);
            socket.send_to(&answer, client).unwrap();
        }
    });
}

fn answer(question: &[u8], names: &[(&str, Ipv4Addr)]) -> Vec<u8> {
    let (mut name, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        name.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let end = at + 5;
    let known = names.iter().find(|(known, _)| *known == name.join("."));
    let address = known.filter(|_| question[at + 1..at + 3] == [0, 1]);
    let code = if known.is_some() { 0 } else { 3 };
    // The question comes back without what follows it: no extension is spoken.
    let mut answer =
        [&question[..2], &[0x81, 0x80 | code, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]].concat();
    answer.extend_from_slice(&question[12..end]);
    if let Some((_, address)) = address {
        answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend_from_slice(&address.octets());
    }
    answer
}
