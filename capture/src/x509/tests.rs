use super::*;
use crate::talk::{Act, Dice, feed, fixture};
use crate::tls::TlsReader;

/// Reads the certificates of a conversation of the laboratory.
pub(crate) fn chain(name: &str) -> Vec<Certificate> {
    let mut reader = TlsReader::new();
    feed(&fixture(name), usize::MAX, &mut Dice(1), |act| match act {
        Act::Data(dir, at, bytes) => reader.data(dir, at, bytes),
        Act::Gap(dir, at, missing) => reader.gap(dir, at, missing),
    });
    reader.facts().chain.clone().unwrap().certificates.iter().map(|one| one.as_ref().clone()).collect()
}

#[test]
fn reads_a_chain() {
    let [leaf, issuer] = &chain("tls12-revoked")[..] else { panic!("two certificates") };
    assert!(leaf.dns_names.contains(&"tetra-defs.amp.cisco.com".to_owned()), "{:?}", leaf.dns_names);
    assert_eq!((leaf.is_ca, issuer.is_ca, leaf.self_signed), (false, true, false));
    assert_eq!(leaf.issuer, issuer.subject);
    assert!(leaf.not_before < leaf.not_after);
    assert_eq!(leaf.ocsp_urls.len(), 1);
    assert!(leaf.crl_urls.iter().all(|url| url.starts_with("http://")) && !leaf.crl_urls.is_empty());
    assert_eq!(leaf.server_auth, Some(true));
    assert_eq!((leaf.sha256.len(), leaf.key_sha1.len()), (64, 20));
}

#[test]
fn verifies_signatures() {
    let [leaf, issuer] = &chain("tls12-revoked")[..] else { panic!("two certificates") };
    assert_eq!(leaf.signature_of(issuer), Signature::Verified);
    assert_eq!(issuer.signature_of(leaf), Signature::Wrong);
    assert!(leaf.issued_by(issuer) && !issuer.issued_by(leaf) && !leaf.issued_by(leaf));
}

#[test]
fn writes_serial_numbers_without_zeros() {
    assert_eq!(serial_hex(&[0, 0x0a, 0xbc]), "abc");
    assert_eq!(serial_hex(&[0, 0]), "0");
}

#[test]
fn survives_damage() {
    let mut dice = Dice(17);
    for certificate in chain("tls12-revoked") {
        for _ in 0..800 {
            let mut der = certificate.der().to_vec();
            dice.damage(&mut der);
            if let Ok(damaged) = Certificate::parse(&der) {
                damaged.issued_by(&certificate);
            }
        }
    }
}
