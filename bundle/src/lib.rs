//! The contract between the collector and the analyzer: bundle layout, manifest, safe reading and writing.
