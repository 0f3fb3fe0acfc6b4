use tetra_bundle::SourceId;

use super::sample::{Element, log};
use super::*;

/// 2026-03-01T09:12:44Z
const NOON: i64 = 1_772_356_364;

fn event(channel: &str, id: &str, level: &str, data: Element) -> Element {
    let system = Element::new("System")
        .child(Element::new("EventID").text(id))
        .child(Element::new("Level").text(level))
        .child(Element::new("Channel").text(channel));
    Element::new("Event").child(system).child(data)
}

fn capi2() -> Element {
    let result = Element::new("Result").with("value", "80092013").text("The revocation server was offline.");
    let chain = Element::new("CertGetCertificateChain").child(result);
    event("Microsoft-Windows-CAPI2/Operational", "11", "2", Element::new("UserData").child(chain))
}

fn parse(bytes: &[u8]) -> (Sink, EventCoverage) {
    let mut sink = Sink::new(SourceId::Capi2, "windows/capi2.evtx");
    let covered = read(&mut &*bytes, &mut sink);
    (sink, covered)
}

#[test]
fn states_what_carries_an_error() {
    let note = Element::new("EventData").child(Element::new("Data").text("all is well"));
    let sentence =
        "has not validated correctly. The error code is 0x80092012. The TLS connection request has failed.";
    let schannel = Element::new("EventData").child(Element::new("Data").text(sentence));
    let bytes = log(&[
        (NOON, capi2()),
        (NOON + 1, event("System", "1", "4", note)),
        (NOON + 2, event("System", "36882", "2", schannel)),
    ]);
    let (sink, covered) = parse(&bytes);
    let seen: Vec<_> = sink
        .observations
        .iter()
        .map(|seen| (seen.fields.text("event.status").unwrap(), seen.fields.text("event.channel").unwrap()))
        .collect();
    assert_eq!(
        seen,
        [("0x80092013", "Microsoft-Windows-CAPI2/Operational"), ("0x80092012", "System")],
        "{sink:?}"
    );
    assert_eq!((covered.events, covered.errors), (3, 2));
    assert_eq!(covered.span, Some((Timestamp::from_secs(NOON), Timestamp::from_secs(NOON + 2))));
    let evidence = &sink.observations[0].evidence[0];
    assert_eq!(evidence.locator, Locator::Element("EventRecordID 1".into()));
    assert!(evidence.excerpt.contains("The revocation server was offline."), "{evidence:?}");
}

#[test]
fn what_is_cut_or_no_log_is_said() {
    let bytes = log(&[(NOON, capi2())]);
    let (sink, covered) = parse(&bytes[..bytes.len() - 1]);
    assert_eq!((covered.events, sink.finish().1.len()), (0, 1));
    let (sink, _) = parse(b"plain text");
    assert!(format!("{sink:?}").contains("is no Windows event log"));
}

#[test]
fn survives_damage() {
    let bytes = log(&[(NOON, capi2()), (NOON + 1, capi2())]);
    let mut dice = tetra_capture::talk::Dice(7);
    for _ in 0..20_000 {
        let mut bytes = bytes.clone();
        let used = HEADER + 1_600;
        let mut front = bytes[..used].to_vec();
        dice.damage(&mut front);
        let end = front.len().min(used);
        bytes[..end].copy_from_slice(&front[..end]);
        parse(&bytes);
    }
}
