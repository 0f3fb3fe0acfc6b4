//! The other commands of the analyzer: what they print, and their exit statuses.

use crate::archive::Place;
use crate::program::{self, analyze};

#[test]
fn codes_are_looked_up() {
    for (code, words) in [
        ("4294965196", ["-2100", "lasterror"]),
        ("0x80092013", ["CRYPT_E_REVOCATION_OFFLINE", "HRESULT"]),
        ("-2103", ["-2103", "lasterror"]),
        ("12057", ["12057", "WinHTTP"]),
    ] {
        let done = analyze(&[&"code", &code]);
        assert_eq!(done.status, 0, "{code}: {}", done.err);
        let said = done.out.to_lowercase();
        for word in words {
            assert!(said.contains(&word.to_lowercase()), "{code}: no `{word}` in\n{}", done.out);
        }
    }
    assert_eq!(analyze(&[&"code", &"12057", &"987654321"]).status, 1);
    assert_eq!(analyze(&[&"code", &"no number"]).status, 1);
}

#[test]
fn help_teaches_and_wrong_usage_is_refused() {
    let help = analyze(&[&"--help"]);
    assert_eq!((help.status, help.err.as_str()), (0, ""));
    for word in ["What goes in", "Exit status", "Examples", "--format", "completions"] {
        assert!(help.out.contains(word), "no `{word}` in\n{}", help.out);
    }
    let version = analyze(&[&"--version"]);
    assert_eq!(version.out, format!("tetra-analyze {}\n", env!("CARGO_PKG_VERSION")));
    for wrong in [vec!["--formt", "json", "x"], vec![], vec!["--format", "yaml", "x"], vec!["rules", "chek"]]
    {
        let args: Vec<&dyn AsRef<std::ffi::OsStr>> = wrong.iter().map(|arg| arg as _).collect();
        let done = analyze(&args);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{wrong:?}");
        assert!(done.err.contains("--help"), "{wrong:?}: {}", done.err);
    }
    assert_eq!(program::collect(&[&"--help"]).status, 0);
    assert_eq!(program::collect(&[&"sael"]).status, 2);
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let done = analyze(&[&"completions", &shell]);
        assert_eq!(done.status, 0, "{shell}: {}", done.err);
        for word in ["code", "rules", "verify", "schema", "format"] {
            assert!(done.out.contains(word), "{shell}: no `{word}`");
        }
    }
}

#[test]
fn the_schema_is_the_committed_one() {
    let committed =
        std::fs::read_to_string(program::root().join("analyzer/tetra-analysis-1.schema.json")).unwrap();
    assert_eq!(analyze(&[&"schema"]).out, committed.replace("\r\n", "\n"));
}

#[test]
fn verify_tells_whole_bundles_from_altered_ones() {
    let path = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let whole = analyze(&[&"verify", &path]);
    assert_eq!(whole.status, 0, "{}{}", whole.out, whole.err);
    assert!(whole.out.contains("as the manifest says") && !whole.out.contains("ALTERED"), "{}", whole.out);
    let bare = program::root().join("fixtures/cases/tls-closed-after-clienthello-folder/folder");
    let unlisted = analyze(&[&"verify", &bare]);
    assert_eq!(unlisted.status, 1);
    assert!(unlisted.out.contains("no manifest"), "{}", unlisted.out);
    assert_eq!(analyze(&[&"verify", &"nowhere.zip"]).status, 2);
}

#[test]
fn reports_go_where_they_are_asked_for() {
    let path = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let place = Place::new();
    let file = place.path().join("out.json");
    let done = analyze(&[&"--format", &"json", &"--output", &file, &path]);
    assert_eq!((done.status, done.out.as_str()), (1, ""), "{}", done.err);
    let printed = analyze(&[&"--format", &"json", &path]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed.out);
    let nowhere = place.path().join("no/such/folder/out.json");
    let failed = analyze(&[&"--output", &nowhere, &path]);
    assert_eq!(failed.status, 2);
    assert!(failed.err.contains("out.json"), "{}", failed.err);
    let plain = analyze(&[&"--color", &"never", &"--ascii", &path]);
    assert!(plain.out.is_ascii(), "{}", plain.out);
    assert!(analyze(&[&"--color", &"always", &path]).out.contains('\x1b'));
}

#[test]
fn packs_of_others_are_added_or_refused() {
    let path = program::root().join("fixtures/cases/dns-nxdomain/bundle.zip");
    let place = Place::new();
    place.put("site/pack.yml", b"nonsense: [");
    let site = place.path().join("site");
    let done = analyze(&[&"--rules", &site, &path]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    assert!(done.err.contains("pack.yml"), "{}", done.err);
}
