//! Names the one cause why an endpoint does not get its TETRA definitions, with the evidence.

pub mod model;
pub mod source;
