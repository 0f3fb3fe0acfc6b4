use super::*;
use crate::http::HttpReader;
use crate::talk::{Act, Dice, feed, fixture};
use crate::x509::tests::chain;

/// Returns the path asked for and the body answered in a conversation of the laboratory.
pub(crate) fn exchange(name: &str) -> (String, Vec<u8>, Vec<u8>) {
    let mut reader = HttpReader::new();
    feed(&fixture(name), usize::MAX, &mut Dice(1), |act| match act {
        Act::Data(dir, at, bytes) => _ = reader.data(dir, at, bytes),
        Act::Gap(dir, at, missing) => _ = reader.gap(dir, at, missing),
    });
    let exchange = reader.exchanges()[0].clone();
    let (request, response) = (exchange.request.unwrap(), exchange.response.unwrap());
    assert!(response.body.whole);
    (request.path().to_owned(), request.body.start, response.body.start)
}

#[test]
fn reads_a_revoked_certificate() {
    let (path, asked, answered) = exchange("ocsp-revoked");
    let chain = chain("tls12-revoked");
    let request = Request::from_path(&path).or_else(|| Request::parse(&asked).ok()).unwrap();
    assert_eq!(request.asked[0].serial, chain[0].serial);
    assert_eq!(request.asked[0].issuer_key_hash, chain[1].key_sha1);
    let response = Response::parse(&answered).unwrap();
    assert_eq!(response.status, Status::Successful);
    let answer = response.answer(&chain[0].serial).unwrap();
    assert!(
        matches!(answer.status, CertificateStatus::Revoked { reason: Some("keyCompromise"), .. }),
        "{answer:?}"
    );
    assert!(answer.this_update <= response.produced_at.unwrap() + 1);
    assert!(matches!(response.signer(Some(&chain[1])), Signer::Issuer | Signer::Delegated));
}

#[test]
fn reads_questions_of_both_methods() {
    let (path, _, _) = exchange("ocsp-good");
    assert_eq!(Request::from_path(&path).unwrap().asked[0].serial, "40018f3a0001");
    let (path, asked, _) = exchange("ocsp-unauthorized");
    assert_eq!((path.as_str(), Request::from_path(&path)), ("/", None));
    assert_eq!(Request::parse(&asked).unwrap().asked[0].serial, "40018f3a0002");
}

#[test]
fn reads_a_good_certificate() {
    let (_, _, answered) = exchange("ocsp-good");
    let response = Response::parse(&answered).unwrap();
    assert_eq!(response.answers[0].status, CertificateStatus::Good);
    assert!(response.answers[0].next_update.is_some());
}

#[test]
fn tells_a_wrong_signer() {
    let (_, _, answered) = exchange("ocsp-wrong-signer");
    let response = Response::parse(&answered).unwrap();
    let chain = chain("tls12-chain");
    assert!(response.answer(&chain[0].serial).is_some());
    assert_eq!(response.signer(Some(&chain[1])), Signer::NotDelegated);
    assert_eq!(response.signer(Some(&chain[0])), Signer::Unverified);
    assert_eq!(response.signer(None), Signer::Unverified);
}

#[test]
fn reads_a_refusal() {
    let (_, _, answered) = exchange("ocsp-unauthorized");
    let response = Response::parse(&answered).unwrap();
    assert_eq!((response.status, response.answers.len()), (Status::Unauthorized, 0));
}

#[test]
fn tells_what_is_not_ocsp() {
    let (_, _, answered) = exchange("ocsp-captive");
    assert_eq!(Response::parse(&answered), Err(NotOcsp::Html));
    assert_eq!(Response::parse(b""), Err(NotOcsp::Empty));
    assert_eq!(Response::parse(b"service unavailable"), Err(NotOcsp::Text));
    assert_eq!(Response::parse(&[0x30, 3, 2, 1, 1]), Err(NotOcsp::Der));
    assert_eq!(Response::parse(&[1, 2, 3]), Err(NotOcsp::Other));
}

#[test]
fn reads_no_question_from_other_paths() {
    for path in ["/", "/MF", "/M%", "/MEQw", "wpad.dat", "/ocsp/MFEwTzBNMEswSTAJBgUr%zz"] {
        assert_eq!(Request::from_path(path), None, "{path}");
    }
}

#[test]
fn survives_damage() {
    let mut dice = Dice(19);
    let issuer = chain("tls12-revoked").remove(1);
    let (path, _, answered) = exchange("ocsp-revoked");
    for _ in 0..1_500 {
        let mut bytes = answered.clone();
        dice.damage(&mut bytes);
        if let Ok(response) = Response::parse(&bytes) {
            response.signer(Some(&issuer));
        }
        let mut bytes = path.clone().into_bytes();
        dice.damage(&mut bytes);
        Request::from_path(&String::from_utf8_lossy(&bytes));
    }
}
