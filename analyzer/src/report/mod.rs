//! Renders an [`Analysis`](crate::model::Analysis) for people and for programs; it judges nothing.
//!
//! Same analysis, same bytes: no clock, no hash order, no look at the terminal.

mod clean;
pub mod html;
pub mod json;
mod lists;
pub mod markdown;
mod phrases;
mod says;
pub mod text;
mod when;
mod words;

pub use phrases::{say, translate};
pub use words::Lang;

#[cfg(test)]
pub(crate) mod expected;
#[cfg(test)]
mod sample;
