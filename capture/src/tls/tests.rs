use super::*;
use crate::talk::{Act, Dice, Talk, feed, feed_snapped, fixture};

/// All conversations of the laboratory that begin with TLS on one side at least.
const TALKS: [&str; 7] = [
    "tls12-revoked",
    "tls12-stapled-revoked",
    "tls12-chain",
    "tls13-healthy",
    "tls13-expired",
    "tls-protocol-version",
    "tls-plaintext",
];

fn act(reader: &mut TlsReader, act: Act<'_>) {
    match act {
        Act::Data(dir, at, bytes) => reader.data(dir, at, bytes),
        Act::Gap(dir, at, missing) => reader.gap(dir, at, missing),
    }
}

fn read(talk: &Talk, most: usize, dice: &mut Dice) -> Handshake {
    let mut reader = TlsReader::new();
    feed(talk, most, dice, |one| act(&mut reader, one));
    reader.end();
    reader.facts().clone()
}

fn whole(name: &str) -> Handshake {
    read(&fixture(name), usize::MAX, &mut Dice(1))
}

fn kinds(facts: &Handshake, dir: Dir) -> Vec<u8> {
    facts.messages.iter().filter(|one| one.dir == dir).map(|one| one.kind).collect()
}

#[test]
fn does_not_depend_on_how_bytes_are_split() {
    let mut dice = Dice(11);
    for name in TALKS {
        let talk = fixture(name);
        let expected = read(&talk, usize::MAX, &mut dice);
        for most in [1, 2, 4, 9, 70, 1_200] {
            assert_eq!(read(&talk, most, &mut dice), expected, "{name} in pieces of {most}");
        }
    }
}

#[test]
fn survives_damage() {
    let mut dice = Dice(5);
    for name in TALKS {
        for _ in 0..150 {
            let mut talk = fixture(name);
            for (_, bytes) in &mut talk {
                dice.damage(bytes);
            }
            let expected = read(&talk, usize::MAX, &mut dice);
            assert_eq!(read(&talk, 60, &mut dice), expected, "{name}");
        }
    }
}

#[test]
fn survives_gaps_anywhere() {
    let mut dice = Dice(9);
    for name in TALKS {
        let talk = fixture(name);
        for round in 0..60 {
            let mut reader = TlsReader::new();
            let mut coin = Dice(round + 1);
            feed(&talk, 300, &mut dice, |one| match one {
                Act::Data(dir, at, bytes) if coin.below(6) == 0 => {
                    let missing = u64::try_from(bytes.len()).unwrap();
                    reader.gap(dir, at, missing);
                }
                one => act(&mut reader, one),
            });
            reader.end();
        }
    }
}

#[test]
fn reads_a_tls12_handshake_that_the_client_ends() {
    let facts = whole("tls12-revoked");
    let hello = facts.client_hello.as_ref().unwrap();
    assert_eq!(hello.server_name.as_deref(), Some("tetra-defs.amp.cisco.com"));
    assert_eq!((hello.versions[0], hello.cut), (0x0303, false));
    assert_eq!(facts.version(), Some(0x0303));
    let cipher = facts.server_hello.as_ref().unwrap().cipher_name().unwrap();
    assert!(cipher.starts_with("TLS_ECDHE_"), "{cipher}");
    assert_eq!(kinds(&facts, Dir::ToServer), [1]);
    assert_eq!(kinds(&facts, Dir::ToClient), [2, 11, 12, 14]);
    let chain = facts.chain.as_ref().unwrap();
    assert_eq!((chain.certificates.len(), chain.unreadable, chain.cut), (2, 0, false));
    assert!(chain.certificates[0].issued_by(&chain.certificates[1]));
    let said = facts.alerts[0].said.unwrap();
    assert_eq!(
        (facts.alerts[0].dir, alert_name(said.description)),
        (Dir::ToServer, Some("certificate_revoked"))
    );
    assert_eq!(facts.completed(), Completed::No);
}

#[test]
fn reads_a_stapled_answer() {
    let facts = whole("tls12-stapled-revoked");
    let staple = facts.staple.as_ref().unwrap().response.as_ref().unwrap();
    let chain = &facts.chain.as_ref().unwrap().certificates;
    let answer = staple.answer(&chain[0].serial).unwrap();
    assert!(matches!(answer.status, ocsp::CertificateStatus::Revoked { .. }));
    assert!(facts.client_hello.as_ref().unwrap().status_request);
}

#[test]
fn measures_tls13() {
    let facts = whole("tls13-healthy");
    let hello = facts.client_hello.as_ref().unwrap();
    assert_eq!(hello.server_name.as_deref(), Some("tetra-defs.amp.cisco.com"));
    assert!(hello.span.first < hello.span.last, "the hello spans two segments");
    assert_eq!((hello.versions[0], facts.version()), (TLS13, Some(TLS13)));
    assert!(facts.encrypted_flight > 1_500, "{}", facts.encrypted_flight);
    assert!(matches!(facts.completed(), Completed::Yes(_)));
    assert_eq!(facts.likely_alert(Dir::ToServer), None);
}

