//! All connections of a capture, found by their addresses and ports.

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::net::SocketAddr;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::connection::Connection;
use super::segment::{ACK, RST, SYN, Segment};
use crate::Timestamp;
use crate::conversation::Conversation;
use crate::seen::hash_ends;
use crate::x509::Store;

/// Connections in one piece of memory; pieces are never moved.
const PIECE: usize = 4096;
/// Every so many new conversations, ended ones are looked through and those of no interest let go.
const LIVE: usize = 1024;
/// Most conversations that are followed at the same time: beyond it, the half that has been silent for the longest is ended.
const FOLLOWED: usize = 16_384;
/// Most conversations whose facts are kept.
const SETTLED: usize = 20_000;

/// Gives the facts of a conversation that is worth its memory; `None` lets it go.
pub type Settle<'s, T> = &'s mut dyn FnMut(&Connection<T>, &Conversation) -> Option<Box<T>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    low: SocketAddr,
    high: SocketAddr,
}

impl Key {
    fn of(one: SocketAddr, other: SocketAddr) -> Self {
        if one <= other { Self { low: one, high: other } } else { Self { low: other, high: one } }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_ends(self.low, self.high, 0, state);
    }
}

/// All connections. `T` is what its user keeps of an ended conversation.
#[derive(Debug)]
pub struct Table<T> {
    /// Numbers of connections by their keys, which only the connections hold: a million flows are to cost little. Keyed
    /// at random, so that a file cannot aim at it.
    index: HashTable<u32>,
    hasher: RandomState,
    pieces: Vec<Vec<Connection<T>>>,
    recent: Option<(Key, u32)>,
    live: Vec<u32>,
    store: Store,
    sweep_at: usize,
    settled: usize,
    /// Connections seen.
    pub count: u64,
}

impl<T> Table<T> {
    /// Starts with no connection; certificates go to `store`.
    pub fn new(store: Store) -> Self {
        Self {
            index: HashTable::new(),
            hasher: RandomState::default(),
            pieces: Vec::new(),
            recent: None,
            live: Vec::new(),
            store,
            sweep_at: 0,
            settled: 0,
            count: 0,
        }
    }

    /// Takes a segment. `settle` gives the facts of an ended conversation that is worth its memory.
    pub fn segment(&mut self, segment: &Segment<'_>, settle: Settle<'_, T>) {
        let key = Key::of(segment.src, segment.dst);
        let known = match self.recent {
            Some((recent, number)) if recent == key => Some(number),
            _ => self.number(key),
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
        self.number(Key::of(one, other)).and_then(|number| usize::try_from(number).ok())
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

    fn number(&self, key: Key) -> Option<u32> {
        let known = |number: &u32| is_between(&self.pieces, *number, key);
        self.index.find(self.hasher.hash_one(key), known).copied()
    }

    fn get(&self, number: u32) -> Option<&Connection<T>> {
        connection(&self.pieces, number)
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
        let Self { index, pieces, hasher, .. } = self;
        let hash = hasher.hash_one(key);
        match index.find_mut(hash, |known| is_between(pieces, *known, key)) {
            Some(known) => *known = number,
            None => {
                index.insert_unique(hash, number, |known| {
                    connection(pieces, *known)
                        .map_or(0, |flow| hasher.hash_one(Key::of(flow.client, flow.server)))
                });
            }
        }
        Some(number)
    }

    /// Lets go of ended conversations that nobody will ask for.
    fn sweep(&mut self, now: Timestamp, settle: Settle<'_, T>) {
        let live = std::mem::take(&mut self.live);
        for number in live {
            let Some(flow) = self.get(number) else { continue };
            // Questions over TCP are taken out at the end.
            if flow.is_ended(now) && flow.server.port() != 53 {
                self.settle(number, settle);
            } else {
                self.live.push(number);
            }
        }
        if self.live.len() > FOLLOWED {
            let mut silent = std::mem::take(&mut self.live);
            silent.sort_by_cached_key(|number| self.get(*number).map(|flow| flow.last));
            self.live = silent.split_off(silent.len() - FOLLOWED / 2);
            silent.into_iter().for_each(|number| self.settle(number, settle));
        }
    }

    fn settle(&mut self, number: u32, settle: Settle<'_, T>) {
        let is_full = self.settled >= SETTLED;
        let Some(flow) = self.get_mut(number) else { return };
        flow.settle(&mut |flow, conversation| {
            if is_full { None } else { settle(flow, conversation) }
        });
        self.settled += usize::from(flow.app().is_some());
    }
}

fn connection<T>(pieces: &[Vec<Connection<T>>], number: u32) -> Option<&Connection<T>> {
    let number = usize::try_from(number).ok()?;
    pieces.get(number / PIECE)?.get(number % PIECE)
}

fn is_between<T>(pieces: &[Vec<Connection<T>>], number: u32, key: Key) -> bool {
    connection(pieces, number).is_some_and(|flow| Key::of(flow.client, flow.server) == key)
}

#[cfg(test)]
mod tests;
