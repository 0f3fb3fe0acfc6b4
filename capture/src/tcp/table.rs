//! All connections of a capture, found by their addresses and ports.

use std::net::SocketAddr;

use super::connection::Connection;
use super::segment::{ACK, RST, SYN, Segment};
use crate::Map;
use crate::Timestamp;
use crate::conversation::Conversation;
use crate::x509::Store;

/// Connections in one piece of memory; pieces are never moved.
const PIECE: usize = 4096;
/// Every so many new conversations, ended ones are looked through and those of no interest let go.
const LIVE: usize = 1024;

/// Gives the facts of a conversation that is worth its memory; `None` lets it go.
pub type Settle<'s, T> = &'s mut dyn FnMut(&Connection<T>, &Conversation) -> Option<Box<T>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    low: SocketAddr,
    high: SocketAddr,
}

/// All connections. `T` is what its user keeps of an ended conversation.
#[derive(Debug)]
pub struct Table<T> {
    index: Map<Key, u32>,
    pieces: Vec<Vec<Connection<T>>>,
    recent: Option<(Key, u32)>,
    live: Vec<u32>,
    store: Store,
    sweep_at: usize,
    /// Connections seen.
    pub count: u64,
}

impl<T> Table<T> {
    /// Starts with no connection; certificates go to `store`.
    pub fn new(store: Store) -> Self {
        Self {
            index: Map::default(),
            pieces: Vec::new(),
            recent: None,
            live: Vec::new(),
            store,
            sweep_at: 0,
            count: 0,
        }
    }

    /// Takes a segment. `settle` gives the facts of an ended conversation that is worth its memory.
    pub fn segment(&mut self, segment: &Segment<'_>, settle: Settle<'_, T>) {
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
        let store = self.store.clone();
        let fresh = self.get_mut(number).is_some_and(|flow| flow.take(segment, &store));
        if fresh {
            self.live.push(number);
            if self.live.len() >= self.sweep_at {
                self.sweep(segment.seen.time, settle);
                self.sweep_at = self.live.len().saturating_add(LIVE);
            }
        }
    }

    /// Gives the latest connection between two addresses and ports, whichever way.
    pub fn find(&self, one: SocketAddr, other: SocketAddr) -> Option<usize> {
        let key = if one <= other { Key { low: one, high: other } } else { Key { low: other, high: one } };
        self.index.get(&key).and_then(|number| usize::try_from(*number).ok())
    }

    /// Gives the latest connection between two addresses and ports, with its number.
    pub fn connection(&self, one: SocketAddr, other: SocketAddr) -> Option<(usize, &Connection<T>)> {
        let number = self.find(one, other)?;
        Some((number, self.get(u32::try_from(number).ok()?)?))
    }

    /// Takes all connections out, in the order of their first packets.
    pub fn into_connections(self) -> impl Iterator<Item = Connection<T>> {
        self.pieces.into_iter().flatten()
    }

    /// Gives the number of bytes that wait behind holes.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let details = self.pieces.iter().flatten().filter_map(|flow| flow.detail.as_ref());
        details.map(|detail| detail.up.held() + detail.down.held()).sum()
    }

    fn get(&self, number: u32) -> Option<&Connection<T>> {
        let number = usize::try_from(number).ok()?;
        self.pieces.get(number / PIECE)?.get(number % PIECE)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Connection<T>> {
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
    fn sweep(&mut self, now: Timestamp, settle: Settle<'_, T>) {
        let live = std::mem::take(&mut self.live);
        for number in live {
            let Some(flow) = self.get_mut(number) else { continue };
            // Questions over TCP are taken out at the end.
            if flow.is_ended(now) && flow.server.port() != 53 {
                flow.settle(settle);
            } else {
                self.live.push(number);
            }
        }
    }
}

#[cfg(test)]
mod tests;
