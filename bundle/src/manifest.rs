//! The manifest of a bundle, `manifest.json`: what was collected, where, when, and what was not.
//!
//! Reading is tolerant: unknown keys are passed over, and every part but `schema` may be missing or broken
//! without loss of the others.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SourceId;

/// The path of the manifest in a bundle.
pub const MANIFEST: &str = "manifest.json";

/// The schema that this version writes.
pub const SCHEMA: &str = "tetra-bundle/1";

/// Tells what a bundle holds and how it came to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// The form of the bundle, `tetra-bundle/1`.
    pub schema: String,
    /// What wrote it.
    #[serde(default)]
    pub tool: Tool,
    /// When it was collected.
    #[serde(default)]
    pub times: Times,
    /// Where it was collected.
    #[serde(default)]
    pub host: Host,
    /// What the collector did, in order.
    #[serde(default)]
    pub steps: Vec<StepRecord>,
    /// What the bundle holds besides this manifest, sorted by path.
    #[serde(default)]
    pub files: Vec<FileRecord>,
}

/// Names the program that wrote a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Tells when a bundle was collected, by the clocks of the endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Times {
    /// When the collection began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime<Utc>>,
    /// The minutes that local time is ahead of UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// The name of the endpoint's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How long the collection took by a clock that nobody sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monotonic_ms: Option<u64>,
}

/// Describes the endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Host {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Its operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The build of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_build: Option<String>,
    /// Its processor architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// The version of the connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector_version: Option<String>,
    /// Where the connector is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector_folder: Option<String>,
    /// The free bytes of the disk that the definitions go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_free_bytes: Option<u64>,
    /// The bytes of that disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_total_bytes: Option<u64>,
    /// The bytes of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The free bytes of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_free_bytes: Option<u64>,
    /// How long the endpoint has been running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_ms: Option<u64>,
    /// Whether the collector ran as an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elevated: Option<bool>,
}

/// Tells what became of one step of the collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StepRecord {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub status: StepStatus,
    /// Why it did not do what it was to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It did what it was to do.
    Done,
    /// It was not needed, or not wanted.
    Skipped,
    /// It went wrong.
    Failed,
    /// It was ended because it took too long.
    Timeout,
    /// The endpoint did not allow it.
    Denied,
    /// Its result is left out, to keep a secret.
    Withheld,
    /// A status that this version does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Describes one file of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FileRecord {
    /// Its path in the bundle.
    pub path: String,
    /// What it is.
    pub source: SourceId,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When it was last written on the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateTime<Utc>>,
    /// The stretches of the original that are not in the bundle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub truncated: Vec<Span>,
    /// What was replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redactions: Vec<Redaction>,
    /// The file whose next stretch this one holds: long logs are cut into several entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
}

/// A stretch of a file, from the byte at `from` to the one before `to`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Span {
    /// The first byte.
    pub from: u64,
    /// The byte after the last.
    pub to: u64,
}

/// Tells how often something was replaced in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Redaction {
    /// What was replaced: a host name, a user, an address.
    pub kind: String,
    /// How often.
    pub count: u64,
}

impl Manifest {
    /// Reads a manifest, with a remark for every part of it that could not be read.
    ///
    /// # Errors
    ///
    /// Says why it is no manifest at all: no JSON object, or without a schema.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<String>), String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut value: Value = serde_json::from_slice(bytes).map_err(|cause| cause.to_string())?;
        let Some(Value::String(schema)) = value.get_mut("schema").map(Value::take) else {
            return Err("it has no schema".to_owned());
        };
        let mut remarks = Vec::new();
        if schema != SCHEMA {
            remarks.push(format!("its schema is `{}`, not `{SCHEMA}`", crate::name::printable(&schema)));
        }
        let manifest = Self {
            schema,
            tool: part(&mut value, "tool", &mut remarks),
            times: part(&mut value, "times", &mut remarks),
            host: part(&mut value, "host", &mut remarks),
            steps: list(&mut value, "steps", &mut remarks),
            files: list(&mut value, "files", &mut remarks),
        };
        Ok((manifest, remarks))
    }

    /// Returns the manifest as it is written: JSON for people too, with a last line end.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

/// Returns the JSON Schema of the manifest, as committed beside this crate.
#[must_use]
pub fn json_schema() -> String {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    // Some crate of the tree may make objects keep the order of insertion; the file is in order of names.
    schema.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Takes one part out of the manifest; a broken one counts as missing.
fn part<T: Default + for<'de> Deserialize<'de>>(
    value: &mut Value,
    key: &str,
    remarks: &mut Vec<String>,
) -> T {
    let found = value.get_mut(key).map(Value::take).unwrap_or_default();
    if found.is_null() {
        return T::default();
    }
    serde_json::from_value(found).unwrap_or_else(|cause| {
        remarks.push(format!("its `{key}` cannot be read: {cause}"));
        T::default()
    })
}

/// Takes a list out of the manifest; broken items are left out.
fn list<T: for<'de> Deserialize<'de>>(value: &mut Value, key: &str, remarks: &mut Vec<String>) -> Vec<T> {
    let items: Vec<Value> = part(value, key, remarks);
    let total = items.len();
    let read: Vec<T> = items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect();
    if read.len() < total {
        let lost = total.saturating_sub(read.len());
        remarks.push(format!("{lost} of its {total} `{key}` cannot be read"));
    }
    read
}

#[cfg(test)]
mod tests;
