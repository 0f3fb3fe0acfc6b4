//! The skeleton of a new rule: a sound document with examples, to be filled with what was seen.

use sha2::{Digest as _, Sha256};

use crate::model::Kind;

use super::problem::nearest;
use super::set::RuleSet;
use super::taxonomy::{Field, Type};

/// A word that is not known, and the known one that is most like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What it should name: a kind or a cause.
    pub what: &'static str,
    /// The nearest known word.
    pub near: Option<String>,
}

/// The skeleton of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// Path in a pack.
    pub path: String,
    /// The document.
    pub text: String,
}

/// Writes a skeleton for a kind; it speaks for the cause, or for the first one where none is given.
pub fn skeleton(
    set: &RuleSet,
    kind: &str,
    cause: Option<&str>,
    name: Option<&str>,
) -> Result<Skeleton, Unknown> {
    let Some(known) = Kind::from_name(kind) else {
        return Err(unknown("kind", kind, Kind::ALL.iter().map(|(_, name)| *name)));
    };
    let slug = match cause {
        Some(slug) if set.cause(slug).is_none() => {
            return Err(unknown("cause", slug, set.causes().iter().map(|cause| cause.slug.as_str())));
        }
        Some(slug) => slug,
        None => set.causes().first().map_or("", |cause| cause.slug.as_str()),
    };
    let note = if cause.is_some() { "" } else { "    # one of the causes that `rules doc` lists\n" };
    let cause = set.cause(slug);
    let (category, stage) = cause.map_or(("endpoint", ""), |cause| (&cause.category, &cause.stage));
    let own = format!("new_{kind}_rule");
    let name = name.unwrap_or(&own);
    let tests = tests(set, known, stage);
    let selection: String =
        tests.iter().map(|test| format!("        {}: {}\n", test.field, test.asked)).collect();
    let event = |wrong: Option<usize>| {
        let value = |(at, test): (usize, &Test)| {
            let value = if wrong == Some(at) { &test.other } else { &test.seen };
            format!("{}: {value}", test.field)
        };
        tests.iter().enumerate().map(value).collect::<Vec<_>>().join(", ")
    };
    let mut examples =
        format!("    - name: as seen\n      expect: match\n      event: {{{}}}\n", event(None));
    for (at, test) in tests.iter().enumerate() {
        examples.push_str(&format!(
            "    - name: another {}\n      expect: no-match\n      event: {{{}}}\n",
            test.field,
            event(Some(at))
        ));
    }
    let say = tests.first().map_or_else(String::new, |test| format!("{{{}}} was seen", test.field));
    let fields = fields(set, known);
    let text = format!(
        "title: Say In A Few Words What Is Wrong\n\
         id: {id}\n\
         name: {name}\n\
         taxonomy: tetra\n\
         status: experimental\n\
         description: Say what is seen, and why it means that.\n\
         author: You\n\
         logsource: {{product: secure_endpoint, category: {kind}}}\n\
         detection:\n\
         \x20   # Fields of {kind}: {fields}\n\
         \x20   selection:\n{selection}\
         \x20   condition: selection\n\
         level: high\n\
         diagnosis:\n{note}\
         \x20   supports: {slug}\n\
         \x20   strength: fair    # weak, fair, strong or proof\n\
         \x20   subject: [endpoint, attempt]\n\
         \x20   say: '{say}'\n\
         examples:\n{examples}",
        id = id(name),
    );
    Ok(Skeleton { path: format!("{category}/{name}.yml"), text })
}

fn unknown<'w>(what: &'static str, word: &str, known: impl IntoIterator<Item = &'w str>) -> Unknown {
    Unknown { what, near: nearest(word, known).map(str::to_owned) }
}

/// A test of the skeleton: what is asked of a field, a value that fits and one that does not.
struct Test {
    field: String,
    asked: String,
    seen: String,
    other: String,
}

