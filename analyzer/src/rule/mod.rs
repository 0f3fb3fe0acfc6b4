//! The rule engine: loads packs, judges observations, tests packs by their examples.
//!
//! Rules are data in a closed profile of Sigma (`rules/README.md`). [`RuleSet::core`] loads the pack that is compiled in,
//! [`RuleSet::judge`] gives the hits and the questions that the sources leave open. Ranking is left to the diagnosis.

mod catalogue;
mod check;
pub mod codes;
mod condition;
mod correlate;
mod detect;
mod document;
mod example;
pub mod examples;
mod explain;
#[cfg(test)]
mod freeze;
mod hit;
mod judge;
mod layout;
mod link;
pub mod list;
mod load;
pub mod manual;
#[cfg(test)]
mod mistakes;
mod operand;
mod pack;
mod problem;
mod read;
#[cfg(test)]
mod sample;
pub mod schema;
mod select;
mod set;
pub mod skeleton;
mod taxonomy;
mod thaw;
mod vote;
mod yaml;

pub use check::{Checked, check};
pub use example::Expect;
pub use explain::{Explained, Seen, explain, nearest_rule};
pub use hit::{Hit, Judgement, OpenQuestion};
pub use pack::PackFiles;
pub use problem::{Problem, Refused};
pub use set::{RuleInfo, RuleSet};
pub use taxonomy::{Field, KindSpec, Taxonomy, Type};
pub use vote::{Level, Strength};
