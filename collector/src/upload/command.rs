//! `tetra-collect upload`: what it is told, and what it prints.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::{Error, Progress, Upload, VENDOR, send, token};
use crate::network::{self, NetworkConfig, Proxy, exempts};
use crate::probe::Server;
use crate::words::{Lang, Text, fault, told};

/// What `tetra-collect upload` is told.
#[derive(Debug, Args)]
pub struct UploadArgs {
    /// The bundle to hand over.
    pub bundle: PathBuf,
    /// The number of the support case (SR).
    #[arg(long, value_name = "SR")]
    pub case: String,
    /// A file that holds the upload token of the case, and nothing else.
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// The proxy to use (default: the environment's, else the system's).
    #[arg(long, value_name = "HOST:PORT")]
    pub proxy: Option<String>,
    /// The folder that it goes to.
    #[arg(long, value_name = "URL", default_value = VENDOR)]
    pub to: String,
    /// Certificates to believe in place of the system's, in PEM.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How often it is tried.
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub tries: u32,
}

/// It is handed over.
const HANDED_OVER: u8 = 0;
/// It is not.
const NOT_HANDED_OVER: u8 = 2;

/// Hands a bundle over and says how it goes. Exit status: 0 it is handed over, 2 it is not.
pub fn command(args: &UploadArgs, lang: Lang, out: &mut impl Write, err: &mut impl Write) -> u8 {
    match all(args, lang, err) {
        Ok(url) => {
            // It is handed over, whether somebody is left to be told or not.
            let _ = writeln!(out, "{}", lang.say(Text::HandedOver, &[&url]));
            HANDED_OVER
        }
        Err(why) => {
            let _ = writeln!(err, "{}\n{}", fault(&why, lang), lang.say(Text::NotHandedOver, &[]));
            NOT_HANDED_OVER
        }
    }
}

fn all(args: &UploadArgs, lang: Lang, err: &mut impl Write) -> Result<String, Error> {
    let proxy = match &args.proxy {
        Some(text) => {
            Some(Proxy::parse(text).ok_or_else(|| Error::Proxy("what was given is none".to_owned()))?)
        }
        None => configured(&network::read(Path::new("/")), &args.to),
    };
    let upload = Upload {
        bundle: args.bundle.clone(),
        case: args.case.trim().to_owned(),
        token: token(&args.token_file)?,
        place: args.to.clone(),
        proxy,
        roots: args.ca_file.clone(),
        tries: args.tries,
        pause: Duration::from_secs(2),
    };
    send(&upload, &mut |progress| {
        // Progress that nobody reads stops nothing.
        let _ = show(&progress, lang, err);
    })
}

/// Chooses the proxy that this machine is set up with: the environment's, the user's, the machine's.
fn configured(network: &NetworkConfig, place: &str) -> Option<Proxy> {
    let host = Server::parse(place)?.host;
    let environment = network.environment.iter().filter(|environment| !environment.exempts(&host));
    let own = environment.filter_map(|environment| environment.proxy());
    let settings = network.wininet.iter().chain(&network.winhttp).filter(|one| one.proxy_enable);
    let theirs = settings
        .filter(|one| !exempts(one.bypass.as_deref().unwrap_or(""), &host))
        .filter_map(|one| Proxy::of_list(one.proxy.as_deref()?));
    own.chain(theirs).next()
}

fn show(progress: &Progress, lang: Lang, err: &mut impl Write) -> io::Result<()> {
    let said = match progress {
        Progress::Sent(sent, total) => {
            let percent = sent.saturating_mul(100).checked_div(*total).unwrap_or(100);
            lang.say(Text::Sent, &[&percent, sent, total])
        }
        Progress::Again(why, pause) => lang.say(Text::SentAgain, &[&told(why, lang), &pause.as_secs()]),
    };
    writeln!(err, "{said}")
}
