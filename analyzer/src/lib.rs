//! Names why an endpoint does not get its TETRA definitions.

mod source;
