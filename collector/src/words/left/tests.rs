use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use walkdir::WalkDir;

use super::*;
use crate::args::Args;
use crate::plan::Plan;
use crate::system::{Install, Places, System};

fn step(name: &str, status: StepStatus, reason: &str) -> StepRecord {
    StepRecord { name: name.to_owned(), status, reason: Some(reason.to_owned()), ms: None }
}

fn is_chinese(text: &str) -> bool {
    text.contains(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Gives the text in quotes that a piece of source begins with, values in it as `1`.
fn literal(source: &str) -> Option<String> {
    let source = source.trim_start().trim_start_matches("Some(").trim_start();
    let inner =
        source.trim_start_matches("format!(").trim_start().trim_start_matches('&').strip_prefix('"')?;
    let text = inner.get(..inner.find('"')?)?;
    let mut pieces = text.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, behind)| behind));
    let first = pieces.next()?.to_owned();
    Some(pieces.fold(first, |said, piece| said + "1" + piece))
}

/// Collects every reason that the sources of the program give in words.
fn reasons() -> BTreeSet<String> {
    let heads = [
        "Outcome::skipped(",
        "Outcome::failed(",
        "Outcome::denied(",
        "Self::skipped(",
        "Self::failed(",
        "Outcome::Withheld(",
        "reason: Some(",
        "let why = ",
        "let reason = Some(",
        "StepStatus::Skipped, ",
        "StepStatus::Failed, ",
        "StepStatus::Withheld, ",
        "StepStatus::Skipped, &path, ",
        "StepStatus::Failed, &path, ",
        "const NO_TEXT: &str = ",
        "ErrorKind::Unsupported, ",
    ];
    let mut found = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for item in WalkDir::new(&sources) {
        let path = item.unwrap().into_path();
        let mut parts = path.strip_prefix(&sources).unwrap().components();
        let is_test = parts.any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
        if path.extension().is_none_or(|ending| ending != "rs") || is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let source = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for head in heads {
            found.extend(source.split(head).skip(1).filter_map(literal));
        }
    }
    found
}

#[test]
fn every_reason_is_told_in_plain_words_of_both_languages() {
    // What the system or another program says is given in its own words; a child that lives on is a matter of Windows alone.
    let others = ["1: 1", "1; 1", "1", "only Windows ends the children of a program that is killed"];
    // What is told of a step that is done is a remark, and in no list.
    let remarks = ["1 names, addresses and secrets were looked for"];
    // It is put together of texts, which have both languages.
    let gate = "this bundle may not answer the question: 1";
    let all = reasons();
    assert!(all.len() > 30, "{all:?}");
    let mut lacking = Vec::new();
    for reason in &all {
        let name = reason.as_str();
        if others.contains(&name) || remarks.contains(&name) || name == gate {
            continue;
        }
        let said = [Lang::En, Lang::Zh].map(|lang| plain(REASONS, reason, lang));
        match said {
            [Some(english), Some(chinese)] if is_chinese(&chinese) && !is_chinese(&english) => {}
            _ => lacking.push(reason),
        }
    }
    assert!(lacking.is_empty(), "without plain words: {lacking:#?}");
}

#[test]
fn no_plain_words_are_left_over() {
    let all = reasons();
    for (pattern, _) in REASONS {
        let is_meant = |reason: &String| plain(&[(pattern, ("", ""))], reason, Lang::En).is_some();
        let is_chosen = ["it was not begun", "it cannot be read", "there is no definition file"];
        assert!(
            all.iter().any(is_meant) || is_chosen.iter().any(|one| pattern.starts_with(one)),
            "{pattern}"
        );
    }
}

#[test]
fn every_step_is_named_in_plain_words() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("8.1.7.21417");
    std::fs::create_dir(&home).unwrap();
    let ending = std::env::consts::EXE_SUFFIX;
    for program in ["sfc", "AmpCLI", "wevtutil", "dumpcap"] {
        let file = home.join(format!("{program}{ending}"));
        std::fs::write(&file, "").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let places = Places { install: None, tools: Some(home), state: Some(place.path().join("state")) };
    let system = Arc::new(System::Native(places));
    let install = Install::at(place.path()).unwrap();
    let plan = Plan::new(&Args::parse_from(["x"]).collect, &system, Some(&install), chrono::Utc::now);
    let mut names: Vec<String> = plan.steps().map(|step| step.name.clone()).collect();
    assert!(names.len() > 20, "{names:?}");
    names.extend(
        ["sufficiency", "leak check", "force update", "seal", "redact a/b.txt", "seal a/b.txt"]
            .map(str::to_owned),
    );
    for name in names {
        let step = step(&name, StepStatus::Skipped, "x");
        assert!(is_chinese(&what(&step, Lang::Zh)), "{name}");
        assert!(plain(STEPS, &name, Lang::En).is_some(), "{name}");
    }
}

#[test]
fn says_what_is_known_and_adds_the_rest() {
    let gone = step("logs", StepStatus::Skipped, "there is no log in C:\\AMP");
    assert_eq!(
        (what(&gone, Lang::En), why(&gone, Lang::En)),
        ("the connector's logs".into(), "there is no log in C:\\AMP".into())
    );
    assert_eq!(why(&gone, Lang::Zh), "C:\\AMP 中没有日志");
    let other = step("redact a.evtx", StepStatus::Failed, "exit status 5");
    assert_eq!(
        (what(&other, Lang::Zh), why(&other, Lang::Zh)),
        ("文件 a.evtx".into(), "未能完成（exit status 5）".into())
    );
    let lacking = "this bundle may not answer the question: no update attempt was seen; no network packets are captured";
    let gate = step("sufficiency", StepStatus::Failed, lacking);
    assert_eq!(why(&gate, Lang::Zh), "未观察到更新尝试；没有捕获网络数据包");
    assert_eq!(why(&gate, Lang::En), "no update attempt was seen; no network packets are captured");
}
