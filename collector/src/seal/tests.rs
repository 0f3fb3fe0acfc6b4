use std::ffi::OsStr;

use clap::Parser;
use tetra_bundle::{Bundle, CheckState, Limits, SourceId, verify};

use super::*;
use crate::{Args, World, run};

fn fill(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000, 0).unwrap()
}

fn collect(folder: &Path, output: &Path) -> (u8, String, String) {
    collect_at("none", folder, output)
}

fn collect_at(level: &str, folder: &Path, output: &Path) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let options = ["tetra-collect", "seal", "--redact", level, "-o"].map(OsStr::new);
    let args = options.into_iter().chain([output.as_os_str(), folder.as_os_str()]);
    let world = World { clock: now, ..World::default() };
    let status = run(&Args::parse_from(args), &world, &mut out, &mut err);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn seals_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    fill(
        folder.path(),
        &[
            ("connector/local.xml", "<config></config>"),
            ("connector/logs/sfc.exe.log", "(1) Jan  5 12:11:48 [4]: x\n"),
            ("notes/mine.doc", "?"),
            (
                "manifest.json",
                r#"{"schema": "tetra-bundle/1", "host": {"hostname": "pc"}, "times": {"utc_offset_minutes": 60},
                "files": [{"path": "connector/local.xml", "modified": "2026-01-05T12:00:00Z", "sha256": "stale"}]}"#,
            ),
        ],
    );
    let path = out.path().join("out.zip");
    let (status, said, complaints) = collect(folder.path(), &path);
    assert_eq!((status, complaints.as_str()), (0, ""));
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!(bundle.anomalies(), []);
    assert!(verify(&bundle).iter().all(|check| check.state == CheckState::Same));
    let manifest = bundle.manifest().unwrap();
    assert_eq!(manifest.host.hostname.as_deref(), Some("pc"));
    assert_eq!(manifest.times.utc_offset_minutes, Some(60));
    assert_eq!(manifest.tool.name, "tetra-collect");
    let local = bundle.of(SourceId::LocalXml).next().unwrap();
    assert_eq!(local.modified.unwrap().naive().to_string(), "2026-01-05 12:00:00");
    assert_eq!(bundle.of(SourceId::Unknown).count(), 1, "other files are taken along");
    assert!(said.contains(&path.display().to_string()), "{said}");
    let own = bundle.of(SourceId::Manifest).next().unwrap();
    let root = Bundle::open(out.path(), Limits::default()).unwrap();
    assert_eq!(root.entries().len(), bundle.entries().len(), "an archive in a folder is opened");
    assert!(said.contains("Its root hash is ") && own.bytes > 0);
}

#[cfg(unix)]
#[test]
fn skips_links_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), &[("connector/local.xml", "<config></config>")]);
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("connector/policy.xml")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("out.zip");
    let (status, _, complaints) = collect(folder.path(), &path);
    assert_eq!(
        (status, complaints.as_str()),
        (0, "skipped: seal connector/policy.xml: it is a symbolic link\n")
    );
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    assert_eq!(bundle.of(SourceId::PolicyXml).count(), 0);
    let statuses: Vec<_> = bundle.manifest().unwrap().steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [StepStatus::Skipped, StepStatus::Done]);
}

#[test]
fn seals_the_rest_when_a_file_cannot_be_sealed() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), &[("connector/local.xml", "<config></config>"), ("odd\u{202e}name", "x")]);
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("out.zip");
    let (status, _, complaints) = collect(folder.path(), &path);
    assert_eq!(status, 1);
    assert!(complaints.starts_with("failed: seal odd"), "{complaints}");
    assert_eq!(Bundle::open(&path, Limits::default()).unwrap().entries().len(), 2);
}

#[test]
fn writes_no_bundle_without_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.zip");
    for given in [folder.path().join("gone"), folder.path().to_owned()] {
        let (status, said, complaints) = collect(&given, &path);
        assert_eq!((status, said.as_str()), (2, ""));
        assert!(complaints.ends_with("\nNo bundle was written.\n"), "{complaints}");
    }
    fill(folder.path(), &[("manifest.json", "{"), ("a", "x")]);
    assert_eq!(collect(folder.path(), &path).0, 2, "a broken manifest is not passed over");
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    fill(folder.path(), &[("out.zip", "older")]);
    assert_eq!(collect(folder.path(), &path).0, 2);
    assert_eq!(fs::read(&path).unwrap(), b"older");
}

#[cfg(unix)]
#[test]
fn one_file_that_cannot_be_read_is_told_and_the_rest_is_sealed_redacted() {
    let folder = tempfile::tempdir().unwrap();
    fill(
        folder.path(),
        &[("connector/local.xml", "<config></config>"), ("connector/logs/sfc.exe.log", "user=jane\n")],
    );
    fs::write(folder.path().join("broken.evtx"), [&b"ElfFile\0"[..], &[0; 100]].concat()).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("connector/policy.xml")).unwrap();
    // A log that turns out to be no file once it is opened: what is behind it cannot be read.
    let locked = folder.path().join("connector/logs/locked.log");
    fs::write(&locked, "x").unwrap();
    let readable = {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        fs::read(&locked).is_ok()
    };
    let out = tempfile::tempdir().unwrap();
    let now = DateTime::from_timestamp(1_772_000_000, 0).unwrap();
    let (sealed, _) = seal(folder.path(), &out.path().join("out.zip"), now, Level::Full).unwrap();
    let status = |name: &str| {
        let step = sealed.manifest.steps.iter().find(|step| step.name.ends_with(name));
        step.map(|step| step.status)
    };
    assert_eq!(status("redact broken.evtx"), Some(StepStatus::Withheld), "{:#?}", sealed.manifest.steps);
    assert_eq!(status("connector/policy.xml"), Some(StepStatus::Skipped));
    // Root reads everything.
    let expected = if readable { None } else { Some(StepStatus::Failed) };
    assert_eq!(status("locked.log"), expected);
    assert!(sealed.manifest.files.iter().any(|file| file.path == "connector/logs/sfc.exe.log"));
}

#[test]
fn a_cleaned_folder_keeps_the_times_of_its_files_and_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("out.zip");
    let (status, _, complaints) = collect_at("full", folder.path(), &path);
    assert!(status == 2 && complaints.contains(&folder.path().display().to_string()), "{complaints}");
    fill(folder.path(), &[("manifest.json", "{"), ("connector/logs/sfc.exe.log", "x\n")]);
    assert_eq!(collect_at("full", folder.path(), &path).0, 2, "a broken manifest is not passed over");
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    let log = fs::File::options().write(true).open(folder.path().join("connector/logs/sfc.exe.log")).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_934_245);
    log.set_modified(long_ago).unwrap();
    assert_eq!(collect_at("full", folder.path(), &path).0, 0);
    let bundle = Bundle::open(&path, Limits::default()).unwrap();
    let log = bundle.of(SourceId::ConnectorLog).next().unwrap();
    assert_eq!(log.modified.unwrap().naive().to_string(), "2020-01-02 03:04:05");
}
