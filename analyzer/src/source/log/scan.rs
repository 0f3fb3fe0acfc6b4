//! The search for lines that a template may recognise.
//!
//! Each template has a literal that its lines contain. Of the literals' parts of four bytes, few that are rare at the beginning
//! of the log and cover all literals are searched with SIMD in the block folded to lower case; only where one stands are
//! the literals that own it compared, and only then is the line cut out.

use std::collections::HashMap;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Span};
use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use super::need;
use crate::model::LogTemplate;

/// Length of the parts that are searched.
pub(super) const PART: usize = 4;
/// How many parts one pass looks for.
const PASS: usize = 48;
/// What a part costs besides its occurrences in the first block.
const COST: u64 = 16;
/// A literal that is on more lines than this of the first block is not what its template's lines are found by, if the pattern asks for
/// something rarer as well.
const FREQUENT: u64 = 16;
/// What one more text costs, in lines that are tried in vain.
const TEXT: u64 = 4;

/// What is done with a line: its place in the block, the line, and the templates to try on it.
type OnLine<'a> = dyn FnMut(usize, &[u8], &[usize]) + 'a;

/// A literal and the templates that need it.
struct Literal {
    text: Vec<u8>,
    templates: Vec<usize>,
}

/// A literal that owns a part, and the part's place in it.
struct Owner {
    literal: usize,
    offset: usize,
}

/// One pass over a block, for some of the parts.
struct Pass {
    search: Search,
    owners: Vec<Vec<Owner>>,
}

enum Search {
    Packed(Searcher),
    Automaton(AhoCorasick),
}

/// Searches blocks for the literals of templates.
pub(super) struct Scanner {
    literals: Vec<Literal>,
    passes: Vec<Pass>,
    /// Of each template whose lines are found by something else than its literal, the literal.
    confirm: Vec<Option<Finder<'static>>>,
    folded: Vec<u8>,
    found: Vec<(usize, usize)>,
}

impl Scanner {
    /// Chooses what to search for; `sample` is the first block. Templates whose literal is shorter than [`PART`] are never found.
    pub(super) fn new(templates: &[LogTemplate], sample: &[u8]) -> Self {
        let sample = sample.to_ascii_lowercase();
        let counts = Counts::of(&sample);
        let mut literals: Vec<Literal> = Vec::new();
        let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut confirm: Vec<Option<Finder<'static>>> = vec![None; templates.len()];
        for (number, template) in templates.iter().enumerate() {
            let text = template.literal.as_bytes().to_ascii_lowercase();
            if text.len() < PART {
                continue;
            }
            let rarer = rarer(&text, template.pattern.as_str(), &counts, &sample);
            if let (Some(_), Some(confirm)) = (&rarer, confirm.get_mut(number)) {
                *confirm = Some(Finder::new(&text).into_owned());
            }
            let texts = rarer.unwrap_or_else(|| vec![text]);
            for text in texts {
                let at = *known.entry(text.clone()).or_insert(literals.len());
                match literals.get_mut(at) {
                    Some(literal) => literal.templates.push(number),
                    None => literals.push(Literal { text, templates: vec![number] }),
                }
            }
        }
        let parts = choose(&literals, &counts);
        let passes = parts.chunks(PASS).filter_map(|parts| pass(parts, &literals)).collect();
        Self { literals, passes, confirm, folded: Vec::new(), found: Vec::new() }
    }

    /// Calls `hit` with each line that holds a literal, its place in the block, and the templates to try on it, in order.
    pub(super) fn search(&mut self, block: &[u8], hit: &mut OnLine<'_>) {
        self.folded.clear();
        self.folded.extend_from_slice(block);
        self.folded.make_ascii_lowercase();
        self.found.clear();
        for pass in &self.passes {
            pass.run(&self.folded, &self.literals, &mut self.found);
        }
        if self.passes.len() > 1 {
            self.found.sort_unstable();
        }
        let mut templates: Vec<usize> = Vec::new();
        let mut found = self.found.iter().copied().peekable();
        while let Some((at, literal)) = found.next() {
            let start = memrchr(b'\n', block.get(..at).unwrap_or_default())
                .map_or(0, |before| before.saturating_add(1));
            let end = memchr(b'\n', block.get(at..).unwrap_or_default())
                .map_or(block.len(), |behind| at.saturating_add(behind));
            templates.clear();
            templates.extend(self.literals.get(literal).into_iter().flat_map(|literal| &literal.templates));
            while let Some((_, literal)) = found.next_if(|(at, _)| *at < end) {
                templates
                    .extend(self.literals.get(literal).into_iter().flat_map(|literal| &literal.templates));
            }
            templates.sort_unstable();
            templates.dedup();
            let folded = self.folded.get(start..end).unwrap_or_default();
            templates.retain(|number| {
                let Some(Some(literal)) = self.confirm.get(*number) else { return true };
                literal.find(folded).is_some()
            });
            if templates.is_empty() {
                continue;
            }
            let line = block.get(start..end).unwrap_or_default();
            hit(start, line.strip_suffix(b"\r").unwrap_or(line), &templates);
        }
    }
}

