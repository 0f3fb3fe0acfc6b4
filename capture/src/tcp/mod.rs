//! TCP connections: who opened them, what arrived in order, how they ended.

mod connection;
mod facts;
mod half;
mod segment;
mod table;

pub use connection::{Connection, Detail};
pub use facts::{Half, Opening, OtherFlow, Reset, ZeroWindow};
pub use half::{Piece, Track};
pub use segment::Segment;
pub use table::{Settle, Table};