#[test]
fn reads_an_early_alert_of_tls13() {
    let facts = whole("tls13-expired");
    assert_eq!((facts.version(), facts.completed()), (Some(TLS13), Completed::No));
    assert_eq!(alert_name(facts.alerts[0].said.unwrap().description), Some("certificate_expired"));
    assert_eq!((facts.chain.as_ref(), facts.likely_alert(Dir::ToServer)), (None, None));
}

#[test]
fn suspects_an_encrypted_alert_of_tls13() {
    let mut talk = fixture("tls13-expired");
    talk.pop();
    talk.push((Dir::ToServer, [&[20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 19][..], &[0xaa; 19]].concat()));
    let facts = read(&talk, usize::MAX, &mut Dice(1));
    assert_eq!(facts.completed(), Completed::No);
    let alert = facts.likely_alert(Dir::ToServer).unwrap();
    assert_eq!((alert.at.frame, alert.length), (5, ALERT13));
}

#[test]
fn reads_an_alert_in_clear() {
    let facts = whole("tls-protocol-version");
    let [Alert { dir, said: Some(said), .. }] = facts.alerts[..] else { panic!("one alert in clear") };
    assert_eq!((dir, said.level, alert_name(said.description)), (Dir::ToClient, 2, Some("protocol_version")));
    assert_eq!(facts.server_hello, None);
}

#[test]
fn shows_what_comes_instead_of_tls() {
    let facts = whole("tls-plaintext");
    assert!(facts.client_hello.is_some());
    assert!(facts.sides.to_client.not_tls.as_ref().unwrap().bytes.starts_with(b"HTTP/1.1 400"));
    assert_eq!(facts.sides.to_server.not_tls, None);
    assert_eq!(facts.completed(), Completed::No);
}

#[test]
fn reads_what_a_snap_length_leaves() {
    let talk = fixture("tls12-revoked");
    for snap in [30, 100, 200, 600] {
        let mut reader = TlsReader::new();
        feed_snapped(&talk, 1_448, snap, |one| act(&mut reader, one));
        let facts = reader.facts();
        let hello = facts.client_hello.as_ref().unwrap();
        assert_eq!((hello.cut, hello.versions[0]), (snap < 230, 0x0303), "{snap}");
        assert!(facts.sides.to_client.missing > 0);
        let said = facts.alerts[0].said.unwrap();
        assert_eq!(alert_name(said.description), Some("certificate_revoked"));
    }
}

#[test]
fn cannot_tell_the_end_from_one_direction() {
    let mut talk = fixture("tls13-healthy");
    talk.retain(|(dir, _)| *dir == Dir::ToServer);
    assert_eq!(read(&talk, 100, &mut Dice(1)).completed(), Completed::CannotTell);
    talk.truncate(2);
    assert_eq!(
        read(&talk, 100, &mut Dice(1)).completed(),
        Completed::No,
        "nothing shows that the hello was answered"
    );
}

#[test]
fn counts_data_through_gaps() {
    let mut reader = TlsReader::new();
    let at = At::default();
    for _ in 0..10 {
        reader.data(Dir::ToClient, at, &[23, 3, 3, 0x40, 0]);
        reader.data(Dir::ToClient, at, &[0; 1_000]);
        reader.gap(Dir::ToClient, at, 15_384);
    }
    reader.data(Dir::ToClient, at, &[21, 3, 3, 0, 26]);
    reader.data(Dir::ToClient, at, &[0; 26]);
    let side = &reader.facts().sides.to_client;
    assert_eq!((side.records, side.lost, side.missing), (11, false, 153_840));
    assert_eq!(side.application_data.unwrap().bytes, 163_840);
    assert_eq!(reader.facts().alerts, [Alert { dir: Dir::ToClient, at, said: None }]);
}

#[test]
fn finds_its_place_in_a_capture_that_began_late() {
    let mut stream = vec![0xee; 5_000];
    stream.extend_from_slice(&[23, 3, 3, 0, 100]);
    stream.extend_from_slice(&[0xaa; 100]);
    stream.extend_from_slice(&[21, 3, 3, 0, 26]);
    stream.extend_from_slice(&[0xaa; 26]);
    let talk = vec![(Dir::ToClient, stream)];
    let mut dice = Dice(2);
    for most in [usize::MAX, 1, 3, 100] {
        let facts = read(&talk, most, &mut dice);
        assert_eq!((facts.sides.to_client.records, facts.sides.to_client.lost), (2, true));
        assert_eq!((facts.alerts.len(), facts.completed()), (1, Completed::CannotTell));
    }
}
