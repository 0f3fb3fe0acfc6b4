//! Looks at the machine's table of connections, where packets cannot be seen as they pass.

use std::collections::BTreeSet;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use super::{Phase, Sign, Witness};
use crate::step::Interrupt;
use crate::system;

/// How often the table is read.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the names are looked up: before the capture begins, so that it shows none of these lookups.
const LOOKUP: Duration = Duration::from_secs(15);

/// Watches until `end` is asked.
pub fn watch(names: Vec<String>, signs: Sender<Sign>, end: &Interrupt) {
    if !system::has_connections() {
        return;
    }
    let servers = addresses(names);
    let end = end.clone();
    let watch = move || {
        let mut before = 0;
        while !servers.is_empty() && !end.asked() {
            let open = system::connections().iter().filter(|address| servers.contains(&address.ip())).count();
            if open > 0 || before > 0 {
                let what = format!("{open} connections to it are open");
                let sign = Sign { witness: Witness::Connections, phase: Phase::Going { open }, what };
                if signs.send(sign).is_err() {
                    return;
                }
            }
            before = open;
            thread::sleep(PAUSE);
        }
    };
    // Without this thread the other witnesses remain.
    let _ = thread::Builder::new().name("connections".to_owned()).spawn(watch);
}

/// Looks the names up as the connector would, within a time.
fn addresses(names: Vec<String>) -> BTreeSet<IpAddr> {
    let (sender, receiver) = channel();
    let find = move || {
        let find = |name: &String| (name.as_str(), 443).to_socket_addrs().ok();
        let found = names.iter().filter_map(find).flatten().map(|address| address.ip()).collect();
        // Nobody waits any more where it took too long.
        let _ = sender.send(found);
    };
    match thread::Builder::new().name("lookup".to_owned()).spawn(find) {
        Ok(_) => receiver.recv_timeout(LOOKUP).unwrap_or_default(),
        Err(_) => BTreeSet::new(),
    }
}
