//! The report as one page: it renders without network, and runs no script.

use std::io::{self, Write};

use super::chart::{self, COLOURS, OWN};
use super::cluster::Cluster;
use super::{Dimension, Report};
use crate::report::text::clean;

/// Says what the page may load: nothing, but for the style in it.
const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
const STYLE: &str = include_str!("page.css");

/// Writes the page.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("Cases in {}", report.table);
    write!(out, "{HEAD}<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n", escape(&title))?;
    writeln!(out, "<h1>{}</h1>", escape(&title))?;
    write!(out, "<p class=\"tiles\">")?;
    tile(out, "cases", report.cases, "")?;
    for (verdict, count) in &report.verdicts {
        tile(out, verdict, *count, verdict)?;
    }
    for (status, count) in report.statuses.iter().filter(|(status, _)| status != "done") {
        tile(out, status, *count, "failed")?;
    }
    writeln!(out, "</p>")?;
    if report.bundles > report.cases {
        writeln!(out, "<p>{} bundles; copies count once.</p>", report.bundles)?;
    }
    news(report, out)?;
    causes(report, out)?;
    writeln!(out, "<h2>Where</h2>\n<div class=\"columns\">")?;
    for dimension in &report.dimensions {
        self::dimension(dimension, out)?;
    }
    writeln!(out, "</div>")?;
    clusters(&report.clusters, out)?;
    writeln!(out, "</body>\n</html>")
}

fn tile(out: &mut dyn Write, name: &str, count: u64, class: &str) -> io::Result<()> {
    write!(out, "<span class=\"tile {}\"><b>{count}</b> {}</span>", escape(class), escape(name))
}

fn news(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.weeks.len() < 2 {
        return Ok(());
    }
    writeln!(out, "<h2>New in {}</h2>", escape(&report.latest))?;
    if report.news.is_empty() {
        return writeln!(out, "<p>Nothing: every cause is about as frequent as before.</p>");
    }
    writeln!(out, "<ul>")?;
    for one in &report.news {
        let before =
            if one.first { "never before".to_owned() } else { format!("{:.1} a week before", one.before) };
        writeln!(out, "<li><code>{}</code>: {} cases, {before}</li>", escape(&one.slug), one.now)?;
    }
    writeln!(out, "</ul>")
}

fn causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Causes</h2>\n{}", chart::weeks(&report.weeks, &report.causes))?;
    writeln!(out, "<table>\n<tr><th></th><th>Cause</th><th class=\"number\">Cases</th><th></th></tr>")?;
    let most = report.causes.first().map_or(1, |line| line.cases).max(1);
    for (at, line) in report.causes.iter().enumerate() {
        let colour = COLOURS.get(at.min(OWN)).unwrap_or(&"#888888");
        writeln!(
            out,
            "<tr><td><svg viewBox=\"0 0 10 10\" class=\"key\"><rect width=\"10\" height=\"10\" fill=\"{colour}\"/></svg></td>\
             <td>{}<br><code>{}</code></td><td class=\"number\">{}</td><td>{}</td></tr>",
            escape(&line.title),
            escape(&line.slug),
            line.cases,
            bar(line.cases, most)
        )?;
    }
    writeln!(out, "</table>")
}

/// Draws a number as a bar.
fn bar(count: u64, most: u64) -> String {
    let share = 100.0 * count as f64 / most.max(1) as f64;
    format!(
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" class=\"bar\"><rect width=\"{share:.1}\" height=\"8\"/></svg>"
    )
}

fn dimension(dimension: &Dimension, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section><h3>{}</h3>\n<table>", escape(dimension.name))?;
    writeln!(
        out,
        "<tr><th></th><th class=\"number\">Cases</th><th class=\"number\">Broken</th><th>Causes</th></tr>"
    )?;
    for group in &dimension.groups {
        let causes: Vec<String> = group
            .causes
            .iter()
            .map(|(slug, count)| format!("<code>{}</code> {count}", escape(slug)))
            .collect();
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>",
            escape(&group.value),
            group.cases,
            group.broken,
            causes.join("<br>")
        )?;
    }
    writeln!(out, "</table></section>")
}

fn clusters(clusters: &[Cluster], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2>Cases without a cause</h2>")?;
    if clusters.is_empty() {
        return writeln!(out, "<p>None: every case that is not healthy has a cause.</p>");
    }
    for cluster in clusters {
        let ladder = if cluster.stages.is_empty() { "no attempt seen" } else { &cluster.stages };
        writeln!(out, "<section class=\"cluster\"><h3>{}. {} cases</h3>", cluster.number, cluster.cases)?;
        writeln!(out, "<p>Ladder: <code>{}</code></p>", escape(ladder))?;
        if !cluster.complaints.is_empty() {
            writeln!(out, "<p>Complaints that nothing explains:</p>\n<ul>")?;
            for (complaint, cases) in &cluster.complaints {
                writeln!(out, "<li><code>{}</code> in {cases}</li>", escape(complaint))?;
            }
            writeln!(out, "</ul>")?;
        }
        writeln!(out, "<p>Most typical:</p>\n<ul>")?;
        for (path, summary) in &cluster.typical {
            writeln!(out, "<li><code>{}</code><br>{}</li>", escape(path), escape(summary))?;
        }
        writeln!(out, "</ul>")?;
        for (name, content) in cluster.skeleton.iter().filter(|(name, _)| name != "pack.yml") {
            // Cleaning takes blanks away, and YAML needs them.
            let indented = |line: &str| {
                let inner = line.trim_start();
                let indent = line.len().saturating_sub(inner.len());
                format!("{:indent$}{}", "", escape(inner))
            };
            let content: Vec<String> = content.lines().map(indented).collect();
            writeln!(
                out,
                "<details><summary>{}</summary><pre>{}</pre></details>",
                escape(name),
                content.join("\n")
            )?;
        }
        writeln!(out, "</section>")?;
    }
    Ok(())
}

/// Makes text harmless in a page, whatever it holds.
pub(super) fn escape(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::report::Group;

    #[test]
    fn nothing_in_a_table_gets_out_of_its_place() {
        let evil = "</code><script>alert('x')</script>\" onload=\"y".to_owned();
        let report = Report {
            table: evil.clone(),
            cases: 1,
            bundles: 2,
            verdicts: vec![("broken".to_owned(), 1)],
            weeks: vec!["2026-W46".to_owned(), evil.clone()],
            causes: vec![super::super::CauseLine {
                slug: evil.clone(),
                title: evil.clone(),
                cases: 1,
                weeks: vec![0, 1],
            }],
            dimensions: vec![Dimension {
                name: "Region",
                groups: vec![Group {
                    value: evil.clone(),
                    cases: 1,
                    broken: 1,
                    causes: vec![(evil.clone(), 1)],
                }],
            }],
            clusters: vec![Cluster {
                typical: vec![(evil.clone(), evil.clone())],
                complaints: vec![(evil.clone(), 1)],
                skeleton: vec![(evil.clone(), evil)],
                ..Cluster::default()
            }],
            ..Report::default()
        };
        let mut page = Vec::new();
        write(&report, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(!page.contains("<script") && !page.contains("\" onload"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }
}
