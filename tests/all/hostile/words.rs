//! Texts made to cost time, or to reach a terminal: logs that patterns stumble over, escapes in whatever is shown.

use serde_json::Value;
use tetra_capture::sample::{File, Order, tcp, udp};

use super::child;
use super::{manifest, with};
use crate::archive::{Place, Raw, deflated, stored};
use crate::program;

/// Bytes of a log made to be slow.
const LOG: usize = 4 << 20;

#[test]
fn logs_that_patterns_stumble_over() {
    let head = "(1000, +0 ms) Nov 23 04:07:07 [4242]: ";
    let place = Place::new();
    let lines = [
        // Literals of the templates, and what almost follows them, again and again.
        format!("{head}{}\n", "tetra update tetra error tetra curl 4294965 ".repeat(200)),
        format!("{head}{}x\n", "tetra".repeat(1_500)),
        format!("{head}tetra {} 12\n", "error -/:~".repeat(800)),
        format!("{head}{}\n", "PublishEvent: publishing type=".repeat(300)),
        format!("{}\n", "(".repeat(8_000)),
        format!("({}, +0 ms) Nov 23 04:07:07 [1]: tetra\n", "9".repeat(4_000)),
        "\n".to_owned(),
        "\r".to_owned(),
        format!("{head}tetra failed: 0x80092013\n"),
        format!("{head}{}\n", "\u{202e}tetra\u{1b}[31m\u{0}".repeat(300)),
    ];
    for (number, line) in lines.iter().enumerate() {
        let text = line.repeat(LOG / line.len());
        let input = with(&[deflated("connector/logs/sfc.exe.log", text.as_bytes())]);
        let ran = child::analyse(&place.put("in.zip", &input));
        let cause = &ran.report["diagnosis"]["primary"]["cause"];
        assert_eq!(cause, "dns-nxdomain", "line {number}: {}", ran.done.err);
        ran.held_at_most(160 << 10);
        assert!(ran.done.out.len() < 4 << 20, "{} bytes of report", ran.done.out.len());
    }
}

/// What clears a screen, sets a title, turns text around, or is markup.
const HARM: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{200b}\r\u{8}<script>alert(1)</script>&\"'`|";

/// Puts something harmful behind every text of a JSON value.
fn spoil(value: &mut Value, keep: &[&str]) {
    match value {
        Value::String(text) => text.push_str(HARM),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, keep)),
        Value::Object(fields) => {
            fields
                .iter_mut()
                .filter(|(key, _)| !keep.contains(&key.as_str()))
                .for_each(|(_, inner)| spoil(inner, keep));
        }
        _ => {}
    }
}

