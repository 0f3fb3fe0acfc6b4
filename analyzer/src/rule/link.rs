//! Links rule documents: compiles their tests, finds the members of correlations and hangs filters on their rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Kind;

use super::correlate::spec;
use super::detect;
use super::document::{Document, Form};
use super::example;
use super::problem::Notes;
use super::read::{Map, texts};
use super::select::Detection;
use super::set::{Body, Rule, RuleSet};
use super::vote;

/// Makes rules of all documents.
pub(crate) fn rules(set: &mut RuleSet, documents: &[Document], notes: &mut Notes) {
    let on = in_force(documents, notes);
    let names = Names::new(documents, &on);
    // Numbers of rules follow the documents; a document that cannot be read leaves a hole, and the load fails.
    let numbers: Vec<Option<usize>> = {
        let mut next = 0;
        let count = |document: &Document| {
            let counts = !matches!(document.form, Form::Filter(_));
            next += usize::from(counts);
            counts.then(|| next - 1)
        };
        documents.iter().map(count).collect()
    };
    for (document, on) in documents.iter().zip(&on) {
        notes.enter(&document.file);
        let body = match document.form {
            Form::Detection(kind) => detection(set, document, kind, notes),
            Form::Correlation => correlation(set, document, documents, (&names, &numbers), notes),
            Form::Filter(_) => continue,
        };
        let Some(body) = body else { continue };
        let rule = finish(set, document, *on, body, notes);
        set.rules.push(rule);
    }
    if set.rules.len() != numbers.iter().flatten().count() {
        return;
    }
    for (number, rule) in set.rules.iter().enumerate() {
        if let Body::Detection { kind, .. } = rule.body {
            set.by_kind.entry(kind).or_default().push(number);
        }
    }
    let members: Vec<usize> = set
        .rules
        .iter()
        .filter(|rule| rule.on)
        .filter_map(|rule| if let Body::Correlation(one) = &rule.body { Some(&one.members) } else { None })
        .flatten()
        .map(|member| member.rule)
        .collect();
    for member in members {
        if let Some(rule) = set.rules.get_mut(member) {
            rule.member = true;
        }
    }
    filters(set, documents, (&names, &numbers), notes);
}

/// Documents by name and by id; those in force count first.
struct Names<'d> {
    by_word: BTreeMap<&'d str, usize>,
}

impl<'d> Names<'d> {
    fn new(documents: &'d [Document], on: &[bool]) -> Self {
        let mut by_word = BTreeMap::new();
        for wanted in [false, true] {
            for (position, document) in documents.iter().enumerate() {
                if on.get(position) == Some(&wanted) {
                    by_word.insert(document.id.as_str(), position);
                    by_word.insert(document.name.as_str(), position);
                }
            }
        }
        Self { by_word }
    }

    fn words(&self, documents: &[Document]) -> Vec<&'d str> {
        let named = |(word, position): (&&'d str, &usize)| {
            documents.get(*position).is_some_and(|document| document.name == **word).then_some(*word)
        };
        self.by_word.iter().filter_map(named).collect()
    }
}

/// Says which documents are in force, and notes names and ids that stand twice.
fn in_force(documents: &[Document], notes: &mut Notes) -> Vec<bool> {
    let mut on = vec![true; documents.len()];
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, document) in documents.iter().enumerate() {
        by_id.entry(&document.id).or_default().push(position);
    }
    for document in documents {
        for (id, at) in &document.obsolete {
            for position in by_id.get(id.as_str()).into_iter().flatten() {
                let Some((other, on)) = documents.get(*position).zip(on.get_mut(*position)) else { continue };
                if other.pack < document.pack {
                    *on = false;
                } else if other.pack == document.pack && !std::ptr::eq(other, document) {
                    notes.enter(&document.file);
                    notes.add(*at, format!("`{}` is of the same pack: delete it instead", other.name));
                }
            }
        }
    }
    let mut words: BTreeMap<(&str, &str), &Document> = BTreeMap::new();
    for (document, on) in documents.iter().zip(&on) {
        for (what, word, at) in
            [("id", document.id.as_str(), document.id_at), ("name", document.name.as_str(), document.at)]
        {
            if !on {
                continue;
            }
            let Some(earlier) = words.insert((what, word), document) else { continue };
            notes.enter(&document.file);
            let hint = if earlier.pack < document.pack {
                "; to replace it say `related: [{id: …, type: obsolete}]`"
            } else {
                ""
            };
            notes.add(at, format!("the {what} `{word}` exists already in {}{hint}", earlier.file));
        }
    }
    on
}

fn detection(set: &mut RuleSet, document: &Document, kind: Kind, notes: &mut Notes) -> Option<Body> {
    let map = Map::open(&document.node, "a rule", notes)?;
    let block = map.need("detection", notes)?;
    let detection = detect::read(block, kind, &[], (&set.taxonomy, &mut set.layout), notes)?;
    Some(Body::Detection { kind, detection, filters: Vec::new() })
}

