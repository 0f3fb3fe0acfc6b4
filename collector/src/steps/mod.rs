//! The steps, one function per source: each makes a [`Step`] that says what it reads and runs, and does that when it is run.

mod copy;
mod listing;
mod logs;
mod network;
mod power;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use network::Tried;

use crate::probe::Targets;
use crate::staging::Staging;
use crate::step::{Guard, Outcome, Step};
use crate::system::{self, Install, System};

/// The most bytes of a state file or a policy.
const XML: u64 = 16 << 20;
/// Events of the last seven days.
const WEEK: &str = "TimeCreated[timediff(@SystemTime) <= 604800000]";

fn step(
    name: impl Into<String>,
    seconds: u64,
    does: Vec<String>,
    act: impl FnOnce(&Guard, &Staging) -> Outcome + Send + 'static,
) -> Step {
    Step { name: name.into(), does, time: Duration::from_secs(seconds), act: Box::new(act) }
}

fn read(path: &Path) -> Vec<String> {
    vec![format!("read {}", path.display())]
}

/// Reads a state file of the connector.
pub fn local_xml(install: &Install, name: &str, path: &'static str) -> Step {
    let from = install.local_xml.clone();
    step(name, 30, read(&from), move |guard, staging| copy::step(&from, path, XML, guard, staging))
}

/// Reads the policy of the connector.
pub fn policy_xml(install: &Install) -> Step {
    let from = install.policy_xml.clone();
    step("policy.xml", 30, read(&from), move |guard, staging| {
        let outcome = copy::step(&from, "connector/policy.xml", XML, guard, staging);
        match outcome.status {
            tetra_bundle::StepStatus::Denied => Outcome::denied(
                "the connector keeps its policy to itself; that is normal from version 8.1.3. Export it from the console if it is asked for",
            ),
            _ => outcome,
        }
    })
}

/// Asks the connector how it is.
pub fn posture(install: &Install, name: &str, path: &'static str) -> Step {
    let Some(cli) = install.cli.clone() else {
        return step(name, 1, Vec::new(), |_, _| Outcome::skipped("this connector has no AmpCLI"));
    };
    let tool = tools::posture(cli);
    step(name, 60, vec![format!("run {}", tool.shown())], move |guard, staging| {
        tools::said(&tool, path, guard, staging)
    })
}

/// Reads the connector's logs.
pub fn logs(install: &Install, limit: u64) -> Step {
    let install = install.clone();
    let what = install.logs.join(format!("{}*.log*", install.log_name));
    step("logs", 900, read(&what), move |guard, staging| logs::collect(&install, limit, guard, staging))
}

/// Lists the definition files.
pub fn plugins(install: &Install, clock: fn() -> DateTime<Utc>) -> Step {
    let folder = install.plugins.clone();
    let does = vec![format!("list names, lengths and times in {}", folder.display())];
    step("tetra-plugins", 60, does, move |guard, staging| listing::plugins(&folder, clock(), guard, staging))
}

/// Notes the services.
pub fn services(system: &Arc<System>) -> Step {
    let system = Arc::clone(system);
    let does = vec![
        "ask the service manager for the state of the connector's services and of those it builds on"
            .to_owned(),
    ];
    step("services", 30, does, move |_, staging| listing::services(&system, staging))
}

/// Notes the root certificates.
pub fn certificates(system: &Arc<System>) -> Step {
    let system = Arc::clone(system);
    let does = vec!["list the hashes of the machine's root certificates".to_owned()];
    step("certificates", 60, does, move |_, staging| listing::certificates(&system, staging))
}

/// Notes the settings of the network, and tests what can be reached from here.
pub fn network(targets: Targets, with_probes: bool, tried: &Arc<Tried>) -> Vec<Step> {
    let config = {
        let tried = Arc::clone(tried);
        let does = "read the network's settings: adapters, routes, DNS servers, proxies, firewall profiles";
        step("network", 60, vec![does.to_owned()], move |_, staging| network::settings(&tried, staging))
    };
    let file = system::hosts_file();
    let names = targets.names();
    let does = vec![format!("read {}, of which the lines with the vendor's names are kept", file.display())];
    let hosts = step("hosts", 30, does, move |_, staging| network::hosts(&file, &names, staging));
    let mut steps = vec![config, hosts];
    if with_probes {
        let tried = Arc::clone(tried);
        let does = vec![
            format!(
                "look up and connect to {}, directly and by each configured proxy",
                targets.names().join(", ")
            ),
            "ask who has revoked the certificates that these show, as the certificates say".to_owned(),
        ];
        let act = move |guard: &Guard, staging: &Staging| network::probes(&targets, &tried, guard, staging);
        steps.push(step("probes", 150, does, act));
    }
    steps
}

/// Notes when the machine slept or was off.
pub fn power(system: &System, clock: fn() -> DateTime<Utc>) -> Step {
    let Some(program) = system.tool("wevtutil") else {
        return step("power", 1, Vec::new(), |_, _| Outcome::skipped("this system has no wevtutil"));
    };
    let tool = power::question(&program, WEEK);
    step("power", 60, vec![format!("run {}", tool.shown())], move |guard, staging| {
        power::noted(&tool, clock(), guard, staging)
    })
}

/// Exports the event logs.
pub fn event_logs(system: &System) -> Vec<Step> {
    let schannel = format!("*[System[Provider[@Name='Schannel'] and {WEEK}]]");
    let all = format!("*[System[{WEEK}]]");
    [
        ("event log capi2", "Microsoft-Windows-CAPI2/Operational", all.clone(), "windows/capi2.evtx"),
        ("event log schannel", "System", schannel, "windows/schannel.evtx"),
        ("event log secure endpoint", "CiscoSecureEndpoint/Events", all, "windows/secure-endpoint.evtx"),
    ]
    .into_iter()
    .map(|(name, channel, select, path)| match system.tool("wevtutil") {
        None => step(name, 1, Vec::new(), |_, _| Outcome::skipped("this system has no wevtutil")),
        Some(program) => {
            let shown = tools::export(&program, channel, &select, &PathBuf::from(path)).shown();
            step(name, 120, vec![format!("run {shown}")], move |guard, staging| {
                tools::exported(&program, channel, &select, path, guard, staging)
            })
        }
    })
    .collect()
}
