//! Analyses for the tests of the reports: the four kinds of answer.

mod answers;
mod hostile;
mod parts;

use crate::model::Analysis;

pub(crate) use answers::{dns, healthy, inconclusive, revocation};
pub(crate) use hostile::hostile;

/// Gives every sample with its name.
pub(crate) fn all() -> [(&'static str, Analysis); 4] {
    [("dns", dns()), ("revocation", revocation()), ("healthy", healthy()), ("inconclusive", inconclusive())]
}