fn correlation(
    set: &RuleSet,
    document: &Document,
    documents: &[Document],
    (names, numbers): (&Names<'_>, &[Option<usize>]),
    notes: &mut Notes,
) -> Option<Body> {
    let map = Map::open(&document.node, "a rule", notes)?;
    let block = map.need("correlation", notes)?;
    let find = |word: &str| {
        let position = *names.by_word.get(word)?;
        let kind = match documents.get(position)?.form {
            Form::Detection(kind) => Some(kind),
            Form::Correlation | Form::Filter(_) => None,
        };
        Some((numbers.get(position).copied().flatten().unwrap_or(usize::MAX), kind))
    };
    let words = names.words(documents);
    Some(Body::Correlation(spec::read(block, (&set.taxonomy, &find), &words, notes)?))
}

fn finish(set: &RuleSet, document: &Document, on: bool, body: Body, notes: &mut Notes) -> Rule {
    let kinds: Vec<Kind> = match &body {
        Body::Detection { kind, .. } => vec![*kind],
        Body::Correlation(correlation) => {
            let mut kinds: Vec<Kind> = correlation.members.iter().map(|member| member.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        }
    };
    let mut fields: Vec<&str> = kinds
        .iter()
        .filter_map(|kind| set.taxonomy.kind(*kind))
        .flat_map(|spec| spec.fields.keys().map(String::as_str))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let map = Map::open(&document.node, "a rule", notes);
    let block = |key: &str| map.and_then(|map| map.get(key));
    let vote = block("diagnosis").and_then(|node| vote::read(node, &fields, notes));
    let examples =
        block("examples").map(|node| example::read(node, &kinds, &set.taxonomy, notes)).unwrap_or_default();
    Rule {
        name: document.name.clone(),
        id: document.id.clone(),
        title: document.title.clone(),
        level: document.level,
        pack: document.pack,
        file: document.file.clone(),
        at: document.at,
        on,
        member: false,
        body,
        vote,
        examples,
    }
}

/// Hangs the filters on the rules that they name.
fn filters(
    set: &mut RuleSet,
    documents: &[Document],
    (names, numbers): (&Names<'_>, &[Option<usize>]),
    notes: &mut Notes,
) {
    for document in documents {
        let Form::Filter(kind) = document.form else { continue };
        notes.enter(&document.file);
        let Some(map) = Map::open(&document.node, "a rule", notes) else { continue };
        let Some(block) = map.need("filter", notes) else { continue };
        let read =
            detect::read(block, kind, &["rules"], (&set.taxonomy, &mut set.layout), notes).map(Arc::new);
        let Some(targets) = Map::open(block, "`filter`", notes).and_then(|map| map.need("rules", notes))
        else {
            continue;
        };
        for (word, at) in texts(targets, "`rules`", notes) {
            let Some(position) = names.by_word.get(word) else {
                notes.unknown(at, "rule", word, names.words(documents));
                continue;
            };
            let rule = numbers.get(*position).copied().flatten().and_then(|number| set.rules.get_mut(number));
            match rule.map(|rule| &mut rule.body) {
                Some(Body::Detection { kind: other, filters, .. }) if *other == kind => {
                    let again =
                        |known: &Arc<Detection>| read.as_ref().is_some_and(|read| Arc::ptr_eq(known, read));
                    if filters.last().is_some_and(again) {
                        notes.add(at, format!("`{word}` stands here twice"));
                    } else {
                        filters.extend(read.clone());
                    }
                }
                _ => notes.add(at, format!("`{word}` has no `detection` of the kind {}", kind.name())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use crate::model::Kind;
    use crate::model::{Fields, Observation};

    fn question(name: &str, tries: i64) -> Observation {
        let mut fields = Fields::new();
        fields.set("dns.name", name.to_owned()).set("dns.role", "update_server").set("dns.tries", tries);
        fields.set("dns.outcome", "unanswered");
        let (time, endpoint, attempt, evidence) = (None, None, None, Vec::new());
        Observation { kind: Kind::DnsTransaction, time, endpoint, attempt, fields, evidence }
    }

    #[test]
    fn a_filter_takes_hits_out_and_a_later_pack_switches_a_rule_off() {
        let filter = "
title: Not In The Laboratory
id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5c01
name: not_in_the_laboratory
logsource: {product: secure_endpoint, category: dns_transaction}
level: low
filter:
    rules: [dns_unanswered]
    selection: {dns.name|endswith: .lab.example}
    condition: not selection
";
        let set = sample::and(&[("dns/not_in_the_laboratory.yml", filter)]).unwrap();
        let judgement = set.judge(&[question("a.lab.example", 3), question("a.example", 3)], &[]);
        assert_eq!(judgement.hits.len(), 1);
        assert_eq!(judgement.hits[0].observations, [1]);
        let again = sample::DNS.replace("dns.tries|gte: 2", "dns.tries|gte: 3");
        let refused = sample::and(&[("dns/dns_unanswered.yml", &again)]).unwrap_err().to_string();
        assert!(refused.contains("type: obsolete"), "{refused}");
        let again =
            format!("{again}related: [{{id: 5b0f3a56-6f0e-4f3f-9c2c-0a7f5d6f5b01, type: obsolete}}]\n");
        let set = sample::and(&[("dns/dns_unanswered.yml", &again)]).unwrap();
        assert_eq!(set.judge(&[question("a.example", 2)], &[]).hits, []);
        assert_eq!(set.judge(&[question("a.example", 3)], &[]).hits[0].pack, "local 2.0.0");
    }
}
