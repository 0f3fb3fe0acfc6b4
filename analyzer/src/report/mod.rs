//! Renders an [`Analysis`](crate::model::Analysis) for people and for programs; it judges nothing.
//!
//! Same analysis, same bytes: no clock, no hash order, no look at the terminal.

pub mod json;
pub mod text;

#[cfg(test)]
pub(crate) mod expected;
#[cfg(test)]
mod sample;
