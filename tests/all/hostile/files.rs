//! Files that are not what their names say, and folders with nothing in them.

use super::{analysed, assert_refused, assert_still_answered, with};
use crate::archive::{Place, stored};
use crate::program;

#[test]
fn folders_without_anything_known_are_refused() {
    let place = Place::new();
    place.put("nothing/readme.txt", b"hello");
    place.put("nothing/deeper/picture.png", b"\x89PNG\r\n\x1a\n");
    std::fs::create_dir(place.path().join("void")).unwrap();
    for name in ["nothing", "void"] {
        let (done, report) = program::report(&place.path().join(name));
        let said = format!("{}{}", done.err, report["anomalies"]);
        assert!(matches!(done.status, 2 | 3), "{name}: {} {said}", done.status);
        assert!(said.contains(name) || said.contains("readme.txt"), "{name}: {said}");
    }
    assert_refused(&place.put("notes.txt", b"hello"), "expected");
}

#[test]
fn one_unreadable_path_of_several_costs_only_itself() {
    let place = Place::new();
    let good = place.put("good.zip", &with(&[]));
    let bad = place.put("bad.zip", b"no archive");
    let done = program::analyze(&[&"--format", &"json", &good, &bad]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert!(done.out.contains("bad.zip"), "{}", done.out);
}

#[test]
fn definitions_inside_of_xml_are_not_followed() {
    let laughs = (1..12).fold("<!ENTITY l0 \"lol\">".to_owned(), |all, level| {
        format!("{all}<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))
    });
    let local =
        format!("<?xml version=\"1.0\"?><!DOCTYPE config [{laughs}]><config><agent>&l11;</agent></config>");
    let outside = "<!DOCTYPE config [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><config><a>&x;</a></config>";
    for (path, text) in [
        ("connector/local.xml", local.as_str()),
        ("connector/local.xml", outside),
        ("connector/policy.xml", &local),
        ("connector/policy.xml", outside),
    ] {
        let bytes = with(&[stored(path, text.as_bytes())]);
        assert_still_answered(&bytes, path, "");
        let (done, _) = analysed("in.zip", &bytes);
        assert!(!done.out.contains("root:") && !done.out.contains("lollol"), "{}", done.out);
    }
}

#[test]
fn depth_and_nonsense_are_borne() {
    let deep = "[".repeat(1_000_000);
    let tags = "<a>".repeat(1_000_000);
    for (path, text) in [
        ("connector/posture.json", deep.as_bytes()),
        ("network/config.json", deep.as_bytes()),
        ("connector/tetra-plugins.json", deep.as_bytes()),
        ("windows/services.json", deep.as_bytes()),
        ("connector/local.xml", tags.as_bytes()),
        ("connector/policy.xml", tags.as_bytes()),
        ("connector/local.xml", &[0xff; 10_000]),
        ("connector/posture.json", b""),
        ("connector/local.xml", b""),
    ] {
        assert_still_answered(&with(&[stored(path, text)]), path, "");
    }
}
