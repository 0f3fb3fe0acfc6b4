//! Names the one cause why an endpoint does not get its TETRA definitions, with the evidence.

pub mod derive;
pub mod model;
pub mod source;
pub mod args;
pub mod progress;
pub mod report;
