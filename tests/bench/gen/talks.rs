//! The connections of an endpoint, kind by kind.

use super::der::{ocsp_req, ocsp_resp};
use super::frames::{ACK, Conv, Ep, Pk, RST, SYN, Truth, udp};
use super::rng::Rng;
use super::tls::{app, client_hello, hs, p24, rec, server_hello, tls_handshake};
use super::traffic::{Begin, GATEWAY, PROXY, World, client};

pub(super) fn connection(
    world: &World,
    begin: &Begin,
    roll: u64,
    bulk_ppm: u64,
    r: &mut Rng,
    tr: &mut Truth,
) -> Vec<Pk> {
    let (host, hi, now) = (&world.hosts[begin.hi], begin.hi, begin.now);
    let mut s = Ep { mac: GATEWAY, ip: world.srv[hi], port: 443 };
    let (cs, ss, rtt) = (r.u64() as u32, r.u64() as u32, r.range(8_000, 60_000));
    let kind = roll - 560_000;
    let via_proxy = (280_000..365_000).contains(&kind);
    if via_proxy {
        s = PROXY;
    }
    let is_http = kind < bulk_ppm / 4 || (365_000..405_000).contains(&kind);
    if is_http {
        s.port = 80;
    }
    let mut c = Conv {
        c: client(begin.port),
        s,
        cs,
        ss,
        t: now,
        rtt,
        id: (r.u64() & 0xffff) as u16,
        pk: Vec::new(),
        r,
        loss: 0,
        tr,
    };
    let v13 = c.r.chance(400_000);
    if kind < bulk_ppm / 4 {
        // definitions over plain HTTP
        c.loss = 900;
        c.open();
        let n = c.r.range(2_000_000, 10_000_000) as usize;
        let gx = c.r.below(99999);
        c.send(true, format!("GET /av64bit/cumulative_{}.bin HTTP/1.1\r\nHost: {}\r\nUser-Agent: sfc/8.1.7\r\nAccept: */*\r\n\r\n", gx, host).into_bytes().as_slice());
        let mut o = format!("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nETag: \"0-{}\"\r\n\r\n", n, c.r.hex(13)).into_bytes();
        let b = c.r.bytes(n);
        o.extend(b);
        c.send(false, &o);
        c.close();
        c.tr.add("http_request", 1);
        c.tr.add("http_response", 1);
        c.tr.add("http_bulk_flow", 1);
    } else if kind < bulk_ppm {
        // TLS bulk
        c.loss = 900;
        c.open();
        tls_handshake(&mut c, host, &world.chains[hi], v13);
        let q = app(c.r, 400);
        c.send(true, &q);
        let n = c.r.range(2_000_000, 10_000_000) as usize;
        let d = app(c.r, n);
        c.send(false, &d);
        if c.r.chance(150_000) {
            c.reset(false)
        } else {
            c.close()
        }
        c.tr.add("tls_bulk_flow", 1);
    } else if kind < 240_000 {
        // short TLS
        c.open();
        tls_handshake(&mut c, host, &world.chains[hi], v13);
        let n = c.r.range(200, 1500) as usize;
        let q = app(c.r, n);
        c.send(true, &q);
        let n = c.r.range(300, 12_000) as usize;
        let d = app(c.r, n);
        c.send(false, &d);
        if c.r.chance(30_000) { c.reset(true) } else { c.close() }
    } else if kind < 265_000 {
        // TLS refused with a plaintext alert
        c.open();
        let fatal_at_client = c.r.chance(500_000);
        let ch = client_hello(c.r, host, v13);
        c.send(true, &ch);
        c.tr.add("tls_client_hello", 1);
        let mut al = Vec::new();
        if fatal_at_client {
            let mut o = Vec::new();
            let sh = server_hello(c.r, false);
            rec(22, 0x0303, &sh, &mut o);
            let l: Vec<u8> = world.chains[hi].iter().flat_map(|x| p24(x)).collect();
            rec(22, 0x0303, &hs(11, &p24(&l)), &mut o);
            rec(22, 0x0303, &hs(14, &[]), &mut o);
            c.send(false, &o);
            c.tr.add("tls_server_hello", 1);
            c.tr.add("tls_certificate_msg", 1);
            rec(21, 0x0303, &[2, *[48u8, 45, 44, 42].get(c.r.below(4) as usize).unwrap()], &mut al);
            c.send(true, &al);
            c.reset(true);
        } else {
            rec(21, 0x0303, &[2, *[40u8, 70, 112, 80].get(c.r.below(4) as usize).unwrap()], &mut al);
            c.send(false, &al);
            c.close();
        }
        c.tr.add("tls_alert", 1);
    } else if kind < 272_000 {
        // connect refused
        let (t, q) = (c.t, c.cs);
        c.seg(t, true, q, 0, SYN, &[]);
        c.seg(t + rtt, false, 0, q.wrapping_add(1), RST | ACK, &[]);
        c.tr.add("tcp_connect_refused", 1);
        c.tr.add("tcp_rst", 1);
    } else if kind < 280_000 {
        // connect timeout
        let (t, q) = (c.t, c.cs);
        for d in [0u64, 1_000_000, 3_000_000] {
            c.seg(t + d, true, q, 0, SYN, &[]);
        }
        c.tr.add("tcp_connect_timeout", 1);
    } else if via_proxy {
        c.open();
        let req = format!(
            "CONNECT {}:443 HTTP/1.1\r\nHost: {}:443\r\nUser-Agent: sfc/8.1.7\r\nProxy-Connection: Keep-Alive\r\n\r\n",
            host, host
        );
        c.send(true, req.as_bytes());
        c.tr.add("http_request", 1);
        c.tr.add("http_connect", 1);
        c.tr.add("http_response", 1);
        if kind < 310_000 {
            c.send(false, b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Type: text/html\r\nContent-Length: 60\r\nConnection: close\r\n\r\n<html><body><h1>407 Authentication needed</h1></body></html>");
            c.close();
            c.tr.add("http_407", 1);
        } else {
            c.send(false, b"HTTP/1.1 200 Connection established\r\n\r\n");
            c.tr.add("http_connect_200", 1);
            tls_handshake(&mut c, host, &world.chains[hi], v13);
            let q = app(c.r, 700);
            c.send(true, &q);
            let n = c.r.range(300, 6000) as usize;
            let d = app(c.r, n);
            c.send(false, &d);
            c.close();
        }
    } else if kind < 390_000 {
        // OCSP
        c.open();
        let rq = ocsp_req(c.r);
        let mut o = format!("POST / HTTP/1.1\r\nHost: commercial.ocsp.example.com\r\nContent-Type: application/ocsp-request\r\nUser-Agent: Microsoft-CryptoAPI/10.0\r\nContent-Length: {}\r\n\r\n", rq.len()).into_bytes();
        o.extend(rq);
        c.send(true, &o);
        let st = if c.r.chance(30_000) { 3 } else { 0 };
        let rs = ocsp_resp(c.r, st);
        let mut o = format!("HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: {}\r\nCache-Control: max-age=3600\r\n\r\n", rs.len()).into_bytes();
        o.extend(rs);
        c.send(false, &o);
        c.close();
        c.tr.add("http_request", 1);
        c.tr.add("http_response", 1);
        c.tr.add("ocsp", 1);
        if st != 0 {
            c.tr.add("ocsp_trylater", 1)
        }
    } else if kind < 395_000 {
        // CRL
        c.open();
        c.send(true, b"GET /crl/hydrantidcao1.crl HTTP/1.1\r\nHost: validation.example.com\r\nUser-Agent: Microsoft-CryptoAPI/10.0\r\nAccept: */*\r\n\r\n");
        let bad = c.r.chance(100_000);
        let mut o = if bad {
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_vec()
        } else {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: {}\r\n\r\n",
                world.crl_body.len()
            )
            .into_bytes()
        };
        if !bad {
            o.extend(&world.crl_body);
        }
        c.send(false, &o);
        c.close();
        c.tr.add("http_request", 1);
        c.tr.add("http_response", 1);
        c.tr.add("crl", 1);
        if bad {
            c.tr.add("crl_503", 1)
        }
    } else if kind < 405_000 {
        // small HTTP
        c.open();
        let gx = c.r.hex(24);
        c.send(true, format!("GET /{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n", gx, host).as_bytes());
        let n = c.r.range(100, 30_000) as usize;
        let mut o =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", n * 2)
                .into_bytes();
        o.extend(c.r.hex(n * 2).into_bytes());
        c.send(false, &o);
        c.close();
        c.tr.add("http_request", 1);
        c.tr.add("http_response", 1);
    } else {
        // other: SSDP-like UDP
        let e = c.c;
        let d = Ep { mac: [1, 0, 0x5e, 0x7f, 0xff, 0xfa], ip: [239, 255, 255, 250], port: 1900 };
        for k in 0..3 {
            let f = udp(&e, &d, 7, b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\n\r\n");
            c.pk.push((now + k * 1_000_000, f));
        }
    }
    let pk = c.pk;
    if kind < 405_000 {
        tr.add("tcp_flow", 1);
    }
    pk
}
