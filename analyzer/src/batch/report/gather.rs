//! Counts what the table holds.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, IsoWeek, NaiveDate, Weekday};
use serde_json::{Map, Value};

use super::cluster::{self, Open};
use super::networks::Networks;
use super::{CauseLine, Dimension, Group, News, Report};
use crate::batch::Error;
use crate::batch::row::Status;
use crate::batch::store::Store;
use crate::rule::RuleSet;

/// What stands where nothing is known.
const UNKNOWN: &str = "not known";
/// Groups of a dimension that are shown.
const GROUPS: usize = 12;
/// Causes of a group that are shown.
const CAUSES: usize = 3;
/// Weeks that the last one is held against.
const BEFORE: usize = 8;
/// Weeks without a case that are still shown, one after the other.
const GAP: usize = 26;
/// Most news.
const SHOWN: usize = 20;
/// Fewest cases of a week that make news.
const NEWS: u64 = 2;
/// What cases are grouped by: heading and column.
const DIMENSIONS: [(&str, &str); 6] = [
    ("Connector version", "connector_version"),
    ("Region", "region"),
    ("Route", "route"),
    ("Proxy", "proxy_product"),
    ("Failing host", "failing_host"),
    ("Operating system", "os"),
];

/// Heading of the groups by network.
const PROVIDER: &str = "Provider or site";

type Counts = BTreeMap<String, u64>;

/// Counts of one value of a dimension.
#[derive(Default)]
struct Tally {
    cases: u64,
    broken: u64,
    causes: Counts,
}

impl Tally {
    fn add(&mut self, verdict: &str, cause: Option<&str>) {
        self.cases = self.cases.saturating_add(1);
        self.broken = self.broken.saturating_add(u64::from(verdict == "broken"));
        if let Some(cause) = cause {
            more(&mut self.causes, cause);
        }
    }
}

/// Reads the table once, and counts.
pub(super) fn gather(store: &Store, rules: &RuleSet, networks: Option<&Networks>) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut statuses = Counts::new();
    let mut verdicts = Counts::new();
    let mut causes: BTreeMap<String, Counts> = BTreeMap::new();
    let mut weeks = Counts::new();
    let mut dimensions: Vec<BTreeMap<String, Tally>> = DIMENSIONS.iter().map(|_| BTreeMap::new()).collect();
    let mut providers: BTreeMap<String, Tally> = BTreeMap::new();
    let mut open = Vec::new();
    store.cases(&mut |case| {
        report.cases = report.cases.saturating_add(1);
        let copies = case.get("copies").and_then(Value::as_u64).unwrap_or(1);
        report.bundles = report.bundles.saturating_add(copies);
        let status = text(&case, "status").unwrap_or_default();
        more(&mut statuses, status);
        if status != Status::Done.name() {
            return Ok(());
        }
        let verdict = text(&case, "verdict").unwrap_or_default();
        more(&mut verdicts, verdict);
        let week = week(&case);
        if let Some(week) = &week {
            more(&mut weeks, week);
        }
        let cause = text(&case, "cause");
        if let Some(cause) = cause {
            more(causes.entry(cause.to_owned()).or_default(), week.as_deref().unwrap_or_default());
        }
        for ((_, column), groups) in DIMENSIONS.iter().zip(&mut dimensions) {
            // Only where a proxy is used, its make matters.
            let through = *column != "proxy_product" || text(&case, "proxy").is_some();
            let value = if through { text(&case, column).unwrap_or(UNKNOWN) } else { "no proxy" };
            groups.entry(value.to_owned()).or_default().add(verdict, cause);
        }
        if let Some(networks) = networks {
            let value = networks.name(case.get("addresses")).unwrap_or(UNKNOWN);
            providers.entry(value.to_owned()).or_default().add(verdict, cause);
        }
        // What was overcome is named among the others.
        let others = case.get("others").and_then(Value::as_array).is_some_and(|others| !others.is_empty());
        if cause.is_none() && verdict != "healthy" && !(verdict == "degraded" && others) {
            open.extend(Open::of(&case));
        }
        Ok(())
    })?;
    report.statuses = most(&statuses);
    report.verdicts = most(&verdicts);
    fill_gaps(&mut weeks);
    report.weeks = weeks.keys().cloned().collect();
    report.causes = lines(&causes, &report.weeks, rules);
    let latest = latest(&weeks);
    report.latest = latest.and_then(|at| report.weeks.get(at).cloned()).unwrap_or_default();
    report.news = latest.map(|at| news(&report.causes, at)).unwrap_or_default();
    report.dimensions = DIMENSIONS
        .iter()
        .map(|(name, _)| *name)
        .zip(dimensions)
        .chain(networks.map(|_| (PROVIDER, providers)))
        .map(|(name, groups)| Dimension { name, groups: self::groups(groups) })
        .collect();
    report.clusters = cluster::clusters(open);
    Ok(report)
}

