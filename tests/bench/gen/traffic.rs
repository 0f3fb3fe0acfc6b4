//! What an endpoint does on a network: lookups, handshakes, downloads, proxies, revocation checks.

use super::der::{cert, crl};
use super::frames::{Ep, Pk, Truth, udp};
use super::rng::Rng;

pub(super) const GATEWAY: [u8; 6] = [0x00, 0x50, 0x56, 9, 9, 1];
const RESOLVER: Ep = Ep { mac: GATEWAY, ip: [192, 168, 205, 2], port: 53 };
pub(super) const PROXY: Ep = Ep { mac: GATEWAY, ip: [192, 168, 205, 10], port: 8080 };

/// Hosts, their addresses and certificates.
pub(super) struct World {
    pub(super) hosts: Vec<String>,
    pub(super) srv: Vec<[u8; 4]>,
    pub(super) chains: Vec<Vec<Vec<u8>>>,
    pub(super) crl_body: Vec<u8>,
}

/// One conversation in the making: its host, its own port, and when it begins.
pub(super) struct Begin {
    pub(super) hi: usize,
    pub(super) port: u16,
    pub(super) now: u64,
}

pub(super) fn client(port: u16) -> Ep {
    Ep { mac: [0x00, 0x50, 0x56, 1, 2, 3], ip: [192, 168, 205, 138], port }
}

pub(super) fn world(r: &mut Rng) -> World {
    // host names: 400 names over a few domains, the update hosts first
    let mut hosts: Vec<String> = [
        "tetra-defs.amp.example.com",
        "cloud-ec.amp.example.com",
        "mgmt.amp.example.com",
        "intake.amp.example.com",
        "policy.amp.example.com",
        "crash.amp.example.com",
        "upgrades.amp.example.com",
    ]
    .iter()
    .map(|s| s.to_string())
    .collect();
    let words = [
        "cdn",
        "api",
        "login",
        "static",
        "telemetry",
        "update",
        "mail",
        "img",
        "events",
        "config",
        "edge",
        "auth",
        "settings",
        "store",
        "news",
    ];
    for i in 0..393 {
        let h = format!(
            "{}-{}.{}.example.{}",
            words[r.below(15) as usize],
            i,
            words[r.below(15) as usize],
            ["com", "net", "org"][r.below(3) as usize]
        );
        hosts.push(h);
    }
    let srv: Vec<[u8; 4]> = (0..400)
        .map(|_| [20 + r.below(150) as u8, r.below(256) as u8, r.below(256) as u8, 1 + r.below(250) as u8])
        .collect();
    let inter =
        cert(r, "Example CA O1", "Example Root", &["ca.example.com"], "200101000000Z", "300101000000Z");
    let root =
        cert(r, "Example Root", "Example Root", &["root.example.com"], "150101000000Z", "350101000000Z");
    let chains: Vec<Vec<Vec<u8>>> = (0..400)
        .map(|i| {
            let expired = i % 97 == 13;
            let h = hosts[i].clone();
            let w2 = format!("*.{}", h.split_once('.').unwrap().1);
            let c = cert(
                r,
                &h,
                "Example CA O1",
                &[&h, &w2, "alt1.example.com", "alt2.example.com", "alt3.example.com"],
                if expired { "240101000000Z" } else { "260101000000Z" },
                if expired { "250101000000Z" } else { "270101000000Z" },
            );
            let mut v = vec![c, inter.clone()];
            if i % 3 == 0 {
                v.push(root.clone())
            }
            v
        })
        .collect();
    let crl_body = crl(r, 900);
    World { hosts, srv, chains, crl_body }
}

pub(super) fn dns_name(n: &str) -> Vec<u8> {
    let mut v = Vec::new();
    for l in n.split('.') {
        v.push(l.len() as u8);
        v.extend_from_slice(l.as_bytes());
    }
    v.push(0);
    v
}

pub(super) fn lookup(world: &World, begin: &Begin, id: &mut u16, r: &mut Rng, tr: &mut Truth) -> Vec<Pk> {
    let (host, hi, now) = (&world.hosts[begin.hi], begin.hi, begin.now);
    let mut pk: Vec<Pk> = Vec::new();
    let tx = r.u64() as u16;
    let aaaa = r.chance(300_000);
    let q = dns_name(host);
    let e = client(begin.port);
    let mut m = Vec::new();
    m.extend(tx.to_be_bytes());
    m.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    m.extend(&q);
    m.extend([0, if aaaa { 28 } else { 1 }, 0, 1]);
    *id = id.wrapping_add(1);
    pk.push((now, udp(&e, &RESOLVER, *id, &m)));
    tr.add("dns_query", 1);
    let x = r.below(1000);
    let rtt = r.range(300, 30_000);
    if x < 10 {
        tr.add("dns_unanswered", 1);
        pk.push((now + 1_000_000, udp(&e, &RESOLVER, id.wrapping_add(1), &m)));
        tr.add("dns_query_retry", 1);
    } else {
        let rc = if x < 40 {
            3
        } else if x < 45 {
            2
        } else if x < 47 {
            5
        } else {
            0u8
        };
        m[2] = 0x81;
        m[3] = 0x80 | rc;
        if rc == 0 {
            let cn = dns_name(&format!("{}.edge.example-cdn.net", host.split('.').next().unwrap()));
            let na = 1 + r.below(3) as usize;
            m[7] = 1 + na as u8;
            m.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 5]);
            m.extend((cn.len() as u16).to_be_bytes());
            let at = m.len();
            m.extend(&cn);
            for k in 0..na {
                m.extend((0xc000u16 | at as u16).to_be_bytes());
                if aaaa {
                    m.extend([0, 28, 0, 1, 0, 0, 0, 5, 0, 16, 0x26, 0, 0x14]);
                    let x = r.bytes(13);
                    m.extend(x);
                } else {
                    m.extend([0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
                    let mut i4 = world.srv[hi];
                    i4[3] = i4[3].wrapping_add(k as u8);
                    m.extend(i4);
                }
            }
        } else {
            tr.add(
                match rc {
                    3 => "dns_nxdomain",
                    2 => "dns_servfail",
                    _ => "dns_refused",
                },
                1,
            );
        }
        pk.push((now + rtt, udp(&RESOLVER, &e, *id, &m)));
        tr.add("dns_response", 1);
    }
    pk
}
