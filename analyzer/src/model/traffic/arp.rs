//! Silence on the link.

use std::net::IpAddr;

use crate::model::Seen;

/// An address asked for on the link, and never answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArpGap {
    /// Who asks.
    pub asker: IpAddr,
    /// For whom.
    pub target: IpAddr,
    /// Requests, first and last.
    pub first: Seen,
    /// Last request.
    pub last: Seen,
    /// How many.
    pub tries: u32,
    /// How many others asked for the same address, also in vain.
    pub other_askers: u32,
}
