//! What a pattern's matches contain besides the literal that its template names.
//!
//! A literal such as `tetra` stands on every fifth line of some logs, and each of them would have to be tried. Most patterns
//! ask for something rarer as well: one of a few error codes, one of a few words.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange};
use regex_syntax::hir::{Hir, HirKind, Repetition};

use super::scan::PART;

/// Most texts of a choice.
const CHOICE: usize = 24;
/// How deep a pattern may be nested, as where it was compiled.
const NESTING: u32 = 50;
/// What stands for bytes that are no UTF-8 once the line is text; the line itself does not contain it.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Gives choices of texts in lower case: each match, in lower case, contains at least one text of every choice.
pub(super) fn choices(pattern: &str) -> Vec<Vec<Vec<u8>>> {
    let mut choices = Vec::new();
    if let Ok(hir) = ParserBuilder::new().nest_limit(NESTING).build().parse(pattern) {
        collect(&folded(&hir), &mut choices);
    }
    choices
}

fn collect(hir: &Hir, choices: &mut Vec<Vec<Vec<u8>>>) {
    match hir.kind() {
        HirKind::Concat(parts) => {
            for (at, part) in parts.iter().enumerate() {
                choices.extend(choice(&Hir::concat(parts.get(at..).unwrap_or_default().to_vec())));
                if let HirKind::Repetition(_) = part.kind() {
                    collect(part, choices);
                }
            }
        }
        HirKind::Repetition(repeated) if repeated.min > 0 => collect(&repeated.sub, choices),
        _ => choices.extend(choice(hir)),
    }
}

/// Gives the texts that a match of this part begins with, if they are few and long enough to be searched.
fn choice(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let seq = Extractor::new().limit_total(CHOICE).extract(hir);
    let mut texts: Vec<Vec<u8>> =
        seq.literals()?.iter().map(|literal| literal.as_bytes().to_ascii_lowercase()).collect();
    texts.sort_unstable();
    texts.dedup();
    let fits = |text: &Vec<u8>| {
        text.len() >= PART && !text.windows(REPLACEMENT.len()).any(|window| window == REPLACEMENT)
    };
    (!texts.is_empty() && texts.iter().all(fits)).then_some(texts)
}

/// Turns a pattern into one that matches what it matches, in lower case (ASCII).
fn folded(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Unicode(folded_letters(class))),
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(folded_bytes(class))),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Repetition(repeated) => {
            let sub = Box::new(folded(&repeated.sub));
            Hir::repetition(Repetition { sub, ..repeated.clone() })
        }
        HirKind::Capture(group) => folded(&group.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(folded).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(folded).collect()),
    }
}

fn folded_letters(class: &ClassUnicode) -> ClassUnicode {
    let capitals = ClassUnicode::new([ClassUnicodeRange::new('A', 'Z')]);
    let (mut own, mut other) = (class.clone(), class.clone());
    own.intersect(&capitals);
    other.difference(&capitals);
    let small = own.iter().map(|range| {
        ClassUnicodeRange::new(range.start().to_ascii_lowercase(), range.end().to_ascii_lowercase())
    });
    other.union(&ClassUnicode::new(small));
    other
}

fn folded_bytes(class: &ClassBytes) -> ClassBytes {
    let capitals = ClassBytes::new([ClassBytesRange::new(b'A', b'Z')]);
    let (mut own, mut other) = (class.clone(), class.clone());
    own.intersect(&capitals);
    other.difference(&capitals);
    let small = own.iter().map(|range| {
        ClassBytesRange::new(range.start().to_ascii_lowercase(), range.end().to_ascii_lowercase())
    });
    other.union(&ClassBytes::new(small));
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pattern: &str) -> Vec<String> {
        let text = |texts: Vec<Vec<u8>>| {
            texts.iter().map(|text| String::from_utf8_lossy(text)).collect::<Vec<_>>().join(" ")
        };
        choices(pattern).into_iter().map(text).collect()
    }

    #[test]
    fn finds_what_every_match_contains() {
        assert_eq!(
            shown(r"(?i)(?P<text>tetra.*(?:updat|defin|download).*)"),
            ["tetra", "defin download updat"]
        );
        assert_eq!(shown(r"CURL[ -/:-~]{0,16}(?P<code>[0-9]{1,2})"), ["curl"]);
        assert_eq!(shown(r"x(?:Timeout)+[a-z]*"), ["xtimeout", "timeout", "timeout"]);
        assert_eq!(shown(r"a.*(?:-21[0-9]|0xF7\d*)")[0].split(' ').count(), 11);
    }

    #[test]
    fn says_nothing_of_what_may_be_missing() {
        for pattern in [r"(?:error)?\d+", r"(?:error|x).*", r".*", r"[a-z]+", r"(?:error)*", "(", "abc"] {
            assert_eq!(shown(pattern), [""; 0], "{pattern}");
        }
    }

    #[test]
    fn letters_that_fold_into_others_are_kept() {
        // The long s is a small s too, whatever the case.
        assert_eq!(shown("(?i)stat"), ["stat ſtat"]);
        assert_eq!(shown("(?i-u)STAT"), ["stat"]);
    }
}
