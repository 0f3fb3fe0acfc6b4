//! The rule set: everything that the packs teach, checked and ready for use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::model::{Cause, Code, Endpoints, Kind, LogTemplate, PackInfo};

use super::catalogue::causes::Texts;
use super::correlate::Correlation;
use super::example::Example;
use super::layout::Layout;
use super::load;
use super::pack::PackFiles;
use super::problem::{At, Refused};
use super::select::Detection;
use super::taxonomy::Taxonomy;
use super::vote::{Level, Vote};

/// What a rule tests.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Single observations of a kind, but not those that a filter takes out.
    Detection {
        /// The kind.
        kind: Kind,
        /// The tests.
        detection: Detection,
        /// Conditions of filters that must hold too.
        filters: Vec<Arc<Detection>>,
    },
    /// Relations between hits of other rules.
    Correlation(Correlation),
}

/// A rule, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How grave a hit is.
    pub level: Level,
    /// Number of its pack.
    pub pack: usize,
    /// Path of its file.
    pub file: String,
    /// Where its name stands.
    pub at: At,
    /// Whether it is in force; a later pack can switch it off.
    pub on: bool,
    /// Whether correlations build on it.
    pub member: bool,
    /// What it tests.
    pub body: Body,
    /// What it says about causes.
    pub vote: Option<Vote>,
    /// Its examples.
    pub examples: Vec<Example>,
}

impl Rule {
    /// Says whether hits are reported: those of mere members are not.
    pub(crate) fn reports(&self) -> bool {
        self.on && (self.vote.is_some() || !self.member)
    }
}

/// What packs teach: rules, causes, codes, endpoints and log templates.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(crate) packs: Vec<PackInfo>,
    pub(crate) taxonomy: Taxonomy,
    pub(crate) layout: Layout,
    pub(crate) rules: Vec<Rule>,
    /// The rules that test single observations, by kind.
    pub(crate) by_kind: BTreeMap<Kind, Vec<usize>>,
    pub(crate) causes: Vec<Cause>,
    pub(crate) codes: Vec<Code>,
    /// Meanings of the codes in Chinese, in the same order; empty where there is none.
    pub(crate) meanings_zh: Vec<String>,
    pub(crate) endpoints: Endpoints,
    pub(crate) templates: Vec<LogTemplate>,
    pub(crate) texts: BTreeMap<String, Texts>,
    pub(crate) language: Option<String>,
    /// Whether the core pack was loaded without its examples.
    pub(crate) lean: bool,
    /// The first pack that is tested: those before it are only there to build on.
    pub(crate) home: usize,
    /// The other packs, where the core pack has to be loaded again in full.
    pub(crate) others: Vec<PackFiles>,
}

/// A rule as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How grave a hit is.
    pub level: Level,
    /// The pack with its version.
    pub pack: String,
    /// The kind it tests, or `correlation`.
    pub about: &'static str,
    /// Causes it speaks for.
    pub supports: Vec<String>,
    /// Causes it speaks against.
    pub refutes: Vec<String>,
    /// How much it says; empty without a vote.
    pub strength: &'static str,
    /// How many examples it has.
    pub examples: usize,
    /// Whether it is in force.
    pub on: bool,
    /// Path of its file.
    pub file: String,
    /// Line of its name.
    pub line: u32,
}

impl RuleSet {
    /// Loads the pack that is compiled in. Its examples are read only when they are asked for.
    pub fn core() -> Result<Self, Refused> {
        Self::with_folders(&[])
    }

    /// Loads the pack that is compiled in and those in the folders, later ones over earlier ones.
    pub fn with_folders(folders: &[PathBuf]) -> Result<Self, Refused> {
        let mut packs = vec![PackFiles::core_without_examples()];
        let mut problems = Vec::new();
        for folder in folders {
            match PackFiles::read(folder) {
                Ok(pack) => packs.push(pack),
                Err(mut found) => problems.append(&mut found),
            }
        }
        if problems.is_empty() { Self::load(&packs) } else { Err(Refused { problems }) }
    }

