//! Cuts one direction into records, and finds the next one after bytes were lost.

use crate::stream::{count, split_at_most};

pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;
/// The longest record that TLS allows, with room for what encryption adds.
const MAX_RECORD: u16 = 16_384 + 2_048;

/// Where in a record a direction is.
#[derive(Debug)]
pub(super) enum Place {
    /// In a header, after so many bytes of it.
    Header([u8; 5], usize),
    /// In the body of a record of this type, with so many bytes to come.
    Body(u8, u64),
    /// Nowhere known; the last bytes are kept, for a header may be cut in two.
    Lost([u8; 4], usize),
}

/// What comes next in a direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// The header of a record, its type and length.
    Begin(u8, u16),
    /// Bytes of a record's body, and whether it ends with them.
    Body(u8, &'a [u8], bool),
    /// A header was expected and something else came.
    Nonsense,
    /// Nothing more for now.
    Nothing,
}

impl Default for Place {
    fn default() -> Self {
        Self::Header([0; 5], 0)
    }
}

impl Place {
    /// Takes the next piece off the front.
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Piece<'a> {
        match self {
            Self::Header(header, have) => {
                while *have < header.len() {
                    let Some((byte, rest)) = bytes.split_first() else { return Piece::Nothing };
                    if let Some(slot) = header.get_mut(*have) {
                        *slot = *byte;
                    }
                    *have = have.saturating_add(1);
                    *bytes = rest;
                }
                let header = *header;
                match read_header(header) {
                    Some((kind, length)) => {
                        *self = Self::body(kind, length);
                        Piece::Begin(kind, length)
                    }
                    None => {
                        let [_, tail @ ..] = header;
                        *self = Self::Lost(tail, 4);
                        Piece::Nonsense
                    }
                }
            }
            Self::Body(kind, left) => {
                let (taken, rest) = split_at_most(bytes, *left);
                if taken.is_empty() {
                    return Piece::Nothing;
                }
                *bytes = rest;
                let kind = *kind;
                *left = left.saturating_sub(count(taken.len()));
                let ends = *left == 0;
                if ends {
                    *self = Self::default();
                }
                Piece::Body(kind, taken, ends)
            }
            Self::Lost(..) => self.find(bytes),
        }
    }

    /// Passes over bytes that were not captured, and returns how many of them lie in the current record, and its type.
    pub(super) fn gap(&mut self, missing: u64) -> (Option<u8>, u64) {
        match self {
            Self::Body(kind, left) if missing <= *left => {
                let kind = *kind;
                *left = left.saturating_sub(missing);
                if *left == 0 {
                    *self = Self::default();
                }
                (Some(kind), missing)
            }
            Self::Body(kind, left) => {
                let inside = (Some(*kind), *left);
                *self = Self::Lost([0; 4], 0);
                inside
            }
            _ => {
                *self = Self::Lost([0; 4], 0);
                (None, 0)
            }
        }
    }

    fn body(kind: u8, length: u16) -> Self {
        match length {
            0 => Self::default(),
            _ => Self::Body(kind, u64::from(length)),
        }
    }

    /// Looks for a header.
    fn find<'a>(&mut self, bytes: &mut &'a [u8]) -> Piece<'a> {
        let Self::Lost(tail, have) = self else { return Piece::Nothing };
        let tail = tail.get(..*have).unwrap_or_default();
        if !tail.is_empty() {
            let near = bytes.get(..4).unwrap_or(bytes);
            let joined = [tail, near].concat();
            if let Some((start, kind, length)) =
                find_header(&joined).filter(|(start, ..)| *start < tail.len())
            {
                let used = start.saturating_add(5).saturating_sub(tail.len());
                *bytes = bytes.get(used..).unwrap_or_default();
                *self = Self::body(kind, length);
                return Piece::Begin(kind, length);
            }
        }
        if let Some((start, kind, length)) = find_header(bytes) {
            *bytes = bytes.get(start.saturating_add(5)..).unwrap_or_default();
            *self = Self::body(kind, length);
            return Piece::Begin(kind, length);
        }
        let joined: Vec<u8>;
        let end = if bytes.len() < 4 {
            joined = [tail, bytes].concat();
            &joined
        } else {
            *bytes
        };
        let mut kept = [0; 4];
        let last = end.get(end.len().saturating_sub(4)..).unwrap_or_default();
        for (slot, byte) in kept.iter_mut().zip(last) {
            *slot = *byte;
        }
        let length = last.len();
        *self = Self::Lost(kept, length);
        *bytes = &[];
        Piece::Nothing
    }
}

/// Says whether bytes begin with the header of a record.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|header| read_header(*header).is_some())
}

fn read_header(header: [u8; 5]) -> Option<(u8, u16)> {
    let [kind, major, minor, high, low] = header;
    let length = u16::from_be_bytes([high, low]);
    let plausible =
        (CHANGE_CIPHER_SPEC..=24).contains(&kind) && major == 3 && minor <= 4 && length <= MAX_RECORD;
    plausible.then_some((kind, length))
}

/// Finds the first header of a record that is not empty.
fn find_header(bytes: &[u8]) -> Option<(usize, u8, u16)> {
    bytes.windows(5).enumerate().find_map(|(start, window)| {
        let header = <[u8; 5]>::try_from(window).ok()?;
        let (kind, length) = read_header(header)?;
        (length > 0 && kind <= APPLICATION_DATA).then_some((start, kind, length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_header_cut_in_two() {
        let stream = [0x00, 0x17, 0x03, 0x99, 0x17, 0x03, 0x03, 0x00, 0x02, 0xaa, 0xbb];
        for cut in 0..stream.len() {
            let mut place = Place::Lost([0; 4], 0);
            let mut seen = Vec::new();
            for mut part in [&stream[..cut], &stream[cut..]] {
                loop {
                    match place.next(&mut part) {
                        Piece::Nothing => break,
                        Piece::Begin(kind, length) => seen.push((kind, usize::from(length))),
                        Piece::Body(_, bytes, _) => seen.push((0, bytes.len())),
                        Piece::Nonsense => seen.push((255, 0)),
                    }
                }
            }
            assert_eq!(seen.first(), Some(&(APPLICATION_DATA, 2)), "cut at {cut}");
            assert_eq!(seen[1..].iter().map(|(_, length)| length).sum::<usize>(), 2);
        }
    }

    #[test]
    fn loses_its_place_when_a_gap_passes_the_record() {
        let mut place = Place::Body(APPLICATION_DATA, 100);
        assert_eq!(place.gap(100), (Some(APPLICATION_DATA), 100));
        assert!(matches!(place, Place::Header(_, 0)));
        assert_eq!(place.gap(1), (None, 0));
        assert!(matches!(place, Place::Lost(_, 0)));
    }
}
