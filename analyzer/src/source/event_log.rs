//! Windows event logs as `wevtutil epl` exports them: CAPI2, Schannel, the connector's own channels.
//!
//! A log is a header of 4 KiB and chunks of 64 KiB, each complete in itself (MS-EVEN6, 2.2.17); `evtx` reads a chunk. Only
//! events that carry an error are stated: their level is error or critical, or a failure code (HRESULT) stands in them.

mod status;

use std::io::Read;
use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};
use serde_json::Value;

use self::status::{leaves, status};
use super::text;
use crate::model::{Fields, Kind, Locator, Sink, Timestamp};

/// Length of the file's header in bytes.
const HEADER: usize = 4096;
/// Length of a chunk in bytes.
const CHUNK: usize = 64 << 10;
/// Level of errors; critical is 1, and 0 is not set.
const ERROR: i64 = 2;
/// Most events that are stated.
const STATED: usize = 10_000;
/// Longest text of an event, in characters.
const TEXT: usize = 300;

/// What an event log covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCoverage {
    /// Events read.
    pub events: u64,
    /// Events with an error.
    pub errors: u64,
    /// Earliest and latest time of an event.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// Reads an event log to its end, chunk by chunk.
pub fn read(input: &mut dyn Read, sink: &mut Sink) -> EventCoverage {
    let mut covered = EventCoverage::default();
    let header = piece(input, HEADER, sink);
    if header.get(..8) != Some(b"ElfFile\0".as_slice()) {
        sink.anomaly(Locator::Whole, "is no Windows event log (expected a file that begins with `ElfFile`)");
        return covered;
    }
    let settings = Arc::new(ParserSettings::default());
    for number in 0_u64.. {
        let bytes = piece(input, CHUNK, sink);
        if bytes.len() < CHUNK {
            if !bytes.is_empty() {
                sink.anomaly(Locator::Whole, format!("ends in the middle of chunk {number}"));
            }
            break;
        }
        // A log has room for more chunks than it uses.
        if bytes.iter().take(8).all(|byte| *byte == 0) {
            continue;
        }
        if let Err(fault) = chunk(bytes, &settings, &mut covered, sink) {
            sink.anomaly(Locator::Whole, format!("chunk {number} cannot be read: {fault}"));
        }
    }
    covered
}

/// Reads at most so many bytes.
fn piece(input: &mut dyn Read, length: usize, sink: &mut Sink) -> Vec<u8> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(length).unwrap_or(u64::MAX);
    if let Err(fault) = input.take(limit).read_to_end(&mut bytes) {
        sink.anomaly(Locator::Whole, format!("cannot be read to its end: {fault}"));
    }
    bytes
}

fn chunk(
    bytes: Vec<u8>,
    settings: &Arc<ParserSettings>,
    covered: &mut EventCoverage,
    sink: &mut Sink,
) -> Result<(), String> {
    let mut data = EvtxChunkData::new(bytes, false).map_err(|fault| fault.to_string())?;
    let mut chunk = data.parse(Arc::clone(settings)).map_err(|fault| fault.to_string())?;
    for record in chunk.iter() {
        let record = record.and_then(evtx::EvtxRecord::into_json_value).map_err(|fault| fault.to_string())?;
        let time = i64::try_from(record.timestamp.as_nanosecond()).ok().map(Timestamp);
        covered.events = covered.events.saturating_add(1);
        if let Some(time) = time {
            let span = covered.span.get_or_insert((time, time));
            *span = (span.0.min(time), span.1.max(time));
        }
        event(record.event_record_id, time, &record.data, covered, sink);
    }
    Ok(())
}

/// States an event that carries an error.
fn event(id: u64, time: Option<Timestamp>, record: &Value, covered: &mut EventCoverage, sink: &mut Sink) {
    let whole = at(record, "Event");
    let system = at(whole, "System");
    let level = number(at(system, "Level")).unwrap_or(0);
    let status = status(whole);
    if status.is_none() && !(1..=ERROR).contains(&level) {
        return;
    }
    covered.errors = covered.errors.saturating_add(1);
    if sink.observations.len() >= STATED {
        return;
    }
    let mut words = String::new();
    for part in ["EventData", "UserData", "RenderingInfo"] {
        leaves(at(whole, part), &mut |_, leaf| {
            if words.len() < TEXT && !leaf.trim().is_empty() {
                words.push_str(if words.is_empty() { "" } else { "; " });
                words.push_str(leaf.trim());
            }
        });
    }
    let words = text::head(&words, TEXT).to_owned();
    let event = number(at(system, "EventID")).unwrap_or(0);
    let mut fields = Fields::new();
    fields
        .set("event.channel", at(system, "Channel").as_str().unwrap_or_default().to_owned())
        .set("event.id", event)
        .set("event.level", level)
        .set("event.text", words.clone());
    let mut excerpt = format!("event {event}");
    if let Some(status) = status {
        excerpt.push_str(&format!(", {status}"));
        fields.set("event.status", status);
    }
    excerpt.push_str(&format!(": {words}"));
    sink.observe(Kind::Event, Locator::Element(format!("EventRecordID {id}")), &excerpt, time, fields);
}

/// Gives a member of an object; nothing where it has none.
fn at<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// Gives a number that stands alone, or beside attributes.
fn number(value: &Value) -> Option<i64> {
    let value = value.get("#text").unwrap_or(value);
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
