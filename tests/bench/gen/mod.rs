//! Makes the inputs of the measurements: captures, a log, patterns, archives. Nothing is random: the same seed gives the
//! same bytes on every machine.

mod der;
mod frames;
mod lines;
pub(crate) mod log;
pub(crate) mod pack;
pub(crate) mod pcap;
mod rng;
mod talks;
mod tls;
mod traffic;
