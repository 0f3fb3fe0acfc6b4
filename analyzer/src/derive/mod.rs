//! Relates what captures show: questions and connections to update attempts, and attempts to rungs.

mod alias;
mod attempt;
mod climb;
mod discovery;
mod ending;
mod group;
mod handshake;
mod lookup;
mod observe;
mod opening;
mod resolver;
mod revocation;
mod rung;
mod transfer;
mod view;

use crate::model::{Endpoints, Ladder, Observation, Traffic};
use view::View;

/// What the derivers made of the captures.
#[derive(Debug, Default)]
pub struct Derived {
    /// Attempts, in order of time.
    pub ladders: Vec<Ladder>,
    /// Everything that rules may match on.
    pub observations: Vec<Observation>,
}

/// Relates everything.
pub fn derive(traffic: &Traffic, endpoints: &Endpoints) -> Derived {
    let view = View::new(traffic, endpoints);
    let ladders = attempt::ladders(&view);
    let observations = observe::observations(&view, &ladders);
    Derived { ladders, observations }
}
