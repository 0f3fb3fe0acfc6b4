//! The rows of one input.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Result, params};
use serde::Serialize;

use crate::model::{Analysis, Case, CauseReport, EvidenceRef, Fields, Observation, Value};

/// Replaces what the file holds of an input.
pub(super) fn replace(db: &Connection, analysis: &Analysis, case: &Case) -> Result<()> {
    let rows = Rows { db, bundle: &analysis.input.sha256 };
    db.execute("DELETE FROM bundle WHERE bundle = ?1", [rows.bundle])?;
    rows.bundle(analysis)?;
    for (number, observed) in (1_i64..).zip(&case.observations) {
        rows.observation(number, observed)?;
    }
    rows.attempts(analysis)?;
    rows.findings(analysis)?;
    rows.causes(analysis)?;
    rows.coverage(analysis)
}

/// The word that the JSON report has for a value.
fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// A number as the file can hold it.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

struct Rows<'a> {
    db: &'a Connection,
    bundle: &'a str,
}

impl Rows<'_> {
    fn add(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<()> {
        self.db.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    fn bundle(&self, analysis: &Analysis) -> Result<()> {
        let (input, endpoint, diagnosis) = (&analysis.input, &analysis.endpoint, &analysis.diagnosis);
        let tool = format!("{} {}", analysis.tool.name, analysis.tool.version);
        let pack = |pack: &crate::model::PackInfo| format!("{} {} {}", pack.pack, pack.version, pack.sha256);
        let rules: Vec<String> = analysis.rules.iter().map(pack).collect();
        let covers = input.covers.as_ref();
        self.add(
            "INSERT INTO bundle VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)",
            params![
                self.bundle,
                input.path,
                input.layout,
                input.collected,
                covers.map(|covers| &covers.from),
                covers.map(|covers| &covers.to),
                tool,
                rules.join(", "),
                word(&diagnosis.verdict),
                diagnosis.primary.as_ref().map(|primary| &primary.cause),
                diagnosis.summary,
                endpoint.hostname,
                endpoint.os,
                endpoint.connector_version,
                endpoint.definitions_version,
                endpoint.last_error,
                endpoint.last_success,
                endpoint.update_server,
                endpoint.proxy,
            ],
        )
    }

    fn observation(&self, id: i64, observed: &Observation) -> Result<()> {
        self.add(
            "INSERT INTO observation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                self.bundle,
                id,
                observed.kind.name(),
                observed.time.map(|time| time.to_string()),
                observed.time.map(|time| time.0),
                observed.endpoint,
                observed.attempt,
            ],
        )?;
        self.fields(id, &observed.fields)?;
        let evidence: Vec<EvidenceRef> = observed.evidence.iter().map(EvidenceRef::from).collect();
        self.evidence("observation", id, &evidence)
    }

    fn fields(&self, id: i64, fields: &Fields) -> Result<()> {
        for (name, value) in fields.iter() {
            let values = match value {
                Value::List(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for (position, value) in (1_i64..).zip(values) {
                let (kind, value) = sql(value);
                self.add(
                    "INSERT INTO field VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![self.bundle, id, name, position, kind, value],
                )?;
            }
        }
        Ok(())
    }

    fn attempts(&self, analysis: &Analysis) -> Result<()> {
        let mut rung = 0_i64;
        for attempt in &analysis.attempts {
            self.add(
                "INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    self.bundle,
                    attempt.id,
                    attempt.endpoint,
                    attempt.start,
                    attempt.end,
                    attempt.target,
                    attempt.path.name(),
                    number(attempt.bytes),
                    word(&attempt.outcome),
                    attempt.later_success,
                ],
            )?;
            for stage in &attempt.stages {
                rung = rung.saturating_add(1);
                self.add(
                    "INSERT INTO rung VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        self.bundle,
                        rung,
                        attempt.id,
                        stage.stage.name(),
                        word(&stage.state),
                        stage.summary,
                        stage.at_ms.map(number),
                    ],
                )?;
                self.evidence("rung", rung, &stage.evidence)?;
            }
        }
        Ok(())
    }

    fn findings(&self, analysis: &Analysis) -> Result<()> {
        for (id, finding) in (1_i64..).zip(&analysis.findings) {
            self.add(
                "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    self.bundle,
                    id,
                    finding.rule,
                    finding.pack,
                    finding.supports,
                    finding.refutes,
                    finding.level,
                    finding.strength,
                    finding.summary,
                    finding.attempt,
                    finding.endpoint,
                ],
            )?;
            self.evidence("finding", id, &finding.evidence)?;
        }
        Ok(())
    }

    fn causes(&self, analysis: &Analysis) -> Result<()> {
        let diagnosis = &analysis.diagnosis;
        let of = |role: &'static str| move |cause| (role, cause);
        let causes = diagnosis
            .primary
            .iter()
            .map(of("primary"))
            .chain(diagnosis.others.iter().map(of("other")))
            .chain(diagnosis.consequences.iter().map(of("consequence")));
        for (rank, (role, cause)) in (1_i64..).zip(causes) {
            let cause: &CauseReport = cause;
            self.add(
                "INSERT INTO cause VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    self.bundle,
                    rank,
                    role,
                    cause.cause,
                    cause.category,
                    cause.stage,
                    word(&cause.confidence),
                    cause.belief,
                    cause.reach.explained,
                    cause.reach.failed,
                    cause.summary,
                ],
            )?;
            self.evidence("cause", rank, &cause.evidence)?;
        }
        Ok(())
    }

    fn coverage(&self, analysis: &Analysis) -> Result<()> {
        for (id, covered) in (1_i64..).zip(&analysis.coverage) {
            let span = covered.covers.as_ref();
            self.add(
                "INSERT INTO coverage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    self.bundle,
                    id,
                    covered.source,
                    covered.path,
                    covered.state,
                    span.map(|span| &span.from),
                    span.map(|span| &span.to),
                    covered.note,
                ],
            )?;
        }
        for (id, anomaly) in (1_i64..).zip(&analysis.anomalies) {
            self.add(
                "INSERT INTO anomaly VALUES (?1, ?2, ?3, ?4, ?5)",
                params![self.bundle, id, anomaly.path, anomaly.at, anomaly.what],
            )?;
        }
        Ok(())
    }

    fn evidence(&self, of: &str, id: i64, evidence: &[EvidenceRef]) -> Result<()> {
        for (position, one) in (1_i64..).zip(evidence) {
            self.add(
                "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    self.bundle,
                    of,
                    id,
                    position,
                    one.source,
                    one.path,
                    one.frame.map(number),
                    one.line.map(number),
                    one.element,
                    one.time,
                    one.excerpt,
                ],
            )?;
        }
        Ok(())
    }
}

/// Gives the type and the value of a field; a list within a list is text.
fn sql(value: &Value) -> (&'static str, Sql) {
    match value {
        Value::Text(text) => ("text", Sql::Text(text.clone().into_owned())),
        Value::Int(number) => ("int", Sql::Integer(*number)),
        Value::Float(number) => ("float", Sql::Real(*number)),
        Value::Bool(yes) => ("bool", Sql::Integer(i64::from(*yes))),
        Value::Ip(address) => ("ip", Sql::Text(address.to_string())),
        list @ Value::List(_) => ("text", Sql::Text(list.to_string())),
    }
}
