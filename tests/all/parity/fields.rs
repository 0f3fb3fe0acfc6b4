//! What Wireshark's fields are called in the facts of a frame.

use std::net::IpAddr;

use tetra_capture::frames::{FrameFacts, Http, Tls};

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, or a flag as 0 or 1.
    Number(u64),
    /// An address.
    Address(IpAddr),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a field in a frame; `None` for a field that nobody here states.
pub fn values(frame: &FrameFacts, field: &str) -> Option<Vec<Value>> {
    let (layer, name) = field.split_once('.').unwrap_or((field, ""));
    match layer {
        "frame" => match name {
            "number" => Some(vec![Value::Number(frame.number)]),
            "cap_len" => Some(vec![Value::Number(frame.captured as u64)]),
            "len" => Some(numbers([frame.wire_len])),
            _ => None,
        },
        "sll" if name.is_empty() => Some(if matches!(frame.link, 113 | 276) { there(1) } else { there(0) }),
        "vlan" if name == "id" => Some(numbers(frame.vlans.iter().copied())),
        "arp" => arp(frame, name),
        "ip" => ip(frame, name, true),
        "ipv6" => ip(frame, name, false),
        "icmp" => icmp(frame.icmp, name),
        "icmpv6" => icmp(frame.icmpv6, name),
        "udp" => match name {
            "srcport" => Some(numbers(frame.udp.iter().map(|ports| ports.0))),
            "dstport" => Some(numbers(frame.udp.iter().map(|ports| ports.1))),
            "port" => Some(numbers(frame.udp.iter().flat_map(|ports| [ports.0, ports.1]))),
            _ => None,
        },
        "tcp" => tcp(frame, name),
        "dns" => dns(frame, name),
        "tls" => tls(frame, name),
        "x509sat" if name == "uTF8String" => {
            let name =
                |one: &Tls| if let Tls::CertificateName(name) = one { Some(name.clone()) } else { None };
            Some(texts(frame.tls.iter().filter_map(name)))
        }
        "http" => http(frame, name),
        "ocsp" => match name {
            "responseStatus" => Some(numbers(frame.ocsp.iter().map(|answer| answer.status))),
            // Wireshark counts the choices: 0 good, 1 revoked, 2 unknown; only revoked ones are told apart here.
            "certStatus" => Some(numbers(frame.ocsp.iter().filter(|answer| answer.revoked).map(|_| 1_u8))),
            _ => None,
        },
        _ => None,
    }
}

fn numbers<T: Into<u64>>(values: impl IntoIterator<Item = T>) -> Vec<Value> {
    values.into_iter().map(|value| Value::Number(value.into())).collect()
}

fn texts<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Vec<Value> {
    values.into_iter().map(|value| Value::Text(value.into())).collect()
}

fn addresses(values: impl IntoIterator<Item = IpAddr>, v4: bool) -> Vec<Value> {
    values.into_iter().filter(|address| address.is_ipv4() == v4).map(Value::Address).collect()
}

/// So many values that say no more than that they are there.
fn there(count: usize) -> Vec<Value> {
    vec![Value::Number(1); count]
}

fn arp(frame: &FrameFacts, name: &str) -> Option<Vec<Value>> {
    let arp = frame.arp.iter();
    match name {
        "opcode" => Some(numbers(arp.map(|arp| arp.operation))),
        "src.proto_ipv4" => Some(addresses(arp.map(|arp| IpAddr::V4(arp.sender)), true)),
        "dst.proto_ipv4" => Some(addresses(arp.map(|arp| IpAddr::V4(arp.target)), true)),
        _ => None,
    }
}

fn ip(frame: &FrameFacts, name: &str, v4: bool) -> Option<Vec<Value>> {
    let ip = frame.ip.iter();
    match name {
        "src" => Some(addresses(ip.map(|ip| ip.src), v4)),
        "dst" => Some(addresses(ip.map(|ip| ip.dst), v4)),
        "addr" => Some(addresses(ip.flat_map(|ip| [ip.src, ip.dst]), v4)),
        "ttl" | "hlim" => Some(numbers(ip.filter(|ip| ip.src.is_ipv4() == v4).map(|ip| ip.ttl))),
        _ => None,
    }
}

fn icmp(said: Option<(u8, u8)>, name: &str) -> Option<Vec<Value>> {
    match name {
        "" => Some(there(said.iter().len())),
        "type" => Some(numbers(said.map(|said| said.0))),
        "code" => Some(numbers(said.map(|said| said.1))),
        _ => None,
    }
}

