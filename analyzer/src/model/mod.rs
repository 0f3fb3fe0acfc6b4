//! Plain data that the parts of the analyzer hand to each other; no logic beyond access and display.

mod analysis;
mod case;
mod knowledge;
mod ladder;
mod observation;
mod sink;
mod time;
mod traffic;

pub use analysis::*;
pub use case::*;
pub use knowledge::*;
pub use ladder::*;
pub use observation::*;
pub use sink::*;
pub use time::*;
pub use traffic::*;
