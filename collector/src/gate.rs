//! The sufficiency gate: says before sealing whether the bundle can answer the question, and what it lacks.

use std::time::Duration;

use crate::capture::Wrap;
use crate::words::Text;

/// What is known of the watch before it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// How long was watched.
    pub watched: Duration,
    /// The update interval.
    pub interval: Duration,
    /// An attempt was seen.
    pub seen: bool,
    /// The attempt was seen to end.
    pub over: bool,
    /// Packets are captured.
    pub capture: bool,
    /// Whether the ring has given up its oldest packets.
    pub wrap: Wrap,
    /// The lines that came in the connector's log, where it can be read.
    pub lines: Option<u64>,
}

/// What a bundle lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// No attempt was seen.
    Attempt,
    /// The attempt was not seen to end.
    End,
    /// The watch was shorter than the interval.
    Interval,
    /// No packets are captured.
    Capture,
    /// The beginning of the capture is lost.
    Ring,
    /// Nobody can tell whether the beginning of the capture is lost.
    RingUnknown,
    /// The log says nothing.
    Lines,
}

impl Lack {
    /// Returns what the user is told.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Attempt => Text::LackAttempt,
            Self::End => Text::LackEnd,
            Self::Interval => Text::LackInterval,
            Self::Capture => Text::LackCapture,
            Self::Ring => Text::LackRing,
            Self::RingUnknown => Text::LackRingUnknown,
            Self::Lines => Text::LackLines,
        }
    }

    /// Returns whether the question may stay without an answer for it; the others are remarks.
    #[must_use]
    pub fn is_grave(self) -> bool {
        !matches!(self, Self::Interval | Self::RingUnknown | Self::Lines)
    }

    /// Returns whether waiting can mend it.
    #[must_use]
    pub fn is_mended_by_waiting(self) -> bool {
        matches!(self, Self::Attempt | Self::End | Self::Interval)
    }
}

/// Lists what the bundle lacks.
#[must_use]
pub fn lacks(known: &Known) -> Vec<Lack> {
    let mut lacks = Vec::new();
    if !known.seen {
        lacks.push(Lack::Attempt);
    } else if !known.over {
        lacks.push(Lack::End);
    }
    if !known.seen && known.watched < known.interval {
        lacks.push(Lack::Interval);
    }
    if !known.capture {
        lacks.push(Lack::Capture);
    }
    lacks.extend(ring(known.wrap).filter(|_| known.capture));
    if known.lines == Some(0) {
        lacks.push(Lack::Lines);
    }
    lacks
}

/// Returns what is lacking for a ring's sake.
fn ring(wrap: Wrap) -> Option<Lack> {
    match wrap {
        Wrap::No => None,
        Wrap::Yes => Some(Lack::Ring),
        Wrap::Unknown => Some(Lack::RingUnknown),
    }
}

/// Corrects what was said of the ring while it was at work by what is known when it is ended. Returns what is to be told
/// now: that packets are lost, unless it was told before, or that nobody will ever know.
pub fn correct(lacks: &mut Vec<Lack>, wrap: Wrap) -> Option<Lack> {
    let told = lacks.contains(&Lack::Ring);
    lacks.retain(|lack| !matches!(lack, Lack::Ring | Lack::RingUnknown));
    let now = ring(wrap);
    lacks.extend(now);
    lacks.sort();
    now.filter(|lack| *lack == Lack::RingUnknown || !told)
}

/// Returns how many more minutes promise an attempt.
#[must_use]
pub fn minutes(known: &Known, whole: Duration) -> u64 {
    let left = if known.seen { Duration::from_secs(120) } else { whole.saturating_sub(known.watched) };
    let left = if left.is_zero() { known.interval } else { left };
    left.as_secs().div_ceil(60).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_lacking() {
        let hour = Duration::from_secs(3600);
        let whole = Known {
            watched: hour,
            interval: hour,
            seen: true,
            over: true,
            capture: true,
            wrap: Wrap::No,
            lines: Some(10),
        };
        assert_eq!(lacks(&whole), []);
        let early = Known { watched: Duration::from_secs(60), ..whole };
        assert_eq!(lacks(&early), [], "an attempt that was seen is enough");
        assert_eq!(lacks(&Known { seen: false, over: false, ..early }), [Lack::Attempt, Lack::Interval]);
        assert_eq!(minutes(&Known { seen: false, ..early }, hour), 59);
        assert_eq!(minutes(&Known { seen: false, ..whole }, hour), 60);
        let worst = Known { over: false, wrap: Wrap::Yes, lines: Some(0), ..whole };
        assert_eq!(lacks(&worst), [Lack::End, Lack::Ring, Lack::Lines]);
        let none = Known { capture: false, wrap: Wrap::Unknown, ..whole };
        assert_eq!(lacks(&none), [Lack::Capture], "without a capture there is no ring");
        assert_eq!(lacks(&Known { wrap: Wrap::Unknown, ..whole }), [Lack::RingUnknown]);
        assert!(Lack::Attempt.is_mended_by_waiting() && !Lack::Capture.is_mended_by_waiting());
    }

    #[test]
    fn the_end_of_the_capture_corrects_what_was_said_before() {
        let mut lacks = vec![Lack::Attempt, Lack::RingUnknown, Lack::Lines];
        assert_eq!(correct(&mut lacks, Wrap::Unknown), Some(Lack::RingUnknown));
        assert_eq!(correct(&mut lacks, Wrap::Yes), Some(Lack::Ring));
        assert_eq!(lacks, [Lack::Attempt, Lack::Ring, Lack::Lines]);
        assert_eq!(correct(&mut lacks, Wrap::Yes), None, "it was told already");
        assert_eq!(correct(&mut lacks, Wrap::No), None);
        assert_eq!(lacks, [Lack::Attempt, Lack::Lines]);
    }
}
