//! Tells from small signs when an update attempt has begun, and when it is over.

use std::time::Duration;

/// Where a sign was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// The connector's log.
    Log,
    /// The connector's state file.
    State,
    /// The machine's table of connections.
    Connections,
    /// The packets, as they are captured.
    Packets,
}

impl Witness {
    /// Returns what it is called in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::State => "local.xml",
            Self::Connections => "connections",
            Self::Packets => "packets",
        }
    }
}

/// What a sign says of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is going on, with so many connections open.
    Going {
        /// Connections to the update server that are open now.
        open: usize,
    },
    /// The connector says that it has ended.
    Ended,
}

/// A sign of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Where it was seen.
    pub witness: Witness,
    /// What it says.
    pub phase: Phase,
    /// What was seen, for people.
    pub what: String,
}

/// How long silence must last before it says something.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// After the connector said that the attempt has ended.
    pub said: Duration,
    /// After the last sign, with no connection open.
    pub quiet: Duration,
    /// After the last sign, with a connection open: longer than a connection takes to fail.
    pub open: Duration,
}

impl Patience {
    /// Returns what suits the timeouts of Windows: 21 s for a connection, 15 to 20 s for a revocation check.
    #[must_use]
    pub fn usual() -> Self {
        Self { said: Duration::from_secs(8), quiet: Duration::from_secs(25), open: Duration::from_secs(75) }
    }

    /// Returns it shortened or lengthened.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let scaled = |time: Duration| time.mul_f64(factor.clamp(0.001, 100.0));
        Self { said: scaled(self.said), quiet: scaled(self.quiet), open: scaled(self.open) }
    }
}

/// What is known of the attempt. Times count from the beginning of the watch, by a clock that nobody sets.
#[derive(Debug, Clone)]
pub struct Tracker {
    patience: Patience,
    first: Option<(Duration, Sign)>,
    last: Duration,
    packets_open: usize,
    table_open: usize,
    ended: Option<(Duration, Sign)>,
    witnesses: Vec<Witness>,
}

impl Tracker {
    /// Makes a tracker that has seen nothing.
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            first: None,
            last: Duration::ZERO,
            packets_open: 0,
            table_open: 0,
            ended: None,
            witnesses: Vec::new(),
        }
    }

    /// Takes a sign into account.
    pub fn note(&mut self, now: Duration, sign: Sign) {
        self.last = self.last.max(now);
        if !self.witnesses.contains(&sign.witness) {
            self.witnesses.push(sign.witness);
            self.witnesses.sort_unstable();
        }
        match (sign.phase, sign.witness) {
            (Phase::Going { open }, Witness::Packets) => self.packets_open = open,
            (Phase::Going { open }, Witness::Connections) => self.table_open = open,
            (Phase::Going { .. }, _) => {}
            (Phase::Ended, _) => self.ended = Some((now, sign.clone())),
        }
        self.first.get_or_insert((now, sign));
    }

    /// Returns when the attempt was first seen, and by what.
    #[must_use]
    pub fn seen(&self) -> Option<(Duration, &Sign)> {
        self.first.as_ref().map(|(at, sign)| (*at, sign))
    }

    /// Returns who has seen it.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Returns why the attempt can be taken to be over, if it can.
    #[must_use]
    pub fn over(&self, now: Duration) -> Option<String> {
        self.first.as_ref()?;
        let silent = now.saturating_sub(self.last);
        let open = self.packets_open.max(self.table_open);
        if let Some((at, sign)) = &self.ended
            && open == 0
            && silent >= self.patience.said
            && now.saturating_sub(*at) >= self.patience.said
        {
            return Some(format!("{}: {}", sign.witness.name(), sign.what));
        }
        let enough = if open == 0 { self.patience.quiet } else { self.patience.open };
        (silent >= enough).then(|| format!("no sign of it for {} s", silent.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(witness: Witness, phase: Phase) -> Sign {
        Sign { witness, phase, what: "seen".to_owned() }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn nothing_seen_is_never_over() {
        assert_eq!(Tracker::new(Patience::usual()).over(at(1_000_000)), None);
    }

    #[test]
    fn waits_longer_while_a_connection_is_open() {
        let mut tracker = Tracker::new(Patience::usual());
        tracker.note(at(100), sign(Witness::Packets, Phase::Going { open: 1 }));
        assert_eq!(tracker.over(at(160)), None);
        assert!(tracker.over(at(175)).is_some());
        tracker.note(at(170), sign(Witness::Packets, Phase::Going { open: 0 }));
        assert_eq!(tracker.over(at(194)), None);
        assert_eq!(tracker.over(at(195)).as_deref(), Some("no sign of it for 25 s"));
        assert_eq!(tracker.seen().map(|(first, _)| first), Some(at(100)));
    }

    #[test]
    fn believes_the_connector_sooner() {
        let mut tracker = Tracker::new(Patience::usual());
        tracker.note(at(10), sign(Witness::Packets, Phase::Going { open: 1 }));
        tracker.note(at(20), sign(Witness::State, Phase::Ended));
        assert_eq!(tracker.over(at(28)), None, "a connection is open");
        tracker.note(at(21), sign(Witness::Packets, Phase::Going { open: 0 }));
        assert_eq!(tracker.over(at(28)), None);
        assert_eq!(tracker.over(at(29)).as_deref(), Some("local.xml: seen"));
        assert_eq!(tracker.witnesses(), [Witness::State, Witness::Packets]);
    }
}
