//! Tests, from the endpoint itself, whether the connector's servers can be reached: names, connections, handshakes,
//! certificates, revocation, proxies, clock.
//!
//! Certificates are verified, and nothing is sent to a server that is not believed. Nothing is changed, no cache is
//! flushed, no credentials are sent, and nobody but the targets is asked. What it all means is the analyzer's.

mod chain;
mod command;
mod fetch;
mod handshake;
pub(crate) mod head;
mod ladder;
mod limits;
pub(crate) mod lookup;
mod pac;
mod record;
mod revocation;
mod run;
mod targets;
mod trust;
mod tunnel;
#[cfg(windows)]
mod winhttp;
pub(crate) mod wire;

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Instant;

use tetra_capture::x509::Certificate;

pub use command::{ProbeArgs, command};
pub use limits::Limits;
pub use record::{Outcome, ProbeRecord, Way, What};
pub use targets::{Server, Targets};

use crate::network::{NetworkConfig, Proxy, exempts};
use run::Run;
use tunnel::Route;

/// The most servers for names that are asked.
const RESOLVERS: usize = 4;

/// One thing to do.
type Job<'a> = Box<dyn FnOnce(&Run<'_>) + Send + 'a>;

/// Runs all probes and hands over each record as it comes. It ends by the deadline, with a moment's grace.
pub fn run(targets: &Targets, network: &NetworkConfig, deadline: Instant, tell: &mut dyn FnMut(ProbeRecord)) {
    let resolvers = resolvers(network);
    let routes = routes(targets, network);
    let (sender, records) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let run = Run { targets, resolvers: &resolvers, until: deadline, sender };
            all(&run, &routes, &scripts(network));
        });
        for record in records {
            tell(record);
        }
    });
}

/// Everything, in two waves: the chains that the first finds say what the second asks.
fn all(run: &Run<'_>, routes: &[Route], scripts: &[String]) {
    let chains: Mutex<Vec<(Route, Vec<Certificate>)>> = Mutex::new(Vec::new());
    let mut jobs: VecDeque<Job<'_>> = VecDeque::new();
    for server in &run.targets.servers {
        for route in routes {
            let chains = &chains;
            jobs.push_back(Box::new(move |run| {
                let found = ladder::climb(run, server, route);
                chains.lock().unwrap_or_else(PoisonError::into_inner).push((route.clone(), found));
            }));
        }
    }
    #[cfg(windows)]
    for server in run.targets.servers.iter().filter(|server| run.fixed(&server.host).is_none()) {
        jobs.push_back(Box::new(move |run| winhttp::request(run, server)));
    }
    for url in scripts {
        jobs.push_back(Box::new(move |run| pac::script(run, url)));
    }
    for name in run.targets.names() {
        for server in run.resolvers {
            let name = name.clone();
            jobs.push_back(Box::new(move |run| {
                run.tell(lookup::by_server(&name, *server, run.by(run.limits().lookup)).record);
            }));
        }
    }
    work(run, jobs);
    let mut chains = chains.into_inner().unwrap_or_else(PoisonError::into_inner);
    chains.sort_by_key(|(route, _)| route.way);
    work(run, second(run, &chains));
}

/// The second wave: who has revoked what, by every way.
fn second<'a>(run: &Run<'a>, chains: &'a [(Route, Vec<Certificate>)]) -> VecDeque<Job<'a>> {
    let mut jobs: VecDeque<Job<'a>> = VecDeque::new();
    let mut asked = BTreeSet::new();
    let mut hosts = BTreeSet::new();
    for (route, chain) in chains {
        for of in chain.iter().filter(|of| !of.self_signed) {
            for (what, url) in revocation::places(of) {
                hosts.extend(Server::parse(&url).map(|server| server.host));
                if !asked.insert((route.way, url.clone(), of.serial.clone())) {
                    continue;
                }
                jobs.push_back(Box::new(move |run| {
                    let sent = chain::issuer(of, chain).cloned();
                    let issuer = sent.or_else(|| revocation::issuers(run, route, of).into_iter().next());
                    revocation::check(run, route, what, &url, of, issuer.as_ref());
                }));
            }
        }
    }
    for (what, host, port) in run.targets.authorities.iter().filter(|(_, host, _)| !hosts.contains(host)) {
        jobs.push_back(Box::new(move |run| revocation::reach(run, *what, host, *port)));
    }
    let known = run.targets.names();
    for host in hosts.into_iter().filter(|host| !known.contains(host) && host.parse::<IpAddr>().is_err()) {
        for server in run.resolvers {
            let host = host.clone();
            jobs.push_back(Box::new(move |run| {
                run.tell(lookup::by_server(&host, *server, run.by(run.limits().lookup)).record);
            }));
        }
    }
    jobs
}

/// Does the jobs, some at a time; those for which no time is left are not begun.
fn work(run: &Run<'_>, jobs: VecDeque<Job<'_>>) {
    let workers = run.limits().at_once.min(jobs.len());
    let jobs = Mutex::new(jobs);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let own = run.clone();
            let jobs = &jobs;
            scope.spawn(move || {
                while !own.is_over() {
                    let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(job) = next else { break };
                    job(&own);
                }
            });
        }
    });
}

/// Gives the addresses of the configured servers for names.
fn resolvers(network: &NetworkConfig) -> Vec<SocketAddr> {
    let read = |text: &String| text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)));
    network.dns_servers.iter().filter_map(read).take(RESOLVERS).collect()
}

/// Gives the addresses of the proxy scripts that users are set up with, each once.
fn scripts(network: &NetworkConfig) -> Vec<String> {
    let mut urls: Vec<String> = network.wininet.iter().filter_map(|user| user.pac.clone()).collect();
    urls.sort();
    urls.dedup();
    urls.truncate(RESOLVERS);
    urls
}

/// Gives the ways that are configured, the straight one first; a way whose exceptions name all servers is the same.
fn routes(targets: &Targets, network: &NetworkConfig) -> Vec<Route> {
    let mut routes = vec![Route::DIRECT];
    let exempt = |list: &str| targets.servers.iter().all(|server| exempts(list, &server.host));
    let mut add = |way: Way, proxy: Option<Proxy>, bypass: &str| {
        let route = Route { way, proxy };
        if route.proxy.is_some() && !exempt(bypass) && !routes.contains(&route) {
            routes.push(route);
        }
    };
    add(Way::PolicyProxy, targets.policy_proxy.clone(), "");
    if let Some(winhttp) = &network.winhttp {
        add(
            Way::Winhttp,
            winhttp.proxy.as_deref().and_then(Proxy::of_list),
            winhttp.bypass.as_deref().unwrap_or(""),
        );
    }
    for user in network.wininet.iter().filter(|user| user.proxy_enable) {
        add(
            Way::Wininet,
            user.proxy.as_deref().and_then(Proxy::of_list),
            user.bypass.as_deref().unwrap_or(""),
        );
    }
    for pac in &network.pac {
        for proxy in &pac.proxies {
            add(Way::Pac, Proxy::parse(proxy), "");
        }
    }
    let environment = network.environment.iter();
    for environment in
        environment.filter(|one| !targets.servers.iter().all(|server| one.exempts(&server.host)))
    {
        add(Way::Environment, environment.proxy(), "");
    }
    routes
}
