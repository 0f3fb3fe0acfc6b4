//! Pseudonyms of words: label by label, letter for letter, digit for digit.

use super::Key;

/// Stretches of letters; a letter stays in its own, so that its length in UTF-8 and UTF-16 stays too.
const ALPHABETS: [(u32, u32); 18] = [
    ('a' as u32, 26),
    ('0' as u32, 10),
    (0x00e0, 23),
    (0x00f8, 7),
    (0x03b1, 25),
    (0x0430, 32),
    (0x05d0, 27),
    (0x0621, 26),
    (0x0905, 53),
    (0x0e01, 46),
    (0x1ea1, 88),
    (0x3041, 86),
    (0x30a1, 90),
    (0x3400, 6592),
    (0x4e00, 20_902),
    (0xac00, 11_172),
    (0x0101, 126),
    (0x20000, 42_720),
];

/// Gives the pseudonym of a label or another word: as long, upper case where it is upper case, and the same for the
/// same letters in whatever case. Hyphens, and letters of no known alphabet, stay.
pub(super) fn label(key: &Key, text: &str, stays: &dyn Fn(&str) -> bool) -> String {
    let lower: String = text.chars().map(lowered).collect();
    if stays(&lower) {
        return text.to_owned();
    }
    let (mut digits, mut radixes, mut bases) = (Vec::new(), Vec::new(), Vec::new());
    for letter in lower.chars() {
        if let Some((base, count)) = alphabet(letter) {
            digits.push(u32::from(letter).wrapping_sub(base));
            radixes.push(count);
            bases.push(base);
        }
    }
    // A pseudonym that is itself a word that stays is passed over; this ends, for the word itself does not stay.
    loop {
        key.permute("label", &mut digits, &radixes);
        let mut next = digits.iter().zip(&bases);
        let mut step = |letter: char| match alphabet(letter) {
            Some(_) => next.next().and_then(|(digit, base)| char::from_u32(base.wrapping_add(*digit))),
            None => Some(letter),
        };
        let mapped: String = lower.chars().map(|letter| step(letter).unwrap_or(letter)).collect();
        if !stays(&mapped) || mapped == lower {
            let cased = mapped.chars().zip(text.chars().zip(lower.chars()));
            return cased.map(|(to, (from, low))| if from == low { to } else { raised(to) }).collect();
        }
    }
}

fn alphabet(letter: char) -> Option<(u32, u32)> {
    let code = u32::from(letter);
    let inside = |(base, count): &&(u32, u32)| code.checked_sub(*base).is_some_and(|at| at < *count);
    ALPHABETS.iter().find(inside).copied()
}

/// Gives the lower case of a letter, where that is one letter too that has it as its upper case.
fn lowered(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one.len_utf8() == letter.len_utf8() && raised(one) == letter => one,
        _ => letter,
    }
}

fn raised(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if one.len_utf8() == letter.len_utf8() => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_pseudonym_has_the_shape_and_case_of_the_word() {
        let key = Key::new(&[9; 32]);
        let none = |_: &str| false;
        for text in ["pc-fr-0017", "a", "x1", "Jürgen", "张三丰", "Петров", "user_name", "김철수"]
        {
            let to = label(&key, text, &none);
            assert_eq!((to.len(), to.chars().count()), (text.len(), text.chars().count()), "{text} {to}");
            let sort = |letter: char| (letter.is_numeric(), letter == '-', letter == '_');
            assert!(to.chars().zip(text.chars()).all(|(to, from)| sort(to) == sort(from)), "{text} {to}");
            assert_eq!(label(&key, &text.to_uppercase(), &none).to_lowercase(), to.to_lowercase());
        }
        assert_eq!(label(&key, "PC-Fr-0017", &none).to_lowercase(), label(&key, "pc-fr-0017", &none));
        assert_eq!(label(&key, "PC-Fr-0017", &none).chars().next().map(char::is_uppercase), Some(true));
    }

    #[test]
    fn no_two_words_get_one_pseudonym_and_none_gets_a_word_that_stays() {
        let key = Key::new(&[9; 32]);
        let stays = |word: &str| ["ab", "zz", "qq"].contains(&word);
        let letters = 'a'..='z';
        let words: Vec<String> =
            letters.clone().flat_map(|a| letters.clone().map(move |b| format!("{a}{b}"))).collect();
        let mapped: BTreeSet<String> = words.iter().map(|word| label(&key, word, &stays)).collect();
        assert_eq!(mapped.len(), words.len());
        assert_eq!(label(&key, "ab", &stays), "ab");
    }
}
