//! Texts of every kind, logs, XML, JSON, transcripts: read in pieces, what is private replaced, every other byte kept.
//!
//! A piece ends where nothing that is to be replaced begins, so that nothing is missed at its border, however long a
//! line is. What is no text, and what has a secret whose end cannot be found, is refused.

mod bounds;
mod field;
mod find;
mod hardware;
mod lex;
mod names;
mod pseudonym;
mod ready;
mod reverse;
mod token;
mod utf16;

use std::io::{self, Read, Write};

use super::Outcome;
use super::tokens::Tokens;
pub(super) use find::{Finder, Hit, What};
pub(super) use pseudonym::pseudonym;
pub(super) use ready::Ready;
pub(super) use token::is_version;
use utf16::Units;

/// Bytes that are written at a time, and those behind them that are looked at too.
const PIECE: usize = 192 * 1024;
const AHEAD: usize = 64 * 1024;
/// No name that is looked for is longer.
const LONGEST: usize = 2048;
/// How much of a file is looked at to know what it is.
const HEAD: usize = 4096;

/// Why what is no text is withheld, at whatever level: nobody knows what is in it.
const NO_TEXT: &str = "it is not a text, and cannot be cleaned";

/// What a file turns out to be by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bytes,
    Utf16(Units),
    Binary,
}

/// Reads a text to learn which names and secrets it has.
pub(super) fn learn(input: &mut dyn Read, tokens: &mut Tokens) -> io::Result<()> {
    let finder = Finder::default();
    let mut nowhere = io::sink();
    walk(input, &mut nowhere, &mut |piece, end, _| {
        let hits = finder.find_names(piece, end.limit(piece), tokens);
        let cut = end.cut(piece, &hits)?;
        for hit in hits.iter().filter(|hit| hit.end <= cut) {
            let Some(value) = piece.get(hit.start..hit.end) else { continue };
            match hit.what {
                What::Secret => reverse::forms(value, &mut |form| tokens.learn_secret(form)),
                What::Word(kind) => {
                    if let Ok(word) = std::str::from_utf8(value) {
                        tokens.learn_word(kind, word);
                    }
                }
                What::Host => {
                    if let Ok(name) = std::str::from_utf8(value) {
                        tokens.learn_host(name);
                    }
                }
                _ => {}
            }
        }
        Some((cut, Vec::new()))
    })
    .map(|_| ())
}

/// Copies a text with what is private replaced.
pub(super) fn clean(
    input: &mut dyn Read,
    out: &mut dyn Write,
    finder: &Finder,
    tokens: &mut Tokens,
) -> io::Result<Outcome> {
    walk(input, out, &mut |piece, end, _| {
        let hits = finder.find_until(piece, end.limit(piece), tokens);
        let cut = end.cut(piece, &hits)?;
        Some((cut, replaced(piece, cut, &hits, tokens)))
    })
}

/// Cleans a short text that is whole.
pub(super) fn clean_whole(text: &[u8], finder: &Finder, tokens: &mut Tokens) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match clean(&mut &*text, &mut out, finder, tokens) {
        Ok(Outcome::Cleaned) => Some(out),
        _ => None,
    }
}

/// Writes the first `cut` bytes of a piece with the pseudonyms in their places.
fn replaced(piece: &[u8], cut: usize, hits: &[Hit], tokens: &mut Tokens) -> Vec<u8> {
    let mut out = Vec::with_capacity(cut.saturating_add(64));
    let mut done = 0;
    for hit in hits.iter().filter(|hit| hit.end <= cut) {
        let Some(value) = piece.get(hit.start..hit.end) else { continue };
        out.extend_from_slice(piece.get(done..hit.start).unwrap_or_default());
        done = if ready::write(value, hit.what, tokens, &mut out) { hit.end } else { hit.start };
    }
    out.extend_from_slice(piece.get(done..cut).unwrap_or_default());
    out
}

/// Whether a piece is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    More,
    Last,
}

impl End {
    /// Says how far a piece must be looked at: nothing that begins behind it has a say in where the piece is cut.
    fn limit(self, piece: &[u8]) -> usize {
        if self == Self::Last { piece.len() } else { PIECE + LONGEST }
    }

