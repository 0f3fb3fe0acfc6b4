//! The sufficiency gate: says before sealing whether the bundle can answer the question, and what it lacks.

use std::time::Duration;

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
    /// The ring has given up its oldest packets.
    pub full: bool,
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
            Self::Lines => Text::LackLines,
        }
    }

    /// Returns whether the question may stay without an answer for it; the others are remarks.
    #[must_use]
    pub fn is_grave(self) -> bool {
        !matches!(self, Self::Interval | Self::Lines)
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
    if known.full {
        lacks.push(Lack::Ring);
    }
    if known.lines == Some(0) {
        lacks.push(Lack::Lines);
    }
    lacks
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
            full: false,
            lines: Some(10),
        };
        assert_eq!(lacks(&whole), []);
        let early = Known { watched: Duration::from_secs(60), ..whole };
        assert_eq!(lacks(&early), [], "an attempt that was seen is enough");
        assert_eq!(lacks(&Known { seen: false, over: false, ..early }), [Lack::Attempt, Lack::Interval]);
        assert_eq!(minutes(&Known { seen: false, ..early }, hour), 59);
        assert_eq!(minutes(&Known { seen: false, ..whole }, hour), 60);
        let worst = Known { over: false, capture: false, full: true, lines: Some(0), ..whole };
        assert_eq!(lacks(&worst), [Lack::End, Lack::Capture, Lack::Ring, Lack::Lines]);
        assert!(Lack::Attempt.is_mended_by_waiting() && !Lack::Capture.is_mended_by_waiting());
    }
}
