//! Many cases into one table: what it holds, what is done again, and what a broken bundle does to the rest.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::archive::Place;
use crate::program::{self, Done, analyze};

/// Runs `batch` on a folder.
fn batch(folder: &Path, table: &Path, more: &[&str]) -> Done {
    let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"batch", &folder, &"--db", &table];
    args.extend(more.iter().map(|one| one as &dyn AsRef<OsStr>));
    analyze(&args)
}

/// Gives the export of a table, and its rows by path.
fn export(table: &Path) -> (String, BTreeMap<PathBuf, Value>) {
    let done = analyze(&[&"batch", &"export", &table]);
    assert_eq!(done.status, 0, "{}", done.err);
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        (PathBuf::from(row["path"].as_str().unwrap()), row)
    };
    let rows = done.out.lines().map(row).collect();
    (done.out, rows)
}

/// Puts a few fixtures into a folder, and bundles that nobody can analyse.
fn mixed(place: &Place) -> PathBuf {
    let folder = place.path().join("cases");
    std::fs::create_dir(&folder).unwrap();
    for name in ["dns-nxdomain", "proxy-auth-required", "tls-cert-expired"] {
        let from = program::root().join(format!("fixtures/cases/{name}/bundle.zip"));
        std::fs::copy(from, folder.join(format!("{name}.zip"))).unwrap();
    }
    std::fs::write(folder.join("garbage.zip"), b"PK\x03\x04 and then nothing that makes sense").unwrap();
    std::fs::write(folder.join("empty.zip"), b"").unwrap();
    // A log that takes longer than anybody waits: 30 GiB of nothing, which take no room on the disk.
    let slow = folder.join("slow");
    std::fs::create_dir(&slow).unwrap();
    let log = std::fs::File::create(slow.join("sfc.exe.log")).unwrap();
    log.set_len(30 << 30).unwrap();
    folder
}

