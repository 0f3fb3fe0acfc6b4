//! What fails where: causes over weeks, versions, regions and proxies, what is new, and what nobody can explain yet.
//!
//! Same table, same bytes: "this week" is the latest week of the table, not that of a clock.

mod chart;
mod cluster;
mod gather;
mod html;
mod networks;
mod skeleton;
mod text;

use std::fs::{self, File};
use std::io::{BufWriter, Write};

use super::Error;
use super::args::{ReportArgs, ReportFormat};
use super::store::Store;
use crate::rule::RuleSet;
use networks::Networks;

/// Everything that a report shows.
#[derive(Debug, Default)]
struct Report {
    /// The table, as it was named.
    table: String,
    /// Different bundles.
    cases: u64,
    /// Bundles, copies included.
    bundles: u64,
    /// How the work on them ended, with numbers.
    statuses: Vec<(String, u64)>,
    /// Verdicts with numbers, most first.
    verdicts: Vec<(String, u64)>,
    /// The weeks, first to last; cases that have no time are in none.
    weeks: Vec<String>,
    /// The week that is held against those before it.
    latest: String,
    /// Causes, most first.
    causes: Vec<CauseLine>,
    /// What is new in the latest week.
    news: Vec<News>,
    /// The same causes by what the cases share.
    dimensions: Vec<Dimension>,
    /// Cases without a cause, by what they have in common.
    clusters: Vec<cluster::Cluster>,
}

/// A cause, and how often it was found.
#[derive(Debug, Default)]
struct CauseLine {
    slug: String,
    title: String,
    cases: u64,
    /// One number per week.
    weeks: Vec<u64>,
}

/// A cause that is found more often than before.
#[derive(Debug, PartialEq)]
struct News {
    slug: String,
    now: u64,
    /// Mean of the weeks before.
    before: f64,
    /// It was never found before.
    first: bool,
}

/// What cases share, with the causes found there.
#[derive(Debug, Default)]
struct Dimension {
    name: &'static str,
    groups: Vec<Group>,
}

#[derive(Debug, Default)]
struct Group {
    value: String,
    cases: u64,
    broken: u64,
    causes: Vec<(String, u64)>,
}

/// Writes the report that is asked for.
pub(super) fn run(args: &ReportArgs, out: &mut dyn Write) -> Result<(), Error> {
    let store = Store::reader(&args.db)?;
    let rules = RuleSet::core().map_err(|refused| Error::Rules(refused.to_string()))?;
    let networks = Networks::load(&args.networks, &store)?;
    let mut report = gather::gather(&store, &rules, networks.as_ref())?;
    report.table = args.db.display().to_string();
    if let Some(folder) = &args.skeletons {
        for cluster in &report.clusters {
            for (name, content) in &cluster.skeleton {
                let path = folder.join(format!("cluster-{}", cluster.number)).join(name);
                let failed = |source| Error::Write { path: path.clone(), source };
                path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
                fs::write(&path, content).map_err(failed)?;
            }
        }
    }
    let write = |out: &mut dyn Write| match args.format {
        ReportFormat::Text => text::write(&report, out),
        ReportFormat::Html => html::write(&report, out),
    };
    let Some(path) = &args.output else { return Ok(write(out)?) };
    let failed = |source| Error::Write { path: path.clone(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    write(&mut file).and_then(|()| file.flush()).map_err(failed)
}
