//! How much of a hostile archive is read before the rest is refused.

/// Bounds what one input may cost.
///
/// They hold for what an archive says of itself and for what its entries really hold: an entry never
/// yields more bytes than it declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one archive or folder.
    pub entries: u64,
    /// Inflated bytes of all entries of one archive together.
    pub total_bytes: u64,
    /// Inflated bytes of one entry.
    pub entry_bytes: u64,
    /// Inflated bytes per compressed byte, once an entry has passed `ratio_floor`.
    pub ratio: u64,
    /// Inflated bytes up to which any ratio is allowed.
    pub ratio_floor: u64,
    /// Bytes of an entry's name.
    pub name_bytes: usize,
    /// Folders above an entry.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 100_000,
            total_bytes: 64 << 30,
            entry_bytes: 32 << 30,
            ratio: 200,
            ratio_floor: 64 << 20,
            name_bytes: 1_024,
            depth: 32,
        }
    }
}

impl Limits {
    /// Returns whether `inflated` bytes out of `compressed` ones are more than any honest log gives.
    pub(crate) fn is_bomb(&self, inflated: u64, compressed: u64) -> bool {
        inflated > self.ratio_floor && inflated > compressed.saturating_mul(self.ratio)
    }
}
