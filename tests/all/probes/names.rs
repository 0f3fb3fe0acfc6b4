//! Lookups and connections.

use std::time::{Duration, Instant};

use domain::base::iana::Rcode;
use tetra_collect::probe::What;

use super::servers::{self, LONG, Resolver};
use super::{cause, network, only, outcome, pki, run, targets};

/// Probes the name alone: there is no address to go on with.
fn asked(how: Resolver) -> (tetra_collect::probe::ProbeRecord, String) {
    let mut targets = targets(1, None);
    targets.addresses = vec![(pki::HOST.to_owned(), Vec::new())];
    let records = run(&targets, &network(&[servers::resolver(how)]));
    let record = only(&records, What::Dns).clone();
    let cause = cause(&records);
    (record, cause)
}

#[test]
fn every_answer_of_a_resolver_has_its_word_and_its_cause() {
    for (how, word, tcp, named) in [
        (Resolver::Answers, "answered", "answered", "none"),
        (Resolver::Says(Rcode::NXDOMAIN), "nxdomain", "nxdomain", "dns-nxdomain"),
        (Resolver::Says(Rcode::SERVFAIL), "servfail", "servfail", "dns-servfail"),
        (Resolver::Says(Rcode::REFUSED), "refused", "refused", "dns-refused"),
        (Resolver::Says(Rcode::NOERROR), "nodata", "nodata", "dns-nodata"),
        (Resolver::Silent, "unanswered", "unanswered", "dns-timeout"),
        (Resolver::Late(Duration::from_millis(600)), "answered", "answered", "none"),
        (Resolver::Late(LONG), "unanswered", "unanswered", "dns-timeout"),
        (Resolver::Cuts, "answered", "answered", "none"),
        (Resolver::CutsOnly, "truncated", "port_unreachable", "dns-tcp-refused"),
    ] {
        let (record, cause) = asked(how);
        assert_eq!(outcome(&record), word, "{record:#?}");
        assert_eq!(record.text("tcp"), Some(tcp), "{record:#?}");
        assert_eq!(cause, named, "{record:#?}");
        assert_eq!(record.ok, word == "answered");
    }
}

#[test]
fn a_resolver_that_is_not_there_is_told_from_one_that_is_silent() {
    let mut targets = targets(1, None);
    targets.addresses = vec![(pki::HOST.to_owned(), Vec::new())];
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let records = run(&targets, &network(&[nobody]));
    assert_eq!(outcome(only(&records, What::Dns)), "port_unreachable");
    assert_eq!(cause(&records), "dns-server-port-unreachable");
}

#[test]
fn a_second_resolver_that_answers_clears_the_first() {
    let authority = pki::Authority::new("DigiCert Test");
    let identity = authority.issue(pki::HOST, (-1, 30), &pki::Points::default());
    let targets = targets(servers::update_server(&identity), Some(authority.root()));
    let dead = servers::resolver(Resolver::Silent);
    let records = run(&targets, &network(&[dead, servers::resolver(Resolver::Answers)]));
    assert_eq!(cause(&records), "none", "{records:#?}");
    assert_eq!(records.iter().filter(|record| record.what == What::Dns && !record.ok).count(), 1);
}

#[test]
fn connections_that_fail_have_their_words() {
    let records = run(&targets(servers::closed_port(), None), &network(&[]));
    assert_eq!(outcome(only(&records, What::Tcp)), "refused");
    assert_eq!(cause(&records), "tcp-refused");

    // Reserved for documentation: nobody answers, or no route leads there.
    let mut vanishing = targets(443, None);
    vanishing.addresses[0].1 = vec!["192.0.2.1".parse().unwrap()];
    let records = run(&vanishing, &network(&[]));
    let word = outcome(only(&records, What::Tcp));
    let expected = match word.as_str() {
        "unanswered" => "tcp-syn-timeout",
        // Some closed networks turn everything away.
        "refused" => "tcp-refused",
        "net_unreachable" => "tcp-icmp-net-unreachable",
        "host_unreachable" => "tcp-icmp-host-unreachable",
        other => panic!("{other}: {records:#?}"),
    };
    assert_eq!(cause(&records), expected);
}

#[test]
fn it_ends_in_time_though_everything_hangs() {
    let silent = servers::tcp(|stream| {
        std::thread::sleep(LONG);
        drop(stream);
    });
    let mut targets = targets(silent, None);
    targets.limits = tetra_collect::probe::Limits::default();
    targets.policy_proxy = tetra_collect::network::Proxy::parse(&format!("127.0.0.1:{silent}"));
    let network = network(&[servers::resolver(Resolver::Silent); 3]);
    let began = Instant::now();
    let mut records = Vec::new();
    tetra_collect::probe::run(&targets, &network, began + Duration::from_secs(3), &mut |record| {
        records.push(record);
    });
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(records.len() >= 4, "{records:#?}");
    // What the end cut short is not called unanswered.
    assert!(
        records.iter().filter(|record| !record.ok).all(|record| outcome(record) == "unknown"),
        "{records:#?}"
    );
    assert_eq!(cause(&records), "none");
}
