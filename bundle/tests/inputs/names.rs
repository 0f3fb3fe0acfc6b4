//! Names that lead out, clash, or trick the eye.

use tetra_bundle::SourceId;

use crate::raw::{Raw, odd, open, paths, read, stored};

#[test]
fn leaves_out_names_that_lead_out() {
    let names = ["../../etc/passwd", "/etc/passwd", "C:\\x", "\\\\host\\share\\x", "a\\..\\..\\x", "a\0b"];
    let mut entries: Vec<Raw> = names.iter().map(|name| stored(name, b"x")).collect();
    entries.push(stored("good", b"x"));
    let (_place, bundle) = open(&entries);
    assert_eq!(paths(&bundle), ["good"]);
    assert_eq!(bundle.anomalies().len(), names.len(), "{:#?}", odd(&bundle));
    assert!(odd(&bundle).iter().all(|line| line.ends_with("the entry is left out") && !line.contains('\0')));
}

#[test]
fn reads_backslashes_as_folders() {
    let (_place, bundle) = open(&[stored("Program Files\\Cisco\\AMP\\local.xml", b"<config></config>")]);
    assert_eq!(bundle.entries()[0].source, SourceId::LocalXml);
    assert_eq!(
        odd(&bundle),
        ["Program Files/Cisco/AMP/local.xml: the name has backslashes, read as folders"]
    );
}

#[test]
fn reads_the_first_of_duplicates() {
    let (_place, bundle) = open(&[
        stored("a", b"first"),
        stored("a", b"second"),
        stored("./a", b"third"),
        stored("A", b"fourth"),
    ]);
    assert_eq!(paths(&bundle), ["A", "a"]);
    assert_eq!(read(&bundle, "a").unwrap(), b"first");
    let expected = [
        "A: the name differs from another one by case only",
        "a: the name occurs more than once: the first entry is read",
    ];
    assert_eq!(odd(&bundle), expected);
}

#[test]
fn shows_names_as_they_are() {
    let wide = Raw { name: b"caf\xe9.txt".to_vec(), ..stored("", b"x") };
    let (_place, bundle) = open(&[stored("a\u{1b}[2J\u{202e}txt.exe", b"x"), stored("日志.log", b"x"), wide]);
    assert_eq!(paths(&bundle), ["a\\u{1b}[2J\\u{202e}txt.exe", "caf\u{fffd}.txt", "日志.log"]);
    assert_eq!(bundle.anomalies().len(), 2);
}

#[test]
fn bounds_what_it_says_of_hostile_names() {
    let entries: Vec<Raw> = (0..3_000).map(|n| stored(&format!("../{n}/{}", "x".repeat(900)), b"")).collect();
    let (_place, bundle) = open(&entries);
    assert_eq!(bundle.anomalies().len(), 1_001);
    assert!(odd(&bundle).iter().all(|line| line.len() < 400));
}
