//! NTLM messages (MS-NLMP): names are replaced, what a password could be guessed from is blanked.

use tetra_capture::link::be16;

use crate::redact::Kind;
use crate::redact::tokens::Tokens;

/// Begins every message.
const MAGIC: &[u8] = b"NTLMSSP\0";
/// The flag that says that names have two bytes a letter.
const UNICODE: u8 = 1;

/// Replaces names and blanks answers in a message; `false` where it is none.
pub(super) fn edit(message: &mut [u8], tokens: &mut Tokens) -> bool {
    if !message.starts_with(MAGIC) {
        return false;
    }
    let original = message.to_vec();
    let flags_at = |at: usize| original.get(at).copied().unwrap_or(0);
    let mut edit = Edit { original: &original, message, tokens };
    match original.get(8) {
        Some(1) => {
            edit.name(16, Kind::Host, false);
            edit.name(24, Kind::Host, false);
        }
        Some(2) => {
            let wide = flags_at(20) & UNICODE != 0;
            edit.name(12, Kind::Host, wide);
            edit.blank(24, 32);
            edit.pairs(40);
        }
        Some(3) => {
            let wide = flags_at(60) & UNICODE != 0;
            for field in [12, 20, 52] {
                if let Some((from, to)) = edit.field(field) {
                    edit.blank(from, to);
                }
            }
            edit.name(28, Kind::Host, wide);
            edit.name(36, Kind::User, wide);
            edit.name(44, Kind::Host, wide);
            // The integrity code, where the names do not begin before it.
            let first = [12, 20, 28, 36, 44]
                .into_iter()
                .filter_map(|field| edit.field(field))
                .map(|(from, _)| from)
                .min();
            if first.is_none_or(|first| first >= 88) {
                edit.blank(72, 88);
            }
        }
        _ => edit.blank(12, original.len()),
    }
    true
}

struct Edit<'a> {
    original: &'a [u8],
    message: &'a mut [u8],
    tokens: &'a mut Tokens,
}

impl Edit<'_> {
    /// Gives the stretch that a field points to.
    fn field(&self, at: usize) -> Option<(usize, usize)> {
        let length = usize::from(le16(self.original, at)?);
        let low = le16(self.original, at + 4)?;
        let high = le16(self.original, at + 6)?;
        let from = usize::from(low) | usize::from(high) << 16;
        let to = from.checked_add(length)?;
        (length > 0 && from >= 12 && to <= self.original.len()).then_some((from, to))
    }

    fn name(&mut self, field: usize, kind: Kind, wide: bool) {
        if let Some((from, to)) = self.field(field) {
            self.text(from, to, kind, wide);
        }
    }

    fn text(&mut self, from: usize, to: usize, kind: Kind, wide: bool) {
        let Some(bytes) = self.original.get(from..to) else { return };
        let text = if wide {
            let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
            char::decode_utf16(units).map(|unit| unit.unwrap_or('x')).collect()
        } else {
            String::from_utf8_lossy(bytes).into_owned()
        };
        let new = match text.split_once('@') {
            Some((user, domain)) => {
                let user_to = self.tokens.word(kind, user).unwrap_or_else(|| user.to_owned());
                let domain_to = self.tokens.host(domain).unwrap_or_else(|| domain.to_owned());
                Some(format!("{user_to}@{domain_to}"))
            }
            None if kind == Kind::Host => self.tokens.host_or_word(&text),
            None => self.tokens.word(kind, &text),
        };
        let Some(new) = new else { return };
        let new =
            if wide { new.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { new.into_bytes() };
        if let Some(place) = self.message.get_mut(from..to) {
            if place.len() == new.len() {
                place.copy_from_slice(&new);
            } else {
                place.fill(b'x');
            }
        }
    }

    /// Goes through what a server tells of itself.
    fn pairs(&mut self, field: usize) {
        let Some((mut at, end)) = self.field(field) else { return };
        while let (Some(kind), Some(length)) = (le16(self.original, at), le16(self.original, at + 2)) {
            let (from, to) = (at + 4, (at + 4 + usize::from(length)).min(end));
            match kind {
                0 => return,
                1..=5 => self.text(from, to, Kind::Host, true),
                6 | 7 => {}
                _ => self.blank(from, to),
            }
            at = to.max(at + 4);
            if at >= end {
                return;
            }
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.message.len());
        if let Some(place) = self.message.get_mut(from..to) {
            place.fill(0);
        }
    }
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    be16(bytes, at).map(u16::swap_bytes)
}
