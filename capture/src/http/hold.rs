//! Keeps what a client sends before its CONNECT is answered: it belongs to the tunnel, if there will be one.

use crate::stream::{At, count, split_at_most};

/// How much is kept of what a client sends before its CONNECT is answered.
const MAX_EARLY: usize = 64 * 1_024;

/// What a client sent after CONNECT and before the answer, for the tunnel's reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Early {
    /// Some bytes.
    Data(At, Vec<u8>),
    /// Bytes that were not captured, or were too many.
    Gap(At, u64),
}

/// The pieces in order.
#[derive(Debug, Default)]
pub(super) struct Hold {
    pieces: Vec<Early>,
    bytes: usize,
}

impl Hold {
    /// Keeps a piece.
    pub(super) fn push(&mut self, early: Early) {
        let room = MAX_EARLY.saturating_sub(self.bytes);
        match early {
            Early::Data(at, bytes) => {
                let (kept, over) = split_at_most(&bytes, count(room));
                self.bytes = self.bytes.saturating_add(kept.len());
                if let Some(Early::Data(last, held)) = self.pieces.last_mut()
                    && *last == at
                {
                    held.extend_from_slice(kept);
                } else if !kept.is_empty() {
                    self.pieces.push(Early::Data(at, kept.to_vec()));
                }
                if !over.is_empty() {
                    self.push(Early::Gap(at, count(over.len())));
                }
            }
            Early::Gap(at, missing) => match self.pieces.last_mut() {
                Some(Early::Gap(_, held)) => *held = held.saturating_add(missing),
                _ => self.pieces.push(Early::Gap(at, missing)),
            },
        }
    }

    /// Hands all pieces over.
    pub(super) fn take(&mut self) -> Vec<Early> {
        self.bytes = 0;
        std::mem::take(&mut self.pieces)
    }
}
