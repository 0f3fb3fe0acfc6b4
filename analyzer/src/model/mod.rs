//! Plain data that the parts of the analyzer hand to each other; no logic beyond access and display.

mod analysis;
mod attempt;
mod case;
mod finding;
mod knowledge;
mod ladder;
mod observation;
mod pattern;
mod picture;
mod sink;
mod traffic;
mod value;

pub use analysis::*;
pub use attempt::*;
pub use case::*;
pub use finding::*;
pub use knowledge::*;
pub use ladder::*;
pub use observation::*;
pub use pattern::*;
pub use picture::*;
pub use sink::*;
pub use tetra_capture::Timestamp;
pub use traffic::*;
pub use value::*;
