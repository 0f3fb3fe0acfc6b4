//! Network settings on Linux, read from files alone.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::{Adapter, IpRoute, NetworkConfig};

/// The most entries of a kind that are read.
const MOST: usize = 1000;

/// Reads what the files below a root say.
pub fn read(root: &Path) -> NetworkConfig {
    let mut config = NetworkConfig::default();
    let text = |name: &str, config: &mut NetworkConfig| match fs::read_to_string(root.join(name)) {
        Ok(text) => text,
        Err(fault) => {
            config.failures.push(format!("/{name}: {fault}"));
            String::new()
        }
    };
    let resolv = text("etc/resolv.conf", &mut config);
    (config.dns_servers, config.dns_suffixes) = resolvers(&resolv);
    config.routes = routes(&text("proc/net/route", &mut config));
    // A machine without IPv6 has no such file, and nothing is wrong with that.
    let six = fs::read_to_string(root.join("proc/net/ipv6_route")).unwrap_or_default();
    config.routes.extend(routes6(&six));
    for route in config.routes.iter().filter(|route| route.destination.ends_with("/0")) {
        if !route.gateway.is_empty() && !config.gateways.contains(&route.gateway) {
            config.gateways.push(route.gateway.clone());
        }
    }
    let addresses = fs::read_to_string(root.join("proc/net/if_inet6")).unwrap_or_default();
    let local = local_addresses(&fs::read_to_string(root.join("proc/net/fib_trie")).unwrap_or_default());
    config.adapters = adapters(root, &addresses, &config.routes, &local);
    config
}

/// Reads `resolv.conf`.
///
/// ```text
/// nameserver 10.0.0.53
/// search corp.example
/// ```
fn resolvers(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut servers, mut suffixes) = (Vec::new(), Vec::new());
    for line in text.lines().take(MOST) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => servers.extend(words.next().map(str::to_owned)),
            Some("search" | "domain") => suffixes = words.map(str::to_owned).collect(),
            _ => {}
        }
    }
    (servers, suffixes)
}

/// Reads `/proc/net/route`: numbers in hexadecimal, the lowest byte first.
fn routes(text: &str) -> Vec<IpRoute> {
    let address =
        |word: &str| u32::from_str_radix(word, 16).ok().map(|number| Ipv4Addr::from(number.swap_bytes()));
    let read = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [interface, destination, gateway, _, _, _, metric, mask, ..] = words.as_slice() else {
            return None;
        };
        let (destination, gateway, mask) = (address(destination)?, address(gateway)?, address(mask)?);
        Some(IpRoute {
            destination: format!("{destination}/{}", u32::from(mask).leading_ones()),
            gateway: if gateway.is_unspecified() { String::new() } else { gateway.to_string() },
            interface: (*interface).to_owned(),
            metric: metric.parse().ok()?,
        })
    };
    text.lines().skip(1).take(MOST).filter_map(read).collect()
}

/// Reads `/proc/net/ipv6_route`, without the routes to the endpoint itself.
fn routes6(text: &str) -> Vec<IpRoute> {
    let read = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [destination, length, _, _, gateway, metric, _, _, _, interface] = words.as_slice() else {
            return None;
        };
        let address = |word: &str| u128::from_str_radix(word, 16).ok().map(Ipv6Addr::from);
        let (destination, gateway) = (address(destination)?, address(gateway)?);
        let length = u32::from_str_radix(length, 16).ok()?;
        let own = *interface == "lo" || destination.is_multicast();
        (!own).then(|| IpRoute {
            destination: format!("{destination}/{length}"),
            gateway: if gateway.is_unspecified() { String::new() } else { gateway.to_string() },
            interface: (*interface).to_owned(),
            metric: u32::from_str_radix(metric, 16).unwrap_or(u32::MAX),
        })
    };
    text.lines().take(MOST).filter_map(read).collect()
}

