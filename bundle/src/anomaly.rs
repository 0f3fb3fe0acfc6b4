//! Input that is not as expected: noted, never fatal.

use serde::Serialize;

/// Says what is not as expected, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Anomaly {
    /// Names the entry, or the input itself. Safe to print.
    pub path: String,
    /// Says what is wrong with it, in lower case.
    pub what: String,
}

/// Collects anomalies, a bounded number of them.
#[derive(Debug, Default)]
pub(crate) struct Anomalies {
    list: Vec<Anomaly>,
    dropped: u64,
}

/// How many anomalies one bundle lists: a hostile archive has one per entry.
const KEPT: usize = 1_000;

impl Anomalies {
    /// Notes one anomaly.
    pub(crate) fn note(&mut self, path: &str, what: impl Into<String>) {
        if self.list.len() < KEPT {
            self.list.push(Anomaly { path: crate::name::printable(path), what: what.into() });
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Takes over another collection's anomalies.
    pub(crate) fn append(&mut self, other: Self) {
        for anomaly in other.list {
            self.note(&anomaly.path, anomaly.what);
        }
        self.dropped = self.dropped.saturating_add(other.dropped);
    }

    /// Returns the list in a fixed order, with a last line for those that are not listed.
    pub(crate) fn into_list(self, input: &str) -> Vec<Anomaly> {
        let mut list = self.list;
        list.sort();
        list.dedup();
        if self.dropped > 0 {
            let what = format!("{} more anomalies are not listed", self.dropped);
            list.push(Anomaly { path: crate::name::printable(input), what });
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_bounded_number() {
        let mut all = Anomalies::default();
        for number in 0..5_000 {
            all.note(&format!("{number:05}"), "odd");
        }
        let list = all.into_list("in.zip");
        assert_eq!(list.len(), KEPT + 1);
        assert_eq!(list.last().unwrap().what, "4000 more anomalies are not listed");
    }

    #[test]
    fn makes_paths_printable() {
        let mut all = Anomalies::default();
        all.note("a\u{1b}[31m\nb", "odd");
        assert_eq!(all.into_list("x").first().unwrap().path, "a\\u{1b}[31m\\nb");
    }
}
