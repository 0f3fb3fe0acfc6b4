//! Tests that no language lacks a text or a place to fill in.

use std::collections::BTreeMap;

use super::*;
use crate::model::Stage;

/// Gives every text of a table by its name; one name may stand in several tables.
fn texts(source: &str) -> BTreeMap<String, Vec<String>> {
    let entry = regex::Regex::new(r#"(?m)^\s+([a-z_]+): (".*"),$"#).unwrap();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in entry.captures_iter(source) {
        texts.entry(found[1].to_owned()).or_default().push(found[2].to_owned());
    }
    texts
}

fn places(text: &str) -> Vec<String> {
    let place = regex::Regex::new(r"\{\d\}").unwrap();
    let mut places: Vec<String> = place.find_iter(text).map(|found| found.as_str().to_owned()).collect();
    places.sort();
    places
}

#[test]
fn values_are_filled_in_once() {
    assert_eq!(fill("{1} and {0}, {9}.", &["{1}", "b"]), "b and {1}, .");
}

#[test]
fn every_rung_has_its_own_name() {
    for lang in [Lang::En, Lang::Zh] {
        let mut names: Vec<&str> = Stage::ALL.iter().map(|stage| (words(lang).stage)(*stage)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Stage::ALL.len());
    }
}

#[test]
fn languages_fill_in_the_same_places() {
    let (english, chinese) = (texts(include_str!("en.rs")), texts(include_str!("zh.rs")));
    assert!(english.len() > 90, "{} texts", english.len());
    assert_eq!(english.keys().collect::<Vec<_>>(), chinese.keys().collect::<Vec<_>>());
    for (name, of_english) in &english {
        for (one, other) in of_english.iter().zip(&chinese[name]) {
            assert!(!one.trim_matches('"').is_empty() && !other.trim_matches('"').is_empty(), "{name}");
            assert_eq!(places(one), places(other), "{name}");
        }
    }
}

#[test]
fn chinese_is_chinese() {
    let table = texts(include_str!("zh.rs"));
    let latin = ["lang", "hash", "colon", "semicolon", "dns", "tls"];
    for (name, text) in table.iter().flat_map(|(name, texts)| texts.iter().map(move |text| (name, text))) {
        let han = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(han || latin.contains(&name.as_str()) || text.starts_with("\"{0}"), "{name}: {text}");
    }
}
