use std::process::Command;

use super::*;
use crate::{Bundle, Layout, verify};

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000, 0).unwrap()
}

fn record(path: &str) -> FileRecord {
    FileRecord { path: path.to_owned(), source: crate::source_of(path), ..FileRecord::default() }
}

fn seal(path: &Path, files: &[(&str, &[u8])]) -> Sealed {
    let mut writer = BundleWriter::new(path, at()).unwrap();
    for (name, bytes) in files {
        writer.add_bytes(record(name), *bytes).unwrap();
    }
    writer.seal(Manifest::default()).unwrap()
}

fn texts(bundle: &Bundle, source: SourceId) -> Vec<String> {
    let text = |entry| String::from_utf8_lossy(&bundle.read_small(entry, 1 << 20).unwrap().0).into_owned();
    bundle.of(source).map(text).collect()
}

const FILES: [(&str, &[u8]); 4] = [
    ("network/capture.pcapng", b"\x0a\x0d\x0d\x0a...."),
    ("connector/local.xml", b"<config></config>"),
    ("connector/logs/sfc.exe.log", b"(1, +0 ms) Jan  5 12:11:48 [4512]: x\r\n"),
    ("README.txt", "读我".as_bytes()),
];

#[test]
fn writes_what_the_reader_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    let sealed = seal(&path, &FILES);
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!(bundle.layout(), Layout::Tetra);
    assert_eq!(bundle.anomalies(), []);
    assert_eq!(bundle.manifest(), Some(&sealed.manifest));
    let names: Vec<_> =
        bundle.entries().iter().map(|entry| (entry.path.as_str(), entry.source.name())).collect();
    assert_eq!(
        names,
        [
            ("README.txt", "readme"),
            ("connector/local.xml", "local_xml"),
            ("connector/logs/sfc.exe.log", "connector_log"),
            ("manifest.json", "manifest"),
            ("network/capture.pcapng", "capture"),
        ]
    );
    assert_eq!(texts(&bundle, SourceId::Readme), ["读我"]);
    let capture = bundle.of(SourceId::Capture).next().unwrap();
    assert_eq!((capture.bytes, capture.compressed), (8, 8), "captures are stored");
    assert_eq!(bundle.sha256().unwrap(), hash(File::open(&path).unwrap()).unwrap());
    assert!(verify(&bundle).iter().all(|check| check.state == crate::CheckState::Same));
    assert_eq!(verify(&bundle).len(), 4);
    let manifest = bundle.of(SourceId::Manifest).next().unwrap();
    assert_eq!(hash(bundle.read(manifest).unwrap()).unwrap(), sealed.root_hash);
}

#[test]
fn gives_the_same_bytes_for_the_same_input() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("1.zip"), folder.path().join("2.zip"));
    let mut turned = FILES;
    turned.reverse();
    seal(&one, &FILES);
    seal(&other, &turned);
    assert!(fs::read(one).unwrap() == fs::read(other).unwrap());
}

#[test]
fn is_opened_by_other_tools() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    seal(&path, &FILES);
    for (tool, test) in [("unzip", "-tqq"), ("7z", "t")] {
        let Ok(output) = Command::new(tool).arg(test).arg(&path).output() else { continue };
        assert!(output.status.success(), "{tool}: {output:?}");
    }
    let mut other = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
    let mut text = String::new();
    other.by_name("README.txt").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "读我");
}

#[test]
fn cuts_long_logs_at_line_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    let mut writer = BundleWriter::new(&path, at()).unwrap();
    writer.part = 20;
    let name = "connector/logs/sfc.exe.log";
    writer.add_bytes(record(name), "line one\nline two\nline three\nno end to this line at all").unwrap();
    writer.add_bytes(record("connector/logs/sfc.exe.log.001"), "taken").unwrap();
    writer
        .add_bytes(
            record("connector/logs/sfc-wide.log"),
            [b"\xff\xfe".as_slice(), &[b'a', 0].repeat(50)].concat(),
        )
        .unwrap();
    writer.add_bytes(record("network/capture.pcap"), [b'\n'; 100]).unwrap();
    let manifest = writer.seal(Manifest::default()).unwrap().manifest;
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    let found: Vec<_> =
        bundle.of(SourceId::ConnectorLog).map(|entry| entry.path.rsplit('/').next().unwrap()).collect();
    let parts = [
        "sfc-wide.log",
        "sfc.exe.log",
        "sfc.exe.log.001",
        "sfc.exe.log.001.part",
        "sfc.exe.log.002",
        "sfc.exe.log.003",
    ];
    assert_eq!(found, parts);
    let text = texts(&bundle, SourceId::ConnectorLog);
    assert_eq!(text.get(1).unwrap(), "line one\nline two\n");
    let whole = [1, 3, 4, 5].map(|at| text.get(at).unwrap().as_str()).concat();
    assert_eq!(whole, "line one\nline two\nline three\nno end to this line at all");
    assert_eq!(text.get(2).unwrap(), "taken");
    assert_eq!(bundle.of(SourceId::Capture).next().unwrap().bytes, 100);
    let last = manifest.files.iter().find(|file| file.path.ends_with(".003")).unwrap();
    assert_eq!(last.continues.as_deref(), Some(name));
    assert!(verify(&bundle).iter().all(|check| check.state == crate::CheckState::Same));
}

