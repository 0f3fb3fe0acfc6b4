//! Takes numbers and strings off the front of bytes, or nothing when they run out.

/// The bytes that are still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Starts at the front.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns what is left.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Says whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes a number of bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// Takes as many bytes as there are, at most `length`, and says whether they were all there.
    pub fn take_up_to(&mut self, length: usize) -> (&'a [u8], bool) {
        match self.take(length) {
            Some(taken) => (taken, true),
            None => (std::mem::take(&mut self.rest), false),
        }
    }

    /// Takes one byte.
    pub fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Takes a number of two bytes, the high one first.
    pub fn u16(&mut self) -> Option<u16> {
        let (taken, rest) = self.rest.split_first_chunk::<2>()?;
        self.rest = rest;
        Some(u16::from_be_bytes(*taken))
    }

    /// Takes a number of three bytes, the high one first.
    pub fn u24(&mut self) -> Option<u32> {
        let ([high, middle, low], rest) = self.rest.split_first_chunk::<3>()?;
        let value = u32::from_be_bytes([0, *high, *middle, *low]);
        self.rest = rest;
        Some(value)
    }

    /// Takes a number of four bytes, the high one first.
    pub fn u32(&mut self) -> Option<u32> {
        let (taken, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        Some(u32::from_be_bytes(*taken))
    }

    /// Takes bytes after their length of one byte.
    pub fn after_u8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// Takes bytes after their length of two bytes.
    pub fn after_u16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// Takes bytes after their length of three bytes.
    pub fn after_u24(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u24()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_until_nothing_is_left() {
        let mut cursor = Cursor::new(&[1, 0, 2, 9, 8, 0, 0, 1, 7, 5]);
        assert_eq!(cursor.u8(), Some(1));
        assert_eq!(cursor.after_u16(), Some(&[9, 8][..]));
        assert_eq!(cursor.after_u24(), Some(&[7][..]));
        assert_eq!(cursor.u16(), None);
        assert_eq!(cursor.take_up_to(3), (&[5][..], false));
        assert!(cursor.is_empty());
    }
}
