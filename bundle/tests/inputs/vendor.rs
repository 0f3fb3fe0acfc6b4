//! The vendor's diagnostic archive, as far as its form is known.

use tetra_bundle::{Bundle, Layout, Limits, SourceId};

use crate::raw::{Place, Raw, deflated, odd, paths, read, zip};

fn archive(root: &str) -> Vec<Raw> {
    let files = [
        ("local.xml", "<config></config>"),
        ("update/local.xml", "<config>other</config>"),
        ("8.1.7.21417/sfc.exe.log", "new"),
        ("8.1.7.21417/sfc.exe.log.1", "rotated"),
        ("8.1.7.21417/iptray.exe.log", "tray"),
        ("8.1.7.21417/sfc.exe", "MZ"),
        ("7.3.9/sfc.exe.log", "old"),
        ("10.0.0.1/other.log", "no log of the connector"),
        ("policy.xml", "<Signature/>"),
    ];
    files
        .iter()
        .map(|(name, text)| deflated(&format!("{root}Program Files/Cisco/AMP/{name}"), text.as_bytes()))
        .collect()
}

#[test]
fn opens_a_zip_named_7z_with_several_versions() {
    let place = Place::new();
    for root in ["", "CiscoAMP_Support_Tool_2026/"] {
        let path = place.put("CiscoAMP_Support_Tool_2026.7z", &zip(&archive(root)));
        let bundle = Bundle::open(path, Limits::default()).unwrap();
        assert_eq!(bundle.layout(), Layout::Vendor);
        let amp = format!("{root}Program Files/Cisco/AMP");
        let logs: Vec<_> = bundle.of(SourceId::ConnectorLog).map(|entry| entry.path.clone()).collect();
        assert_eq!(
            logs,
            [format!("{amp}/8.1.7.21417/sfc.exe.log"), format!("{amp}/8.1.7.21417/sfc.exe.log.1")]
        );
        assert_eq!(read(&bundle, &logs[0]).unwrap(), b"new");
        assert_eq!(bundle.of(SourceId::LocalXml).next().unwrap().path, format!("{amp}/local.xml"));
        assert_eq!(bundle.of(SourceId::PolicyXml).count(), 1);
        let expected = [
            format!(
                "{amp}/7.3.9/sfc.exe.log: it is a log of an older connector: it is not used, 8.1.7.21417 is there"
            ),
            format!("{amp}/update/local.xml: it is a second local_xml: it is not used, `{amp}/local.xml` is"),
        ];
        assert_eq!(odd(&bundle), expected);
    }
}

#[test]
fn opens_it_unpacked_and_beside_a_capture() {
    let place = Place::new();
    for raw in archive("") {
        place.put(&format!("unpacked/{}", String::from_utf8(raw.name).unwrap()), b"x");
    }
    let bundle = Bundle::open(place.path().join("unpacked"), Limits::default()).unwrap();
    assert_eq!((bundle.layout(), bundle.of(SourceId::ConnectorLog).count()), (Layout::Vendor, 2));

    place.put("case/support.7z", &zip(&archive("")));
    place.put("case/trace.pcap", b"\xd4\xc3\xb2\xa1....");
    let bundle = Bundle::open(place.path().join("case"), Limits::default()).unwrap();
    assert_eq!(bundle.layout(), Layout::Vendor);
    assert_eq!(bundle.of(SourceId::Capture).next().unwrap().path, "trace.pcap");
    assert_eq!(
        bundle.of(SourceId::LocalXml).next().unwrap().path,
        "support.7z/Program Files/Cisco/AMP/local.xml"
    );
    assert_eq!(paths(&bundle).len(), 10);
    place.put("case/second.zip", &zip(&archive("")));
    let bundle = Bundle::open(place.path().join("case"), Limits::default()).unwrap();
    assert_eq!(odd(&bundle).len(), 2, "of several archives none is chosen");
}
