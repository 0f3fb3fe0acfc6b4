//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};

use crate::redact::Level;
use crate::system::Places;
use crate::words::Lang;

/// Collects what tells why an endpoint does not get its TETRA definitions, in one zip.
///
/// Exit status: 0 all steps are done, 1 some failed and the bundle is written, 2 there is no bundle, 130 interrupted with a
/// partial bundle.
#[derive(Debug, Parser)]
#[command(name = "tetra-collect", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do; without it, a bundle is collected.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to collect.
    #[command(flatten)]
    pub collect: Collect,
}

/// How to collect a bundle.
#[derive(Debug, Clone, clap::Args)]
pub struct Collect {
    /// The bundle to write, or the folder to write it to (default: the desktop on Windows, else the current folder).
    #[arg(short, long, value_name = "OUT.zip")]
    pub output: Option<PathBuf>,
    /// What is left out of the bundle.
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "full")]
    pub redact: Level,
    /// Encrypts the bundle so that only the holder of this key can open it (may be given several times).
    #[arg(long, value_name = "age1…", value_parser = recipient)]
    pub encrypt_to: Vec<String>,
    /// The connector's update interval, where its policy does not tell: 90s, 30m, 4h.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub interval: Option<Duration>,
    /// Ends the watch some seconds after an update attempt was seen to end, rather than after the whole interval.
    #[arg(long)]
    pub until_attempt: bool,
    /// Has the connector look for definitions at once (`sfc -forceupdate`), when the capture runs; ends as --until-attempt does.
    #[arg(long)]
    pub force_update: bool,
    /// Waits for no update attempt: no capture, no debug log; only what is there now.
    #[arg(long, conflicts_with_all = ["until_attempt", "force_update", "all_traffic"])]
    pub no_watch: bool,
    /// Captures all traffic, not only DNS, HTTP, HTTPS, the proxy's and the update server's.
    #[arg(long)]
    pub all_traffic: bool,
    /// The most MiB of packets that are kept: the newest.
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub capture_limit: u32,
    /// Explains and asks, as after a double click.
    #[arg(long, conflicts_with = "yes")]
    pub guided: bool,
    /// The language of what is printed (default: the system's).
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// Asks nothing: for scripts.
    #[arg(short, long)]
    pub yes: bool,
    /// Prints exactly what would be read and run, and does nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Tests no connections from this computer.
    #[arg(long)]
    pub no_probes: bool,
    /// The most MiB of logs that are taken: the newest.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub log_limit: u32,
    /// Where to work.
    #[command(flatten)]
    pub place: Place,
}

/// Where to work, and how patiently.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// The folder of the connector, where it is not found by itself.
    #[arg(long, value_name = "DIR")]
    pub install: Option<PathBuf>,
    /// A folder with programs to run in place of the system's.
    #[arg(long, value_name = "DIR", hide = true)]
    pub tools: Option<PathBuf>,
    /// The folder where runs find each other.
    #[arg(long, value_name = "DIR", hide = true)]
    pub state: Option<PathBuf>,
    /// Multiplies the time of each step.
    #[arg(long, value_name = "FACTOR", hide = true, default_value_t = 1.0)]
    pub patience: f64,
}

impl Place {
    /// Gives the places that were named to the system.
    pub fn system(&self) -> Places {
        Places { install: self.install.clone(), tools: self.tools.clone(), state: self.state.clone() }
    }
}

/// What the collector can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Seals what an interrupted run has left.
    Resume {
        /// The staging folder, or the folder that it lies in (default: the newest where bundles go).
        folder: Option<PathBuf>,
    },
    /// Opens the map that tells what the pseudonyms in a bundle stand for; its passphrase is asked for.
    Map {
        /// The map, which lies beside the bundle: NAME.map.age.
        file: PathBuf,
        /// A text about the bundle, such as its report: it is printed with the originals in it.
        text: Option<PathBuf>,
    },
    /// Puts back what a run has changed and could not put back itself: debug log, event log, capture.
    Restore(Restore),
    /// Seals a folder that is laid out like a bundle: manifest with hashes, one zip.
    ///
    /// Files are expected where a bundle has them: connector/local.xml, connector/policy.xml,
    /// connector/posture.json, connector/logs/*, network/capture.pcapng, … Others are taken along.
    /// A manifest.json in the folder gives times, host facts and steps; its list of files is made anew.
    Seal {
        /// The folder to seal. Links in it are not followed.
        folder: PathBuf,
        /// The bundle to write. An existing file is never replaced.
        #[arg(short, long, value_name = "OUT.zip")]
        output: PathBuf,
        /// The time of the collection, where the folder's manifest gives none (default: now).
        #[arg(long, value_name = "RFC 3339")]
        time: Option<DateTime<Utc>>,
        /// What to leave out. The sealed bundle is searched for what was overlooked.
        #[arg(long, value_enum, default_value = "full", value_name = "LEVEL")]
        redact: Level,
    },
    /// Tests from this computer whether the connector's servers can be reached, and changes nothing.
    Probe(crate::probe::ProbeArgs),
    /// Hands a bundle to a support case by HTTPS; it is encrypted on the way, and only sent when you ask for it here.
    Upload(crate::upload::UploadArgs),
}

/// Where to put things back.
#[derive(Debug, Clone, clap::Args)]
pub struct Restore {
    /// Where to work.
    #[command(flatten)]
    pub place: Place,
}

/// Checks a key before the work begins, not after it.
fn recipient(text: &str) -> Result<String, String> {
    crate::encrypt::key(text).map(|key| key.to_string())
}

/// Reads a time span: a number with s, m, h or nothing for seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        _ => (Some(text), 1),
    };
    let seconds =
        number.and_then(|number| number.parse::<u64>().ok()).and_then(|number| number.checked_mul(unit));
    match seconds {
        Some(seconds @ 1..=604_800) => Ok(Duration::from_secs(seconds)),
        _ => Err("expected a time between 1s and 168h, such as 90s, 30m, 4h".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn reads_the_command_line() {
        Args::command().debug_assert();
        let args = Args::parse_from(["tetra-collect", "--interval", "30m", "--redact", "none"]);
        assert_eq!(args.collect.interval, Some(Duration::from_secs(1800)));
        assert_eq!(args.collect.redact, Level::None);
        assert!(args.command.is_none());
        assert_eq!(duration("4h"), Ok(Duration::from_secs(14400)));
        assert!(
            duration("0").is_err()
                && duration("x").is_err()
                && duration("").is_err()
                && duration("9999h").is_err()
        );
    }
}