    /// Loads a pack from a folder for those who write it: the core pack alone, any other over the one that is compiled in.
    pub fn from_folder(folder: &std::path::Path) -> Result<Self, Refused> {
        let pack = PackFiles::read(folder).map_err(|problems| Refused { problems })?;
        if pack.is_core() {
            return Self::load(&[pack]);
        }
        let mut set = Self::load(&[PackFiles::core_without_examples(), pack])?;
        set.home = 1;
        Ok(set)
    }

    /// Loads packs; the first is the core pack and brings the taxonomy. All mistakes of all files are told.
    pub fn load(packs: &[PackFiles]) -> Result<Self, Refused> {
        load::load(packs)
    }

    /// Gives the same packs with all examples of those that are tested.
    pub(crate) fn full(&self) -> Result<Cow<'_, Self>, Refused> {
        if !self.lean || self.home > 0 {
            return Ok(Cow::Borrowed(self));
        }
        let mut packs = vec![PackFiles::core()];
        packs.extend(self.others.iter().cloned());
        Ok(Cow::Owned(Self::load(&packs)?))
    }

    /// Gives the packs with versions and hashes.
    pub fn packs(&self) -> &[PackInfo] {
        &self.packs
    }

    /// Gives what rules may speak of.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// Gives the causes, in the language that was chosen.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// Finds a cause by its slug.
    pub fn cause(&self, slug: &str) -> Option<&Cause> {
        self.causes.iter().find(|cause| cause.slug == slug)
    }

    /// Gives the error codes, in the language that was chosen.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Gives who is who by name, path and certificate.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Gives the templates of log lines.
    pub fn templates(&self) -> &[LogTemplate] {
        &self.templates
    }

    /// Chooses the language of causes, codes, titles and sentences; says whether a pack knows it.
    pub fn speak(&mut self, language: &str) -> bool {
        let Some(texts) = self.texts.get(language) else { return language == "en" };
        for cause in &mut self.causes {
            let Some((title, user, engineer)) = texts.causes.get(&cause.slug) else { continue };
            title.clone_into(&mut cause.title);
            if !user.is_empty() {
                user.clone_into(&mut cause.user);
            }
            if !engineer.is_empty() {
                engineer.clone_into(&mut cause.engineer);
            }
        }
        for rule in &mut self.rules {
            if let Some(title) = texts.titles.get(&rule.name) {
                title.clone_into(&mut rule.title);
            }
        }
        if language == "zh" {
            for (code, meaning) in self.codes.iter_mut().zip(&self.meanings_zh) {
                if !meaning.is_empty() {
                    meaning.clone_into(&mut code.meaning);
                }
            }
        }
        self.language = Some(language.to_owned());
        true
    }

    /// Lists the rules in the order of packs and files; members and rules switched off included.
    pub fn list(&self) -> Vec<RuleInfo> {
        self.rules.iter().map(|rule| self.info(rule)).collect()
    }

    fn info(&self, rule: &Rule) -> RuleInfo {
        let slugs = |pick: fn(&Vote) -> &Vec<(String, At)>| {
            rule.vote.iter().flat_map(|vote| pick(vote).iter().map(|(slug, _)| slug.clone())).collect()
        };
        RuleInfo {
            name: rule.name.clone(),
            id: rule.id.clone(),
            title: rule.title.clone(),
            level: rule.level,
            pack: self.pack_of(rule),
            about: match &rule.body {
                Body::Detection { kind, .. } => kind.name(),
                Body::Correlation(_) => "correlation",
            },
            supports: slugs(|vote| &vote.supports),
            refutes: slugs(|vote| &vote.refutes),
            strength: rule.vote.as_ref().map_or("", |vote| vote.strength.name()),
            examples: rule.examples.len(),
            on: rule.on,
            file: rule.file.clone(),
            line: rule.at.line,
        }
    }

    /// Gives a rule's pack with its version.
    pub(crate) fn pack_of(&self, rule: &Rule) -> String {
        self.packs.get(rule.pack).map_or_else(String::new, |pack| format!("{} {}", pack.pack, pack.version))
    }
}