    /// Says how much of a piece can be written now; `None` where a secret has no end in sight.
    fn cut(self, piece: &[u8], hits: &[Hit]) -> Option<usize> {
        if hits.iter().any(|hit| hit.open) {
            let reaches_on = self == Self::More;
            let unclosed = hits.iter().find(|hit| hit.open)?;
            // What begins in the part that is looked at twice may well be closed in the next piece.
            if !reaches_on || unclosed.guard < PIECE / 2 {
                return None;
            }
        }
        if self == Self::Last {
            return Some(piece.len());
        }
        let taken = |at: usize| hits.iter().any(|hit| hit.guard < at && at < hit.end);
        let good = |wanted: &[u8]| {
            let mut ends = (PIECE / 2..PIECE).rev();
            ends.find(|at| piece.get(*at).is_some_and(|byte| wanted.contains(byte)) && !taken(at + 1))
        };
        let found = good(b"\n").or_else(|| good(b" \t>,;"));
        match found {
            Some(at) => Some(at + 1),
            None => (PIECE / 2..=PIECE).rev().find(|at| !taken(*at)),
        }
    }
}

type Step<'a> = &'a mut dyn FnMut(&[u8], End, Form) -> Option<(usize, Vec<u8>)>;

/// Hands a text to `step` piece by piece, and writes what it gives.
fn walk(input: &mut dyn Read, out: &mut dyn Write, step: Step<'_>) -> io::Result<Outcome> {
    let mut head = Vec::new();
    input.take(u64::try_from(HEAD).unwrap_or(0)).read_to_end(&mut head)?;
    let form = form_of(&head);
    let units = match form {
        Form::Binary if head.starts_with(b"ElfFile\0") => {
            return Ok(Outcome::Withheld("it is an event log (EVTX), which cannot be cleaned"));
        }
        Form::Binary => return Ok(Outcome::Withheld(NO_TEXT)),
        Form::Utf16(units) => Some(units),
        Form::Bytes => None,
    };
    let mut raw = io::Cursor::new(head).chain(input);
    let mut decoder = utf16::Decoder::default();
    let (mut piece, mut part): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut more = true;
    while more || !piece.is_empty() {
        while more && piece.len() < PIECE + AHEAD {
            let before = piece.len();
            match units {
                Some(units) => {
                    part.clear();
                    more = raw.by_ref().take(64 * 1024).read_to_end(&mut part)? > 0;
                    decoder.add(&part, units, &mut piece);
                }
                None => more = raw.by_ref().take(64 * 1024).read_to_end(&mut piece)? > 0,
            }
            let new = piece.get(before..).unwrap_or_default();
            if units.is_none() && memchr::memchr(0, new).is_some() {
                return Ok(Outcome::Withheld(NO_TEXT));
            }
        }
        let end = if more { End::More } else { End::Last };
        if piece.is_empty() {
            break;
        }
        let Some((cut, written)) = step(&piece, end, form) else {
            return Ok(Outcome::Withheld("the end of a secret in it cannot be found"));
        };
        match units {
            Some(units) => out.write_all(&utf16::encoded(&written, units))?,
            None => out.write_all(&written)?,
        }
        piece.drain(..cut.clamp(1, piece.len()));
    }
    if units.is_some() {
        out.write_all(decoder.rest())?;
    }
    Ok(Outcome::Cleaned)
}

/// Tells the form of a file by its first bytes.
fn form_of(head: &[u8]) -> Form {
    if head.starts_with(&[0xff, 0xfe]) {
        return Form::Utf16(Units::LittleEndian);
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return Form::Utf16(Units::BigEndian);
    }
    if !head.contains(&0) {
        return Form::Bytes;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    // Text of two bytes a letter, mostly of the first 256.
    match () {
        () if odd * 4 >= half * 3 && even == 0 => Form::Utf16(Units::LittleEndian),
        () if even * 4 >= half * 3 && odd == 0 => Form::Utf16(Units::BigEndian),
        () => Form::Binary,
    }
}

#[cfg(test)]
mod tests;
