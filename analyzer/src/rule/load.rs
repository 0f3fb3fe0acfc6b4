//! Loads packs: reads every file, then links rules, causes and filters, and tells all mistakes at once.

use std::collections::BTreeMap;

use crate::model::{Kind, PackInfo};

use super::catalogue::{self, causes, codes, endpoints, single, templates};
use super::check;
use super::document::{self, Document};
use super::link;
use super::pack::PackFiles;
use super::problem::{At, Notes, Refused};
use super::set::RuleSet;
use super::taxonomy::Type;
use super::yaml::{self, Node};

/// Most rules of one pack.
const RULES: usize = 10_000;
/// Most values in all files of one pack.
const VALUES: usize = 1_000_000;
/// Largest file in bytes; packs of texts are held to it too.
const FILE: usize = 1024 * 1024;

/// What the files say, before it is linked.
#[derive(Default)]
pub(crate) struct Read {
    /// The heads of all rule documents.
    pub documents: Vec<Document>,
    /// All causes.
    pub causes: Vec<causes::Placed>,
    /// All codes.
    pub codes: Vec<codes::Placed>,
}

/// Loads packs; the first is the core pack.
pub(crate) fn load(packs: &[PackFiles]) -> Result<RuleSet, Refused> {
    let mut set = RuleSet::default();
    let mut read = Read::default();
    let mut notes = Notes::default();
    for (number, pack) in packs.iter().enumerate() {
        if !read_pack(number, pack, &mut set, &mut read, &mut notes) {
            // Nothing more is done with a pack that is too large.
            return Err(Refused { problems: notes.problems });
        }
    }
    link::rules(&mut set, &read.documents, &mut notes);
    check::references(&set, &read, &mut notes);
    check::translate(&mut set, &mut notes);
    if !notes.problems.is_empty() {
        notes.problems.sort();
        notes.problems.dedup();
        return Err(Refused { problems: notes.problems });
    }
    if set.lean {
        set.others = packs.get(1..).unwrap_or_default().to_vec();
    }
    set.causes = read.causes.into_iter().map(|placed| placed.cause).collect();
    (set.codes, set.meanings_zh) =
        read.codes.into_iter().map(|placed| (placed.code, placed.meaning_zh)).unzip();
    Ok(set)
}

/// What a file of a pack is, by its path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role<'p> {
    Card,
    Taxonomy,
    Causes,
    Texts(&'p str),
    Codes,
    Endpoints,
    Templates,
    Rules(&'p str),
    Unknown,
}

fn role(path: &str) -> Role<'_> {
    match path {
        "pack.yml" => return Role::Card,
        "taxonomy.yml" => return Role::Taxonomy,
        "causes.yml" => return Role::Causes,
        "codes.yml" => return Role::Codes,
        "endpoints.yml" => return Role::Endpoints,
        _ => {}
    }
    let language = path.strip_prefix("causes.").and_then(|rest| rest.strip_suffix(".yml"));
    if let Some(language) =
        language.filter(|word| word.len() == 2 && word.bytes().all(|b| b.is_ascii_lowercase()))
    {
        return Role::Texts(language);
    }
    match path.rsplit_once('/') {
        Some((folder, _)) if folder.split('/').next() == Some("templates") => Role::Templates,
        Some((_, name)) => Role::Rules(name.strip_suffix(".yml").unwrap_or(name)),
        None => Role::Unknown,
    }
}