#[test]
fn every_bundle_has_one_row_whatever_becomes_of_it() {
    let place = Place::new();
    let folder = mixed(&place);
    let table = place.path().join("cases.sqlite");
    let done = batch(&folder, &table, &["--time", "4", "--workers", "2"]);
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    assert!(done.out.starts_with("6 bundles: 3 analysed"), "{}", done.out);
    let (_, rows) = export(&table);
    let told = |name: &str, field: &str| rows[&folder.join(name)][field].as_str().unwrap_or("-").to_owned();
    let statuses: Vec<(String, String)> = rows
        .iter()
        .map(|(path, row)| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                row["status"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let expected = [
        ("dns-nxdomain.zip", "done"),
        ("empty.zip", "refused"),
        ("garbage.zip", "refused"),
        ("proxy-auth-required.zip", "done"),
        ("slow", "timeout"),
        ("tls-cert-expired.zip", "done"),
    ];
    assert_eq!(statuses, expected.map(|(name, status)| (name.to_owned(), status.to_owned())));
    assert_eq!(told("dns-nxdomain.zip", "cause"), "dns-nxdomain");
    assert_eq!(told("proxy-auth-required.zip", "proxy_product"), "squid/5.7");
    assert_eq!(told("proxy-auth-required.zip", "route"), "proxy");
    assert_eq!(told("tls-cert-expired.zip", "region"), "nam");
    assert_eq!(told("slow", "message"), "it took longer than 4 s");
    assert!(told("slow", "content").starts_with("unhashed:"), "to hash it takes too long, too");
    assert_eq!(rows[&folder.join("dns-nxdomain.zip")]["attempts"][0]["failed_stage"], "dns");
}

#[test]
fn what_is_in_the_table_is_not_done_again_until_it_changes() {
    let place = Place::new();
    let folder = mixed(&place);
    std::fs::remove_dir_all(folder.join("slow")).unwrap();
    let table = place.path().join("cases.sqlite");
    batch(&folder, &table, &[]);
    let (before, _) = export(&table);
    let again = batch(&folder, &table, &[]);
    assert!(again.out.starts_with("5 bundles: 0 analysed, 5 in the table already"), "{}", again.out);
    assert_eq!(again.status, 1, "two of them could not be analysed before");
    let retried = batch(&folder, &table, &["--retry", "failed"]);
    assert!(retried.out.starts_with("5 bundles: 0 analysed, 3 in the table already"), "{}", retried.out);
    assert!(retried.out.contains("not analysed: refused 2"), "{}", retried.out);
    assert_eq!(export(&table).0, before, "a failure that is tried again gives no second row");

    // The same bundle under another name, and another bundle under the same name.
    std::fs::copy(folder.join("dns-nxdomain.zip"), folder.join("a-copy.zip")).unwrap();
    std::fs::copy(folder.join("tls-cert-expired.zip"), folder.join("garbage.zip")).unwrap();
    let changed = batch(&folder, &table, &[]);
    assert!(
        changed.out.starts_with("6 bundles: 0 analysed, 4 in the table already, 2 the same"),
        "{}",
        changed.out
    );
    let (_, rows) = export(&table);
    let copies: Vec<(String, i64)> = rows
        .iter()
        .map(|(path, row)| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), row["copies"].as_i64().unwrap())
        })
        .collect();
    let expected = [("a-copy.zip", 2), ("empty.zip", 1), ("garbage.zip", 2), ("proxy-auth-required.zip", 1)];
    assert_eq!(copies, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn other_rules_are_other_rows() {
    let place = Place::new();
    let folder = mixed(&place);
    std::fs::remove_dir_all(folder.join("slow")).unwrap();
    let table = place.path().join("cases.sqlite");
    batch(&folder, &table, &[]);
    let rules = place.path().join("site");
    std::fs::create_dir_all(rules.join("site")).unwrap();
    std::fs::write(rules.join("pack.yml"), "name: site\nversion: 1.0.0\nprofile: 1\ntaxonomy: tetra\n")
        .unwrap();
    let rule = "title: Any attempt\nname: site_any_attempt\nid: 0b6d3a2e-1d7e-4c62-9d84-0a5f3f1f7b11\nstatus: stable\n\
        logsource: {product: secure_endpoint, category: update_attempt}\n\
        detection:\n    attempt: {attempt.outcome: failed}\n    condition: attempt\nlevel: low\n\
        examples:\n    - expect: match\n      events: [{attempt.outcome: failed}]\n    - expect: no-match\n      events: [{attempt.outcome: ok}]\n";
    std::fs::write(rules.join("site/site_any_attempt.yml"), rule).unwrap();
    let with = batch(&folder, &table, &["--rules", rules.to_str().unwrap()]);
    assert!(
        with.out.starts_with("5 bundles: 3 analysed, 0 in the table already"),
        "{}{}",
        with.out,
        with.err
    );
    let (_, rows) = export(&table);
    let findings = rows[&folder.join("dns-nxdomain.zip")]["findings"].to_string();
    assert!(findings.contains("site_any_attempt"), "{findings}");
    assert_eq!(rows.len(), 5, "the older rules' rows are kept, and not exported");
    let back = batch(&folder, &table, &[]);
    assert!(back.out.starts_with("5 bundles: 0 analysed, 5 in the table already"), "{}", back.out);
}

#[test]
fn too_little_memory_is_a_row_and_no_crash_of_the_run() {
    let place = Place::new();
    let folder = mixed(&place);
    std::fs::remove_dir_all(folder.join("slow")).unwrap();
    let table = place.path().join("cases.sqlite");
    let done = batch(&folder, &table, &["--memory", "24"]);
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    let (_, rows) = export(&table);
    assert_eq!(rows.len(), 5);
    for (path, row) in &rows {
        let status = row["status"].as_str().unwrap();
        assert!(["memory", "crashed", "refused"].contains(&status), "{}: {row}", path.display());
    }
    assert!(rows.values().any(|row| row["status"] != "refused"));
}

#[test]
fn a_table_is_told_from_other_files_and_has_one_writer() {
    let place = Place::new();
    let folder = mixed(&place);
    let none =
        batch(&folder, &place.put("notes.sqlite", b"these are only some notes, and no table at all"), &[]);
    assert_eq!((none.status, none.out.as_str()), (2, ""));
    assert!(none.err.contains("cannot open the table"), "{}", none.err);
    let missing = analyze(&[&"batch", &"export", &place.path().join("none.sqlite")]);
    assert_eq!(missing.status, 2);
    let nothing = batch(&place.path().join("nowhere/*.zip"), &place.path().join("t.sqlite"), &[]);
    assert_eq!(nothing.status, 2, "{}", nothing.out);
    assert!(nothing.err.contains("no bundle was found"), "{}", nothing.err);
    let table = place.path().join("busy.sqlite");
    let lock = std::fs::File::create(place.path().join("busy.sqlite.lock")).unwrap();
    lock.lock().unwrap();
    let busy = batch(&folder, &table, &[]);
    assert_eq!(busy.status, 2);
    assert!(busy.err.contains("another run is writing"), "{}", busy.err);
}

#[test]
fn the_report_finds_what_unexplained_cases_share_and_its_skeleton_matches_them() {
    let place = Place::new();
    let folder = place.path().join("cases");
    for number in 1..=3 {
        let case = folder.join(format!("case-{number}"));
        std::fs::create_dir_all(&case).unwrap();
        let mut log = String::new();
        for line in 0..20 {
            log += &format!(
                "({line}, +0 ms) Nov 10 18:22:{line:02} [4512]: MirrorList: rejected by <b>{number}.{line}</b>, error {line}\r\n"
            );
        }
        std::fs::write(case.join("sfc.exe.log"), log).unwrap();
    }
    let table = place.path().join("cases.sqlite");
    let done = batch(&folder, &table, &[]);
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let skeletons = place.path().join("skeletons");
    let report = analyze(&[&"batch", &"report", &table, &"--skeletons", &skeletons]);
    assert_eq!(report.status, 0, "{}", report.err);
    for words in
        ["3 cases in 3 bundles", "1. 3 cases; no attempt seen", "3 complain: MirrorList: rejected by"]
    {
        assert!(report.out.contains(words), "no `{words}` in\n{}", report.out);
    }
    let with = analyze(&[&"batch", &"row", &"--rules", &skeletons.join("cluster-1"), &folder.join("case-2")]);
    let row: Value = serde_json::from_str(&with.out).unwrap_or_else(|_| panic!("{}", with.err));
    let findings = row["findings"].to_string();
    assert!(findings.contains("log_says_cluster_1_"), "{findings}");
    assert_eq!(row["unexplained"], serde_json::json!([]), "it is explained now");

    let page = analyze(&[&"batch", &"report", &table, &"--format", &"html"]);
    assert_eq!(page.status, 0, "{}", page.err);
    assert!(page.out.contains("default-src 'none'") && !page.out.contains("<b>1.0"), "{}", page.out);
    let again = analyze(&[&"batch", &"report", &table, &"--format", &"html"]);
    assert_eq!(page.out, again.out);
}

#[test]
fn an_inbox_is_emptied_as_it_fills_and_reports_lie_beside() {
    let place = Place::new();
    let folder = mixed(&place);
    std::fs::remove_dir_all(folder.join("slow")).unwrap();
    // An upload that goes on: its end is missing at first.
    let whole = std::fs::read(folder.join("dns-nxdomain.zip")).unwrap();
    let late = folder.join("late.zip");
    std::fs::write(&late, &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.join("upload.zip.part"), &whole).unwrap();
    std::fs::remove_file(folder.join("garbage.zip")).unwrap();
    std::fs::remove_file(folder.join("empty.zip")).unwrap();
    let uploading = std::thread::spawn({
        let late = late.clone();
        move || {
            std::thread::sleep(std::time::Duration::from_secs(4));
            std::fs::write(&late, whole).unwrap();
        }
    });
    let watch = |form: &str| {
        analyze(&[&"watch", &folder, &"--once", &"--settle", &"1", &"--workers", &"1", &"--format", &form])
    };
    let done = watch("text");
    uploading.join().unwrap();
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", done.out);
    assert!(lines.contains(&"late.zip: broken, dns-nxdomain (confirmed)"), "{}", done.out);
    assert_eq!(lines[3], "late.zip: broken, dns-nxdomain (confirmed)", "it came last");
    for name in ["dns-nxdomain", "late", "proxy-auth-required", "tls-cert-expired"] {
        let report = std::fs::read_to_string(folder.join(format!("{name}.zip.report.txt"))).unwrap();
        assert!(
            report.contains("broken") || report.contains("Broken") || report.contains("BROKEN"),
            "{report}"
        );
    }
    assert!(!folder.join("upload.zip.part.report.txt").exists());

    // After a restart only what is new is done; what is garbage says so beside it.
    std::fs::write(folder.join("garbage.zip"), b"this is no archive").unwrap();
    let again = watch("html");
    assert_eq!(again.status, 1, "{}{}", again.out, again.err);
    assert!(again.out.starts_with("garbage.zip: could not be analysed: refused, "), "{}", again.out);
    assert!(again.out.lines().count() == 1 && folder.join("garbage.zip.report.txt").exists());
    // In Chinese the report is Chinese, and the row the same.
    let table = folder.join("chinese.sqlite");
    let chinese = analyze(&[
        &"watch",
        &folder,
        &"--once",
        &"--settle",
        &"0",
        &"--db",
        &table,
        &"--format",
        &"text",
        &"--lang",
        &"zh-CN",
    ]);
    assert_eq!(chinese.status, 1, "{}{}", chinese.out, chinese.err);
    let report = std::fs::read_to_string(folder.join("dns-nxdomain.zip.report.txt")).unwrap();
    assert!(report.contains("故障") && !report.contains("BROKEN"), "{report}");
    let summaries = |table: &Path| {
        let exported = analyze(&[&"batch", &"export", &table, &"--format", &"jsonl"]).out;
        let rows = exported.lines().map(|row| serde_json::from_str::<Value>(row).unwrap());
        rows.map(|row| row["summary"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(summaries(&table), summaries(&folder.join("cases.sqlite")));
    let none = analyze(&[&"watch", &place.path().join("nowhere"), &"--once"]);
    assert_eq!(none.status, 2, "{}", none.out);
}
