//! Tests of the forms, and of the table against the sources that build the sentences.

use std::fs;
use std::path::Path;

use super::*;
use crate::report::sample;

fn zh(text: &str) -> String {
    sentence(text, ZH, DEPTH).unwrap_or_else(|| text.to_owned())
}

fn forms() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    ZH_COMMANDS.iter().copied().flatten()
}

#[test]
fn places_are_found_and_filled() {
    assert_eq!(matched("a is b", "{} is {}"), Some(vec!["a", "b"]));
    assert_eq!(matched("a is ", "{} is {}"), None);
    assert_eq!(matched("no answer", "no answer{}"), Some(vec![""]));
    assert_eq!(matched("nothing", "no answer{}"), None);
    assert_eq!(matched("same", "same"), Some(vec![]));
    assert_eq!(matched("same again", "same"), None);
}

#[test]
fn sentences_stand_in_sentences() {
    assert_eq!(
        zh(
            "Cannot tell: an attempt to reach a.example is seen, but the capture ends 1.5 s after the last data"
        ),
        "无法判断：看到一次访问 a.example 的尝试，但抓包在最后一个数据之后 1.5 秒结束"
    );
    assert_eq!(
        zh("10.0.0.1:443 refuses: RST answers the SYN (3 addresses tried)"),
        "10.0.0.1:443 拒绝连接：以 RST 应答 SYN（尝试了 3 个地址）"
    );
    assert_eq!(
        zh("local.xml, the posture and the service state are not in the bundle"),
        "诊断包中没有 local.xml、posture 信息和服务状态"
    );
    assert_eq!(
        zh("a.example is 192.0.2.1, 192.0.2.2 (resolver 10.0.0.1, 3 ms)"),
        "a.example 解析为 192.0.2.1, 192.0.2.2（DNS 服务器 10.0.0.1，3 ms）"
    );
    assert_eq!(zh("代理拒绝: 10.0.0.1 应答 407"), "代理拒绝：10.0.0.1 应答 407");
}

#[test]
fn what_has_no_form_stays() {
    for text in ["<lasterror>5</lasterror>", "", "a: b", "GET /x HTTP/1.1", &"x".repeat(9_000)] {
        assert_eq!(zh(text), text);
    }
}

#[test]
fn both_languages_fill_in_the_same() {
    for (english, chinese) in forms() {
        let places = english.matches("{}").count();
        for place in 0..places {
            assert_eq!(chinese.matches(&format!("{{{place}}}")).count(), 1, "{english}");
        }
        assert_eq!(chinese.matches('{').count(), places, "{english}");
        assert!(
            !english.contains("{}{}"),
            "{english}: two places without anything between cannot be told apart"
        );
        assert_eq!(forms().filter(|other| other.0 == *english).count(), 1, "{english}");
    }
}

#[test]
fn nothing_but_sentences_is_changed() {
    let mut analysis = sample::hostile(50);
    let before = analysis.clone();
    translate(&mut analysis, Lang::En);
    assert_eq!(analysis, before);
    translate(&mut analysis, Lang::Zh);
    let awake = analysis.endpoint.awake.take();
    assert_eq!(awake.as_deref(), Some("自 2026-02-25 15:00 UTC 起的 114 小时中有 52 小时"));
    analysis.endpoint.awake.clone_from(&before.endpoint.awake);
    assert_eq!(analysis.endpoint, before.endpoint);
    assert_eq!(analysis.input, before.input);
}

/// Literals of sources that are no sentences of a report: texts of servers, filters, keys.
const NO_SENTENCES: &[&str] = &[
    "timeout",
    "time-out",
    "gateway",
    "name error",
    "unable to",
    "dns lookup",
    "could not",
    "not found",
    "unknown host",
    "no such domain",
    "timed out",
    "contains",
    "refused\", \"err",
    "service unavailable",
    "connection refused",
    "access denied",
];

fn sources(folder: &Path, out: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            out.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Gives the literals of a source that look like words to people, what is filled in replaced by a sign.
fn sentences(source: &str) -> Vec<String> {
    let literal = regex::Regex::new(r#""((?:[^"\\\n]|\\.)*)""#).unwrap();
    let place = regex::Regex::new(r"\{[^{}]*\}").unwrap();
    let words = regex::Regex::new(r"[a-z]{2,} [a-z]{2,}").unwrap();
    let comment = regex::Regex::new(r"(?m)//.*$").unwrap();
    let code = source.split("#[cfg(test)]").next().unwrap();
    let code = comment.replace_all(code, "");
    literal
        .captures_iter(&code)
        .map(|found| place.replace_all(&found[1], "§").replace("\\\"", "\""))
        .filter(|text| words.is_match(text) && !NO_SENTENCES.iter().any(|other| text.contains(other)))
        .collect()
}

#[test]
fn every_sentence_of_derivers_and_diagnosis_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for folder in ["derive", "diagnosis"] {
        sources(&root.join(folder), &mut files);
    }
    let mut found = 0;
    let mut unknown = Vec::new();
    for (path, source) in &files {
        for text in sentences(source) {
            found += 1;
            let known = sentence(&text, ZH, DEPTH).is_some();
            if !known && !forms().any(|form| covers(form.0, &text)) {
                unknown.push(format!("{path}: {text}"));
            }
        }
    }
    assert!(found > 100, "only {found} sentences were found");
    assert!(unknown.is_empty(), "no Chinese for {}:\n{}", unknown.len(), unknown.join("\n"));
}

#[test]
fn every_error_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src/run", "src/slice", "src/sqlite", "src/batch", "../bundle/src"] {
        sources(&root.join(folder), &mut files);
    }
    let message = regex::Regex::new(r#"(?s)#\[error\(\s*"((?:[^"\\]|\\.)*)""#).unwrap();
    let place = regex::Regex::new(r"\{[^{}]*\}").unwrap();
    let line = regex::Regex::new(r"\\\n\s*").unwrap();
    let mut found = 0;
    let mut unknown = Vec::new();
    for (path, source) in &files {
        for error in message.captures_iter(source) {
            found += 1;
            let text = line.replace_all(&error[1], "").replace("\\n", "\n");
            let text = place.replace_all(&text, "§");
            if say(text.lines().next().unwrap(), Lang::Zh).is_ascii() {
                unknown.push(format!("{path}: {text}"));
            }
        }
    }
    assert!(found > 30, "only {found} errors were found");
    assert!(unknown.is_empty(), "no Chinese for {}:\n{}", unknown.len(), unknown.join("\n"));
}

#[test]
fn commands_keep_the_blanks_and_what_has_no_form() {
    assert_eq!(say("    verified, vendor", Lang::Zh), "    已核实，vendor");
    assert_eq!(say("    verified, vendor", Lang::En), "    verified, vendor");
    assert_eq!(say("10.0.0.1", Lang::Zh), "10.0.0.1");
    assert_eq!(say("error: cannot open `a.zip`", Lang::Zh), "错误：无法打开 `a.zip`");
}

/// Tells whether a form holds the words of a literal in their order, whatever is filled in or attached.
fn covers(form: &str, text: &str) -> bool {
    let mut rest = form;
    text.split('§').map(str::trim).filter(|part| part.len() > 1).all(|part| {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
        true
    })
}