/// Reads the files of a pack; says whether it keeps within the limits.
fn read_pack(number: usize, pack: &PackFiles, set: &mut RuleSet, read: &mut Read, notes: &mut Notes) -> bool {
    let mut left = VALUES;
    let shown = |path: &str| {
        if pack.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", pack.folder) }
    };
    let mut trees: BTreeMap<String, Vec<Node>> = pack.trees().unwrap_or_default().into_iter().collect();
    set.lean |= !trees.is_empty();
    let mut files: Vec<(Role<'_>, &str, &str)> =
        pack.files.iter().map(|(path, text)| (role(path), path.as_str(), text.as_str())).collect();
    files.sort();
    for (needed, path) in [(Role::Card, "pack.yml"), (Role::Taxonomy, "taxonomy.yml")] {
        let there = files.iter().any(|(role, ..)| *role == needed);
        if !there && (needed == Role::Card || number == 0) {
            notes.enter(&shown(path));
            notes.add(At::START, "this file is missing");
        }
    }
    let before = read.documents.len();
    for (role, path, text) in files {
        let file = shown(path);
        notes.enter(&file);
        if role == Role::Unknown {
            notes
                .add(At::START, "no file of this name belongs here; rules lie in folders, as `dns/name.yml`");
            continue;
        }
        if left == 0 {
            return false;
        }
        let Some(documents) = trees.remove(path).or_else(|| read_text(text, &mut left, notes)) else {
            continue;
        };
        if let Role::Rules(stem) = role {
            if read.documents.len() - before + documents.len() > RULES {
                notes.add(At::START, format!("with this file the pack has more than {RULES} rules"));
                return false;
            }
            read_rules(documents, (number, &file), stem, read, notes);
        } else if let Some(node) = single(documents, notes) {
            read_catalogue(role, &node, (number, pack, &file), (&mut *set, &mut *read), notes);
        }
    }
    true
}

fn read_text(text: &str, left: &mut usize, notes: &mut Notes) -> Option<Vec<Node>> {
    if text.len() > FILE {
        notes.add(At::START, format!("larger than {FILE} bytes"));
        return None;
    }
    match yaml::parse_within(text, left) {
        Ok(documents) => Some(documents),
        Err((at, what)) => {
            notes.add(at, format!("cannot be read as YAML: {what}"));
            None
        }
    }
}

fn read_catalogue(
    role: Role<'_>,
    node: &Node,
    (number, pack, file): (usize, &PackFiles, &str),
    (set, read): (&mut RuleSet, &mut Read),
    notes: &mut Notes,
) {
    match role {
        Role::Card => {
            let card = catalogue::card(node, notes).unwrap_or_default();
            if !card.name.is_empty() && set.packs.iter().any(|known| known.pack == card.name) {
                notes.add(node.at, format!("a pack of the name `{}` was loaded already", card.name));
            }
            set.packs.push(PackInfo { pack: card.name, version: card.version, sha256: pack.sha256() });
        }
        Role::Taxonomy if number == 0 => set.taxonomy.read(node, notes),
        Role::Taxonomy => set.taxonomy.extend(node, notes),
        Role::Causes => causes::read(node, file, &stages(set), &mut read.causes, notes),
        Role::Texts(language) => {
            causes::read_texts(node, file, set.texts.entry(language.to_owned()).or_default(), notes);
        }
        Role::Codes => codes::read(node, file, &mut read.codes, notes),
        Role::Endpoints => endpoints::read(node, &mut set.endpoints, notes),
        Role::Templates => templates::read(node, &mut set.templates, notes),
        Role::Rules(_) | Role::Unknown => {}
    }
}

fn read_rules(
    documents: Vec<Node>,
    (number, file): (usize, &str),
    stem: &str,
    read: &mut Read,
    notes: &mut Notes,
) {
    if documents.is_empty() {
        notes.add(At::START, "the file is empty");
    }
    for (position, node) in documents.into_iter().enumerate() {
        let first = (position == 0).then_some(stem);
        read.documents.extend(document::read(node, (number, file), first, notes));
    }
}

/// The stages of a cause: those of the ladder, and the endpoint itself.
fn stages(set: &RuleSet) -> Vec<String> {
    let mut stages = match set.taxonomy.field(Kind::Rung, "rung.stage").map(|field| &field.kind) {
        Some(Type::Enum(words)) => words.as_ref().clone(),
        _ => Vec::new(),
    };
    stages.push("endpoint".into());
    stages
}
