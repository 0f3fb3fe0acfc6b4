//! The probes by themselves: `tetra-collect probe`.

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;

use super::record::ProbeRecord;
use super::targets::{Server, Targets};
use crate::guess;
use crate::network::{self, Proxy};
use crate::words::{Lang, Text, told};

/// What `tetra-collect probe` is told.
#[derive(Debug, Args)]
pub struct ProbeArgs {
    /// The update server, as the policy names it (default: the vendor's).
    #[arg(long, value_name = "HOST[:PORT]")]
    pub server: Option<String>,
    /// The proxy that the connector's policy names.
    #[arg(long, value_name = "HOST:PORT")]
    pub proxy: Option<String>,
    /// An address to use for a host instead of looking it up; may be given several times.
    #[arg(long, value_name = "HOST=ADDRESS")]
    pub resolve: Vec<String>,
    /// The time for all tests, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
    /// Prints the records as they go into a bundle: one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// All tests went well.
const ALL_WELL: u8 = 0;
/// Some did not.
const SOME_FAILED: u8 = 1;
/// There was no test.
const NO_TEST: u8 = 2;

/// Runs the probes and prints what they find. Exit status: 0 all went well, 1 some did not, 2 nothing was tested.
pub fn command(args: &ProbeArgs, lang: Lang, out: &mut impl Write, err: &mut impl Write) -> u8 {
    let done =
        targets(args).map_err(io::Error::other).and_then(|targets| all(args, &targets, lang, out, err));
    done.unwrap_or_else(|fault| {
        // Nobody is left to be told when stderr is closed.
        let _ = writeln!(err, "{}", lang.say(Text::Fault, &[&told(&fault.to_string(), lang)]));
        NO_TEST
    })
}

/// Reads what is to be tested.
fn targets(args: &ProbeArgs) -> Result<Targets, String> {
    let server = match &args.server {
        Some(text) => Some(Server::parse(text).ok_or_else(|| format!("`{text}` is no server"))?),
        None => None,
    };
    let proxy = match &args.proxy {
        Some(text) => Some(Proxy::parse(text).ok_or("the proxy given is none (expected HOST:PORT)")?),
        None => None,
    };
    let mut targets = Targets::of(server, proxy);
    for text in &args.resolve {
        let fixed = text
            .split_once('=')
            .and_then(|(host, address)| Some((host.to_owned(), vec![address.parse::<IpAddr>().ok()?])));
        targets.addresses.push(fixed.ok_or_else(|| format!("`{text}` is not HOST=ADDRESS"))?);
    }
    Ok(targets)
}

fn all(
    args: &ProbeArgs,
    targets: &Targets,
    lang: Lang,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    let network = network::read(Path::new("/"));
    let began = Instant::now();
    let deadline = began.checked_add(Duration::from_secs(args.limit)).unwrap_or(began);
    let mut records: Vec<ProbeRecord> = Vec::new();
    let mut told = Ok(());
    super::run(targets, &network, deadline, &mut |record| {
        if told.is_ok() {
            told = if args.json { line(&record, out) } else { progress(&record, lang, err) };
        }
        records.push(record);
    });
    told?;
    if !args.json {
        table(&records, lang, out)?;
        writeln!(out)?;
        for guess in guess::guess(&records) {
            writeln!(out, "{}", guess.tell(lang))?;
        }
    }
    Ok(if records.is_empty() {
        NO_TEST
    } else if records.iter().all(|record| record.ok) {
        ALL_WELL
    } else {
        SOME_FAILED
    })
}

/// Prints a record as it goes into a bundle.
fn line(record: &ProbeRecord, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    writeln!(out)
}

/// Says what was just tested.
fn progress(record: &ProbeRecord, lang: Lang, err: &mut impl Write) -> io::Result<()> {
    let what = ProbeRecord::word(&record.what);
    writeln!(err, "{}", lang.say(Text::Tested, &[&what, &record.target]))
}

/// Prints a plain table.
fn table(records: &[ProbeRecord], lang: Lang, out: &mut impl Write) -> io::Result<()> {
    let mut rows: Vec<&ProbeRecord> = records.iter().collect();
    rows.sort_by_key(|record| (record.what, record.target.clone(), record.path));
    let width = rows.iter().map(|record| record.target.len()).max().unwrap_or(0);
    for record in rows {
        writeln!(
            out,
            "{:5} {:width$}  {:12}  {:6}  {}",
            ProbeRecord::word(&record.what),
            record.target,
            ProbeRecord::word(&record.path),
            lang.say(if record.ok { Text::TestWell } else { Text::TestFailed }, &[]),
            summary(record, lang)
        )?;
    }
    Ok(())
}

/// Says what came of a test, in a few words.
fn summary(record: &ProbeRecord, lang: Lang) -> String {
    let mut parts = Vec::new();
    parts.extend(record.outcome.map(|outcome| ProbeRecord::word(&outcome)));
    parts.extend(record.http_status.map(|status| format!("HTTP {status}")));
    parts.extend(record.status.clone());
    for name in ["verdict", "server", "address", "version", "alert", "issuer", "error", "reason"] {
        parts.extend(record.text(name).map(|text| format!("{name}: {text}")));
    }
    if let Some(offset) = record.detail.get("offset_s") {
        parts.push(lang.say(Text::TestClock, &[offset]));
    }
    parts.extend(record.ms.map(|ms| format!("{ms} ms")));
    parts.join(", ")
}
