use chrono::DateTime;

use super::*;
use crate::words::Lang;

fn record(what: What, path: Way, ok: bool, outcome: Outcome) -> ProbeRecord {
    let target = if what == What::Proxy { "proxy.example:8080" } else { "defs.example:443" };
    let mut record = ProbeRecord::new(what, target, path, DateTime::UNIX_EPOCH);
    record.ok = ok;
    record.outcome = Some(outcome);
    if what != What::Proxy {
        record.note("role", "update_server");
    }
    record
}

fn well(path: Way) -> Vec<ProbeRecord> {
    let mut page = record(What::Http, path, true, Outcome::Answered);
    page.note("page", "/");
    vec![record(What::Tls, path, true, Outcome::Complete), page]
}

fn host() -> String {
    "defs.example".to_owned()
}

#[test]
fn nothing_known_stays_unknown() {
    assert_eq!(guess(&[]), [Guess::Unknown]);
    let cut = record(What::Tcp, Way::Direct, false, Outcome::Unknown);
    assert_eq!(guess(&[cut]), [Guess::Unknown]);
    // Two addresses that fail in two ways.
    let mixed = [Outcome::Refused, Outcome::Unanswered].map(|how| record(What::Tcp, Way::Direct, false, how));
    assert_eq!(guess(&mixed), [Guess::Unknown]);
}

#[test]
fn all_well_claims_no_more() {
    assert_eq!(guess(&well(Way::Direct)), [Guess::AllWell]);
    let mut records = well(Way::Direct);
    // A dead server for names beside a live one harms nothing.
    records.push(record(What::Dns, Way::Direct, false, Outcome::Unanswered));
    assert_eq!(guess(&records), [Guess::AllWell]);
}

#[test]
fn the_connectors_own_way_counts() {
    let mut records = vec![record(What::Tcp, Way::Direct, false, Outcome::Unanswered)];
    assert_eq!(guess(&records), [Guess::Vanishes(host())]);
    records.extend(well(Way::Wininet));
    assert_eq!(guess(&records), [Guess::Vanishes(host()), Guess::OtherWayWorks(Way::Wininet)]);
    // With a proxy of its own, the connector does not go straight.
    let mut proxy = record(What::Proxy, Way::PolicyProxy, false, Outcome::ProxyError);
    proxy.http_status = Some(407);
    proxy.note("connector_signs_in", false);
    records.push(proxy);
    let found = guess(&records);
    assert_eq!(found[0], Guess::ProxySignIn("proxy.example:8080".to_owned(), Some(false)));
    let told = found[0].tell(Lang::En);
    assert_eq!(told, "Your proxy (proxy.example:8080) asks for a password, and the connector has none.");
    assert!(found[0].tell(Lang::Zh).contains("要求密码"));
    assert!(!found.contains(&Guess::Vanishes(host())));
}

#[test]
fn certificates_and_clock() {
    let shown = |verdict: &str| {
        let mut record = record(What::Tls, Way::Direct, false, Outcome::Failed);
        record.note("verdict", verdict);
        record.note("issuer", "CN=Corp");
        guess(&[record]).remove(0)
    };
    assert_eq!(shown("expired"), Guess::CertificateTime(host()));
    assert_eq!(shown("untrusted"), Guess::CertificateUntrusted(host(), "CN=Corp".to_owned()));
    assert_eq!(shown("incomplete"), Guess::CertificateIncomplete(host()));
    assert_eq!(shown("unusable"), Guess::Unknown);
    let mut clock = record(What::Clock, Way::Direct, false, Outcome::Unknown);
    clock.note("offset_s", -864_000.4);
    let mut expired = record(What::Tls, Way::Direct, false, Outcome::Failed);
    expired.note("verdict", "not_yet_valid");
    let found = guess(&[expired, clock]);
    assert_eq!(found, [Guess::ClockWrong(-864_000), Guess::CertificateTime(host())]);
    assert_eq!(found[0].tell(Lang::En), "The clock of this computer seems to be 10 days slow.");
}

#[test]
fn revocation_counts_where_no_source_of_a_certificate_works() {
    let check = |what, ok, outcome| {
        let mut record = record(what, Way::Direct, ok, outcome);
        record.note("serial", "1f");
        record
    };
    let mut records = well(Way::Direct);
    records.push(check(What::Ocsp, false, Outcome::SynUnanswered));
    assert_eq!(guess(&records), [Guess::RevocationNotChecked(host())]);
    records.push(check(What::Crl, true, Outcome::Good));
    assert_eq!(guess(&records), [Guess::AllWell]);
    records.push(check(What::Crl, false, Outcome::Revoked));
    assert!(matches!(guess(&records).as_slice(), [Guess::Revoked(_)]));
}

#[test]
fn names_and_answers() {
    let name = |outcome| guess(&[record(What::Dns, Way::Resolver, false, outcome)]).remove(0);
    assert_eq!(name(Outcome::Nxdomain), Guess::NameUnknown(host()));
    assert_eq!(name(Outcome::Unanswered), Guess::NamesSilent);
    assert_eq!(name(Outcome::Servfail), Guess::NamesFaulty(host()));
    assert_eq!(name(Outcome::Unknown), Guess::Unknown);
    let mut records = well(Way::Direct);
    records[1].ok = false;
    records[1].http_status = Some(503);
    assert_eq!(guess(&records), [Guess::Answer(host(), 503)]);
}
