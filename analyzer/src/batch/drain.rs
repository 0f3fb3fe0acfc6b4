//! Log templates by Drain (He et al., ICWS 2017): lines of the same length and the same beginning that share most of their
//! words are one template; where they differ, it holds [`ANY`].
//!
//! Small on purpose: no line is kept, and memory is bounded by the number of templates.

use std::collections::BTreeMap;

/// Stands for a word that differs.
pub(super) const ANY: &str = "<*>";
/// Templates that are kept; lines that fit none are counted no more.
const TEMPLATES: usize = 2_000;
/// Templates that begin alike.
const ALIKE: usize = 100;
/// Words of a line; the rest is cut off.
const WORDS: usize = 60;
/// Longest word, in characters; longer ones are data.
const WORD: usize = 60;

/// Finds templates in lines.
#[derive(Debug, Default)]
pub(super) struct Miner {
    /// By number of words and first word.
    groups: BTreeMap<(usize, String), Vec<Template>>,
    count: usize,
}

#[derive(Debug)]
struct Template {
    words: Vec<String>,
    lines: u64,
}

impl Miner {
    /// Takes a line, which stands for so many.
    pub(super) fn add(&mut self, line: &str, lines: u64) {
        let words: Vec<String> = line.split_whitespace().take(WORDS).map(mask).collect();
        let Some(first) = words.first() else { return };
        let group = self.groups.entry((words.len(), first.clone())).or_default();
        // Of equals the first: the order of lines decides, and nothing else.
        let best = group
            .iter()
            .map(|template| alike(&template.words, &words))
            .enumerate()
            .fold(None, |best: Option<(usize, usize)>, (at, share)| match best {
                Some((_, most)) if most >= share => best,
                _ => Some((at, share)),
            })
            .filter(|(_, share)| share.saturating_mul(2) >= words.len());
        if let Some(template) = best.and_then(|(at, _)| group.get_mut(at)) {
            template.lines = template.lines.saturating_add(lines);
            for (old, new) in template.words.iter_mut().zip(&words) {
                if old != new {
                    ANY.clone_into(old);
                }
            }
        } else if group.len() < ALIKE && self.count < TEMPLATES {
            self.count = self.count.saturating_add(1);
            group.push(Template { words, lines });
        }
    }

    /// Gives the template that a line belongs to.
    pub(super) fn find(&self, line: &str) -> Option<String> {
        let words: Vec<String> = line.split_whitespace().take(WORDS).map(mask).collect();
        let group = self.groups.get(&(words.len(), words.first()?.clone()))?;
        let fits = |template: &&Template| {
            template.words.iter().zip(&words).all(|(known, word)| known == ANY || known == word)
        };
        group.iter().find(fits).map(|template| template.words.join(" "))
    }

    /// Gives the templates with their numbers of lines, most frequent first.
    pub(super) fn templates(&self) -> Vec<(String, u64)> {
        let all = self.groups.values().flatten();
        let mut found: Vec<(String, u64)> =
            all.map(|template| (template.words.join(" "), template.lines)).collect();
        found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        found
    }
}

/// Counts the words that two lines share; what differs already counts nothing.
fn alike(template: &[String], words: &[String]) -> usize {
    template.iter().zip(words).filter(|(one, other)| one == other && *one != ANY).count()
}

/// Gives a word as templates hold it: numbers, addresses, paths and other data are masked.
fn mask(word: &str) -> String {
    let core = word.trim_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | ',' | ';' | '"' | '\'' | '.'));
    let data = core.chars().any(|c| c.is_ascii_digit())
        || core.contains(['/', '\\', '@'])
        || core.chars().count() > WORD
        || core.chars().any(char::is_control);
    if data && !core.is_empty() { word.replacen(core, ANY, 1) } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_in_data_are_one_template() {
        let mut miner = Miner::default();
        for line in [
            "TetraUpdate: mirror list rejected, error 77",
            "TetraUpdate: mirror list rejected, error 78",
            "TetraUpdate: mirror list accepted, error 79",
            "Cloud lookup failed for host-1.example (timeout)",
            "Cloud lookup failed for host-2.example (refused)",
        ] {
            miner.add(line, 1);
        }
        let expected =
            [("TetraUpdate: mirror list <*> error <*>", 3), ("Cloud lookup failed for <*> <*>", 2)];
        assert_eq!(miner.templates(), expected.map(|(text, lines)| (text.to_owned(), lines)));
        let found = miner.find("TetraUpdate: mirror list burnt, error 9");
        assert_eq!(found.as_deref(), Some("TetraUpdate: mirror list <*> error <*>"));
        assert_eq!(miner.find("TetraUpdate: other list burnt, error 9"), None);
    }

    #[test]
    fn the_order_of_the_words_within_a_mask_is_kept() {
        assert_eq!(mask("error=0x80072ee2,"), "<*>,");
        assert_eq!(mask("[4512]:"), "[<*>");
        assert_eq!(mask("C:\\Windows\\x.dll"), "<*>");
        assert_eq!(mask("failed:"), "failed:");
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut miner = Miner::default();
        for number in 0..20_000_u32 {
            let letters: String =
                number.to_string().chars().map(|c| char::from_u32(u32::from(c) + 49).unwrap()).collect();
            miner.add(&format!("{letters} failed"), 1);
            miner.add(&"x ".repeat(10_000), 1);
        }
        assert!(miner.templates().len() <= TEMPLATES);
    }
}
