//! Feeds parsers with samples cut at every byte and with random changes: none may panic or hang.

use tetra_bundle::SourceId;

use crate::model::{Anomaly, Observation, Sink};

/// Parses a sample and gives what came of it.
pub(crate) fn parse(
    source: SourceId,
    sample: &[u8],
    parser: impl Fn(&[u8], &mut Sink),
) -> (Vec<Observation>, Vec<Anomaly>) {
    let mut sink = Sink::new(source, "sample");
    parser(sample, &mut sink);
    sink.finish()
}

/// Parses every prefix of a sample and 3,000 versions of it with random changes.
pub(crate) fn hammer(source: SourceId, sample: &[u8], parser: impl Fn(&[u8], &mut Sink)) {
    rounds(source, sample, 3_000, parser);
}

/// Parses every prefix of a sample and a number of versions of it with random changes.
pub(crate) fn rounds(source: SourceId, sample: &[u8], rounds: usize, parser: impl Fn(&[u8], &mut Sink)) {
    for end in 0..=sample.len() {
        parse(source, &sample[..end], &parser);
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds {
        let mut changed = sample.to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(changed.len().max(1));
            match random.below(4) {
                0 => changed.truncate(at.max(1)),
                1 => changed.insert(at.min(changed.len()), BYTES[random.below(BYTES.len())]),
                2 if at < changed.len() => changed[at] = BYTES[random.below(BYTES.len())],
                _ if at < changed.len() => changed[at] ^= 1 << random.below(8),
                _ => {}
            }
        }
        parse(source, &changed, &parser);
    }
}

/// Bytes that mean something to one parser or another.
const BYTES: &[u8] = b"\x00\xff\xfe\xef\x80\n\r\t <>&;/!?-[]{}\":,.0123456789()*#'=+ AZaz";

/// A small generator of random numbers; the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}
