//! The report for a terminal.

use std::io::{self, Write};

use super::Report;
use super::cluster::Cluster;
use crate::report::text::clean;

/// Weeks that are shown, the last ones.
const WEEKS: usize = 8;
/// Causes that are shown.
const CAUSES: usize = 40;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {} cases in {} bundles", clean(&report.table), report.cases, report.bundles)?;
    writeln!(out, "  {}", counts(&report.statuses))?;
    if !report.verdicts.is_empty() {
        writeln!(out, "  {}", counts(&report.verdicts))?;
    }
    causes(report, out)?;
    news(report, out)?;
    for dimension in &report.dimensions {
        writeln!(out, "\n{}\n  cases broken  most frequent causes", dimension.name)?;
        for group in &dimension.groups {
            let causes = counts(&group.causes);
            writeln!(out, "  {:>5} {:>6}  {}: {causes}", group.cases, group.broken, clean(&group.value))?;
        }
    }
    clusters(&report.clusters, out)
}

fn counts(counts: &[(String, u64)]) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    counts.iter().map(|(name, count)| format!("{} {count}", clean(name))).collect::<Vec<_>>().join(", ")
}

fn causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.causes.is_empty() {
        return Ok(());
    }
    let skipped = report.weeks.len().saturating_sub(WEEKS);
    write!(out, "\nCauses by week\n  cases")?;
    for week in report.weeks.iter().skip(skipped) {
        // `2026-W47` as `26W47`.
        write!(out, " {:>6}", week.get(2..).unwrap_or(week).replace('-', ""))?;
    }
    writeln!(out)?;
    for line in report.causes.iter().take(CAUSES) {
        write!(out, "  {:>5}", line.cases)?;
        for count in line.weeks.iter().skip(skipped) {
            let shown = if *count == 0 { "·".to_owned() } else { count.to_string() };
            write!(out, " {shown:>6}")?;
        }
        writeln!(out, "  {}", clean(&line.slug))?;
    }
    let more = report.causes.len().saturating_sub(CAUSES);
    if more > 0 { writeln!(out, "  and {more} more causes") } else { Ok(()) }
}

fn news(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.weeks.len() < 2 {
        return Ok(());
    }
    writeln!(out, "\nNew in {}", report.latest)?;
    if report.news.is_empty() {
        writeln!(out, "  nothing: every cause is about as frequent as before")?;
    }
    for one in &report.news {
        let before =
            if one.first { "never before".to_owned() } else { format!("{:.1} a week before", one.before) };
        writeln!(out, "  {}: {} cases, {before}", clean(&one.slug), one.now)?;
    }
    Ok(())
}

fn clusters(clusters: &[Cluster], out: &mut dyn Write) -> io::Result<()> {
    if clusters.is_empty() {
        return writeln!(out, "\nEvery case that is not healthy has a cause.");
    }
    writeln!(out, "\nCases without a cause, by what they have in common")?;
    for cluster in clusters {
        let ladder = if cluster.stages.is_empty() { "no attempt seen" } else { &cluster.stages };
        writeln!(out, "\n  {}. {} cases; {}", cluster.number, cluster.cases, clean(ladder))?;
        for (complaint, cases) in &cluster.complaints {
            writeln!(out, "     {cases} complain: {}", clean(complaint))?;
        }
        for (path, summary) in &cluster.typical {
            writeln!(out, "     e.g. {}: {}", clean(path), clean(summary))?;
        }
        if cluster.skeleton.is_empty() {
            writeln!(out, "     nothing to write a rule on; see in the cases' reports what to collect")?;
        }
        for (name, content) in cluster.skeleton.iter().filter(|(name, _)| name != "pack.yml") {
            writeln!(out, "     rule skeleton, {name}:")?;
            for line in content.lines() {
                let inner = line.trim_start();
                let indent = line.len().saturating_sub(inner.len());
                writeln!(out, "       | {:indent$}{}", "", clean(inner))?;
            }
        }
    }
    Ok(())
}
