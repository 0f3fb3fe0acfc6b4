//! Finds in a piece of text what may have to be replaced: values of telling fields, tokens of telling forms, and words
//! that were learned elsewhere.

use aho_corasick::{AhoCorasick, MatchKind};

use super::lex::{self, Span};
use super::token;
use crate::redact::Kind;
use crate::redact::learned::Learned;
use crate::redact::tokens::Tokens;

/// Learned words at least this long are found inside of others too.
const SURE: usize = 8;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::redact) enum What {
    /// A secret.
    Secret,
    /// A secret that needs quotes around its stand-in.
    Quoted,
    /// The name of a user, a machine or a domain.
    Word(Kind),
    /// The name of a host with dots.
    Host,
    /// An IPv4 address.
    V4,
    /// The begin of an IPv4 address.
    Partial,
    /// An IPv6 address.
    V6,
    /// A hardware address.
    Mac,
    /// A security identifier of Windows.
    Sid,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    All,
    Names,
}

/// A stretch of text that may have to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::redact) struct Hit {
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
    /// First byte of what makes it one: the name of its field.
    pub guard: usize,
    /// What it is.
    pub what: What,
    /// Its end was not found.
    pub open: bool,
}

impl Hit {
    pub(super) fn new(start: usize, end: usize, what: What) -> Self {
        Self { start, end, guard: start, what, open: false }
    }
}

/// Finds what was learned.
#[derive(Debug, Default)]
pub(in crate::redact) struct Finder {
    /// Words in lower case, as they are looked for: in whatever case, no search would know where to begin.
    words: Option<(AhoCorasick, Vec<Kind>)>,
    secrets: Option<AhoCorasick>,
}

impl Finder {
    /// Makes it of what was learned; `None` where that is too much to look for.
    pub(in crate::redact) fn new(learned: &Learned) -> Option<Self> {
        let build = |patterns: &mut dyn Iterator<Item = &[u8]>| {
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok()
        };
        let words = build(&mut learned.words.keys().map(String::as_bytes))?;
        let secrets = build(&mut learned.secrets.iter().map(Vec::as_slice))?;
        let kinds: Vec<Kind> = learned.words.values().copied().collect();
        Some(Self {
            words: (!learned.words.is_empty()).then_some((words, kinds)),
            secrets: (!learned.secrets.is_empty()).then_some(secrets),
        })
    }

    /// Finds everything in a piece, in order; nothing overlaps.
    pub(in crate::redact) fn find(&self, piece: &[u8], tokens: &Tokens) -> Vec<Hit> {
        self.find_until(piece, piece.len(), tokens)
    }

    /// Finds everything that begins before `limit`; of what lies behind it may find some.
    pub(super) fn find_until(&self, piece: &[u8], limit: usize, tokens: &Tokens) -> Vec<Hit> {
        self.find_sought(piece, limit, Sought::All, tokens)
    }

    /// Finds names and secrets, and of the rest some.
    pub(super) fn find_names(&self, piece: &[u8], limit: usize, tokens: &Tokens) -> Vec<Hit> {
        self.find_sought(piece, limit, Sought::Names, tokens)
    }

    fn find_sought(&self, piece: &[u8], limit: usize, sought: Sought, tokens: &Tokens) -> Vec<Hit> {
        // About as many as there are in a log: lists that grow are copied over and over.
        let (mut hits, mut spans) =
            (Vec::with_capacity(piece.len() / 64), Vec::with_capacity(piece.len() / 24));
        lex::read(piece, limit, &mut hits, &mut spans);
        if sought == Sought::Names {
            spans.retain(|span| token::may_name(piece, *span));
        }
        let limit = hits.iter().map(|hit| hit.end).fold(limit, usize::max);
        if let Some(secrets) = &self.secrets {
            let found = secrets.find_iter(piece).take_while(|found| found.start() < limit);
            hits.extend(found.map(|found| Hit::new(found.start(), found.end(), What::Secret)));
        }
        let mut sorted = without_overlaps(hits);
        let mut more = Vec::new();
        between(piece, &spans, &sorted, tokens, &mut more);
        sorted.append(&mut more);
        let mut sorted = without_overlaps(sorted);
        if let Some((words, kinds)) = &self.words {
            let lower = piece.to_ascii_lowercase();
            let mut more = Vec::new();
            for found in words.find_iter(&lower).take_while(|found| found.start() < limit) {
                let kind = kinds.get(found.pattern().as_usize()).copied().unwrap_or(Kind::Host);
                if stands_alone(piece, found.start(), found.end()) {
                    more.push(Hit::new(found.start(), found.end(), What::Word(kind)));
                }
            }
            // What has a form of its own goes before a word that stands in it.
            more.retain(|word| !overlaps(&sorted, word));
            sorted.append(&mut more);
            sorted = without_overlaps(sorted);
        }
        sorted
    }
}

/// Finds what can be told of the tokens outside of what was found already.
fn between(piece: &[u8], spans: &[Span], sorted: &[Hit], tokens: &Tokens, more: &mut Vec<Hit>) {
    let mut rest = sorted;
    for span in spans {
        while let Some((first, behind)) = rest.split_first()
            && first.end <= span.start
        {
            rest = behind;
        }
        if rest.first().is_none_or(|hit| span.end <= hit.start) {
            token::find(piece, *span, tokens, more);
        }
    }
    // A token that is cut may be what the whole is not.
    let mut part = |start: usize, end: usize| {
        let sorts = lex::sorts(piece.get(start..end).unwrap_or_default());
        token::find(piece, Span { start, end, sorts }, tokens, more);
    };
    let mut done = 0;
    let ends = sorted.iter().skip(1).map(|hit| hit.start).chain([piece.len()]);
    for (hit, next) in sorted.iter().zip(ends) {
        let ahead = lex::length(piece.get(done..hit.start).unwrap_or_default().iter().rev());
        if done == 0 || hit.start - ahead > done {
            part(hit.start - ahead, hit.start);
        }
        done = hit.end;
        part(done, done + lex::length(piece.get(done..next).unwrap_or_default().iter()));
    }
}

/// Says whether a learned word is meant where it was found: no other letters touch it, or it is long enough.
fn stands_alone(piece: &[u8], start: usize, end: usize) -> bool {
    let found = piece.get(start..end).unwrap_or_default();
    if found.len() >= SURE || found.iter().any(|byte| !byte.is_ascii()) {
        return true;
    }
    let letter = |at: Option<usize>| at.and_then(|at| piece.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let escaped = start.checked_sub(2).and_then(|at| piece.get(at)) == Some(&b'\\');
    (!letter(start.checked_sub(1)) || escaped) && !letter(Some(end))
}

fn overlaps(sorted: &[Hit], hit: &Hit) -> bool {
    let after = sorted.partition_point(|one| one.end <= hit.start);
    sorted.get(after).is_some_and(|one| one.start < hit.end)
}

/// Sorts hits and drops those that begin inside of an earlier one; of two that begin together the longer stays.
fn without_overlaps(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
    let mut done = 0;
    hits.retain(|hit| {
        let fresh = hit.start >= done && hit.end > hit.start;
        if fresh {
            done = hit.end;
        }
        fresh
    });
    hits
}

#[cfg(test)]
mod tests;
