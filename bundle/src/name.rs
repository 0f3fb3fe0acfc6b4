//! What an entry may be called.
//!
//! Nothing is ever extracted, so that no name can do harm here; but names go into reports, and a bundle
//! that other tools must not open is worth a word.

use crate::Limits;

/// What is to be done with an entry, by its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// It can be listed, perhaps with a remark.
    Safe { path: String, remark: Option<&'static str> },
    /// It names a folder.
    Folder,
    /// It is left out, and why.
    Unsafe(&'static str),
}

/// Reads the raw name of an archive's entry.
pub(crate) fn check(raw: &[u8], limits: &Limits) -> Name {
    if raw.is_empty() {
        return Name::Unsafe("an entry has no name");
    }
    if raw.len() > limits.name_bytes {
        return Name::Unsafe("the name is too long");
    }
    let (text, mut remark) = match std::str::from_utf8(raw) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(raw).into_owned(), Some("the name is not UTF-8")),
    };
    if text.contains('\0') {
        return Name::Unsafe("the name holds a NUL");
    }
    let path = text.replace('\\', "/");
    if path.starts_with("//") {
        return Name::Unsafe("the name is a network path");
    }
    if path.starts_with('/') {
        return Name::Unsafe("the name is an absolute path");
    }
    if path.as_bytes().get(1) == Some(&b':') && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
        return Name::Unsafe("the name starts with a drive");
    }
    if path.split('/').any(|part| part == "..") {
        return Name::Unsafe("the name leaves the archive");
    }
    if path.split('/').count() > limits.depth.saturating_add(1) {
        return Name::Unsafe("the name lies too deep");
    }
    if path.ends_with('/') {
        return Name::Folder;
    }
    if text.contains('\\') {
        remark = Some("the name has backslashes, read as folders");
    }
    let clean: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if clean.is_empty() {
        return Name::Unsafe("an entry has no name");
    }
    let path = clean.join("/");
    let shown = printable(&path);
    if shown != path {
        remark = Some("the name holds characters that cannot be printed");
    }
    Name::Safe { path: shown, remark }
}

/// Returns `text` with control and direction characters escaped, so that a terminal shows it as it is.
pub(crate) fn printable(text: &str) -> String {
    let odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if odd(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Returns a raw name in a form that can be shown in an anomaly.
pub(crate) fn shown(raw: &[u8]) -> String {
    let head = raw.get(..raw.len().min(200)).unwrap_or_default();
    printable(&String::from_utf8_lossy(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Name {
        check(raw.as_bytes(), &Limits::default())
    }

    fn safe(path: &str, remark: Option<&'static str>) -> Name {
        Name::Safe { path: path.to_owned(), remark }
    }

    #[test]
    fn keeps_plain_names() {
        assert_eq!(of("network/capture.pcapng"), safe("network/capture.pcapng", None));
        assert_eq!(of("./a//b"), safe("a/b", None));
        assert_eq!(of("日志/sfc.exe.log"), safe("日志/sfc.exe.log", None));
        assert_eq!(of("a..b/c..d"), safe("a..b/c..d", None));
        assert_eq!(of("network/"), Name::Folder);
    }

    #[test]
    fn remarks_on_odd_names() {
        let backslashes = Some("the name has backslashes, read as folders");
        assert_eq!(
            of("Program Files\\Cisco\\AMP\\local.xml"),
            safe("Program Files/Cisco/AMP/local.xml", backslashes)
        );
        let control = Some("the name holds characters that cannot be printed");
        assert_eq!(of("a\u{202e}b\r"), safe("a\\u{202e}b\\r", control));
        assert_eq!(check(b"a\xffb", &Limits::default()), safe("a\u{fffd}b", Some("the name is not UTF-8")));
    }

    #[test]
    fn refuses_names_that_lead_out() {
        for raw in [
            "../x",
            "a/../../x",
            "a\\..\\x",
            "/etc/passwd",
            "\\x",
            "\\\\host\\share",
            "//host/x",
            "C:\\x",
            "c:x",
            "a\0b",
            "",
            ".",
            "./",
        ] {
            assert!(!matches!(of(raw), Name::Safe { .. }), "{raw:?}");
        }
        assert_eq!(of(&"a".repeat(2_000)), Name::Unsafe("the name is too long"));
        assert_eq!(of(&"a/".repeat(100)), Name::Unsafe("the name lies too deep"));
    }
}
