use super::*;
use crate::ocsp::tests::exchange;
use crate::talk::Dice;

fn body() -> Vec<u8> {
    exchange("crl-revoked").2
}

#[test]
fn reads_a_list() {
    let list = RevocationList::parse(&body()).unwrap();
    assert!(list.complete && list.number.is_some() && list.next_update.unwrap() > list.this_update);
    assert!(!list.revoked.is_empty());
    let serial = list.revoked.keys().next().unwrap().clone();
    assert!(list.revoked[&serial].at > 1_600_000_000);
    assert!(!list.revoked.contains_key("123456"));
}

#[test]
fn reads_the_front_of_a_cut_list() {
    let body = body();
    let whole = RevocationList::parse(&body).unwrap();
    let cut = RevocationList::parse(&body[..300]).unwrap();
    assert_eq!(
        (&cut.issuer, cut.this_update, cut.next_update),
        (&whole.issuer, whole.this_update, whole.next_update)
    );
    assert_eq!((cut.complete, cut.revoked.len()), (false, 0));
    assert_eq!(RevocationList::parse(b"<html>"), Err(Malformed));
}

#[test]
fn survives_damage() {
    let (mut dice, body) = (Dice(23), body());
    for _ in 0..300 {
        let mut bytes = body.clone();
        dice.damage(&mut bytes);
        let _ = RevocationList::parse(&bytes);
    }
}
