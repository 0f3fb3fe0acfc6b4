//! What the dependency tree may hold, as far as it can be told from the data at hand: `deny.toml`'s licences, bans and sources
//! against what cargo knows of every package, and `unsafe` only behind its door. Advisories need a database from elsewhere:
//! `cargo deny check advisories`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::program;

/// How the paths of files begin that may hold `unsafe`: what calls Windows.
const DOOR: &str = "collector/src/system/windows";
/// The platforms that the programs are made for, as in `deny.toml`.
const PLATFORMS: [&str; 3] =
    ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"];

/// The packages of the tree, of all platforms where they are all at hand, else of this one.
fn packages() -> Vec<Value> {
    let ask = |more: &[&str]| -> Option<Value> {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--format-version", "1", "--locked"]).args(more);
        let output = command.current_dir(program::root()).output().unwrap();
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    };
    let filter = PLATFORMS.map(|platform| ["--filter-platform", platform]);
    let all: Vec<&str> = filter.iter().flatten().copied().collect();
    let [first, second] = filter[0];
    let all = ask(&[&["--offline"], &all[..]].concat())
        .or_else(|| ask(&all))
        .or_else(|| ask(&["--offline", first, second]))
        .expect("cargo knows the tree");
    all["packages"].as_array().unwrap().clone()
}

/// The words in quotation marks of a list in `deny.toml`, which begins with these words.
fn listed(text: &str, begin: &str) -> BTreeSet<String> {
    let start = text.find(begin).unwrap_or_else(|| panic!("no `{begin}` in deny.toml")) + begin.len();
    let end = start + text[start..].find(']').unwrap();
    text[start..end].split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Tells whether a licence expression leaves a choice that is allowed: `(MIT OR Apache-2.0) AND Unicode-3.0`.
fn allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let holds = any(&mut words, allow);
    holds && words.is_empty()
}

fn any(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> bool {
    let mut holds = all(words, allow);
    while words.pop_if(|word| *word == "OR").is_some() {
        holds |= all(words, allow);
    }
    holds
}

fn all(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> bool {
    let mut holds = single(words, allow);
    while words.pop_if(|word| *word == "AND").is_some() {
        holds &= single(words, allow);
    }
    holds
}

fn single(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> bool {
    match words.pop() {
        Some("(") => {
            let inner = any(words, allow);
            words.pop_if(|word| *word == ")").is_some() && inner
        }
        Some(name) => {
            let exception = words.pop_if(|word| *word == "WITH").and_then(|_| words.pop());
            allow.contains(&exception.map_or(name.to_owned(), |exception| format!("{name} WITH {exception}")))
        }
        None => false,
    }
}

#[test]
fn the_tree_holds_what_it_may() {
    let deny = std::fs::read_to_string(program::root().join("deny.toml")).unwrap();
    let allow = listed(&deny, "\nallow = [");
    let bans: Vec<&str> = deny
        .split("{ name = \"")
        .skip(1)
        .filter(|ban| ban.split('}').next().unwrap().contains("reason"))
        .map(|ban| ban.split('"').next().unwrap())
        .collect();
    assert!(allow.contains("MIT") && bans.contains(&"openssl-sys"), "deny.toml is not understood");
    let packages = packages();
    let mut faults = Vec::new();
    for package in &packages {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let licence = package["license"].as_str().unwrap_or_default();
        let exceptions = deny.contains(&format!("crate = \"{name}\""));
        if !allowed(licence, &allow) && !exceptions {
            faults.push(format!("{name} {version} is under `{licence}`"));
        }
        if bans.contains(&name) && !deny.contains(&format!("{{ name = \"{name}\", wrappers")) {
            faults.push(format!("{name} {version} is banned"));
        }
        match package["source"].as_str() {
            None | Some("registry+https://github.com/rust-lang/crates.io-index") => {}
            Some(elsewhere) => faults.push(format!("{name} {version} comes from {elsewhere}")),
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            if package["source"].is_null() && dependency["path"].is_null() && dependency["req"] == "*" {
                faults.push(format!("{name} takes any version of {}", dependency["name"]));
            }
        }
    }
    println!("{} packages looked at", packages.len());
    assert!(packages.len() > 100, "only {} packages", packages.len());
    assert!(faults.is_empty(), "{} faults:\n  {}", faults.len(), faults.join("\n  "));
}

#[test]
fn licence_expressions_are_understood() {
    let allow: BTreeSet<String> = ["MIT", "Apache-2.0", "Zlib"].map(str::to_owned).into();
    for good in ["MIT", "MIT/GPL-3.0", "(GPL-2.0 OR MIT) AND Zlib", "Zlib OR (GPL-2.0 AND Nothing)"] {
        assert!(allowed(good, &allow), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0 WITH LLVM-exception", "(MIT", "MIT MIT"] {
        assert!(!allowed(bad, &allow), "{bad}");
    }
}

#[test]
fn unsafe_code_stands_only_behind_its_doors() {
    let listed = Command::new("git").args(["ls-files", "*.rs"]).current_dir(program::root()).output();
    let Some(listed) = listed.ok().filter(|listed| listed.status.success()) else {
        println!("left out: this is no working copy of git");
        return;
    };
    let lint = ["allow", "expect", "warn"].map(|level| format!("{level}(unsafe_code"));
    let mut faults = Vec::new();
    for path in String::from_utf8(listed.stdout).unwrap().lines() {
        let Ok(text) = std::fs::read_to_string(program::root().join(path)) else { continue };
        if lint.iter().any(|lint| text.contains(lint)) && !path.starts_with(DOOR) {
            faults.push(path.to_owned());
        }
    }
    assert_eq!(faults, Vec::<String>::new(), "these switch the lint against `unsafe` off");
}
