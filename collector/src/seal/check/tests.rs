use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use tetra_bundle::{Host, Tool};
use tetra_capture::sample::{File as Capture, Order, tcp, udp};

use super::*;
use crate::redact::{Key, Level};
use crate::seal::seal;

/// What must not leave the endpoint: secrets first, then names and addresses.
const SECRETS: [&str; 4] = ["Canary&P4ss", "canary-uninstall-77", "canary-token-88", "canary-cookie-99"];
const NAMES: [&str; 7] = [
    "canary-pc-0017",
    "canaryuser",
    "canarycorp",
    "canary-proxy",
    "10.77.66.55",
    "fd77:66:55::1234",
    "00:50:56:77:66:55",
];

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// A question of DNS for the address of a name.
fn question(name: &str) -> Vec<u8> {
    let labels =
        name.split('.').flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    [&[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &labels.collect::<Vec<_>>(), &[0, 0, 1, 0, 1]].concat()
}

fn capture() -> Vec<u8> {
    let login = STANDARD.encode("canarycorp\\canaryuser:Canary&P4ss");
    let head = format!(
        "GET http://canary-proxy.canarycorp.internal/x?token=canary-token-88 HTTP/1.1\r\n\
         Host: canary-proxy.canarycorp.internal\r\nProxy-Authorization: Basic {login}\r\n\
         Cookie: id=canary-cookie-99\r\nX-Forwarded-For: 10.77.66.55\r\n\r\n"
    );
    let (client, server) = ("10.77.66.55:50000", "10.77.66.1:3128");
    let frames = [
        udp("10.77.66.55:50001", "10.77.66.1:53", &question("canary-pc-0017.canarycorp.internal")),
        udp("[fd77:66:55::1234]:5", "[fd77:66:55::1]:53", &question("canary-proxy.canarycorp.internal")),
        tcp(client, server, "S", 0, 0, &[]),
        tcp(server, client, "SA", 0, 1, &[]),
        tcp(client, server, "A", 1, 1, head.as_bytes()),
    ];
    let mut file = Capture::pcap(Order::Little, 0xa1b2_c3d4, 1);
    for (number, frame) in (0u32..).zip(&frames) {
        let mut frame = frame.clone();
        frame[6..12].copy_from_slice(&[0x00, 0x50, 0x56, 0x77, 0x66, 0x55]);
        file = file.record(1_700_000_000 + number, 0, &frame, frame.len());
    }
    file.bytes
}

/// Fills a folder with every kind of file that a bundle has, and the canaries in each.
fn fill(folder: &Path) {
    let text = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    text(
        "connector/local.xml",
        "<config><uninstallex>canary-uninstall-77</uninstallex><hostname>canary-pc-0017</hostname>\
         <proxy><server>canary-proxy.canarycorp.internal</server><username>canarycorp\\canaryuser</username>\
         <password>Canary&amp;P4ss</password></proxy></config>",
    );
    text(
        "connector/policy.xml",
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><Object><config><ui>\r\n\
         <ds:password xmlns:ds=\"x\"><![CDATA[Canary&P4ss]]></ds:password><token>canary-token-88</token>\
         </ui></config></Object></Signature>",
    );
    text(
        "connector/posture.json",
        "{\"hostname\": \"canary-pc-0017\", \"user\":\"CANARYCORP\\\\canaryuser\", \"ip\":\"10.77.66.55\",\
         \"token\": \"canary-token-88\", \"mac\": \"00-50-56-77-66-55\"}",
    );
    text(
        "connector/logs/sfc.exe.log",
        "(7, +0 ms) Nov 23 05:00:00 [4]: proxy canary-proxy:3128 user canaryuser password Canary&P4ss failed\n\
         (8, +0 ms) Nov 23 05:00:01 [4]: C:\\Users\\canaryuser\\AppData from 10.77.66.55 (fd77:66:55::1234)\n",
    );
    text("network/hosts.txt", "10.77.66.55 canary-pc-0017.canarycorp.internal canary-pc-0017\n");
    text(
        "network/probes.jsonl",
        "{\"probe\":\"dns\",\"name\":\"tetra-defs.amp.cisco.com\",\"server\":\"10.77.66.55\"}\n",
    );
    text(
        "network/config.json",
        "{\"adapters\":[{\"mac\":\"00:50:56:77:66:55\",\"dnsSuffix\":\"canarycorp.internal\"}]}",
    );
    text(
        "notes/curl.txt",
        "> Proxy-Authorization: Basic Y2FuYXJ5dXNlcjpDYW5hcnkmUDRzcw==\r\n> Cookie: canary-cookie-99\r\n",
    );
    text(
        "collector/log.jsonl",
        "{\"ms\":3,\"event\":\"step ended\",\"reason\":\"C:\\\\Users\\\\canaryuser\\\\x on CANARY-PC-0017\"}\n",
    );
    text("README.txt", "Made on canary-pc-0017 for canaryuser.\n");
    text("notes/canaryuser.txt", "x");
    fs::write(
        folder.join("notes/wide.log"),
        wide("user canaryuser on canary-pc-0017: Canary&P4ss 10.77.66.55\r\n"),
    )
    .unwrap();
    fs::write(folder.join("network/capture.pcap"), capture()).unwrap();
    let manifest = Manifest {
        tool: Tool { name: "x".into(), version: "1".into() },
        schema: tetra_bundle::SCHEMA.into(),
        host: Host { hostname: Some("canary-pc-0017".into()), ..Host::default() },
        steps: vec![StepRecord {
            name: "copy".into(),
            reason: Some("C:\\Users\\canaryuser\\x is locked by canary-pc-0017".into()),
            ..StepRecord::default()
        }],
        ..Manifest::default()
    };
    fs::write(folder.join(MANIFEST), manifest.to_bytes()).unwrap();
}

/// Gives what is in a zip: names and contents.
fn entries(zip: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let mut all = Vec::new();
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        all.push((name, bytes));
    }
    all
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(&bytes.to_ascii_lowercase(), &wanted.to_ascii_lowercase()).is_some()
}

