//! The export to SQLite: the rows, the documented tables and queries, the same content twice, and files left alone.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::archive::Place;
use crate::cases::{all, input};
use crate::program::{self, analyze};

fn case(name: &str) -> std::path::PathBuf {
    input(&program::root().join("fixtures/cases").join(name))
}

fn export(db: &Path, name: &str) -> program::Done {
    analyze(&[&"--sqlite", &db, &"--format", &"json", &case(name)])
}

fn open(db: &Path) -> Connection {
    Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Everything a query gives, as text.
fn rows(connection: &Connection, query: &str) -> Vec<Vec<String>> {
    let mut statement = connection.prepare(query).unwrap_or_else(|error| panic!("{error}: {query}"));
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        (0..columns).map(|column| Ok(format!("{:?}", row.get_ref(column)?))).collect()
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

fn tables(connection: &Connection) -> Vec<String> {
    let query = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// All rows of all tables.
fn content(connection: &Connection) -> Vec<(String, Vec<Vec<String>>)> {
    let content = |table: String| {
        let rows = rows(connection, &format!("SELECT * FROM {table}"));
        (table, rows)
    };
    tables(connection).into_iter().map(content).collect()
}

fn count(connection: &Connection, query: &str) -> i64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_the_report_says_is_in_the_tables() {
    let place = Place::new();
    let db = place.put("none", b"").with_file_name("cases.db");
    let done = export(&db, "tls-revocation-syn-timeout");
    assert_eq!(done.status, 1, "{}", done.err);
    let report: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let db = open(&db);
    let length =
        |pointer: &str| i64::try_from(report.pointer(pointer).unwrap().as_array().unwrap().len()).unwrap();
    for (table, pointer) in [
        ("attempt", "/attempts"),
        ("rung", "/attempts/0/stages"),
        ("finding", "/findings"),
        ("coverage", "/coverage"),
        ("anomaly", "/anomalies"),
    ] {
        assert_eq!(count(&db, &format!("SELECT count(*) FROM {table}")), length(pointer), "{table}");
    }
    let cause: (String, String) =
        db.query_row("SELECT cause, verdict FROM bundle", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(cause, ("revocation-unreachable-syn-timeout".to_owned(), "broken".to_owned()));
    let frame = "SELECT frame FROM evidence WHERE of = 'cause' AND number = 1 AND position = 1";
    assert_eq!(
        count(&db, frame),
        report.pointer("/diagnosis/primary/evidence/0/frame").unwrap().as_i64().unwrap()
    );
    assert!(count(&db, "SELECT count(*) FROM observation WHERE kind = 'log_record'") > 0);
    assert!(count(&db, "SELECT count(*) FROM observation WHERE kind = 'setting' AND time IS NULL") > 0);
    let nanoseconds = "SELECT count(*) FROM observation WHERE kind = 'rung' AND time_ns % 1000 <> 0";
    assert!(count(&db, nanoseconds) > 0, "the capture's nanoseconds are kept");
    let orphans = "SELECT count(*) FROM field f LEFT JOIN observation o USING (bundle, observation) WHERE o.kind IS NULL";
    assert_eq!(count(&db, orphans), 0);
}

#[test]
fn every_case_goes_into_one_file_and_the_documented_queries_run_on_it() {
    let place = Place::new();
    let db = place.put("none", b"").with_file_name("cases.db");
    let mut inputs = Vec::new();
    for case in all() {
        inputs.push(input(&case));
    }
    for input in &inputs {
        let done = analyze(&[&"--sqlite", &db, input]);
        assert!([0, 1, 3].contains(&done.status), "{}: {}", input.display(), done.err);
    }
    let db = open(&db);
    assert_eq!(count(&db, "SELECT count(*) FROM bundle"), i64::try_from(inputs.len()).unwrap());
    let document =
        std::fs::read_to_string(program::root().join("analyzer/SQLITE.md")).unwrap().replace("\r\n", "\n");
    for table in tables(&db) {
        assert!(document.contains(&format!("| `{table}` |")), "`{table}` is not in SQLITE.md");
    }
    let queries: Vec<&str> =
        document.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(queries.len(), 3);
    for query in queries {
        assert!(!rows(&db, query).is_empty(), "no answer to\n{query}");
    }
}

#[test]
fn the_same_input_gives_the_same_content_and_replaces_itself() {
    let place = Place::new();
    let (one, two) = (place.put("one.db", b""), place.put("two.db", b""));
    for (db, names) in [
        (&one, &["dns-nxdomain", "proxy-forbidden"][..]),
        (&two, &["proxy-forbidden", "dns-nxdomain", "dns-nxdomain"][..]),
    ] {
        for name in names {
            assert_eq!(export(db, name).status, 1);
        }
    }
    let (one, two) = (open(&one), open(&two));
    assert_eq!(content(&one), content(&two));
    assert_eq!(count(&one, "SELECT count(*) FROM bundle"), 2);
    assert_eq!(count(&one, "PRAGMA user_version"), 1);
}

#[test]
fn other_files_are_left_alone() {
    let place = Place::new();
    let path = place.put("foreign.db", b"SQLite format 3\0 and nothing of ours");
    let text = place.put("notes.txt", b"mine");
    let stranger = place.path().join("stranger.db");
    Connection::open(&stranger).unwrap().execute_batch("CREATE TABLE mine (own INTEGER)").unwrap();
    for file in [&path, &text, &stranger] {
        let before = std::fs::read(file).unwrap();
        let done = export(file, "dns-nxdomain");
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{}", file.display());
        assert!(done.err.contains("not touched"), "{}", done.err);
        assert_eq!(std::fs::read(file).unwrap(), before);
    }
    let later = place.path().join("later.db");
    assert_eq!(export(&later, "dns-nxdomain").status, 1);
    Connection::open(&later).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let done = export(&later, "dns-nxdomain");
    assert!(done.status == 2 && done.err.contains("version 2"), "{}", done.err);
    let nowhere = place.path().join("no/such/cases.db");
    assert_eq!(export(&nowhere, "dns-nxdomain").status, 2);
}
