//! The contract between the collector and the analyzer: bundle layout, manifest, safe reading and writing.
//!
//! [`Bundle`] opens a sealed bundle, the vendor's archive, a folder of either, or loose files, as named
//! [`sources`](SourceId). [`BundleWriter`] seals a bundle. What a source says is left to the analyzer.

mod anomaly;
mod archive;
mod entry;
mod error;
mod folder;
mod inflate;
mod layout;
mod limits;
mod manifest;
mod name;
mod open;
mod pick;
mod reader;
mod salvage;
mod sniff;
mod source;
mod verify;
mod writer;

pub use anomaly::Anomaly;
pub use entry::{Entry, Modified};
pub use error::Error;
pub use layout::{Layout, source_of};
pub use limits::Limits;
pub use manifest::{
    FileRecord, Host, MANIFEST, Manifest, Redaction, SCHEMA, Span, StepRecord, StepStatus, Times, Tool,
    json_schema,
};
pub use reader::{Bundle, hash};
pub use source::SourceId;
pub use verify::{Check, CheckState, verify};
pub use writer::{BundleWriter, Sealed};
