//! A frame that is changed in place: checksums follow every change, so that one that was right is right again and one
//! that was wrong (offloading) is as wrong as before.

use std::ops::Range;

/// A checksum (RFC 1071) and the bytes it is about.
#[derive(Clone, Debug)]
struct Sum {
    field: usize,
    covers: Range<usize>,
    /// The addresses of the header before, which TCP and UDP count too.
    pseudo: Range<usize>,
    /// 0 means that there is none (UDP over IPv4).
    optional: bool,
}

/// The bytes of a frame and the checksums in it.
#[derive(Debug, Default)]
pub(super) struct Editor {
    pub data: Vec<u8>,
    sums: Vec<Sum>,
}

impl Editor {
    pub(super) fn new(data: &[u8]) -> Self {
        Self { data: data.to_vec(), sums: Vec::new() }
    }

    /// Notes a checksum.
    pub(super) fn sum(&mut self, field: usize, covers: Range<usize>, pseudo: Range<usize>, optional: bool) {
        let present = self.data.get(field..field.saturating_add(2));
        if present.is_some_and(|bytes| !optional || bytes != [0, 0]) {
            self.sums.push(Sum { field, covers, pseudo, optional });
        }
    }

    /// Takes a checksum that is optional out of the packet, for one that cannot be kept right.
    pub(super) fn drop_sum(&mut self, field: usize) {
        self.sums.retain(|sum| sum.field != field);
        self.write(field, &[0, 0]);
    }

    /// Writes bytes over those at `at`, as far as the frame reaches.
    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let sums = self.sums.clone();
        self.write_counted(at, bytes, &sums, 0);
    }

    /// Writes zeros.
    pub(super) fn zero(&mut self, range: Range<usize>) -> bool {
        let range = range.start..range.end.min(self.data.len());
        let any = self.data.get(range.clone()).is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0));
        if any {
            self.write(range.start, &vec![0; range.len()]);
        }
        any
    }

    fn write_counted(&mut self, at: usize, bytes: &[u8], sums: &[Sum], depth: u8) {
        let end = at.saturating_add(bytes.len()).min(self.data.len());
        let Some(place) = self.data.get_mut(at..end) else { return };
        let old = place.to_vec();
        for (to, from) in place.iter_mut().zip(bytes) {
            *to = *from;
        }
        if depth > 8 {
            return;
        }
        for sum in sums {
            if (sum.field..sum.field + 2).contains(&at) {
                continue;
            }
            let mut delta: i64 = 0;
            for (offset, (from, to)) in (at..).zip(old.iter().zip(bytes)) {
                let start = if sum.covers.contains(&offset) {
                    sum.covers.start
                } else if sum.pseudo.contains(&offset) {
                    sum.pseudo.start
                } else {
                    continue;
                };
                let difference = i64::from(*to) - i64::from(*from);
                delta += if (offset - start) % 2 == 0 { difference * 256 } else { difference };
            }
            if delta != 0 {
                self.add(sum, delta, sums, depth);
            }
        }
    }

    /// Adds a change to a checksum (RFC 1624).
    fn add(&mut self, sum: &Sum, delta: i64, sums: &[Sum], depth: u8) {
        let Some(old) = self.data.get(sum.field..sum.field + 2).and_then(|bytes| bytes.first_chunk::<2>())
        else {
            return;
        };
        let total = (i64::from(!u16::from_be_bytes(*old)) + delta).rem_euclid(0xffff);
        let total = if total == 0 { 0xffff } else { total };
        let mut new = !u16::try_from(total).unwrap_or(0);
        if sum.optional && new == 0 {
            new = 0xffff;
        }
        self.write_counted(sum.field, &new.to_be_bytes(), sums, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(bytes: &[u8]) -> u16 {
        let total: u64 = bytes
            .chunks(2)
            .map(|pair| u64::from(pair[0]) * 256 + u64::from(pair.get(1).copied().unwrap_or(0)))
            .sum();
        !u16::try_from(total % 0xffff).unwrap()
    }

    #[test]
    fn checksums_follow_every_change_and_those_around_them_too() {
        let mut editor = Editor::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
        let inner = checksum(&[7, 8, 9, 10, 0, 0, 13]);
        editor.write(10, &inner.to_be_bytes());
        let outer = checksum(&[&[0, 0], &editor.data[4..]].concat());
        editor.write(2, &outer.to_be_bytes());
        editor.sum(10, 6..13, 0..0, false);
        editor.sum(2, 4..13, 0..0, false);
        for (at, bytes) in [(7, &[200, 255, 1][..]), (12, &[0]), (4, &[9, 9]), (6, &[255, 255, 255, 255])] {
            editor.write(at, bytes);
            assert_eq!(checksum(&editor.data[6..13]) % 0xffff, 0);
            assert_eq!(checksum(&[&editor.data[2..4], &editor.data[4..]].concat()) % 0xffff, 0, "{at}");
        }
    }
}
