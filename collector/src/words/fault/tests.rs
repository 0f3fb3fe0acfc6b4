use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use walkdir::WalkDir;

use super::*;
use crate::words::help;

fn is_chinese(text: &str) -> bool {
    text.contains(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Gives the sources of the parts that make errors, each text in one line and its values as `{}`.
fn sources() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    for item in WalkDir::new(here.join("src")).into_iter().chain(WalkDir::new(here.join("../bundle/src"))) {
        let path = item.unwrap().into_path();
        let is_source = path.extension().is_some_and(|ending| ending == "rs");
        if is_source && !path.components().any(|part| part.as_os_str() == "words") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    let lines = Regex::new(r"\\\n\s*").unwrap().replace_all(&all, "");
    Regex::new(r"\{\w*(:[^}\s]*)?\}").unwrap().replace_all(&lines, "{}").into_owned()
}

/// Gives the forms of the errors that `thiserror` makes.
fn forms(sources: &str) -> BTreeSet<&str> {
    let behind = sources.split("#[error(").skip(1);
    behind
        .filter_map(|piece| piece.trim_start().strip_prefix('"')?.split_once('"').map(|(form, _)| form))
        .collect()
}

#[test]
fn no_error_lacks_its_chinese() {
    let sources = sources();
    // What the collector never comes by: it opens no bundle, and what its probes note goes to engineers.
    let others = [
        "no input was given",
        "cannot open `{}`",
        "`{}` is ",
        "`{}` has {} entries",
        "`{}` starts as",
        "cannot read `{}`",
        "the answer is cut",
        "no DNS answer",
    ];
    let forms = forms(&sources);
    assert!(forms.len() > 25, "{forms:?}");
    for form in forms.iter().filter(|form| **form != "{}") {
        let known = TABLE.iter().any(|(english, _)| english == form);
        let other = others.iter().any(|other| form.starts_with(other)) && !form.contains("case number");
        assert!(known != other, "{form}");
    }
}

#[test]
fn no_chinese_is_left_over() {
    let sources = sources();
    let ours = TABLE.iter().take_while(|(english, _)| *english != "error: {}");
    assert!(ours.clone().count() > 40);
    for (english, _) in ours {
        assert!(sources.contains(&format!("\"{english}\"")), "nobody says: {english}");
    }
}

#[test]
fn each_form_has_its_places_in_both_languages() {
    for (english, other) in TABLE {
        assert_eq!(english.matches("{}").count(), other.matches("{}").count(), "{english}");
        assert!(is_chinese(other), "{english}");
    }
    let forms: BTreeSet<&str> = TABLE.iter().map(|(english, _)| *english).collect();
    assert_eq!(forms.len(), TABLE.len(), "each stands once");
}

#[test]
fn an_error_is_told_with_its_causes() {
    use crate::upload::Error;
    let missing = || std::io::Error::other("nobody knows this");
    let error = Error::Bundle { path: "a.zip".into(), source: missing() };
    assert_eq!(fault(&error, Lang::En), "error: cannot read the bundle `a.zip`: nobody knows this");
    assert_eq!(fault(&error, Lang::Zh), "错误：无法读取诊断包 `a.zip`：nobody knows this");
    let error = Error::Broken { tries: 5, why: "the proxy answered 502".to_owned() };
    assert_eq!(fault(&error, Lang::Zh), "错误：尝试 5 次后仍无法交付诊断包：代理返回 502");
    assert_eq!(told("of no known form", Lang::Zh), "of no known form");
}

#[test]
fn arguments_that_are_wrong_are_told_in_chinese() {
    let lines = [
        "x --frobnicate",
        "x --redact some",
        "x --interval soon",
        "x --interval",
        "x --capture-limit 0",
        "x --capture-limit x",
        "x --log-limit",
        "x --guided --yes",
        "x --no-watch --until-attempt --force-update",
        "x --yes --yes",
        "x --yes=1",
        "x --intervall 3m",
        "x --encrypt-to age1x",
        "x seal",
        "x seal folder",
        "x seal a b -o c",
        "x seal a -o c --time noon",
        "x seel a",
        "x --yes seal a -o b",
        "x upload",
        "x upload a --case 6 --token-file t --tries 99999999999",
        "x map",
        "x probe --limit -1",
        "x probe --limit=-1",
        "x probe --limit=",
    ];
    for line in lines {
        let error = help::command(Lang::Zh).try_get_matches_from(line.split(' ')).unwrap_err();
        let said = usage(&error, Lang::Zh);
        assert!(
            said.starts_with("错误：") && said.contains("用法：") | said.contains("--help"),
            "{line}: {said}"
        );
        for part in said.lines().filter(|part| !part.trim().is_empty()) {
            // Names of options and commands are the same in every language; a second usage stands below the first.
            let name = part.trim_start().starts_with(['-', '<']) || part.starts_with("       ");
            assert!(is_chinese(part) || name, "{line}: {part}\n{said}");
        }
        assert_eq!(usage(&error, Lang::En), error.render().to_string(), "{line}");
    }
}