fn tcp(frame: &FrameFacts, name: &str) -> Option<Vec<Value>> {
    let tcp = frame.tcp.iter();
    let flag = |bit: u8| Some(numbers(frame.tcp.iter().map(|tcp| u64::from(tcp.flags & bit != 0))));
    match name {
        "srcport" => Some(numbers(tcp.map(|tcp| tcp.src))),
        "dstport" => Some(numbers(tcp.map(|tcp| tcp.dst))),
        "port" => Some(numbers(tcp.flat_map(|tcp| [tcp.src, tcp.dst]))),
        "flags.fin" => flag(1),
        "flags.syn" => flag(2),
        "flags.reset" => flag(4),
        "flags.push" => flag(8),
        "flags.ack" => flag(16),
        // Of a segment that is quoted, Wireshark does not tell it.
        "len" => Some(numbers(tcp.filter(|tcp| !tcp.quoted).map(|tcp| tcp.len))),
        // Scaled or not, only 0 is 0.
        "window_size" => Some(numbers(tcp.filter_map(|tcp| tcp.window))),
        "payload" => {
            let bytes =
                tcp.filter(|tcp| !tcp.payload.is_empty()).map(|tcp| Value::Bytes(tcp.payload.clone()));
            Some(bytes.collect())
        }
        "analysis.retransmission" => Some(there(tcp.filter(|tcp| tcp.repeats).count())),
        _ => None,
    }
}

fn dns(frame: &FrameFacts, name: &str) -> Option<Vec<Value>> {
    let dns = frame.dns.iter();
    match name {
        "qry.name" => Some(texts(dns.filter_map(|dns| dns.name.clone()))),
        "flags.response" => Some(numbers(dns.map(|dns| u64::from(dns.response)))),
        // Only answers have one.
        "flags.rcode" => Some(numbers(dns.filter(|dns| dns.response).map(|dns| dns.rcode))),
        "flags.truncated" => Some(numbers(dns.map(|dns| u64::from(dns.truncated)))),
        "a" => Some(addresses(dns.flat_map(|dns| dns.addresses.iter().copied()), true)),
        "aaaa" => Some(addresses(dns.flat_map(|dns| dns.addresses.iter().copied()), false)),
        "cname" => Some(texts(dns.flat_map(|dns| dns.cnames.iter().cloned()))),
        _ => None,
    }
}

fn tls(frame: &FrameFacts, name: &str) -> Option<Vec<Value>> {
    let tls = frame.tls.iter();
    match name {
        "handshake.type" => {
            let kind = |one: &Tls| if let Tls::Handshake(kind) = one { Some(*kind) } else { None };
            Some(numbers(tls.filter_map(kind)))
        }
        "handshake.extensions_server_name" => {
            let name = |one: &Tls| if let Tls::ServerName(name) = one { Some(name.clone()) } else { None };
            Some(texts(tls.filter_map(name)))
        }
        // Of the server's hello; those that a client offers are not told here.
        "handshake.extensions.supported_version" => {
            Some(numbers(tls.filter(|one| **one == Tls::Chose13).map(|_| 0x0304_u64)))
        }
        "alert_message.desc" => {
            let said = |one: &Tls| if let Tls::Alert(said) = one { *said } else { None };
            Some(numbers(tls.filter_map(said)))
        }
        "record.content_type" => Some(numbers(tls.filter_map(|one| match one {
            Tls::Handshake(_) => Some(22_u8),
            Tls::Alert(_) => Some(21),
            Tls::Data(_) => Some(23),
            Tls::Chose13 | Tls::ServerName(_) | Tls::CertificateName(_) => None,
        }))),
        _ => None,
    }
}

fn http(frame: &FrameFacts, name: &str) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    for message in &frame.http {
        match (message, name) {
            (Http::Request { .. }, "request") | (Http::Response { .. }, "response") => found.extend(there(1)),
            (Http::Request { method, .. }, "request.method") => found.push(Value::Text(method.clone())),
            (Http::Request { target, .. }, "request.uri") => found.push(Value::Text(target.clone())),
            (Http::Request { range: true, .. }, "request.line") => {
                found.push(Value::Text("Range: bytes".to_owned()));
            }
            (Http::Request { proxy_credentials: true, .. }, "proxy_authorization") => found.extend(there(1)),
            (Http::Response { status, .. }, "response.code") => found.extend(numbers([*status])),
            (Http::Response { squid_error: Some(error), .. }, "response.line") => {
                found.push(Value::Text(format!("X-Squid-Error: {error}")));
            }
            (Http::Response { content_type: Some(kind), .. }, "content_type") => {
                found.push(Value::Text(kind.clone()));
            }
            (Http::Response { proxy_challenges, .. }, "proxy_authenticate") => {
                found.extend(texts(proxy_challenges.iter().cloned()));
            }
            _ => {}
        }
    }
    let known = [
        "request",
        "response",
        "request.method",
        "request.uri",
        "request.line",
        "proxy_authorization",
        "response.code",
        "response.line",
        "content_type",
        "proxy_authenticate",
    ];
    known.contains(&name).then_some(found)
}
