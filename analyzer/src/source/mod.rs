//! One parser per source of a bundle: bytes in, observations out.

//!
//! Small sources are slices of at most [`text::SMALL`] bytes (what goes beyond is cut off and noted); the connector's log is
//! read as a stream. A parser does no other input or output, has no clock, judges nothing and does not panic.

pub mod capture;
pub mod certificates;
pub mod code;
pub mod console;
pub mod curl;
pub mod event_log;
pub mod hosts;
pub mod json;
pub mod local_xml;
pub mod log;
pub mod manifest_facts;
pub mod moment;
pub mod network_config;
pub mod policy_xml;
pub mod posture;
pub mod power;
pub mod probes;
pub mod resolve_dns;
pub mod services;
pub mod tetra_plugins;
pub mod text;
pub mod xml;

#[cfg(test)]
mod hammer;

use crate::model::Sink;

/// How many facts a small source may state; no real one comes near.
const FACTS: usize = 10_000;

/// Tells whether a small source has stated as much as it may.
fn is_full(sink: &Sink) -> bool {
    sink.observations.len() >= FACTS
}
