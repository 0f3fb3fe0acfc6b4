//! Whether a ring of packets has given up its oldest ones: told by evidence, and where that is missing, not told.
//!
//! Windows' own programs do not say it. Their file does not grow beyond the size that was asked for, so that a shorter one
//! has room for every packet. A file that has that size may have been laid out so from the start: whether its beginning is
//! lost is then told by its first packet.

use std::fmt;
use std::fs::File;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use tetra_capture::blocks;

/// How much later than the start the first packet may come of a ring that kept its beginning.
const BEGINNING: TimeDelta = TimeDelta::seconds(5);
/// How much earlier than the start a first packet may seem to be: two clocks are read.
const CLOCKS: TimeDelta = TimeDelta::seconds(1);

/// What is known of a ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Every packet is kept.
    No,
    /// The oldest are given up.
    Yes,
    /// Nobody can tell.
    #[default]
    Unknown,
}

/// What is known of a ring, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is known.
    pub wrap: Wrap,
    because: String,
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.wrap {
            Wrap::No => "the ring did not wrap",
            Wrap::Yes => "the ring was full: the oldest packets are not kept",
            Wrap::Unknown => "it cannot be told whether the ring wrapped",
        };
        write!(out, "{what} ({})", self.because)
    }
}

/// The file of a ring, as long as it may become, while packets are captured or after that.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The file.
    pub file: &'a Path,
    /// The most bytes that were asked for.
    pub limit: u64,
    /// When the capture was asked to begin.
    pub start: DateTime<Utc>,
    /// The packets that were made of it, where any were.
    pub packets: Option<&'a Path>,
}

impl Evidence<'_> {
    /// Says what it lets one know.
    pub fn told(&self) -> Told {
        let size = self.file.metadata().map_or(0, |facts| facts.len());
        let say = |wrap, because: String| Told { wrap, because };
        if size == 0 {
            return say(Wrap::Unknown, "its file has no size yet".to_owned());
        }
        let sizes = format!("its file has {size} of at most {} bytes", self.limit);
        // Close to its limit the next buffer may not fit any more.
        if size < self.limit / 10 * 9 {
            return say(Wrap::No, sizes);
        }
        let Some(first) = self.packets.and_then(first) else { return say(Wrap::Unknown, sizes) };
        let after = first.signed_duration_since(self.start);
        let tenths = after.num_milliseconds() / 100;
        let behind = format!(
            "{sizes}, and its first packet is from {}.{} s after the start",
            tenths / 10,
            tenths % 10
        );
        match after {
            after if after < -CLOCKS => {
                say(Wrap::Unknown, format!("{sizes}, and its first packet is from before the start"))
            }
            after if after <= BEGINNING => say(Wrap::No, behind),
            // What is laid out in full and hardly used begins late where hardly anything was sent.
            _ if self.packets.and_then(length) < Some(self.limit / 4) => say(Wrap::Unknown, behind),
            _ => say(Wrap::Yes, behind),
        }
    }
}

/// Gives the time of the earliest packet: a ring need not be read in its order.
fn first(path: &Path) -> Option<DateTime<Utc>> {
    let (first, _) = blocks::read(Box::new(File::open(path).ok()?), &mut |_| {}).span?;
    Some(DateTime::from_timestamp_nanos(first.0))
}

fn length(path: &Path) -> Option<u64> {
    Some(path.metadata().ok()?.len())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tetra_capture::sample::{File, Order};

    use super::*;

    const LIMIT: u64 = 40_000;

    /// Tells of a file of so many bytes, and packets of so many bytes that begin so many milliseconds after the start.
    fn tell(size: usize, packets: Option<(usize, i64)>) -> (Wrap, String) {
        let folder = tempfile::tempdir().unwrap();
        let (file, capture) = (folder.path().join("capture.etl"), folder.path().join("capture.pcap"));
        fs::write(&file, vec![0; size]).unwrap();
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        if let Some((bytes, after)) = packets {
            let first = start + TimeDelta::milliseconds(after);
            let (secs, micros) = (first.timestamp(), first.timestamp_subsec_micros());
            // What was kept first need not be the oldest.
            let made = File::pcap(Order::Little, 0xa1b2_c3d4, 1)
                .record(u32::try_from(secs).unwrap() + 9, 0, &[0; 60], 60)
                .record(u32::try_from(secs).unwrap(), micros, &vec![0; bytes], bytes);
            fs::write(&capture, made.bytes).unwrap();
        }
        let packets = packets.map(|_| capture.as_path());
        let told = Evidence { file: &file, limit: LIMIT, start, packets }.told();
        (told.wrap, told.to_string())
    }

    #[test]
    fn a_short_file_has_room_for_all() {
        assert_eq!(tell(20_000, None).0, Wrap::No);
        assert_eq!(tell(20_000, Some((15_000, 60_000))).0, Wrap::No);
        let (_, said) = tell(20_000, None);
        assert_eq!(said, "the ring did not wrap (its file has 20000 of at most 40000 bytes)");
    }

    #[test]
    fn of_a_full_file_the_first_packet_tells() {
        let (wrap, said) = tell(40_000, Some((30_000, 61_250)));
        assert_eq!(wrap, Wrap::Yes);
        assert!(said.ends_with("its first packet is from 61.2 s after the start)"), "{said}");
        assert_eq!(tell(40_000, Some((30_000, 300))).0, Wrap::No, "its beginning is there");
        assert_eq!(tell(40_000, Some((30_000, -300))).0, Wrap::No, "two clocks");
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        assert_eq!(tell(0, None).0, Wrap::Unknown, "nothing is written yet");
        assert_eq!(tell(40_000, None).0, Wrap::Unknown, "nobody can read it here");
        assert_eq!(
            tell(40_000, Some((2_000, 61_000))).0,
            Wrap::Unknown,
            "laid out from the start, hardly used"
        );
        assert_eq!(tell(40_000, Some((30_000, -90_000))).0, Wrap::Unknown, "a clock was set");
        let (_, said) = tell(40_000, None);
        assert!(said.starts_with("it cannot be told whether the ring wrapped ("), "{said}");
    }
}
