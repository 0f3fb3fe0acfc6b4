//! Pseudonyms of what was met lately, held ready: a log tells of the same few names and addresses over and over.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::find::What;
use super::pseudonym;
use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Values that are held, and the longest of them.
const HELD: usize = 4_000;
const LONGEST: usize = 256;

/// What is held ready.
#[derive(Debug, Default)]
pub(in crate::redact) struct Ready {
    known: HashMap<Vec<u8>, Vec<Known>, RandomState>,
    count: usize,
}

/// What is written instead of a value, if it does not stay, and what is counted then.
#[derive(Debug)]
struct Known {
    what: What,
    to: Option<Vec<u8>>,
    counts: Vec<(Kind, u64)>,
}

/// Writes what stands for a value behind what is there, and counts it; `false` where the value stays.
pub(super) fn write(value: &[u8], what: What, tokens: &mut Tokens, out: &mut Vec<u8>) -> bool {
    let all = tokens.ready.known.get(value);
    if let Some(known) = all.and_then(|all| all.iter().find(|known| known.what == what)) {
        for (kind, count) in &known.counts {
            let total = tokens.counts.entry(*kind).or_default();
            *total = total.saturating_add(*count);
        }
        out.extend_from_slice(known.to.as_deref().unwrap_or_default());
        return known.to.is_some();
    }
    let before = tokens.take_counts();
    let to = pseudonym(value, what, tokens);
    let counts = std::mem::replace(&mut tokens.counts, before);
    for (kind, count) in &counts {
        let total = tokens.counts.entry(*kind).or_default();
        *total = total.saturating_add(*count);
    }
    out.extend_from_slice(to.as_deref().unwrap_or_default());
    let is_replaced = to.is_some();
    if value.len() <= LONGEST {
        if tokens.ready.count >= HELD {
            tokens.ready.known.clear();
            tokens.ready.count = 0;
        }
        tokens.ready.count = tokens.ready.count.saturating_add(1);
        let known = Known { what, to, counts: counts.into_iter().collect() };
        tokens.ready.known.entry(value.to_vec()).or_default().push(known);
    }
    is_replaced
}