#[test]
fn no_canary_leaves_in_any_kind_of_file() {
    for (level, canaries) in [(Level::Secrets, &[][..]), (Level::Full, &NAMES[..])] {
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(folder.path());
        let zip = out.path().join("out.zip");
        let (sealed, _) =
            seal(folder.path(), &zip, DateTime::from_timestamp(1_772_000_000, 0).unwrap(), level).unwrap();
        let steps: Vec<String> = sealed.manifest.steps.iter().map(|step| format!("{step:?}")).collect();
        assert!(!steps.concat().contains("Withheld") && steps.concat().contains("leak check"), "{steps:#?}");
        let all = entries(&zip);
        assert_eq!(all.len(), 14, "{level:?}");
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing is left beside the bundle");
        for (name, bytes) in &all {
            for canary in SECRETS.iter().chain(canaries) {
                let whole = [name.as_bytes(), bytes].concat();
                let base = STANDARD.encode(format!("canaryuser:{canary}"));
                for form in [canary.as_bytes().to_vec(), wide(canary)[2..].to_vec(), base.into_bytes()] {
                    assert!(!has(&whole, &form), "{canary} in {name} at {level:?}");
                }
            }
            if level == Level::Full {
                for raw in [&[10, 77, 66, 55][..], &[0, 0x50, 0x56, 0x77, 0x66, 0x55], b"\x0acanarycorp"] {
                    assert!(!has(bytes, raw), "{raw:?} in {name}");
                }
            }
        }
    }
}

/// Knows somebody's names and secrets.
fn redactor() -> Redactor {
    let mut redactor = Redactor::new(Key::new(&[1; 32]), Level::Full);
    let text = "<user>canaryuser</user><password>Canary&amp;P4ss</password>";
    redactor.learn(&|| Ok(Box::new(Cursor::new(text)))).unwrap();
    redactor.clean(&|| Ok(Box::new(Cursor::new(text))), &mut Vec::new()).unwrap();
    redactor
}

#[test]
fn a_file_that_still_has_what_it_should_not_is_withheld() {
    let out = tempfile::tempdir().unwrap();
    let leaks = [
        ("notes/plain.txt", b"so says canaryuser".to_vec()),
        ("connector/logs/sfc.exe.log", wide("so says CanaryUser")),
        ("notes/base64.txt", b"Basic Y2FuYXJ5dXNlcjpDYW5hcnkmUDRzcw==".to_vec()),
        ("network/capture.pcapng", [&[0x0a, 0x0d, 0x0d, 0x0a][..], b"...Canary&P4ss..."].concat()),
        ("collector/log.jsonl", b"{\"x\":\"Canary&P4ss\"}\n".to_vec()),
        ("notes/canaryuser.txt", b"x".to_vec()),
    ];
    for (number, (name, bytes)) in leaks.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [(*name, bytes.as_slice()), ("connector/local.xml", b"<config/>")] {
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let mut cleaned = Cleaned {
            folder: folder.path().to_owned(),
            manifest: Manifest::default(),
            redactor: Some(redactor()),
        };
        let zip = out.path().join(format!("{number}.zip"));
        let sealed = cleaned.seal(&zip, &|_, _| Ok(())).unwrap();
        let names: Vec<String> = entries(&zip).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["connector/local.xml", MANIFEST], "{name}");
        let step = sealed.manifest.steps.iter().find(|step| step.status == StepStatus::Withheld).unwrap();
        assert!(step.reason.as_deref().unwrap().contains("leak check"), "{step:?}");
    }
}

#[test]
fn no_bundle_is_written_where_its_manifest_or_its_page_leaks() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("x.txt"), "x").unwrap();
    let zip = out.path().join("out.zip");
    let mut manifest = Manifest::default();
    manifest.host.hostname = Some("canaryuser".to_owned());
    let place = folder.path().to_owned();
    let mut one = Cleaned { folder: place.clone(), manifest, redactor: Some(redactor()) };
    let fault = one.seal(&zip, &|_, _| Ok(())).unwrap_err();
    assert!(fault.to_string().contains("1 user in manifest.json"), "{fault}");
    let mut other = Cleaned { folder: place, manifest: Manifest::default(), redactor: Some(redactor()) };
    let page = |folder: &Path, _: &Manifest| fs::write(folder.join("README.txt"), "for canaryuser");
    assert!(matches!(other.seal(&zip, &page), Err(Error::Leak { .. })));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}
