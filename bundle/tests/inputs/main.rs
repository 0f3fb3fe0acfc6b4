//! Opens real and hostile inputs, built byte by byte.

mod bombs;
mod cut;
mod folders;
mod names;
mod raw;
mod vendor;
mod zips;
