//! The key of a run and the keyed permutations made of it: pseudonyms that nobody can compute without the key, of the
//! same shape as what they stand for, and never the same for two.

use ring::hmac;

/// Rounds of the Feistel network; 8 are held to be enough, short strings get two more.
const ROUNDS: u8 = 10;

/// The key of a run. It is made anew for every run and is never written into a bundle.
#[derive(Clone)]
pub struct Key {
    mac: hmac::Key,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Takes 32 bytes, random ones outside of tests.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self { mac: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
    }

    /// Makes a key of the system's random numbers; `None` where it has none.
    pub fn random() -> Option<Self> {
        let mut bytes = [0; 32];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).ok()?;
        Some(Self::new(&bytes))
    }

    /// Gives so many letters of an alphabet of 32, which depend on the key alone.
    pub fn letters_of(&self, alphabet: &[u8; 32], length: usize) -> String {
        let blocks = (0u32..).flat_map(|block| self.digest(&[b"passphrase", &block.to_le_bytes()]));
        let letters = blocks.filter_map(|byte| alphabet.get(usize::from(byte % 32)));
        letters.take(length).map(|letter| char::from(*letter)).collect()
    }

    /// Gives 32 bytes that depend on all parts; each part is set apart by its length.
    pub(super) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        out
    }

    /// Gives `length` letters that depend on `text`: a stand-in that says nothing of it but whether it is the same.
    pub(super) fn letters(&self, purpose: &str, text: &[u8], length: usize) -> String {
        let mut out = String::with_capacity(length);
        let mut block: u32 = 0;
        while out.len() < length {
            for byte in self.digest(&[purpose.as_bytes(), text, &block.to_le_bytes()]) {
                if out.len() < length {
                    out.push(char::from(b'a' + byte % 26));
                }
            }
            block = block.wrapping_add(1);
        }
        out
    }

    /// Permutes the strings of digits of one shape: digit `i` stays below `radixes[i]`, and no two strings become one.
    pub(super) fn permute(&self, purpose: &str, digits: &mut [u32], radixes: &[u32]) {
        let half = digits.len() / 2;
        let shape: Vec<u8> = radixes.iter().flat_map(|radix| radix.to_le_bytes()).collect();
        let Some((left_radixes, right_radixes)) = radixes.split_at_checked(half) else { return };
        for round in 0..ROUNDS {
            let Some((left, right)) = digits.split_at_mut_checked(half) else { return };
            if round % 2 == 0 {
                self.add(purpose, round, &shape, left, right, right_radixes);
            } else {
                self.add(purpose, round, &shape, right, left, left_radixes);
            }
        }
    }

    /// Adds numbers that depend on one half to the digits of the other.
    fn add(&self, purpose: &str, round: u8, shape: &[u8], from: &[u32], to: &mut [u32], radixes: &[u32]) {
        let from: Vec<u8> = from.iter().flat_map(|digit| digit.to_le_bytes()).collect();
        let chunks = to.chunks_mut(8).zip(radixes.chunks(8));
        for (number, (digits, radixes)) in (0u32..).zip(chunks) {
            let bytes = self.digest(&[purpose.as_bytes(), &[round], shape, &from, &number.to_le_bytes()]);
            let (words, _) = bytes.as_chunks::<4>();
            for ((digit, radix), word) in digits.iter_mut().zip(radixes).zip(words) {
                let radix = u64::from(*radix).max(1);
                let sum = (u64::from(*digit) + u64::from(u32::from_le_bytes(*word))) % radix;
                *digit = u32::try_from(sum).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn strings_of_every_shape_are_permuted() {
        let key = Key::new(&[7; 32]);
        for radixes in [&[26][..], &[26, 10], &[10, 10, 10], &[3, 26, 2, 5]] {
            let all: u32 = radixes.iter().product();
            let mut seen = BTreeSet::new();
            for number in 0..all {
                let mut rest = number;
                let mut digits: Vec<u32> = Vec::new();
                for radix in radixes {
                    digits.push(rest % radix);
                    rest /= radix;
                }
                key.permute("test", &mut digits, radixes);
                assert!(digits.iter().zip(radixes).all(|(digit, radix)| digit < radix));
                seen.insert(digits);
            }
            assert_eq!(seen.len(), usize::try_from(all).unwrap(), "{radixes:?}");
        }
    }

    #[test]
    fn other_keys_and_purposes_give_others() {
        let (one, other) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
        assert_ne!(one.letters("a", b"x", 40), other.letters("a", b"x", 40));
        assert_ne!(one.letters("a", b"x", 40), one.letters("b", b"x", 40));
        assert_eq!(one.letters("a", b"x", 40).len(), 40);
        assert_eq!(one.letters("a", b"x", 8), one.letters("a", b"x", 40)[..8]);
    }
}
