//! The endpoint's network settings: adapters, servers for names, gateways, routes, proxies of every kind, firewall.
//!
//! They are read, never changed. What cannot be read is named in `failures`; credentials are never kept.

mod hosts;
#[cfg(unix)]
mod linux;
mod proxy;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
#[path = "../system/windows_net.rs"]
pub(crate) mod windows_net;
#[cfg(windows)]
#[path = "../system/windows_winhttp.rs"]
pub(crate) mod windows_winhttp;

use std::path::Path;

use serde::Serialize;

pub use hosts::vendor_lines;
pub use proxy::{Proxy, Speaks, exempts, host_and_port, with_port};

/// The settings, as `network/config.json` holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NetworkConfig {
    /// The servers for names, each once, in the order of the adapters.
    pub dns_servers: Vec<String>,
    /// The suffixes that are tried.
    pub dns_suffixes: Vec<String>,
    /// The default gateways.
    pub gateways: Vec<String>,
    /// The adapters.
    pub adapters: Vec<Adapter>,
    /// The routes.
    pub routes: Vec<IpRoute>,
    /// The machine's proxy for services.
    pub winhttp: Option<ProxySettings>,
    /// The users' proxies.
    pub wininet: Vec<ProxySettings>,
    /// The proxy in the environment of the process.
    pub environment: Option<Environment>,
    /// Proxy scripts, and what became of them.
    pub pac: Vec<Pac>,
    /// The firewall's profiles.
    pub firewall: Vec<Firewall>,
    /// What could not be read, and why.
    pub failures: Vec<String>,
}

/// One adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether it is up.
    pub up: bool,
    /// Its addresses, with the length of the prefix.
    pub addresses: Vec<String>,
    /// Its servers for names.
    pub dns_servers: Vec<String>,
    /// Its gateways.
    pub gateways: Vec<String>,
    /// Its suffix for names.
    pub suffix: Option<String>,
    /// The largest packet.
    pub mtu: Option<u32>,
    /// Whether its address comes by DHCP.
    pub dhcp: Option<bool>,
}

/// One route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IpRoute {
    /// Where to, with the length of the prefix.
    pub destination: String,
    /// By whom; empty where the destination is on the link.
    pub gateway: String,
    /// By which adapter.
    pub interface: String,
    /// How dear it is.
    pub metric: u32,
}

/// A proxy as Windows keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProxySettings {
    /// Whose it is: an account's identifier, or `machine`.
    pub user: String,
    /// Whether it is switched on.
    pub proxy_enable: bool,
    /// The proxy, or the list of them.
    pub proxy: Option<String>,
    /// Who is reached without it.
    pub bypass: Option<String>,
    /// The address of the proxy script.
    pub pac: Option<String>,
    /// Whether a proxy is looked for by WPAD.
    pub auto_detect: Option<bool>,
}

/// The proxies that the environment names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// `HTTPS_PROXY`.
    pub https_proxy: Option<String>,
    /// `HTTP_PROXY`.
    pub http_proxy: Option<String>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
}

impl Environment {
    /// Gives the proxy for HTTPS.
    pub fn proxy(&self) -> Option<Proxy> {
        Proxy::parse(self.https_proxy.as_deref().or(self.http_proxy.as_deref())?)
    }

    /// Says whether `NO_PROXY` names a host; an entry counts for all names below it.
    pub fn exempts(&self, host: &str) -> bool {
        let list = self.no_proxy.as_deref().unwrap_or_default();
        list.split(',').map(|entry| entry.trim().trim_start_matches(['*', '.'])).any(|entry| {
            !entry.is_empty() && (exempts(entry, host) || exempts(&format!("*.{entry}"), host))
                || list.trim() == "*"
        })
    }
}

/// A proxy script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pac {
    /// Where it is.
    pub url: String,
    /// The status of the answer.
    pub http_status: Option<u16>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash.
    pub sha256: Option<String>,
    /// Why it could not be fetched.
    pub error: Option<String>,
    /// The proxies that the platform reads out of it for the update server.
    pub proxies: Vec<String>,
}

/// One profile of the firewall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Firewall {
    /// Its name.
    pub profile: String,
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// Whether it blocks what goes out, unless a rule allows it.
    pub blocks_outbound: Option<bool>,
}

/// Reads the settings of this machine. `root` is where its files are: `/`, or a test's own folder.
pub fn read(root: &Path) -> NetworkConfig {
    #[cfg(unix)]
    let mut config = linux::read(root);
    #[cfg(windows)]
    let mut config = {
        // Windows has no files of the kind.
        let _ = root;
        windows::read()
    };
    config.environment = environment(|name| std::env::var(name).ok());
    config
}

/// Reads the environment by its names in either case; credentials are dropped.
fn environment(get: impl Fn(&str) -> Option<String>) -> Option<Environment> {
    let value = |name: &str| {
        get(name).or_else(|| get(&name.to_ascii_uppercase())).filter(|value| !value.trim().is_empty())
    };
    let proxy = |name: &str| value(name).and_then(|text| Proxy::parse(&text)).map(|proxy| proxy.to_string());
    let all = proxy("all_proxy");
    let found = Environment {
        https_proxy: proxy("https_proxy").or_else(|| all.clone()),
        http_proxy: proxy("http_proxy").or(all),
        no_proxy: value("no_proxy"),
    };
    (found != Environment::default()).then_some(found)
}
