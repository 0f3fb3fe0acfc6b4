//! Network settings on Windows: adapters, routes, WinHTTP, and the registry.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipconfig::OperStatus;
use winreg::RegKey;
use winreg::enums::{HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_READ, KEY_WOW64_64KEY};

use super::proxy::without_credentials;
use super::{Adapter, Firewall, IpRoute, NetworkConfig, Pac, ProxySettings, windows_net};

/// Where a user's proxy stands.
const INTERNET: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
/// Where the firewall's profiles stand.
const FIREWALL: &str = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
const TCPIP: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
/// The bit of the stored settings that has a proxy looked for by WPAD.
const AUTO_DETECT: u8 = 8;
/// For whom a proxy script is asked: the update server of the vendor's first region.
const ASKED: &str = "https://tetra-defs.amp.cisco.com/";

/// Reads the settings.
pub fn read() -> NetworkConfig {
    let mut config = NetworkConfig::default();
    let machine = RegKey::predef(HKEY_LOCAL_MACHINE);
    let key = |path: &str| machine.open_subkey_with_flags(path, KEY_READ | KEY_WOW64_64KEY);
    match ipconfig::get_adapters() {
        Ok(adapters) => config.adapters = adapters.iter().map(|one| adapter(one, &key)).collect(),
        Err(fault) => config.failures.push(format!("adapters: {fault}")),
    }
    config.adapters.sort_by_key(|adapter| !adapter.up);
    for adapter in config.adapters.iter().filter(|adapter| adapter.up) {
        append(&mut config.dns_servers, &adapter.dns_servers);
        append(&mut config.gateways, &adapter.gateways);
        append(&mut config.dns_suffixes, adapter.suffix.as_slice());
    }
    match key(TCPIP) {
        Ok(parameters) => {
            let list = text(&parameters, "SearchList").unwrap_or_default();
            let suffixes: Vec<String> =
                list.split([',', ' ']).filter(|suffix| !suffix.is_empty()).map(str::to_owned).collect();
            append(&mut config.dns_suffixes, &suffixes);
        }
        Err(fault) => config.failures.push(format!("suffixes: {fault}")),
    }
    match windows_net::routes() {
        Some(routes) => config.routes = self::routes(routes),
        None => config.failures.push("routes: Windows does not tell".to_owned()),
    }
    match windows_net::default_proxy() {
        Some(proxy) => {
            config.winhttp = Some(ProxySettings {
                user: "machine".to_owned(),
                proxy_enable: proxy.is_some(),
                bypass: proxy.as_ref().map(|(_, bypass)| bypass.clone()).filter(|bypass| !bypass.is_empty()),
                proxy: proxy.map(|(proxy, _)| proxy),
                ..ProxySettings::default()
            });
        }
        None => config.failures.push("winhttp: Windows does not tell".to_owned()),
    }
    config.wininet = users();
    config.pac = scripts(&config.wininet);
    for profile in ["DomainProfile", "StandardProfile", "PublicProfile"] {
        match key(&format!(r"{FIREWALL}\{profile}")) {
            Ok(key) => config.firewall.push(Firewall {
                profile: profile.trim_end_matches("Profile").to_lowercase(),
                enabled: number(&key, "EnableFirewall").map(|value| value != 0),
                blocks_outbound: number(&key, "DefaultOutboundAction").map(|value| value == 1),
            }),
            Err(fault) => config.failures.push(format!("firewall {profile}: {fault}")),
        }
    }
    config
}

fn adapter(one: &ipconfig::Adapter, key: &impl Fn(&str) -> std::io::Result<RegKey>) -> Adapter {
    let own = key(&format!(r"{TCPIP}\Interfaces\{}", one.adapter_name())).ok();
    let suffix = ["Domain", "DhcpDomain"].iter().find_map(|name| text(own.as_ref()?, name));
    let shown = |addresses: &[IpAddr]| addresses.iter().map(IpAddr::to_string).collect();
    Adapter {
        name: one.friendly_name().to_owned(),
        description: one.description().to_owned(),
        up: one.oper_status() == OperStatus::IfOperStatusUp,
        addresses: one.ip_addresses().iter().map(|address| with_prefix(*address, one.prefixes())).collect(),
        dns_servers: shown(one.dns_servers()),
        gateways: shown(one.gateways()),
        suffix,
        mtu: windows_net::interface(one.ipv6_if_index()).map(|(mtu, _)| mtu),
        dhcp: own.as_ref().and_then(|key| number(key, "EnableDHCP")).map(|value| value != 0),
    }
}

/// Writes an address with the length of the longest prefix that holds it and is not itself.
fn with_prefix(address: IpAddr, prefixes: &[(IpAddr, u32)]) -> String {
    let bits = |address: &IpAddr| match address {
        IpAddr::V4(four) => (u128::from(u32::from(*four)), 32_u32),
        IpAddr::V6(six) => (u128::from(*six), 128),
    };
    let (own, width) = bits(&address);
    let holds = |(base, length): &&(IpAddr, u32)| {
        let (base, base_width) = bits(base);
        let shift = width.saturating_sub(*length);
        base_width == width && *length < width && base.checked_shr(shift) == own.checked_shr(shift)
    };
    match prefixes.iter().filter(holds).map(|(_, length)| *length).max() {
        Some(length) => format!("{address}/{length}"),
        None => address.to_string(),
    }
}

