//! Names the one cause why an endpoint does not get its TETRA definitions, with the evidence.

pub mod args;
pub mod derive;
pub mod model;
pub mod progress;
pub mod report;
pub mod rule;
pub mod source;
