//! Certificates, OCSP messages and revocation lists of the right form; nothing in them is signed.

use super::rng::Rng;

pub(super) fn tlv(tag: u8, c: &[u8]) -> Vec<u8> {
    let mut v = vec![tag];
    let n = c.len();
    if n < 128 {
        v.push(n as u8)
    } else if n < 256 {
        v.extend_from_slice(&[0x81, n as u8])
    } else if n < 65536 {
        v.extend_from_slice(&[0x82, (n >> 8) as u8, n as u8])
    } else {
        v.extend_from_slice(&[0x83, (n >> 16) as u8, (n >> 8) as u8, n as u8])
    }
    v.extend_from_slice(c);
    v
}
pub(super) fn seq(p: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &p.concat())
}
pub(super) fn oid(b: &[u8]) -> Vec<u8> {
    tlv(6, b)
}
pub(super) fn alg(b: &[u8]) -> Vec<u8> {
    seq(&[oid(b), vec![5, 0]])
}
pub(super) const SHA256RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
pub(super) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
pub(super) const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
pub(super) fn int(mut b: Vec<u8>) -> Vec<u8> {
    b[0] &= 0x7f;
    if b[0] == 0 {
        b[0] = 1
    }
    tlv(2, &b)
}
pub(super) fn bits(b: &[u8]) -> Vec<u8> {
    let mut v = vec![0];
    v.extend_from_slice(b);
    tlv(3, &v)
}
pub(super) fn name(cn: &str, o: &str) -> Vec<u8> {
    let at = |n: u8, s: &str, tag: u8| tlv(0x31, &seq(&[oid(&[0x55, 4, n]), tlv(tag, s.as_bytes())]));
    seq(&[at(6, "US", 0x13), at(10, o, 0x0c), at(3, cn, 0x0c)])
}
pub(super) fn cert(r: &mut Rng, cn: &str, iss: &str, sans: &[&str], nb: &str, na: &str) -> Vec<u8> {
    let mut m = r.bytes(256);
    m[0] |= 0x80;
    let mut mm = vec![0];
    mm.extend(m);
    let key = seq(&[tlv(2, &mm), tlv(2, &[1, 0, 1])]);
    let ext = |o: &[u8], v: Vec<u8>| seq(&[oid(o), tlv(4, &v)]);
    let san: Vec<Vec<u8>> = sans.iter().map(|s| tlv(0x82, s.as_bytes())).collect();
    let exts = seq(&[
        ext(&[0x55, 0x1d, 0x11], seq(&san)),
        ext(&[0x55, 0x1d, 0x0f], tlv(3, &[5, 0xa0])),
        ext(
            &[0x55, 0x1d, 0x25],
            seq(&[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 1]), oid(&[0x2b, 6, 1, 5, 5, 7, 3, 2])]),
        ),
        ext(&[0x55, 0x1d, 0x0e], tlv(4, &r.bytes(20))),
        ext(&[0x55, 0x1d, 0x23], seq(&[tlv(0x80, &r.bytes(20))])),
        ext(
            &[0x55, 0x1d, 0x1f],
            seq(&[seq(&[tlv(
                0xa0,
                &tlv(0xa0, &tlv(0x86, b"http://validation.example.com/crl/hydrantidcao1.crl")),
            )])]),
        ),
        ext(
            &[0x2b, 6, 1, 5, 5, 7, 1, 1],
            seq(&[
                seq(&[
                    oid(&[0x2b, 6, 1, 5, 5, 7, 0x30, 1]),
                    tlv(0x86, b"http://commercial.ocsp.example.com"),
                ]),
                seq(&[
                    oid(&[0x2b, 6, 1, 5, 5, 7, 0x30, 2]),
                    tlv(0x86, b"http://validation.example.com/certs/hydrantidcao1.p7c"),
                ]),
            ]),
        ),
    ]);
    let tbs = seq(&[
        tlv(0xa0, &[2, 1, 2]),
        int(r.bytes(16)),
        alg(SHA256RSA),
        name(iss, "Example CA"),
        seq(&[tlv(0x17, nb.as_bytes()), tlv(0x17, na.as_bytes())]),
        name(cn, "Example Org"),
        seq(&[alg(RSA), bits(&key)]),
        tlv(0xa3, &exts),
    ]);
    seq(&[tbs, alg(SHA256RSA), bits(&r.bytes(256))])
}
pub(super) fn certid(r: &mut Rng) -> Vec<u8> {
    seq(&[alg(SHA1), tlv(4, &r.bytes(20)), tlv(4, &r.bytes(20)), int(r.bytes(16))])
}
pub(super) fn ocsp_req(r: &mut Rng) -> Vec<u8> {
    seq(&[seq(&[seq(&[seq(&[certid(r)])])])])
}
pub(super) fn ocsp_resp(r: &mut Rng, st: u8) -> Vec<u8> {
    if st != 0 {
        return seq(&[tlv(10, &[st])]);
    }
    let gt = |s: &str| tlv(0x18, s.as_bytes());
    let sr = seq(&[certid(r), vec![0x80, 0], gt("20261110000000Z"), tlv(0xa0, &gt("20261117000000Z"))]);
    let rd = seq(&[tlv(0xa2, &tlv(4, &r.bytes(20))), gt("20261110000000Z"), seq(&[sr])]);
    let b = seq(&[rd, alg(SHA256RSA), bits(&r.bytes(256))]);
    seq(&[tlv(10, &[0]), tlv(0xa0, &seq(&[oid(&[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1]), tlv(4, &b)]))])
}
pub(super) fn crl(r: &mut Rng, n: usize) -> Vec<u8> {
    let rev: Vec<Vec<u8>> = (0..n).map(|_| seq(&[int(r.bytes(16)), tlv(0x17, b"261001000000Z")])).collect();
    let tbs = seq(&[
        tlv(2, &[1]),
        alg(SHA256RSA),
        name("Example CA O1", "Example CA"),
        tlv(0x17, b"261101000000Z"),
        tlv(0x17, b"261120000000Z"),
        seq(&rev),
    ]);
    seq(&[tbs, alg(SHA256RSA), bits(&r.bytes(256))])
}

// ---- TLS
