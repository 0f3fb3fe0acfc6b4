//! Hardware addresses, however they are written.

use super::find::{Hit, What};

/// Letters of a hardware address, and of one with dots.
pub(super) const HARDWARE: usize = 17;
const DOTTED: usize = 14;

/// Finds a hardware address in one of the forms that Windows and Linux write.
pub(super) fn hardware(text: &[u8], start: usize, hits: &mut Vec<Hit>) -> bool {
    if !may_be_hardware(text) {
        return false;
    }
    let joiners = memchr::memchr3_iter(b':', b'-', b'.', text).map(|at| at + 1);
    for at in std::iter::once(0).chain(joiners) {
        let Some(part) = text.get(at..at + HARDWARE).filter(|part| is_separated(part)) else { continue };
        let next = text.get(at + HARDWARE);
        if !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || b":-".contains(byte)) && is_mac(part) {
            hits.push(Hit::new(start + at, start + at + HARDWARE, What::Mac));
            return true;
        }
    }
    false
}

/// Says whether the same hyphen or colon stands at every third place, as in a hardware address.
pub(super) fn may_be_hardware(text: &[u8]) -> bool {
    text.len() >= HARDWARE
        && text.windows(HARDWARE).any(|part| match part {
            [_, _, one @ (b':' | b'-'), _, _, two, _, _, three, _, _, four, _, _, five, ..] => {
                [two, three, four, five].iter().all(|other| *other == one)
            }
            _ => false,
        })
}

/// Finds a hardware address as switches write it.
pub(super) fn dotted(text: &[u8], start: usize, hits: &mut Vec<Hit>) -> bool {
    let is_dotted = text.len() == DOTTED && text.get(4) == Some(&b'.') && is_mac(text);
    if is_dotted {
        hits.push(Hit::new(start, start + DOTTED, What::Mac));
    }
    is_dotted
}

fn is_mac(part: &[u8]) -> bool {
    std::str::from_utf8(part).is_ok_and(|part| parse_mac(part).is_some())
}

/// Says whether the same hyphen or colon stands behind every other letter.
fn is_separated(part: &[u8]) -> bool {
    let separator = part.get(2).copied();
    let mut thirds = part.iter().skip(2).step_by(3).copied();
    matches!(separator, Some(b':' | b'-')) && thirds.all(|byte| Some(byte) == separator)
}

/// Reads `aa:bb:cc:dd:ee:ff`, `AA-BB-…` or `aabb.ccdd.eeff`.
pub(super) fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let separator = text.bytes().find(|byte| !byte.is_ascii_hexdigit())?;
    let width = if separator == b'.' { 4 } else { 2 };
    let parts: Vec<&str> = text.split(char::from(separator)).collect();
    if parts.iter().any(|part| part.len() != width) || ![b':', b'-', b'.'].contains(&separator) {
        return None;
    }
    let digits = parts.concat();
    let mut bytes = [0; 6];
    if digits.len() != 12 {
        return None;
    }
    for (number, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(number * 2..number * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
