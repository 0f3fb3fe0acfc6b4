//! The table: SQLite with one writer, one row per bundle, rules and program.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params, params_from_iter};
use serde_json::{Map, Value};

use super::Error;
use super::columns::{self, ATTEMPT, CASE};
use super::inputs::Job;
use super::row::Row;

/// Marks the file as a table of cases: "tetC".
const APPLICATION: i64 = 0x7465_7443;
/// Version of the schema.
const VERSION: i64 = 1;
/// How long a reader waits for a writer, and the other way round.
const PATIENCE: Duration = Duration::from_secs(30);

/// A table of cases.
#[derive(Debug)]
pub(super) struct Store {
    db: Connection,
    /// Held while this process writes.
    _lock: Option<File>,
}

/// What the table knows of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Hash of its content.
    pub content: String,
    /// How the work on it ended, for the rules and program asked for.
    pub status: Option<String>,
}

impl Store {
    /// Opens a table for writing; makes it if it is not there.
    pub(super) fn writer(path: &Path, rules: &str, tool: &str) -> Result<Self, Error> {
        let lock = lock(path)?;
        let opened = Connection::open(path).and_then(|db| {
            db.busy_timeout(PATIENCE)?;
            Ok(db)
        });
        let db = opened.map_err(|source| Error::Table { path: path.to_owned(), source })?;
        let empty: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|source| Error::Table { path: path.to_owned(), source })?;
        if empty == 0 {
            create(&db)?;
        }
        let store = Self { db, _lock: Some(lock) };
        store.expect_version(path)?;
        store.db.pragma_update(None, "journal_mode", "wal")?;
        store.db.pragma_update(None, "synchronous", "normal")?;
        for (key, value) in [("rules", rules), ("tool", tool)] {
            store.db.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![key, value])?;
        }
        Ok(store)
    }

    /// Opens a table for reading.
    pub(super) fn reader(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)
            .map_err(|source| Error::Table { path: path.to_owned(), source })?;
        db.busy_timeout(PATIENCE)?;
        let store = Self { db, _lock: None };
        store.expect_version(path)?;
        Ok(store)
    }

    fn expect_version(&self, path: &Path) -> Result<(), Error> {
        let pragma = |name| self.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).ok();
        if pragma("application_id") == Some(APPLICATION) && pragma("user_version") == Some(VERSION) {
            Ok(())
        } else {
            Err(Error::NotATable { path: path.to_owned() })
        }
    }

    /// Gives what is known of a bundle that has the size and time it had.
    pub(super) fn known(&self, job: &Job, rules: &str, tool: &str) -> Result<Option<Known>, Error> {
        let mut query = self.db.prepare_cached(
            "SELECT b.content, c.status FROM bundles b
             LEFT JOIN cases c ON c.content = b.content AND c.rules = ?4 AND c.tool = ?5
             WHERE b.path = ?1 AND b.bytes = ?2 AND b.modified = ?3",
        )?;
        let given = params![name(&job.path), whole(job.bytes), job.modified, rules, tool];
        let known = query.query_row(given, |row| Ok(Known { content: row.get(0)?, status: row.get(1)? }));
        Ok(known.optional()?)
    }

    /// Gives the contents of this size that have a row for rules and program, and how the work on them ended.
    pub(super) fn of_size(
        &self,
        bytes: u64,
        rules: &str,
        tool: &str,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut query = self.db.prepare_cached(
            "SELECT DISTINCT c.content, c.status FROM bundles b JOIN cases c ON c.content = b.content
             WHERE b.bytes = ?1 AND c.rules = ?2 AND c.tool = ?3",
        )?;
        let rows =
            query.query_map(params![whole(bytes), rules, tool], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Tells whether a bundle of this size is known: only then can another one be the same.
    pub(super) fn has_size(&self, bytes: u64) -> Result<bool, Error> {
        let mut query = self.db.prepare_cached("SELECT 1 FROM bundles WHERE bytes = ?1 LIMIT 1")?;
        Ok(query.exists(params![whole(bytes)])?)
    }

    /// Notes where a content lies.
    pub(super) fn place(&self, job: &Job, content: &str) -> Result<(), Error> {
        let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO bundles VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![name(&job.path), whole(job.bytes), job.modified, content])?;
        Ok(())
    }

    /// Writes the row of a bundle with its attempts, in one transaction; an older row of the same key gives way.
    pub(super) fn put(&mut self, job: &Job, row: &Row, millis: u64) -> Result<(), Error> {
        let transaction = self.db.transaction()?;
        {
            let mut object = object(row);
            let attempts = object.remove("attempts").unwrap_or_default();
            let attempts = attempts.as_array().map(Vec::as_slice).unwrap_or_default();
            object.insert("attempt_count".to_owned(), Value::from(attempts.len()));
            let key = params![row.content, row.rules, row.tool];
            let tries = "SELECT tries FROM cases WHERE content = ?1 AND rules = ?2 AND tool = ?3";
            let tries: Option<i64> =
                transaction.prepare_cached(tries)?.query_row(key, |row| row.get(0)).optional()?;
            let mut values: Vec<Sql> = CASE.iter().map(|column| columns::stored(&object, *column)).collect();
            values.push(Sql::Integer(whole(millis)));
            values.push(Sql::Integer(tries.unwrap_or_default().saturating_add(1)));
            insert(&transaction, "cases", values)?;
            let clear = "DELETE FROM attempts WHERE content = ?1 AND rules = ?2 AND tool = ?3";
            transaction.prepare_cached(clear)?.execute(key)?;
            for attempt in attempts.iter().filter_map(Value::as_object) {
                let mut values: Vec<Sql> =
                    [&row.content, &row.rules, &row.tool].map(|text| Sql::Text(text.clone())).into();
                values.extend(ATTEMPT.iter().map(|column| columns::stored(attempt, *column)));
                insert(&transaction, "attempts", values)?;
            }
            let place = params![name(&job.path), whole(job.bytes), job.modified, row.content];
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO bundles VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute(place)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Calls `each` with every case of the latest rules and program whose bundle is still where it was seen: as JSON, its
    /// first path and the number of copies included, in the order of paths.
    pub(super) fn cases(
        &self,
        each: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let listed = columns::names(&CASE);
        let mut query = self
            .db
            .prepare(&format!("SELECT path, copies, bytes, {listed} FROM latest ORDER BY path, content"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let mut object = Map::new();
            object.insert("path".to_owned(), Value::String(row.get(0)?));
            object.insert("copies".to_owned(), Value::from(row.get::<_, i64>(1)?));
            object.insert("bytes".to_owned(), Value::from(row.get::<_, i64>(2)?));
            for (at, (name, kind)) in CASE.iter().enumerate() {
                object.insert((*name).to_owned(), columns::loaded(row.get_ref(at.saturating_add(3))?, *kind));
            }
            each(object)?;
        }
        Ok(())
    }

    /// Gives the attempts of a case, in order.
    pub(super) fn attempts(&self, content: &str, rules: &str, tool: &str) -> Result<Vec<Value>, Error> {
        let listed = columns::names(&ATTEMPT);
        let mut query = self.db.prepare_cached(&format!(
            "SELECT {listed} FROM attempts WHERE content = ?1 AND rules = ?2 AND tool = ?3 ORDER BY id"
        ))?;
        let rows = query.query_map(params![content, rules, tool], |row| {
            let mut object = Map::new();
            for (at, (name, kind)) in ATTEMPT.iter().enumerate() {
                object.insert((*name).to_owned(), columns::loaded(row.get_ref(at)?, *kind));
            }
            Ok(Value::Object(object))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn create(db: &Connection) -> Result<(), Error> {
    let case = columns::declarations(&CASE);
    let attempt = columns::declarations(&ATTEMPT);
    db.execute_batch(&format!(
        "BEGIN;
         PRAGMA application_id = {APPLICATION};
         PRAGMA user_version = {VERSION};
         CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE bundles (path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, modified INTEGER NOT NULL,
             content TEXT NOT NULL) WITHOUT ROWID;
         CREATE INDEX bundles_by_content ON bundles (content, path);
         CREATE INDEX bundles_by_size ON bundles (bytes);
         CREATE TABLE cases ({case}, millis INTEGER NOT NULL, tries INTEGER NOT NULL,
             PRIMARY KEY (content, rules, tool));
         CREATE TABLE attempts (content TEXT NOT NULL, rules TEXT NOT NULL, tool TEXT NOT NULL, {attempt},
             PRIMARY KEY (content, rules, tool, id)) WITHOUT ROWID;
         CREATE VIEW latest AS SELECT b.path, b.copies, b.bytes, c.* FROM cases c
             JOIN (SELECT content, min(path) AS path, count(*) AS copies, max(bytes) AS bytes
                   FROM bundles GROUP BY content) b ON b.content = c.content
             WHERE c.rules = (SELECT value FROM meta WHERE key = 'rules')
               AND c.tool = (SELECT value FROM meta WHERE key = 'tool');
         COMMIT;"
    ))?;
    Ok(())
}

fn insert(db: &Connection, table: &str, values: Vec<Sql>) -> Result<(), Error> {
    let places = vec!["?"; values.len()].join(", ");
    db.prepare_cached(&format!("INSERT OR REPLACE INTO {table} VALUES ({places})"))?
        .execute(params_from_iter(values))?;
    Ok(())
}

/// Takes the lock that one writer holds; it ends with the process, however that ends.
fn lock(path: &Path) -> Result<File, Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(PathBuf::from(beside))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn object(row: &Row) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