/// Chooses two fields to begin with: of a rung its stage and state, else those with words to choose from.
fn tests(set: &RuleSet, kind: Kind, stage: &str) -> Vec<Test> {
    if kind == Kind::Rung {
        let words = match set.taxonomy().field(kind, "rung.stage").map(|field| &field.kind) {
            Some(Type::Enum(words)) => words.as_ref().clone(),
            _ => Vec::new(),
        };
        let word = |wanted: bool| words.iter().find(|word| (*word == stage) == wanted).cloned();
        let seen = word(true).or_else(|| words.first().cloned()).unwrap_or_default();
        let other = words.iter().find(|word| **word != seen).cloned().unwrap_or_default();
        return vec![
            Test { field: "rung.stage".into(), asked: seen.clone(), seen, other },
            Test {
                field: "rung.state".into(),
                asked: "[failed, recovered]".into(),
                seen: "failed".into(),
                other: "ok".into(),
            },
        ];
    }
    let Some(spec) = set.taxonomy().kind(kind) else { return Vec::new() };
    let begin: &[&str] = match kind {
        Kind::LogRecord => &["log.event", "log.code"],
        Kind::Setting => &["setting.key", "setting.text"],
        Kind::Probe => &["probe.what", "probe.ok"],
        Kind::HostFact => &["host.fact", "host.ok"],
        Kind::DnsTransaction => &["dns.role", "dns.outcome"],
        Kind::TcpFlow => &["tcp.role", "tcp.outcome"],
        Kind::TlsHandshake => &["tls.role", "tls.outcome"],
        Kind::HttpExchange => &["http.role", "http.status"],
        _ => &[],
    };
    let known: Vec<Test> =
        begin.iter().filter_map(|name| Some(test(name, spec.fields.get(*name)?))).collect();
    if !known.is_empty() {
        return known;
    }
    let mut own: Vec<(&String, &Field)> = spec
        .fields
        .iter()
        .filter(|(name, field)| name.contains('.') && !name.starts_with("x.") && !field.list)
        .collect();
    let rank = |field: &Field| match &field.kind {
        Type::Enum(_) => 0,
        Type::Text => 1,
        Type::Int | Type::Float => 2,
        Type::Bool => 3,
        Type::Ip => 4,
    };
    own.sort_by_key(|(name, field)| (rank(field), (*name).clone()));
    own.into_iter().take(2).map(|(name, field)| test(name, field)).collect()
}

fn test(name: &str, field: &Field) -> Test {
    let of = |seen: &str, other: &str| Test {
        field: name.to_owned(),
        asked: seen.to_owned(),
        seen: seen.to_owned(),
        other: other.to_owned(),
    };
    match &field.kind {
        Type::Enum(words) => {
            let word = |at: usize| words.get(at).or(words.first()).map_or("", String::as_str);
            of(word(0), word(1))
        }
        Type::Text => of("this", "that"),
        Type::Int => of("1", "2"),
        Type::Float => of("1.5", "2.5"),
        Type::Bool => of("true", "false"),
        Type::Ip => of("'192.0.2.1'", "'192.0.2.2'"),
    }
}

/// Names the fields of a kind, for the author's choice.
fn fields(set: &RuleSet, kind: Kind) -> String {
    let Some(spec) = set.taxonomy().kind(kind) else { return String::new() };
    let own: Vec<&str> = spec.fields.keys().map(String::as_str).filter(|name| name.contains('.')).collect();
    match own.get(..12) {
        Some(first) if own.len() > 12 => format!("{}, … (`rules doc` lists all)", first.join(", ")),
        _ => own.join(", "),
    }
}

/// Makes a UUID (version 8) of the rule's name: names are unique, so ids are, and the same command writes the same bytes.
fn id(name: &str) -> String {
    let hash = Sha256::digest(format!("tetra-triage rule {name}"));
    let mut hex: Vec<char> =
        hash.iter().take(16).flat_map(|byte| format!("{byte:02x}").chars().collect::<Vec<_>>()).collect();
    for (at, digit) in [(12, '8'), (16, '8')] {
        if let Some(place) = hex.get_mut(at) {
            *place = digit;
        }
    }
    let mut out = String::new();
    for (at, digit) in hex.into_iter().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{PackFiles, examples};
    use super::*;

    #[test]
    fn the_skeleton_of_every_kind_passes_strictly() {
        let core = RuleSet::core().unwrap();
        let card = "{name: site, version: 0.1.0, profile: 1, taxonomy: tetra}\n";
        for (kind, name) in Kind::ALL {
            for cause in [None, Some("tcp-refused")] {
                let made = skeleton(&core, name, cause, None).unwrap();
                let pack =
                    PackFiles::from_texts([("pack.yml", card), (made.path.as_str(), made.text.as_str())]);
                let mut set = RuleSet::load(&[PackFiles::core_without_examples(), pack])
                    .unwrap_or_else(|refused| panic!("{kind:?}: {refused}\n{}", made.text));
                set.home = 1;
                let report = examples::run(&set);
                assert!(report.passes(true) && report.rules == 1, "{}\n{}", report.render(), made.text);
            }
        }
    }

    #[test]
    fn an_unknown_word_is_told_with_the_nearest_one() {
        let core = RuleSet::core().unwrap();
        let near = |word: &str| Some(word.to_owned());
        assert_eq!(skeleton(&core, "rungs", None, None), Err(Unknown { what: "kind", near: near("rung") }));
        let cause = skeleton(&core, "rung", Some("tcp-refusd"), None);
        assert_eq!(cause, Err(Unknown { what: "cause", near: near("tcp-refused") }));
        let one = skeleton(&core, "rung", Some("tcp-refused"), Some("site_firewall_refuses")).unwrap();
        assert_eq!(one.path, "connect/site_firewall_refuses.yml");
        assert!(one.text.contains("rung.stage: connect"), "{}", one.text);
        assert_eq!(skeleton(&core, "rung", Some("tcp-refused"), Some("site_firewall_refuses")), Ok(one));
    }
}