fn text<'c>(case: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    case.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Gives the week of a case, e.g. `2026-W47`: when it was collected, else when its sources end.
fn week(case: &Map<String, Value>) -> Option<String> {
    let time = text(case, "collected").or_else(|| text(case, "covers_to"))?;
    Some(name(DateTime::parse_from_rfc3339(time).ok()?.iso_week()))
}

fn more(counts: &mut Counts, name: &str) {
    let count = counts.entry(name.to_owned()).or_default();
    *count = count.saturating_add(1);
}

/// Gives counts, the largest first.
fn most(counts: &Counts) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = counts.iter().map(|(name, count)| (name.clone(), *count)).collect();
    all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    all
}

fn lines(causes: &BTreeMap<String, Counts>, weeks: &[String], rules: &RuleSet) -> Vec<CauseLine> {
    let mut lines: Vec<CauseLine> = causes
        .iter()
        .map(|(slug, counts)| CauseLine {
            slug: slug.clone(),
            title: rules.cause(slug).map(|cause| cause.title.clone()).unwrap_or_default(),
            cases: counts.values().sum(),
            weeks: weeks.iter().map(|week| counts.get(week).copied().unwrap_or_default()).collect(),
        })
        .collect();
    lines.sort_by(|one, other| other.cases.cmp(&one.cases).then_with(|| one.slug.cmp(&other.slug)));
    lines
}

/// Adds the weeks without a case, but not those before or after a clock that is far off.
fn fill_gaps(weeks: &mut Counts) {
    let mondays: Vec<NaiveDate> = weeks.keys().filter_map(|week| monday(week)).collect();
    for (one, next) in mondays.iter().zip(mondays.iter().skip(1)) {
        let between = one.iter_weeks().skip(1).take(GAP).take_while(|day| day < next);
        let between: Vec<NaiveDate> = between.collect();
        if between.len() < GAP {
            for day in between {
                weeks.entry(name(day.iso_week())).or_default();
            }
        }
    }
}

/// Gives the Monday of a week.
fn monday(week: &str) -> Option<NaiveDate> {
    let (year, number) = week.split_once("-W")?;
    NaiveDate::from_isoywd_opt(year.parse().ok()?, number.parse().ok()?, Weekday::Mon)
}