#[test]
fn leaves_no_empty_part() {
    let mut carried = Vec::new();
    let text = b"0123456789\n0123456789\n";
    let mut reader = text.as_slice();
    let mut out = Vec::new();
    let first = part::copy(&mut reader, &mut out, 22, &mut carried).unwrap();
    assert_eq!((first.bytes, first.ended, carried.len()), (22, true, 0));
}

#[test]
fn tells_of_files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    let mut writer = BundleWriter::new(&path, at()).unwrap();
    writer.add_file(record("connector/local.xml"), folder.path().join("gone.xml")).unwrap();
    writer.add_file(record("connector/policy.xml"), folder.path()).unwrap();
    writer.add_bytes(record("README.txt"), "x").unwrap();
    let sealed = writer.seal(Manifest::default()).unwrap();
    let failed: Vec<_> = sealed.manifest.steps.iter().map(|step| (step.name.as_str(), step.status)).collect();
    assert_eq!(
        failed,
        [("seal connector/local.xml", StepStatus::Failed), ("seal connector/policy.xml", StepStatus::Failed)]
    );
    assert_eq!(sealed.manifest.files.len(), 1);
}

#[test]
fn keeps_what_was_read_before_a_fault() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            buffer.iter_mut().for_each(|byte| *byte = b'x');
            if self.0 > 1 { Err(io::Error::other("the disk is gone")) } else { Ok(buffer.len()) }
        }
    }
    let mut out = Vec::new();
    let copied = part::copy(&mut BufReader::new(Broken(0)), &mut out, u64::MAX, &mut Vec::new()).unwrap();
    assert_eq!(copied.fault.unwrap().to_string(), "the disk is gone");
    assert!(copied.bytes > 0 && copied.bytes == u64::try_from(out.len()).unwrap());
}

#[test]
fn leaves_nothing_behind_when_it_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    let writer = BundleWriter::new(&path, at()).unwrap();
    fs::write(&path, "older").unwrap();
    assert!(matches!(writer.seal(Manifest::default()), Err(Error::Exists { .. })));
    assert!(matches!(BundleWriter::new(&path, at()), Err(Error::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"older");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no partial bundle is left");
    let nowhere = BundleWriter::new(folder.path().join("no/such/folder/out.zip"), at()).unwrap();
    assert!(matches!(nowhere.seal(Manifest::default()), Err(Error::Write { .. })));
}

#[test]
fn refuses_names_that_could_not_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::new(folder.path().join("out.zip"), at()).unwrap();
    for name in ["", "/a", "../a", "a\\b", "a//b", "./a", "a/", "C:a", "a\nb", "manifest.json"] {
        assert!(matches!(writer.add_bytes(record(name), "x"), Err(Error::Name { .. })), "{name:?}");
    }
    writer.add_bytes(record("a"), "x").unwrap();
    assert!(writer.add_bytes(record("a"), "x").is_err());
}

#[test]
fn writes_more_entries_than_a_plain_zip_can_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    let mut writer = BundleWriter::new(&path, at()).unwrap();
    for number in 0..66_000 {
        writer.add_bytes(record(&format!("network/{number}.pcap")), *b"x").unwrap();
    }
    writer.seal(Manifest::default()).unwrap();
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!(bundle.entries().len(), 66_001);
    // So many files have no room in the manifest that is read: that is told, and nothing else is amiss.
    let told: Vec<_> = bundle.anomalies().iter().map(|anomaly| anomaly.path.as_str()).collect();
    assert_eq!(told, ["manifest.json"]);
}

#[test]
fn logs_are_deflated_to_a_fraction() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::new(folder.path().join("a.zip"), DateTime::default()).unwrap();
    let record = FileRecord {
        path: "connector/logs/sfc.exe.log".to_owned(),
        source: SourceId::ConnectorLog,
        ..FileRecord::default()
    };
    let text: String =
        (0..50_000).map(|number| format!("({number}, +0 ms) Nov 23 09:00:00 [4512]: a line\n")).collect();
    writer.add_bytes(record, text.as_bytes()).unwrap();
    let sealed = writer.seal(Manifest::default()).unwrap();
    assert!(sealed.bytes * 5 < text.len() as u64, "{} of {}", sealed.bytes, text.len());
}
