//! Folders with links, pipes and devices, and names that would lead out of an archive.

use super::child;
use super::{good, with};
use crate::archive::{Place, Raw, read, stored};
use tetra_bundle::{Bundle, Limits};

/// Names that would lead out, or that no file of an honest bundle bears.
const NAMES: [&[u8]; 12] = [
    b"../../../../tmp/out.json",
    b"/etc/out.json",
    b"C:\\Windows\\out.json",
    b"c:out.json",
    b"\\\\server\\share\\out.json",
    b"//server/share/out.json",
    b"\\\\?\\C:\\out.json",
    b"connector/..\\..\\out.json",
    b"connector/out\0.json",
    b"connector/./../../out.json",
    b"out.json\xff\xfe",
    b"connector/out.json\x1b[2J\x07\r\n",
];

#[test]
fn names_lead_nowhere() {
    let place = Place::new();
    for (number, name) in NAMES.iter().enumerate() {
        let entry = Raw { name: name.to_vec(), ..stored("", b"{\"a\": 1}") };
        let input = place.put(&format!("in-{number}/in.zip"), &with(&[entry]));
        let ran = child::analyse(&input);
        let shown = String::from_utf8_lossy(name).into_owned();
        ran.still_answers(".json", "");
        let said = format!("{}{}", ran.done.out, ran.done.err);
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        let beside = crate::program::list(input.parent().unwrap());
        assert_eq!(beside, [input], "{shown:?} was written");
    }
}

#[test]
fn links_in_archives_are_not_followed() {
    for mode in [0o120_777, 0o010_644, 0o020_644, 0o060_644, 0o140_644] {
        let entry = Raw { mode, ..stored("connector/policy.xml", b"/etc/passwd") };
        let place = Place::new();
        let ran = child::analyse(&place.put("in.zip", &with(&[entry])));
        ran.still_answers("connector/policy.xml", "");
        assert!(!ran.done.out.contains("root:"));
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_and_devices_in_folders_are_left_out() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let place = Place::new();
    let fixture = crate::program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let source = Bundle::open(fixture, Limits::default()).unwrap();
    for entry in good() {
        let name = String::from_utf8(entry.name).unwrap();
        place.put(&format!("in/{name}"), &read(&source, &name).unwrap());
    }
    let inside = |name: &str| place.path().join("in").join(name);
    for (target, name) in [
        ("/etc/passwd", "connector/policy.xml"),
        ("/dev/zero", "network/second.pcap"),
        ("/dev/urandom", "connector/logs/sfc.exe_1.log"),
        ("/", "root"),
        (".", "network/again"),
        ("itself", "itself"),
        ("nowhere", "connector/tetra-plugins.json"),
    ] {
        symlink(target, inside(name)).unwrap();
    }
    for name in ["windows", "connector/pipe.log"] {
        assert!(Command::new("mkfifo").arg(inside(name)).status().unwrap().success());
    }
    let _socket = std::os::unix::net::UnixListener::bind(inside("socket.xml")).unwrap();
    let ran = child::analyse(&inside(""));
    for (path, words) in [
        ("connector/policy.xml", "symbolic link"),
        ("network/second.pcap", "symbolic link"),
        ("root", "symbolic link"),
        ("itself", "symbolic link"),
        ("windows", "not a regular file"),
        ("connector/pipe.log", "not a regular file"),
        ("socket.xml", "not a regular file"),
    ] {
        ran.still_answers(path, words);
    }
    for given in ["/dev/null", "/dev/zero", "/dev/stdin"] {
        child::analyse(given.as_ref()).ends(&[2], given);
    }
    child::analyse(&inside("connector/pipe.log")).ends(&[2], "pipe.log");
    // What is given by hand may be a link; the choice was a person's.
    let link = place.path().join("by-hand");
    symlink(inside(""), &link).unwrap();
    child::analyse(&link).still_answers("root", "symbolic link");
}
