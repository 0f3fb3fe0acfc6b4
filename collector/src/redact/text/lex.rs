//! Reads a piece once: the words that may be names of fields, and the tokens that may be more than words.
//!
//! Most of a log is neither. What is left out here needs no second look: [`field::find`] and [`token::find`] would find
//! nothing in it.

use super::bounds::FAR;
use super::find::Hit;
use super::{field, names, token};

/// It joins a token.
const TOKEN: u8 = 1;
/// It joins the name of a field.
const NAME: u8 = 2;
/// The name of a field may begin with it.
pub(super) const LETTER: u8 = 4;
/// It is the dot.
pub(super) const DOT: u8 = 8;
/// It is the colon.
pub(super) const COLON: u8 = 16;
/// It is the hyphen.
pub(super) const HYPHEN: u8 = 32;
/// It cannot be in an IPv6 address.
pub(super) const NO_SIX: u8 = 64;
/// It is no letter of ASCII.
pub(super) const WIDE: u8 = 128;

#[expect(clippy::indexing_slicing, reason = "it is made by the compiler, to which a panic is an error")]
static CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends before 256")]
        let letter = byte as u8;
        table[byte] = match letter {
            b'.' => TOKEN | DOT,
            b':' => TOKEN | COLON,
            b'-' => TOKEN | NAME | HYPHEN | NO_SIX,
            b'_' => TOKEN | NAME | NO_SIX,
            b'0'..=b'9' => TOKEN | NAME,
            b'a'..=b'f' | b'A'..=b'F' => TOKEN | NAME | LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => TOKEN | NAME | LETTER | NO_SIX,
            0x80.. => TOKEN | NO_SIX | WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Tells of which sorts the bytes of a token are.
pub(super) fn sorts(token: &[u8]) -> u8 {
    token.iter().fold(0, |sorts, byte| sorts | class(*byte))
}

/// Counts the bytes of a token that begins, or ends, here; of one that is too long, some.
pub(super) fn length<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    bytes.take(token::LONGEST + 1).take_while(|byte| class(**byte) & TOKEN != 0).count()
}

/// A token that may be more than a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    /// Of which sorts its bytes are.
    pub sorts: u8,
}

/// Finds the values of telling fields whose names begin before `limit`, and the tokens that begin before the end of the
/// last such value.
pub(super) fn read(piece: &[u8], limit: usize, hits: &mut Vec<Hit>, spans: &mut Vec<Span>) {
    // Names are looked for behind the last value.
    let (mut at, mut names) = (0, 0);
    while let Some((start, end, sorts)) = next(piece, at).filter(|(start, ..)| *start < limit.max(names)) {
        at = end;
        // Most tokens are words with blanks around them.
        let is_word = sorts & (DOT | COLON | HYPHEN | WIDE) == 0;
        let before = start.checked_sub(1).and_then(|at| piece.get(at)).copied().unwrap_or(b' ');
        let after = piece.get(end).copied().unwrap_or(b'\n');
        let is_plain = is_word && after != b'@' && !matches!(before, b'@' | b'/' | b'\\');
        if !is_plain && token::may_tell(piece, start, end, sorts) {
            spans.push(Span { start, end, sorts });
        }
        if sorts & LETTER == 0 {
            continue;
        }
        // Most tokens are one name.
        let is_one = sorts & (DOT | COLON | WIDE) == 0 && end - start <= names::LONGEST;
        let is_whole = is_one && piece.get(start).is_some_and(|byte| class(*byte) & LETTER != 0);
        if is_whole && names <= start && start < limit {
            names = end;
            if field::may_begin(piece, start, end, before, after) {
                names = end.max(field::find(piece, start, end, hits).unwrap_or(0));
            }
            continue;
        }
        while let Some((first, behind)) = name(piece, names.max(start), end).filter(|(at, _)| *at < limit) {
            names = behind.max(field::find(piece, first, behind, hits).unwrap_or(0));
        }
    }
}

/// Gives the token that begins at or behind `from`, a run of letters, digits and what joins them, and its sorts.
fn next(piece: &[u8], from: usize) -> Option<(usize, usize, u8)> {
    let rest = piece.get(from..)?;
    let before = rest.iter().position(|byte| class(*byte) & TOKEN != 0)?;
    let rest = rest.get(before..)?;
    let mut sorts = 0;
    let length = rest.iter().position(|byte| {
        let sort = class(*byte);
        sorts |= sort;
        sort & TOKEN == 0
    });
    let start = from + before;
    Some((start, start + length.unwrap_or(rest.len()), sorts))
}

/// Gives what may be the name of a field that begins at or behind `from` in a token that ends at `end`.
fn name(piece: &[u8], from: usize, end: usize) -> Option<(usize, usize)> {
    let rest = piece.get(from..end)?;
    let start = rest.iter().position(|byte| class(*byte) & LETTER != 0)?;
    let rest = rest.get(start..)?.iter().take(FAR);
    let length = rest.take_while(|byte| class(**byte) & NAME != 0).count();
    Some((from + start, from + start + length))
}