fn name(week: IsoWeek) -> String {
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// Finds the latest week, but not one that only a few clocks that run ahead have made.
fn latest(weeks: &Counts) -> Option<usize> {
    let most = weeks.values().max()?;
    weeks.values().rposition(|count| count.saturating_mul(20) >= *most)
}

/// Finds what a week has that the weeks before had not, or had far less of.
///
/// "Far less": the week lies more than three standard deviations of a Poisson count above the mean.
fn news(causes: &[CauseLine], week: usize) -> Vec<News> {
    let mut found = Vec::new();
    for line in causes {
        let Some((past, [now, ..])) = line.weeks.split_at_checked(week) else { continue };
        if past.is_empty() || *now < NEWS {
            continue;
        }
        let recent: Vec<u64> = past.iter().rev().take(BEFORE).copied().collect();
        let before = recent.iter().sum::<u64>() as f64 / recent.len() as f64;
        let first = past.iter().all(|count| *count == 0);
        if first || *now as f64 > before + 3.0 * before.sqrt().max(1.0) {
            found.push(News { slug: line.slug.clone(), now: *now, before, first });
        }
    }
    found.sort_by(|one, other| {
        (other.first, other.now).cmp(&(one.first, one.now)).then_with(|| one.slug.cmp(&other.slug))
    });
    found.truncate(SHOWN);
    found
}

fn groups(tallies: BTreeMap<String, Tally>) -> Vec<Group> {
    let mut groups: Vec<Group> = tallies
        .into_iter()
        .map(|(value, tally)| {
            let mut causes = most(&tally.causes);
            causes.truncate(CAUSES);
            Group { value, cases: tally.cases, broken: tally.broken, causes }
        })
        .collect();
    groups.sort_by(|one, other| other.cases.cmp(&one.cases).then_with(|| one.value.cmp(&other.value)));
    groups.truncate(GROUPS);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slug: &str, weeks: &[u64]) -> CauseLine {
        CauseLine {
            slug: slug.to_owned(),
            cases: weeks.iter().sum(),
            weeks: weeks.to_vec(),
            ..CauseLine::default()
        }
    }

    #[test]
    fn news_is_what_was_not_there_or_is_far_more() {
        let lines = [
            line("steady", &[9, 10, 11, 10, 12]),
            line("first", &[0, 0, 0, 0, 3]),
            line("one-only", &[0, 0, 0, 0, 1]),
            line("burst", &[4, 4, 4, 4, 11]),
            line("less", &[9, 9, 9, 9, 0]),
            line("back", &[5, 0, 0, 0, 6]),
        ];
        let found: Vec<(String, bool)> =
            news(&lines, 4).into_iter().map(|one| (one.slug, one.first)).collect();
        let expected = [("first", true), ("burst", false), ("back", false)];
        assert_eq!(found, expected.map(|(slug, first)| (slug.to_owned(), first)));
        assert_eq!(news(&[line("only-week", &[7])], 0), []);
    }

    #[test]
    fn a_clock_that_runs_ahead_makes_no_latest_week() {
        let weeks = |counts: &[(&str, u64)]| -> Counts {
            counts.iter().map(|(week, count)| ((*week).to_owned(), *count)).collect()
        };
        assert_eq!(latest(&weeks(&[("2026-W47", 90), ("2026-W48", 70), ("2031-W01", 1)])), Some(1));
        assert_eq!(latest(&weeks(&[("2026-W47", 9), ("2026-W48", 1)])), Some(1));
        assert_eq!(latest(&Counts::new()), None);
        let mut counts = weeks(&[("2026-W51", 3), ("2027-W01", 1), ("2031-W01", 1)]);
        fill_gaps(&mut counts);
        let names: Vec<&str> = counts.keys().map(String::as_str).collect();
        assert_eq!(names, ["2026-W51", "2026-W52", "2026-W53", "2027-W01", "2031-W01"]);
    }

    #[test]
    fn weeks_are_those_of_iso() {
        let at = |collected: &str, to: &str| {
            let mut case = Map::new();
            case.insert("collected".to_owned(), Value::from(collected));
            case.insert("covers_to".to_owned(), Value::from(to));
            week(&case)
        };
        assert_eq!(at("2026-11-23T04:08:52.000000Z", "").as_deref(), Some("2026-W48"));
        assert_eq!(at("", "2027-01-01T00:00:00Z").as_deref(), Some("2026-W53"));
        assert_eq!(at("", "yesterday"), None);
    }
}
