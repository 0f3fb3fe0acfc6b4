//! The guided mode at a pseudo-terminal: three screens, consent, the live line, and nothing without consent.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::endpoint::{Endpoint, calls};

/// An endpoint whose capture begins with these packets.
fn endpoint(case: &str) -> Endpoint {
    let endpoint = Endpoint::new();
    endpoint.tell_wevtutil("on epl\nfile ElfFile\non gl\nstate\non sl\nswitch");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases");
    endpoint.tell_dumpcap(&format!("raw {}\nhang", cases.join(case).join("capture.pcapng").display()));
    endpoint
}

/// Runs the collector at a terminal of so many columns at which this is typed; gives its status and what it showed.
fn at_a_terminal(endpoint: &Endpoint, lang: &str, columns: u16, typed: &str) -> (i32, String) {
    let collect = format!(
        "stty rows 25 cols {columns} -echo; exec {} --guided --no-probes --install {} --tools {} --state {} --output {} \
         --redact none --interval 3s --patience 0.1 --lang {lang}",
        env!("CARGO_BIN_EXE_collect-on-endpoint"),
        endpoint.install().display(),
        endpoint.tools().display(),
        endpoint.state().display(),
        endpoint.bundle().display()
    );
    let mut terminal = Command::new("script")
        .args(["-qefc", &collect, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It stays open until the end: who closes it hangs up.
    let mut keys = terminal.stdin.take().unwrap();
    keys.write_all(typed.as_bytes()).unwrap();
    let done = terminal.wait_with_output().unwrap();
    drop(keys);
    (done.status.code().unwrap(), String::from_utf8_lossy(&done.stdout).replace('\r', "\n"))
}

/// Where each text stands, in this order.
fn in_order(shown: &str, texts: &[&str]) {
    let mut rest = shown;
    for text in texts {
        let (_, behind) =
            rest.split_once(text).unwrap_or_else(|| panic!("no `{text}` in its place: {shown}"));
        rest = behind;
    }
}

#[test]
fn three_screens_and_consent_go_before_everything() {
    let endpoint = endpoint("interrupt-captive-portal");
    let (status, shown) = at_a_terminal(&endpoint, "en", 80, "\nn\ny\n\n");
    assert_eq!(status, 0, "{shown}");
    in_order(
        &shown,
        &[
            "1 of 3: What this program does",
            "2 of 3: How long it takes",
            "You may keep working.",
            "3 of 3: Your consent",
            "Do you agree?",
            "Collecting into",
            "Waiting for an update: 0:0",
            "Update attempt seen \u{2714}",
            "Its SHA-256 is",
            "Press Enter to close this window.",
        ],
    );
    let sfc = endpoint.program(&endpoint.version(), "sfc", "");
    assert_eq!(calls(&sfc), ["-l start", "-l stop"], "no update was forced");
}

#[test]
fn without_consent_nothing_is_read_or_changed() {
    for typed in ["\nn\nn\n\n", "\nn\n\n\n", "\n\nno\n\n"] {
        let endpoint = endpoint("interrupt-captive-portal");
        let (status, shown) = at_a_terminal(&endpoint, "en", 80, typed);
        assert_eq!(status, 2, "{shown}");
        assert!(shown.contains("Nothing was read or changed."), "{shown}");
        assert_eq!(fs::read_dir(endpoint.out()).unwrap().count(), 0);
        let sfc = endpoint.program(&endpoint.version(), "sfc", "");
        assert!(calls(&sfc).is_empty() && calls(&endpoint.dumpcap()).is_empty());
    }
}

#[test]
fn an_update_is_forced_where_that_is_agreed_to() {
    let endpoint = endpoint("interrupt-captive-portal");
    let (status, shown) = at_a_terminal(&endpoint, "zh-CN", 40, "\ny\ny\n\n");
    assert_eq!(status, 0, "{shown}");
    let sfc = endpoint.program(&endpoint.version(), "sfc", "");
    assert_eq!(calls(&sfc), ["-l start", "-forceupdate", "-l stop"]);
    in_order(&shown, &["第 1 步，共 3 步", "第 2 步，共 3 步", "第 3 步，共 3 步", "已观察到更新尝试"]);
    assert!(shown.contains("未包含或不完整：Windows 服务的状态：仅 Windows 才有。"), "{shown}");
    let guide = shown.split("正在收集到").next().unwrap();
    // The path of the file has no place to break at.
    for line in guide.lines().filter(|line| !line.contains('/')) {
        let width: usize = line.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum();
        assert!(width <= 40 || line.ends_with("： "), "{width}: {line}");
    }
}

#[test]
fn where_the_bundle_is_not_enough_more_is_offered() {
    let endpoint = endpoint("inconclusive-no-attempt");
    let (status, shown) = at_a_terminal(&endpoint, "en", 80, "\nn\ny\nwhat\ns\n\n");
    assert_eq!(status, 1, "{shown}");
    in_order(
        &shown,
        &[
            "no update attempt was seen",
            "wait 1 more minutes",
            "have the connector look for updates now",
            "Your choice (w, f, s):",
            "Your choice (w, f, s):",
            "Not in it, or not whole: whether it is enough: no update attempt was seen",
            "Its SHA-256 is",
        ],
    );
}
