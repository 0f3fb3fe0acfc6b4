//! What is written into a stream of bytes: which stretches stay, and what others become. All else becomes zeros.

/// Bytes of patches that are kept in memory for a whole capture; what comes later becomes zeros.
const BUDGET: usize = 24 * 1024 * 1024;
/// What a patch costs besides its bytes.
const COST: usize = 40;

/// How much may still be kept.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(BUDGET)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Patch {
    Keep(u64),
    Put(Box<[u8]>),
}

impl Patch {
    fn len(&self) -> u64 {
        match self {
            Self::Keep(length) => *length,
            Self::Put(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }
}

/// The patches of one direction of a connection, by their places in it.
#[derive(Debug, Default)]
pub(super) struct Patches {
    list: Vec<(u64, Patch)>,
}

impl Patches {
    /// Lets bytes stay.
    pub(super) fn keep(&mut self, at: u64, length: usize, budget: &mut Budget) {
        let length = u64::try_from(length).unwrap_or(0);
        if let Some((start, Patch::Keep(known))) = self.list.last_mut()
            && start.saturating_add(*known) == at
        {
            *known = known.saturating_add(length);
            return;
        }
        self.push(at, Patch::Keep(length), COST, budget);
    }

    /// Writes bytes over those that are there.
    pub(super) fn put(&mut self, at: u64, bytes: &[u8], budget: &mut Budget) {
        if !bytes.is_empty() {
            self.push(at, Patch::Put(bytes.into()), COST.saturating_add(bytes.len()), budget);
        }
    }

    fn push(&mut self, at: u64, patch: Patch, cost: usize, budget: &mut Budget) {
        let Some(left) = budget.0.checked_sub(cost) else { return };
        budget.0 = left;
        let place = self.list.partition_point(|(start, _)| *start <= at);
        self.list.insert(place, (at, patch));
    }

    /// Writes a segment anew that begins at a place of the stream.
    pub(super) fn apply(&self, at: u64, segment: &[u8]) -> Vec<u8> {
        let mut out = vec![0; segment.len()];
        let end = at.saturating_add(u64::try_from(segment.len()).unwrap_or(0));
        let first = self.list.partition_point(|(start, patch)| start.saturating_add(patch.len()) <= at);
        for (start, patch) in self.list.iter().skip(first).take_while(|(start, _)| *start < end) {
            let from = at.max(*start);
            let to = end.min(start.saturating_add(patch.len()));
            let here = |place: u64| usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX);
            let Some(target) = out.get_mut(here(from)..here(to)) else { continue };
            let source = match patch {
                Patch::Keep(_) => segment.get(here(from)..here(to)),
                Patch::Put(bytes) => {
                    let skip = usize::try_from(from - start).unwrap_or(usize::MAX);
                    skip.checked_add(target.len()).and_then(|until| bytes.get(skip..until))
                }
            };
            if let Some(source) = source {
                target.copy_from_slice(source);
            }
        }
        out
    }
}

/// Bytes that belong together though they are not side by side in the stream: a message in several records or chunks.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub bytes: Vec<u8>,
    /// Where in `bytes` a stretch begins, and where it stands in the stream.
    places: Vec<(usize, u64)>,
}

impl Gathered {
    pub(super) fn push(&mut self, at: u64, bytes: &[u8]) {
        self.places.push((self.bytes.len(), at));
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes `edited`, which has taken the place of the first bytes, and lets go of those.
    pub(super) fn put(&mut self, edited: &[u8], patches: &mut Patches, budget: &mut Budget) {
        let ends = self.places.iter().skip(1).map(|(start, _)| *start).chain([usize::MAX]);
        for ((start, at), end) in self.places.iter().zip(ends) {
            if let Some(bytes) = edited.get(*start..end.min(edited.len())) {
                patches.put(*at, bytes, budget);
            }
        }
        self.skip(edited.len());
    }

    /// Lets go of the first bytes.
    pub(super) fn skip(&mut self, length: usize) {
        self.bytes.drain(..length.min(self.bytes.len()));
        let mut left = Vec::new();
        let ends: Vec<usize> =
            self.places.iter().skip(1).map(|(start, _)| *start).chain([usize::MAX]).collect();
        for ((start, at), end) in self.places.iter().zip(ends) {
            if end > length {
                let inside = length.saturating_sub(*start);
                let at = at.saturating_add(u64::try_from(inside).unwrap_or(0));
                left.push((start.saturating_sub(length), at));
            }
        }
        self.places = if self.bytes.is_empty() { Vec::new() } else { left };
    }
}
