//! TCP connections: who opened them, what arrived in order, how they ended.

mod connection;
mod half;
mod segment;
mod table;

pub(crate) use connection::Connection;
pub(crate) use segment::Segment;
pub(crate) use table::Table;
