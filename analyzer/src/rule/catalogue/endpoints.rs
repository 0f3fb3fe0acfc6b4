//! `endpoints.yml`: who is who by name, path and certificate.

use crate::model::{DefinitionsPath, EndpointPattern, Endpoints, Role};

use super::super::problem::Notes;
use super::super::read::{Map, list, within};
use super::super::yaml::{Data, Node};

/// Most hosts of one file.
const HOSTS: usize = 5_000;
const ROLES: [Role; 8] = [
    Role::UpdateServer,
    Role::Revocation,
    Role::Cloud,
    Role::Proxy,
    Role::Discovery,
    Role::Resolver,
    Role::Gateway,
    Role::Other,
];

/// Reads `endpoints.yml` and adds what it says; patterns of later packs come first.
pub(crate) fn read(node: &Node, into: &mut Endpoints, notes: &mut Notes) {
    let keys = ["version", "hosts", "definitions_paths", "public_authorities", "proxy_labels", "proxy_ports"];
    let Some(map) = Map::read(node, "the file", &keys, notes) else { return };
    let mut patterns = Vec::new();
    let hosts = map.get("hosts").map(|node| list(node, "`hosts`", notes)).unwrap_or_default();
    for item in within(hosts, HOSTS, ("`hosts`", map.at("hosts")), notes) {
        patterns.extend(read_host(item, notes));
    }
    patterns.append(&mut into.patterns);
    into.patterns = patterns;
    for (prefix, at) in map.texts("definitions_paths", notes) {
        if !prefix.starts_with('/') || prefix.len() < 4 {
            notes.add(at, format!("the path `{prefix}` must begin with `/` and be longer"));
        }
        into.definitions_paths.push(DefinitionsPath { prefix: prefix.to_owned() });
    }
    let lower = |key: &str, notes: &mut Notes| -> Vec<String> {
        map.texts(key, notes).into_iter().map(|(text, _)| text.to_lowercase()).collect()
    };
    into.public_authorities.extend(lower("public_authorities", notes));
    into.proxy_labels.extend(lower("proxy_labels", notes));
    for item in map.get("proxy_ports").map(|node| list(node, "`proxy_ports`", notes)).unwrap_or_default() {
        match item.data {
            Data::Int(number, _) if u16::try_from(number).is_ok_and(|port| port > 0) => {
                into.proxy_ports.extend(u16::try_from(number));
            }
            _ => notes.add(item.at, "a port is a whole number from 1 to 65535"),
        }
    }
}

fn read_host(item: &Node, notes: &mut Notes) -> Option<EndpointPattern> {
    let body = Map::read(item, "a host", &["name", "role", "region", "verified", "source"], notes)?;
    let name = body.need_text("name", notes)?.to_lowercase();
    let plain = name.strip_prefix("*.").unwrap_or(&name);
    let fits = plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if plain.is_empty() || !fits {
        notes.add(body.at("name"), format!("`{name}` is no host name and no suffix like `*.example.com`"));
    }
    body.need("verified", notes);
    body.flag("verified", notes);
    body.text("source", notes);
    let word = body.need_text("role", notes)?;
    let Some(role) = ROLES.into_iter().find(|role| role.name() == word) else {
        notes.unknown(body.at("role"), "role", word, ROLES.map(Role::name));
        return None;
    };
    let region = body.text("region", notes).unwrap_or_default().to_owned();
    Some(EndpointPattern { name, role, region })
}