/// A capture with harm in a DNS name, in HTTP heads and in a page.
fn capture() -> Vec<u8> {
    let label = HARM.as_bytes();
    let name = [&[u8::try_from(label.len()).unwrap()][..], label, b"\x05tetra\x05cisco\x03com\0\0\x01\0\x01"]
        .concat();
    let asked = [&[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &name].concat();
    let answer = [&[0, 7, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0][..], &name].concat();
    let (client, server) = ("192.0.2.10:50000", "198.51.100.7:80");
    let host = format!("Host: tetra-defs.amp.cisco.com{HARM}");
    let request =
        format!("GET /av64bit/{HARM} HTTP/1.1\r\n{}\r\nUser-Agent: {HARM}\r\n\r\n", host.replace('\r', ""));
    let head = format!("HTTP/1.1 403 {HARM}\r\nServer: {HARM}\r\nVia: {HARM}\r\nContent-Type: {HARM}\r\n");
    let head = head.replace(&HARM[HARM.find('\r').unwrap()..=HARM.find('\r').unwrap()], "\r");
    let response =
        format!("{head}X-Squid-Error: {HARM}\r\nLocation: {HARM}\r\nContent-Length: 9\r\n\r\n<html>\x1b[2");
    let frames = [
        udp("192.0.2.10:50001", "192.0.2.53:53", &asked),
        udp("192.0.2.53:53", "192.0.2.10:50001", &answer),
        tcp(client, server, "S", 10, 0, b""),
        tcp(server, client, "SA", 99, 11, b""),
        tcp(client, server, "A", 11, 100, request.as_bytes()),
        tcp(server, client, "A", 100, 11, response.as_bytes()),
        tcp(server, client, "R", 900, 11, b""),
    ];
    frames
        .iter()
        .zip(0..)
        .fold(File::pcap(Order::Little, 0xa1b2_c3d4, 1), |file, (frame, number)| {
            file.record(1_795_400_000, number * 1_000, frame, frame.len())
        })
        .bytes
}

#[test]
fn escapes_reach_neither_screen_nor_report() {
    let json = |path: &str| -> Raw {
        let sample = std::fs::read(program::root().join("fixtures/sources").join(path)).unwrap();
        let mut value: Value = serde_json::from_slice(&sample).unwrap();
        spoil(&mut value, &["what", "outcome", "time"]);
        stored("", value.to_string().as_bytes())
    };
    let named = |name: &str, entry: Raw| Raw { name: name.into(), ..entry };
    let xml = format!(
        "<?xml version=\"1.0\"?><config><agent><hostname>{0}</hostname></agent><tetra><version>{0}</version>\
         <updater><server>{0}</server></updater><lasterror>4294965193</lasterror></tetra><proxy><server>{0}</server>\
         </proxy></config>",
        HARM.replace('&', "&amp;").replace('<', "&lt;").replace(['\u{1b}', '\u{7}', '\u{8}'], "&#x1b;")
    );
    let log = format!(
        "(1000, +0 ms) Nov 23 04:07:07 [4242]: ERROR: tetra update failed {HARM} 4294965193 {HARM}\n"
    );
    let mut lie = manifest();
    spoil(&mut lie["host"], &[]);
    spoil(&mut lie["steps"], &["status"]);
    let bytes = with(&[
        named("connector/posture.json", json("posture/whole.json")),
        named("network/config.json", json("network_config/config.json")),
        named("windows/services.json", json("services/services.json")),
        named("windows/certificates.json", json("certificates/certificates.json")),
        named("windows/power.json", json("power/power.json")),
        named("connector/tetra-plugins.json", json("tetra_plugins/tetra-plugins.json")),
        stored("connector/local.xml", xml.as_bytes()),
        stored("connector/policy.xml", xml.as_bytes()),
        stored("connector/logs/sfc.exe.log", log.as_bytes()),
        stored("network/capture.pcapng", &capture()),
        stored("network/hosts.txt", format!("10.0.0.1 tetra-defs.amp.cisco.com {HARM}\n").as_bytes()),
        stored("manifest.json", lie.to_string().as_bytes()),
        stored(&format!("more/{HARM}.txt"), b"x"),
    ]);
    let place = Place::new();
    let input = place.put(&format!("in{}.zip", HARM.replace('/', "")), &bytes);
    let asked: [&[&str]; 8] = [
        &["--format", "html"],
        &["--format", "markdown", "--for", "engineer"],
        &["--format", "markdown", "--for", "customer"],
        &["--format", "text", "--color", "never", "--lang", "zh-CN"],
        &["--format", "json"],
        &["--format", "text", "--color", "never"],
        &["--format", "text", "--color", "never", "--ascii"],
        &["verify"],
    ];
    for args in asked {
        let all: Vec<&std::ffi::OsStr> = args.iter().map(AsRef::as_ref).chain([input.as_os_str()]).collect();
        let ran = child::run(&all);
        assert!(matches!(ran.done.status, 0 | 1 | 3), "{args:?}: {}", ran.done.err);
        for (stream, said) in [("stdout", &ran.done.out), ("stderr", &ran.done.err)] {
            let odd = said.chars().find(|c| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}')
            });
            assert_eq!(odd, None, "{args:?}: {stream}");
        }
        if args.contains(&"html") {
            assert!(!ran.done.out.contains("<script"), "a page with somebody else's script");
        }
        let told = ran.done.out.contains("script") || ["verify", "customer"].contains(args.last().unwrap());
        assert!(told, "{args:?}: nothing of it is shown, so nothing is tested\n{}", ran.done.out);
    }
}
