//! The rule pack in Chinese: no rule lacks its title and its sentence, and each fills in the same.

use std::collections::BTreeMap;

use crate::program;

/// Gives the fields that a sentence fills in.
fn places(say: &str) -> Vec<String> {
    let mut places: Vec<String> =
        say.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::to_owned).collect();
    places.sort();
    places
}

/// Gives the sentences of a file by the name of their rule: `name:` stands before `say:` in each document.
fn says(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("name: ") {
            rest.clone_into(&mut name);
        } else if let Some(say) = line.trim_start().strip_prefix("say: ") {
            out.push((name.clone(), say.to_owned()));
        }
    }
    out
}

#[test]
fn every_rule_speaks_chinese_and_fills_in_the_same() {
    let rules = program::root().join("rules");
    let text = std::fs::read_to_string(rules.join("causes.zh.yml")).unwrap();
    let (_, text) = text.split_once("\nrules:\n").unwrap();
    let mut chinese: BTreeMap<String, String> = BTreeMap::new();
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        match line.trim().split_once(':') {
            Some(("title", title)) => drop(titles.insert(name.clone(), title.to_owned())),
            Some(("say", say)) => drop(chinese.insert(name.clone(), say.to_owned())),
            Some((rule, "")) => rule.clone_into(&mut name),
            _ => {}
        }
    }
    let mut faults = Vec::new();
    let mut seen = 0;
    for folder in program::list(&rules).into_iter().filter(|path| path.is_dir()) {
        for file in
            program::list(&folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == "yml"))
        {
            for (rule, say) in says(&std::fs::read_to_string(&file).unwrap()) {
                seen += 1;
                if titles.get(&rule).is_none_or(|title| title.is_ascii()) {
                    faults.push(format!("{rule}: no Chinese title"));
                }
                match chinese.get(&rule) {
                    None => faults.push(format!("{rule}: no Chinese")),
                    Some(other) if places(other) != places(&say) => {
                        faults.push(format!("{rule}: {say} | {other}"))
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert!(seen > 200 && faults.is_empty(), "{seen} sentences; {}", faults.join("\n"));
}

#[test]
fn reports_of_whole_cases_are_chinese_throughout() {
    use tetra_analyze::{diagnose, model::Analysis, progress::Progress, report, rule::RuleSet};
    let mut rules = RuleSet::core().unwrap();
    assert!(rules.speak("zh"));
    let mut english = Vec::new();
    for case in program::list(&program::root().join("fixtures/cases")) {
        let input =
            program::list(&case).into_iter().find(|path| path.is_file() && !path.ends_with("expected.json"));
        let Some(input) = input else { continue };
        let Ok(bundle) = tetra_bundle::Bundle::open(&input, tetra_bundle::Limits::default()) else {
            continue;
        };
        let mut analysis: Analysis = diagnose(&bundle, &rules, "input", &Progress::hidden()).unwrap();
        report::translate(&mut analysis, report::Lang::Zh);
        let diagnosis = &analysis.diagnosis;
        let texts = diagnosis
            .primary
            .iter()
            .map(|cause| &cause.summary)
            .chain([&diagnosis.summary])
            .chain(diagnosis.ruled_out.iter().map(|claim| &claim.because))
            .chain(diagnosis.cannot_tell.iter().flat_map(|doubt| [&doubt.because, &doubt.collect]))
            .chain(&diagnosis.next)
            .chain(analysis.attempts.iter().flat_map(|attempt| &attempt.stages).map(|rung| &rung.summary))
            .chain(
                analysis.attempts.iter().flat_map(|attempt| &attempt.picture.passages).map(|one| &one.what),
            )
            .chain(analysis.coverage.iter().map(|source| &source.note));
        for text in texts {
            let text = text.to_ascii_lowercase();
            let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2);
            let common = ["the", "and", "from", "after", "answers", "ends", "bytes", "asked", "facts"];
            if words.any(|word| common.contains(&word)) {
                english.push(format!("{}: {text}", case.display()));
            }
        }
    }
    assert!(english.is_empty(), "{}", english.join("\n"));
}