/// Reads the endpoint's own addresses from `/proc/net/fib_trie`: each leaf that is a host and local.
fn local_addresses(text: &str) -> Vec<Ipv4Addr> {
    let mut found: Vec<Ipv4Addr> = Vec::new();
    let mut last = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line == "/32 host LOCAL"
            && let Some(address) = last
            && !found.contains(&address)
            && found.len() < MOST
        {
            found.push(address);
        }
    }
    found
}

/// Reads the adapters from `/sys/class/net`; an address belongs to the adapter whose route it lies in.
fn adapters(root: &Path, six: &str, routes: &[IpRoute], local: &[Ipv4Addr]) -> Vec<Adapter> {
    let folder = root.join("sys/class/net");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .map(|items| items.flatten().map(|item| item.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names.truncate(MOST);
    let adapter = |name: String| {
        let word = |file: &str| {
            fs::read_to_string(folder.join(&name).join(file))
                .map(|text| text.trim().to_owned())
                .unwrap_or_default()
        };
        let mut addresses: Vec<String> = local
            .iter()
            .filter_map(|address| {
                let route = routes
                    .iter()
                    .find(|route| route.interface == name && holds(&route.destination, *address))?;
                Some(format!("{address}/{}", route.destination.rsplit_once('/')?.1))
            })
            .collect();
        addresses.extend(six.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [address, _, length, _, _, own] = words.as_slice() else { return None };
            let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
            (*own == name).then(|| format!("{address}/{}", u32::from_str_radix(length, 16).unwrap_or(128)))
        }));
        let gateways =
            routes.iter().filter(|route| route.interface == name && route.destination.ends_with("/0"));
        Adapter {
            up: matches!(word("operstate").as_str(), "up" | "unknown"),
            mtu: word("mtu").parse().ok(),
            gateways: gateways
                .map(|route| route.gateway.clone())
                .filter(|gateway| !gateway.is_empty())
                .collect(),
            addresses,
            name,
            ..Adapter::default()
        }
    };
    names.into_iter().map(adapter).collect()
}

/// Says whether a network holds an address; the default route holds none of its own.
fn holds(network: &str, address: Ipv4Addr) -> bool {
    let Some((base, length)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(length)) = (base.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return false };
    let shift = 32_u32.saturating_sub(length);
    length > 0 && u32::from(base).checked_shr(shift) == u32::from(address).checked_shr(shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_files_of_a_machine() {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "etc/resolv.conf",
            "# by dhcp\nsearch corp.example lab.example\nnameserver 10.0.0.53\nnameserver 2001:db8::53\n",
        );
        put(
            "proc/net/route",
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
             eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
             eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\nbroken\n",
        );
        put(
            "proc/net/fib_trie",
            "Main:\n  |-- 10.0.0.0\n     /24 link UNICAST\n  |-- 10.0.0.23\n     /32 host LOCAL\n",
        );
        put("proc/net/if_inet6", "20010db8000000000000000000000017 02 40 00 80     eth0\n");
        put("sys/class/net/eth0/mtu", "1400\n");
        put("sys/class/net/eth0/operstate", "up\n");
        let config = read(root.path());
        assert_eq!(config.dns_servers, ["10.0.0.53", "2001:db8::53"]);
        assert_eq!(config.dns_suffixes, ["corp.example", "lab.example"]);
        assert_eq!(config.gateways, ["10.0.0.1"]);
        assert_eq!(config.routes[1].destination, "10.0.0.0/24");
        let adapter = &config.adapters[0];
        assert_eq!(adapter.addresses, ["10.0.0.23/24", "2001:db8::17/64"]);
        assert_eq!((adapter.mtu, adapter.up, config.failures.len()), (Some(1400), true, 0));
    }

    #[test]
    fn says_what_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let config = read(root.path());
        assert_eq!(config.failures.len(), 2);
        assert!(config.failures[0].starts_with("/etc/resolv.conf: "), "{:?}", config.failures);
    }
}
