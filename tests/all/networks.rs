//! The report on many cases, by the provider or site that a table of networks gives an endpoint's address.

use crate::archive::Place;
use crate::program::{analyze, root};

#[test]
fn endpoints_are_grouped_by_the_networks_of_a_table() {
    let place = Place::new();
    let cases = root().join("fixtures/cases");
    let table = place.path().join("cases.sqlite");
    let bundles = ["dns-nxdomain", "proxy-auth-required"].map(|name| cases.join(name).join("bundle.zip"));
    let done = analyze(&[&"batch", &bundles[0], &bundles[1], &"--db", &table, &"--no-progress"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let networks = place.path().join("networks.csv");
    std::fs::write(
        &networks,
        "# sites\n0.0.0.0,255.255.255.255,64496,Somewhere\n192.168.0.0,192.168.255.255,Head office\n",
    )
    .unwrap();
    let plain = analyze(&[&"batch", &"report", &table]);
    assert!(!plain.out.contains("Provider or site"), "{}", plain.out);
    let report = analyze(&[&"batch", &"report", &table, &"--networks", &networks]);
    assert_eq!(report.status, 0, "{}", report.err);
    let groups = report.out.split("Provider or site").nth(1).unwrap_or_else(|| panic!("{}", report.out));
    assert!(groups.contains("Head office"), "{groups}");

    std::fs::write(&networks, "10.0.0.0,10.0.0.255,1,One\nno address,10.1.0.255,2,Two\n").unwrap();
    let report = analyze(&[&"batch", &"report", &table, &"--networks", &networks]);
    assert_eq!(report.status, 2, "{}", report.out);
    assert!(report.err.contains("line 2: expected"), "{}", report.err);
}
