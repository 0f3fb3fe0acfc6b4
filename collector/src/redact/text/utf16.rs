//! UTF-16 as bytes that the finder understands, and back: every unit comes back as it was, lone surrogates too.

/// The order of the bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    LittleEndian,
    BigEndian,
}

/// Turns UTF-16 into UTF-8, lone surrogates into the three bytes that UTF-8 has no use for.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// A byte without its fellow.
    rest: Vec<u8>,
    /// A first half of a pair.
    high: Option<u16>,
}

impl Decoder {
    pub(super) fn add(&mut self, bytes: &[u8], units: Units, out: &mut Vec<u8>) {
        self.rest.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.rest);
        let (pairs, rest) = all.as_chunks::<2>();
        self.rest = rest.to_vec();
        for pair in pairs {
            let unit = match units {
                Units::LittleEndian => u16::from_le_bytes(*pair),
                Units::BigEndian => u16::from_be_bytes(*pair),
            };
            self.unit(unit, out);
        }
        if bytes.is_empty()
            && let Some(high) = self.high.take()
        {
            push(u32::from(high), out);
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                let code = 0x10000 + ((u32::from(high) & 0x3ff) << 10 | u32::from(unit) & 0x3ff);
                push(code, out);
                return;
            }
            push(u32::from(high), out);
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else {
            push(u32::from(unit), out);
        }
    }

    /// Gives a last byte that has no fellow.
    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }
}

/// Writes a code point in UTF-8, a surrogate as if it were one.
fn push(code: u32, out: &mut Vec<u8>) {
    if let Some(letter) = char::from_u32(code) {
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let six = |shift: u32| u8::try_from(code >> shift & 0x3f).unwrap_or(0);
        out.extend_from_slice(&[0xe0 | six(12), 0x80 | six(6), 0x80 | six(0)]);
    }
}

/// Turns what [`Decoder`] gave, and what was put into it, into UTF-16 again.
pub(super) fn encoded(text: &[u8], units: Units) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(2));
    let mut rest = text.iter().copied();
    while let Some(first) = rest.next() {
        let more = match first {
            0..0xc0 => 0,
            0xc0..0xe0 => 1,
            0xe0..0xf0 => 2,
            _ => 3,
        };
        let mut code = match more {
            0 => u32::from(first),
            1 => u32::from(first & 0x1f),
            2 => u32::from(first & 0x0f),
            _ => u32::from(first & 0x07),
        };
        for _ in 0..more {
            code = code << 6 | u32::from(rest.next().unwrap_or(0x80) & 0x3f);
        }
        let mut put = |unit: u32| {
            let unit = u16::try_from(unit).unwrap_or(0xfffd);
            out.extend_from_slice(&match units {
                Units::LittleEndian => unit.to_le_bytes(),
                Units::BigEndian => unit.to_be_bytes(),
            });
        };
        match code.checked_sub(0x10000) {
            Some(above) => {
                put(0xd800 | above >> 10);
                put(0xdc00 | above & 0x3ff);
            }
            None => put(code),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_comes_back() {
        let all: Vec<u16> = (0..=u16::MAX).chain([0xd83d, 0xde00, 0xdc00, 0xd800]).collect();
        for units in [Units::LittleEndian, Units::BigEndian] {
            let bytes: Vec<u8> = all
                .iter()
                .flat_map(|unit| match units {
                    Units::LittleEndian => unit.to_le_bytes(),
                    Units::BigEndian => unit.to_be_bytes(),
                })
                .chain([7])
                .collect();
            let mut decoder = Decoder::default();
            let mut text = Vec::new();
            for part in bytes.chunks(7) {
                decoder.add(part, units, &mut text);
            }
            decoder.add(&[], units, &mut text);
            let mut back = encoded(&text, units);
            back.extend_from_slice(decoder.rest());
            assert_eq!(back, bytes);
        }
    }
}
