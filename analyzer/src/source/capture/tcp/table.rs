//! All connections of a capture, found by their addresses and ports.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::connection::Connection;
use super::segment::{ACK, RST, SYN, Segment};
use crate::model::Timestamp;
use crate::source::capture::conversation::Conversation;

/// Connections in one piece of memory; pieces are never moved.
const PIECE: usize = 4096;
/// Conversations kept in full; beyond this, ended ones are looked through and those of no interest let go.
const LIVE: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    low: SocketAddr,
    high: SocketAddr,
}

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Table {
    index: HashMap<Key, u32>,
    pieces: Vec<Vec<Connection>>,
    recent: Option<(Key, u32)>,
    live: Vec<u32>,
    /// Connections seen.
    pub count: u64,
}

impl Table {
    /// Takes a segment. `keep` tells whether an ended conversation is worth its memory.
    pub fn segment(&mut self, segment: &Segment<'_>, keep: &dyn Fn(&Connection, &Conversation) -> bool) {
        let key = if segment.src <= segment.dst {
            Key { low: segment.src, high: segment.dst }
        } else {
            Key { low: segment.dst, high: segment.src }
        };
        let known = match self.recent {
            Some((recent, number)) if recent == key => Some(number),
            _ => self.index.get(&key).copied(),
        };
        let opens = segment.flags & (SYN | ACK | RST) == SYN;
        let number = match known {
            Some(number) if !(opens && self.get(number).is_some_and(|flow| flow.is_reused_by(segment))) => {
                number
            }
            _ => match self.add(key, segment) {
                Some(number) => number,
                None => return,
            },
        };
        self.recent = Some((key, number));
        let fresh = self.get_mut(number).is_some_and(|flow| flow.take(segment));
        if fresh {
            self.live.push(number);
            if self.live.len() >= LIVE && self.live.len().is_power_of_two() {
                self.sweep(segment.seen.time, keep);
            }
        }
    }

    /// Takes all connections out, in the order of their first packets.
    pub fn into_connections(self) -> impl Iterator<Item = Connection> {
        self.pieces.into_iter().flatten()
    }

    /// Gives the number of bytes that wait behind holes.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        let details = self.pieces.iter().flatten().filter_map(|flow| flow.detail.as_ref());
        details.map(|detail| detail.up.held() + detail.down.held()).sum()
    }

    fn get(&self, number: u32) -> Option<&Connection> {
        let number = usize::try_from(number).ok()?;
        self.pieces.get(number / PIECE)?.get(number % PIECE)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Connection> {
        let number = usize::try_from(number).ok()?;
        self.pieces.get_mut(number / PIECE)?.get_mut(number % PIECE)
    }

    fn add(&mut self, key: Key, segment: &Segment<'_>) -> Option<u32> {
        let number = u32::try_from(self.count).ok()?;
        self.count += 1;
        if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
            self.pieces.push(Vec::with_capacity(if self.pieces.is_empty() { 64 } else { PIECE }));
        }
        self.pieces.last_mut()?.push(Connection::new(segment));
        self.index.insert(key, number);
        Some(number)
    }

    /// Lets go of ended conversations that nobody will ask for.
    fn sweep(&mut self, now: Timestamp, keep: &dyn Fn(&Connection, &Conversation) -> bool) {
        let live = std::mem::take(&mut self.live);
        for number in live {
            let Some(flow) = self.get_mut(number) else { continue };
            let ended = flow.is_ended(now);
            let kept = flow.detail.as_ref().is_some_and(|detail| keep(flow, &detail.conversation));
            if ended && !kept {
                flow.detail = None;
                flow.let_go = true;
            } else {
                self.live.push(number);
            }
        }
    }
}

#[cfg(test)]
mod tests;