fn routes(routes: Vec<windows_net::Route>) -> Vec<IpRoute> {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let wanted = |prefix: &IpAddr| !prefix.is_multicast() && !prefix.is_loopback();
    let found = routes.into_iter().filter(|(prefix, ..)| wanted(prefix));
    found
        .map(|(prefix, length, hop, index, metric)| {
            let name = names.entry(index).or_insert_with(|| {
                windows_net::interface(index).map_or_else(|| index.to_string(), |(_, alias)| alias)
            });
            IpRoute {
                destination: format!("{prefix}/{length}"),
                gateway: hop.map(|hop| hop.to_string()).unwrap_or_default(),
                interface: name.clone(),
                metric,
            }
        })
        .collect()
}

/// Reads the proxies of the users whose settings are loaded. Services have settings of their own.
fn users() -> Vec<ProxySettings> {
    let users = RegKey::predef(HKEY_USERS);
    let mut found = Vec::new();
    for user in users.enum_keys().map_while(Result::ok).filter(|user| !user.ends_with("_Classes")) {
        let Ok(key) = users.open_subkey_with_flags(format!(r"{user}\{INTERNET}"), KEY_READ) else { continue };
        let stored = key.open_subkey_with_flags("Connections", KEY_READ);
        let flags = stored.and_then(|key| key.get_raw_value("DefaultConnectionSettings"));
        let settings = ProxySettings {
            user,
            proxy_enable: number(&key, "ProxyEnable").is_some_and(|value| value != 0),
            proxy: text(&key, "ProxyServer").map(|proxy| without_credentials(&proxy)),
            bypass: text(&key, "ProxyOverride"),
            pac: text(&key, "AutoConfigURL").map(|pac| without_credentials(&pac)),
            auto_detect: flags.ok().and_then(|raw| Some(raw.bytes.get(8)? & AUTO_DETECT != 0)),
        };
        let plain = ProxySettings { user: settings.user.clone(), ..ProxySettings::default() };
        if settings != plain {
            found.push(settings);
        }
    }
    found.sort_by(|one, other| one.user.cmp(&other.user));
    found
}

/// Has Windows read each proxy script, and look for one by WPAD where a user has it so.
fn scripts(users: &[ProxySettings]) -> Vec<Pac> {
    let mut asked: Vec<Option<String>> = users.iter().filter_map(|user| user.pac.clone().map(Some)).collect();
    if users.iter().any(|user| user.auto_detect == Some(true)) {
        asked.push(None);
    }
    asked.sort();
    asked.dedup();
    let read = |script: Option<String>| {
        let found = windows_net::proxies_by_script(ASKED, script.as_deref());
        let proxies = match &found {
            Ok(Some(list)) => {
                super::Proxy::of_list(list).map(|proxy| proxy.to_string()).into_iter().collect()
            }
            _ => Vec::new(),
        };
        Pac {
            url: script.unwrap_or_else(|| "wpad".to_owned()),
            error: found.err().map(|number| format!("WinHTTP says {number}")),
            proxies,
            ..Pac::default()
        }
    };
    asked.into_iter().take(8).map(read).collect()
}

fn text(key: &RegKey, name: &str) -> Option<String> {
    key.get_value::<String, _>(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(key: &RegKey, name: &str) -> Option<u32> {
    key.get_value(name).ok()
}

fn append(list: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_this_machine() {
        let config = read();
        assert!(config.adapters.iter().any(|adapter| !adapter.addresses.is_empty()), "{config:#?}");
        assert!(config.winhttp.is_some(), "{config:#?}");
        assert!(!config.routes.is_empty() || !config.failures.is_empty(), "{config:#?}");
    }

    #[test]
    fn reads_a_users_proxy_from_the_registry() {
        let user = RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
        let (key, _) = user.create_subkey(INTERNET).unwrap();
        let before = (text(&key, "ProxyServer"), number(&key, "ProxyEnable"));
        key.set_value("ProxyServer", &"http=u:s3cret@a.example:80;https=proxy.example:8080").unwrap();
        key.set_value("ProxyEnable", &1_u32).unwrap();
        let found = users();
        match before.0 {
            Some(proxy) => key.set_value("ProxyServer", &proxy).unwrap(),
            None => key.delete_value("ProxyServer").unwrap(),
        }
        key.set_value("ProxyEnable", &before.1.unwrap_or(0)).unwrap();
        let wanted = "http=a.example:80;https=proxy.example:8080";
        let own = found.iter().find(|one| one.proxy.as_deref() == Some(wanted));
        assert!(own.is_some_and(|own| own.proxy_enable && own.user.starts_with("S-1-5-")), "{found:#?}");
    }

    #[test]
    fn lengthens_addresses() {
        let prefixes = [("10.0.0.0".parse().unwrap(), 24), ("10.0.0.23".parse().unwrap(), 32)];
        assert_eq!(with_prefix("10.0.0.23".parse().unwrap(), &prefixes), "10.0.0.23/24");
        assert_eq!(with_prefix("fe80::1".parse().unwrap(), &prefixes), "fe80::1");
    }
}
