//! TLS records and handshakes of the right form; nothing in them is encrypted.

use super::frames::Conv;
use super::rng::Rng;

pub(super) fn rec(t: u8, v: u16, b: &[u8], out: &mut Vec<u8>) {
    out.push(t);
    out.extend_from_slice(&v.to_be_bytes());
    out.extend_from_slice(&(b.len() as u16).to_be_bytes());
    out.extend_from_slice(b);
}
pub(super) fn hs(t: u8, b: &[u8]) -> Vec<u8> {
    let mut v = vec![t, (b.len() >> 16) as u8, (b.len() >> 8) as u8, b.len() as u8];
    v.extend_from_slice(b);
    v
}
pub(super) fn p16(b: &[u8]) -> Vec<u8> {
    let mut v = (b.len() as u16).to_be_bytes().to_vec();
    v.extend_from_slice(b);
    v
}
pub(super) fn ext(t: u16, b: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&t.to_be_bytes());
    out.extend_from_slice(&p16(b));
}
pub(super) fn client_hello(r: &mut Rng, sni: &str, v13: bool) -> Vec<u8> {
    let mut b = vec![3, 3];
    b.extend(r.bytes(32));
    b.push(32);
    b.extend(r.bytes(32));
    let cs: &[u16] = &[
        0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027,
        0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
    ];
    let cs = if v13 { cs } else { &cs[2..] };
    b.extend(p16(&cs.iter().flat_map(|c| c.to_be_bytes()).collect::<Vec<_>>()));
    b.extend_from_slice(&[1, 0]);
    let mut e = Vec::new();
    let mut s = vec![0];
    s.extend(p16(sni.as_bytes()));
    ext(0, &p16(&s), &mut e);
    ext(5, &[1, 0, 0, 0, 0], &mut e);
    ext(10, &p16(&[0, 0x1d, 0, 0x17, 0, 0x18]), &mut e);
    ext(11, &[1, 0], &mut e);
    ext(13, &p16(&[8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 2, 1, 4, 3, 5, 3, 2, 3, 2, 2, 6, 1, 6, 3]), &mut e);
    ext(16, &p16(b"\x02h2\x08http/1.1"), &mut e);
    ext(23, &[], &mut e);
    ext(35, &[], &mut e);
    ext(0xff01, &[0], &mut e);
    if v13 {
        ext(43, &[4, 3, 4, 3, 3], &mut e);
        ext(45, &[1, 1], &mut e);
        let mut k = vec![0, 0x1d];
        k.extend(p16(&r.bytes(32)));
        ext(51, &p16(&k), &mut e);
    }
    b.extend(p16(&e));
    let mut o = Vec::new();
    rec(22, 0x0303, &hs(1, &b), &mut o);
    o
}
pub(super) fn server_hello(r: &mut Rng, v13: bool) -> Vec<u8> {
    let mut b = vec![3, 3];
    b.extend(r.bytes(32));
    b.push(32);
    b.extend(r.bytes(32));
    b.extend_from_slice(if v13 { &[0x13, 2] } else { &[0xc0, 0x30] });
    b.push(0);
    let mut e = Vec::new();
    if v13 {
        ext(43, &[3, 4], &mut e);
        let mut k = vec![0, 0x1d];
        k.extend(p16(&r.bytes(32)));
        ext(51, &k, &mut e);
    } else {
        ext(0xff01, &[0], &mut e);
        ext(11, &[1, 0], &mut e);
        ext(23, &[], &mut e);
        ext(16, &p16(b"\x08http/1.1"), &mut e);
    }
    b.extend(p16(&e));
    hs(2, &b)
}
pub(super) fn p24(b: &[u8]) -> Vec<u8> {
    let mut v = vec![(b.len() >> 16) as u8, (b.len() >> 8) as u8, b.len() as u8];
    v.extend_from_slice(b);
    v
}
pub(super) fn app(r: &mut Rng, n: usize) -> Vec<u8> {
    let mut o = Vec::with_capacity(n + n / 1000 + 64);
    let mut left = n;
    while left > 0 {
        let k = left.min(16384);
        let b = r.bytes(k + 24);
        rec(23, 0x0303, &b, &mut o);
        left -= k;
    }
    o
}
pub(super) fn tls_handshake(c: &mut Conv, sni: &str, chain: &[Vec<u8>], v13: bool) {
    let ch = client_hello(c.r, sni, v13);
    c.send(true, &ch);
    c.tr.add("tls_client_hello", 1);
    let mut o = Vec::new();
    let sh = server_hello(c.r, v13);
    c.tr.add("tls_server_hello", 1);
    if v13 {
        rec(22, 0x0303, &sh, &mut o);
        rec(20, 0x0303, &[1], &mut o);
        let l = c.r.range(2500, 4200) as usize;
        let a = app(c.r, l);
        o.extend(a);
        c.send(false, &o);
        let mut f = Vec::new();
        rec(20, 0x0303, &[1], &mut f);
        let a = app(c.r, 52);
        f.extend(a);
        c.send(true, &f);
    } else {
        rec(22, 0x0303, &sh, &mut o);
        let l: Vec<u8> = chain.iter().flat_map(|x| p24(x)).collect();
        rec(22, 0x0303, &hs(11, &p24(&l)), &mut o);
        c.tr.add("tls_certificate_msg", 1);
        let mut ske = vec![3, 0, 0x1d, 32];
        ske.extend(c.r.bytes(32));
        ske.extend_from_slice(&[4, 1]);
        ske.extend(p16(&c.r.bytes(256)));
        rec(22, 0x0303, &hs(12, &ske), &mut o);
        rec(22, 0x0303, &hs(14, &[]), &mut o);
        c.send(false, &o);
        let mut f = Vec::new();
        let mut k = vec![32];
        k.extend(c.r.bytes(32));
        rec(22, 0x0303, &hs(16, &k), &mut f);
        rec(20, 0x0303, &[1], &mut f);
        let x = c.r.bytes(40);
        rec(22, 0x0303, &x, &mut f);
        c.send(true, &f);
        let mut f = Vec::new();
        rec(20, 0x0303, &[1], &mut f);
        let x = c.r.bytes(40);
        rec(22, 0x0303, &x, &mut f);
        c.send(false, &f);
    }
}
