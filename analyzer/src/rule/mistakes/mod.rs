//! Seeded mistakes: each must be told with its file, line and column, and with the nearest right word where there is one.
//!
//! A seed marks by `‸` the character at which the mistake must be told. Where that lies outside the seed, the message
//! begins with file, line and column.

mod catalogue;
mod head;
mod observation;
mod relation;

use super::pack::PackFiles;
use super::problem::Refused;
use super::sample;
use super::set::RuleSet;

/// Marks the place of a mistake.
const MARK: char = '‸';

/// Gives line and column of the mark, and the text without it.
fn unmark(text: &str) -> (Option<(usize, usize)>, String) {
    let place = text.split_once(MARK).map(|(before, _)| {
        let line = before.rsplit('\n').next().unwrap();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    });
    (place, text.replace(MARK, ""))
}

/// Loads the sample with a file of that text, and says what is amiss with what is told.
fn fault(path: &'static str, marked: &str, says: &str) -> Option<String> {
    let (place, text) = unmark(marked);
    let expected =
        place.map_or_else(|| says.to_owned(), |(line, column)| format!("{path}:{line}:{column}: {says}"));
    let told = sample::with(path, &text).map_or_else(|refused| refused.to_string(), |_| "no mistake".into());
    let found = told.lines().any(|line| line.starts_with(&expected));
    (!found).then(|| format!("expected {expected}\n    told {}", told.replace('\n', "\n         ")))
}

/// Plants every seed in a rule of the sample.
fn faults(path: &'static str, sample: &str, seeds: &[(&str, &str, &str)]) -> Vec<String> {
    let plant = |(part, by, says): &(&str, &str, &str)| {
        assert!(sample.contains(part), "{part}");
        fault(path, &sample.replacen(part, by, 1), says)
    };
    seeds.iter().filter_map(plant).collect()
}

#[test]
fn every_seeded_mistake_is_told_at_its_place() {
    let mut all = faults("dns/dns_unanswered.yml", sample::DNS, observation::SEEDS);
    all.extend(faults("dns/dns_unanswered.yml", sample::DNS, head::SEEDS));
    all.extend(faults("proxy/proxy_407_final.yml", sample::PROXY, relation::SEEDS));
    all.extend(catalogue::SEEDS.iter().filter_map(|(path, text, says)| fault(path, text, says)));
    let count: usize = [observation::SEEDS, head::SEEDS, relation::SEEDS, catalogue::SEEDS]
        .iter()
        .map(|seeds| seeds.len())
        .sum();
    assert!(count >= 100, "only {count} seeds");
    assert!(all.is_empty(), "{} of {count} are not told as they should be:\n{}", all.len(), all.join("\n"));
}

#[test]
fn a_count_that_cannot_be_told_is_refused() {
    let count = "type: event_count\n    rules: [proxy_407]\n    timespan: 30s\n    group-by: [host, http.host]\n    condition: {‸lt: 3}\n";
    let (head, rest) = sample::PROXY.split_once("type: temporal_ordered").unwrap();
    let (_, tail) = rest.split_once("level: high").unwrap();
    let text = format!("{head}{count}level: high{tail}");
    assert_eq!(fault("proxy/proxy_407_final.yml", &text, "`lt` cannot be told"), None);
}

#[test]
fn a_pack_may_not_change_what_another_one_says() {
    let two = [
        ("causes.yml", "version: 1\ncauses: {}\n"),
        ("taxonomy.yml", "taxonomy: tetra\nkinds: {setting: {fields: {y.b: {type: int}}}}\n"),
    ];
    let told = sample::and(&two).unwrap_err().to_string();
    assert!(
        told.contains("local/taxonomy.yml:1:1: field `y.b`: a pack may add fields only under `x.`"),
        "{told}"
    );
    let twice = PackFiles::from_texts(sample::files());
    let told = RuleSet::load(&[twice.clone(), twice]).unwrap_err().to_string();
    assert!(told.contains("pack.yml:1:1: a pack of the name `sample` was loaded already"), "{told}");
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once_in_order() {
    let mut files = sample::files();
    files.push(("b/second_mistake.yml", "title: b\n"));
    files.push(("a/first_mistakes.yml", "titel: a\nid: x\n"));
    let Err(Refused { problems }) = RuleSet::load(&[PackFiles::from_texts(files)]) else { panic!() };
    let places: Vec<(&str, u32)> =
        problems.iter().map(|problem| (problem.file.as_str(), problem.line)).collect();
    assert!(places.len() >= 4 && places.is_sorted(), "{places:?}");
    assert!(RuleSet::load(&[]).is_ok_and(|set| set.list().is_empty()));
}
