//! The rule pack that is compiled in: complete, free of mistakes, and the same as the one in the folder `rules`.

use tetra_analyze::rule::RuleSet;

use crate::program;

#[test]
fn the_pack_is_free_of_mistakes_and_every_test_of_it_is_needed() {
    for (command, passes) in [("check", "check"), ("test", "test")] {
        let args = ["rules", command];
        let folder = program::root().join("rules");
        let strict: &[&str] = if command == "test" { &["--strict"] } else { &[] };
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = args.iter().map(|arg| arg as _).collect();
        all.extend(strict.iter().map(|arg| arg as &dyn AsRef<std::ffi::OsStr>));
        let built_in = program::analyze(&all);
        assert_eq!(built_in.status, 0, "rules {passes}:\n{}{}", built_in.out, built_in.err);
        all.push(&folder);
        let from_folder = program::analyze(&all);
        assert_eq!(from_folder.status, 0, "rules {passes} rules:\n{}{}", from_folder.out, from_folder.err);
    }
}

#[test]
fn every_cause_has_a_rule_and_advice() {
    let rules = RuleSet::core().unwrap();
    let list = rules.list();
    let mut faults = Vec::new();
    for cause in rules.causes() {
        if !list.iter().any(|rule| rule.on && rule.supports.contains(&cause.slug)) {
            faults.push(format!("no rule supports {}", cause.slug));
        }
        if cause.user.is_empty() || cause.engineer.is_empty() {
            faults.push(format!("{} lacks advice", cause.slug));
        }
    }
    assert!(rules.causes().len() >= 80, "only {} causes", rules.causes().len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_cause_speaks_chinese() {
    let english = RuleSet::core().unwrap();
    let mut chinese = RuleSet::core().unwrap();
    assert!(chinese.speak("zh"));
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let mut faults = Vec::new();
    for (one, other) in english.causes().iter().zip(chinese.causes()) {
        let advice = other.user.iter().chain(&other.engineer);
        if !is_chinese(&other.title) || !advice.clone().all(|line| is_chinese(line)) {
            faults.push(other.slug.as_str());
        }
        if one.user.len() != other.user.len() || one.engineer.len() != other.engineer.len() {
            faults.push(other.slug.as_str());
        }
    }
    assert!(faults.is_empty(), "not in Chinese: {}", faults.join(", "));
}
