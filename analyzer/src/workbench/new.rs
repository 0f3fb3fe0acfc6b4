//! `rules new`: the skeleton of a rule, printed or put where it belongs in a pack.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::rule::RuleSet;
use crate::rule::skeleton::{Skeleton, skeleton};
use crate::run::Error;

/// What is asked for.
pub(super) struct Wanted<'a> {
    /// The kind of observation.
    pub kind: &'a str,
    /// The cause.
    pub cause: Option<&'a str>,
    /// The rule's name.
    pub name: Option<&'a str>,
    /// The pack it goes to.
    pub into: Option<&'a Path>,
}

/// Writes the skeleton.
pub(super) fn run(rules: &RuleSet, wanted: &Wanted<'_>, out: &mut dyn Write) -> Result<u8, Error> {
    if let Some(name) = wanted.name {
        check_name(name)?;
    }
    let made = skeleton(rules, wanted.kind, wanted.cause, wanted.name).map_err(|unknown| {
        let word = if unknown.what == "kind" { wanted.kind } else { wanted.cause.unwrap_or_default() };
        Error::Unknown { what: unknown.what, word: word.to_owned(), near: unknown.near }
    })?;
    let Some(pack) = wanted.into else {
        out.write_all(made.text.as_bytes())?;
        return Ok(super::GOOD);
    };
    let told = put(&made, pack)?;
    out.write_all(told.as_bytes())?;
    Ok(super::GOOD)
}

/// Refuses a name that would not pass the check, for it becomes the name of a file too.
fn check_name(name: &str) -> Result<(), Error> {
    let fits = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits && (10..=70).contains(&name.len()) {
        return Ok(());
    }
    Err(Error::Name { name: name.to_owned() })
}

/// Puts the rule into its folder of the pack, and begins the pack if there is none; nothing is overwritten.
fn put(made: &Skeleton, pack: &Path) -> Result<String, Error> {
    let path = pack.join(&made.path);
    let failed = |source: io::Error| Error::Write { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::File::create_new(&path).map_err(failed)?;
    file.write_all(made.text.as_bytes()).map_err(failed)?;
    let mut told = format!("{}\n", path.display());
    let card = pack.join("pack.yml");
    if !card.exists() {
        let name: String =
            pack.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
        let fits = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
        let name: String = name.chars().filter(fits).collect();
        let name = if name.is_empty() || name == "core" { "site" } else { &name };
        super::save(&card, &format!("name: {name}\nversion: 0.1.0\nprofile: 1\ntaxonomy: tetra\n"))?;
        told.push_str(&format!("{}\n", card.display()));
    }
    Ok(told)
}