impl Pass {
    /// Collects where literals stand: place and number of the literal.
    fn run(&self, text: &[u8], literals: &[Literal], found: &mut Vec<(usize, usize)>) {
        let mut from = 0;
        while let Some((at, part)) = self.next(text, from) {
            // Parts may overlap, so the search goes on at the next byte.
            from = at.saturating_add(1);
            for owner in self.owners.get(part).into_iter().flatten() {
                let Some(literal) = literals.get(owner.literal) else { continue };
                let Some(start) = at.checked_sub(owner.offset) else { continue };
                let end = start.saturating_add(literal.text.len());
                if text.get(start..end) == Some(&literal.text) {
                    found.push((start, owner.literal));
                }
            }
        }
        found.sort_unstable();
    }

    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let span = Span { start: from.min(text.len()), end: text.len() };
        match &self.search {
            Search::Packed(searcher) => {
                searcher.find_in(text, span).map(|found| (found.start(), found.pattern().as_usize()))
            }
            Search::Automaton(automaton) => automaton
                .find(aho_corasick::Input::new(text).span(span))
                .map(|found| (found.start(), found.pattern().as_usize())),
        }
    }
}

/// Gives texts that are rarer than a template's literal and of which each of its lines contains one, if the literal is frequent.
fn rarer(literal: &[u8], pattern: &str, counts: &Counts, sample: &[u8]) -> Option<Vec<Vec<u8>>> {
    let lines = |text: &[u8]| match counts.text(text) {
        seldom @ ..=FREQUENT => seldom,
        _ => lines_with(text, sample),
    };
    let frequent = lines(literal);
    if frequent <= FREQUENT {
        return None;
    }
    let cost = |texts: &Vec<Vec<u8>>| {
        texts.iter().fold(0_u64, |cost, text| cost.saturating_add(TEXT).saturating_add(lines(text)))
    };
    let choices = need::choices(pattern).into_iter().map(|texts| (cost(&texts), texts));
    choices.filter(|(cost, _)| *cost < frequent).min().map(|(_, texts)| texts)
}

/// Counts the lines that contain a text.
fn lines_with(text: &[u8], sample: &[u8]) -> u64 {
    let finder = Finder::new(text);
    let mut rest = sample;
    let mut lines = 0_u64;
    while let Some(at) = finder.find(rest) {
        lines = lines.saturating_add(1);
        let behind = rest.get(at..).unwrap_or_default();
        rest = memchr(b'\n', behind).and_then(|end| behind.get(end..)).unwrap_or_default();
    }
    lines
}

/// How often parts occur in a text, or seldom a little more: parts of the same slot are counted together.
struct Counts(Vec<u32>);

impl Counts {
    /// Slots, as a power of two.
    const BITS: u32 = 18;

    fn of(text: &[u8]) -> Self {
        let mut counts = vec![0_u32; 1 << Self::BITS];
        for part in text.array_windows() {
            if let Some(count) = counts.get_mut(Self::slot(*part)) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    fn part(&self, part: [u8; PART]) -> u64 {
        self.0.get(Self::slot(part)).copied().unwrap_or_default().into()
    }

    /// Gives how often a text occurs at most: as often as its rarest part.
    fn text(&self, text: &[u8]) -> u64 {
        text.array_windows().map(|part| self.part(*part)).min().unwrap_or(u64::MAX)
    }

    fn slot(part: [u8; PART]) -> usize {
        let mixed = u32::from_le_bytes(part).wrapping_mul(0x9E37_79B1) >> (u32::BITS - Self::BITS);
        usize::try_from(mixed).unwrap_or_default()
    }
}

/// Prepares a pass.
fn pass(parts: &[[u8; PART]], literals: &[Literal]) -> Option<Pass> {
    let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
    let search = match builder.extend(parts).build() {
        Some(searcher) => Search::Packed(searcher),
        // Machines without the instructions.
        None => Search::Automaton(AhoCorasick::new(parts).ok()?),
    };
    let owners = parts.iter().map(|part| {
        let owned = literals.iter().enumerate().filter_map(|(literal, found)| {
            let offset = found.text.windows(PART).position(|window| window == part)?;
            Some(Owner { literal, offset })
        });
        owned.collect()
    });
    Some(Pass { search, owners: owners.collect() })
}

/// Chooses parts that cover all literals: rare in the sample, and shared by many literals.
fn choose(literals: &[Literal], counts: &Counts) -> Vec<[u8; PART]> {
    let mut windows: Vec<[u8; PART]> = literals
        .iter()
        .flat_map(|literal| literal.text.windows(PART).filter_map(|window| window.try_into().ok()))
        .collect();
    windows.sort_unstable();
    windows.dedup();
    let numbers: HashMap<[u8; PART], usize> =
        windows.iter().enumerate().map(|(number, window)| (*window, number)).collect();
    let of = |text: &[u8]| -> Vec<usize> {
        let known = |window: &[u8]| numbers.get(&<[u8; PART]>::try_from(window).ok()?).copied();
        text.windows(PART).filter_map(known).collect()
    };
    let costs: Vec<u64> = windows.iter().map(|window| COST.saturating_add(counts.part(*window))).collect();
    let mut inside: Vec<Vec<usize>> = literals.iter().map(|literal| of(&literal.text)).collect();
    let mut gains = vec![0_u64; windows.len()];
    for list in &mut inside {
        list.sort_unstable();
        list.dedup();
        for number in list.iter() {
            if let Some(gain) = gains.get_mut(*number) {
                *gain = gain.saturating_add(1);
            }
        }
    }
    let mut chosen = Vec::new();
    loop {
        // The most literals for the least cost; the first of equals.
        let best = gains.iter().zip(&costs).enumerate().filter(|(_, (gain, _))| **gain > 0).max_by(
            |(left, (gain, cost)), (right, (other, price))| {
                (**gain * **price).cmp(&(**other * **cost)).then(right.cmp(left))
            },
        );
        let Some((best, _)) = best else { return chosen };
        chosen.extend(windows.get(best));
        for list in inside.iter_mut().filter(|list| list.contains(&best)) {
            for number in list.drain(..) {
                if let Some(gain) = gains.get_mut(number) {
                    *gain = gain.saturating_sub(1);
                }
            }
        }
    }
}
