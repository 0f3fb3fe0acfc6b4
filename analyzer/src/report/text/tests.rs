//! Tests of the whole text report, against committed texts.

use super::*;
use crate::model::{AttemptOutcome, Path, Reach, Verdict};
use crate::report::expected::assert_expected;
use crate::report::sample;

fn text(analysis: &Analysis, options: TextOptions) -> String {
    let mut out = Vec::new();
    write(analysis, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn wide(width: usize) -> TextOptions {
    TextOptions { width, ..TextOptions::default() }
}

#[test]
fn reports_are_as_committed() {
    for (name, analysis) in sample::all() {
        for width in [60, 100, 120] {
            let path = format!("tests/expected/{name}-{width}.txt");
            assert_expected(&path, &text(&analysis, wide(width)));
        }
    }
    let chinese = TextOptions { lang: Lang::Zh, ..wide(80) };
    assert_expected("tests/expected/revocation-zh.txt", &text(&sample::revocation(), chinese));
    let ascii = TextOptions { glyphs: Glyphs::Ascii, ..wide(80) };
    assert_expected("tests/expected/revocation-ascii.txt", &text(&sample::revocation(), ascii));
    let color = TextOptions { color: true, ..wide(80) };
    assert_expected("tests/expected/revocation-color.txt", &text(&sample::revocation(), color));
}

#[test]
fn lines_end_at_the_width_and_without_spaces() {
    for (name, analysis) in sample::all() {
        for (width, lang) in
            [40, 60, 80, 100, 120, 200].into_iter().flat_map(|width| [(width, Lang::En), (width, Lang::Zh)])
        {
            for line in text(&analysis, TextOptions { lang, ..wide(width) }).lines() {
                assert_eq!(line, line.trim_end(), "{name} {width}");
                let pasted = line.contains("sha256 ")
                    || line.contains(" == ")
                    || line.contains("://")
                    || line.contains(".xml:/")
                    || line.contains(".json:/")
                    || line.contains(":frame ")
                    || line.contains(":帧 ")
                    || line.contains(":line ")
                    || line.contains(":行 ");
                let columns = textwrap::core::display_width(line);
                assert!(pasted || columns <= width, "{name} {width}: {columns} columns: {line}");
            }
        }
    }
}

#[test]
fn the_first_lines_hold_verdict_cause_confidence_and_reach() {
    let report = text(&sample::dns(), wide(120));
    let mut lines = report.lines();
    assert_eq!(
        lines.next(),
        Some("BROKEN: Resolver 192.168.205.2 says that tetra-defs.amp.cisco.com does not exist.")
    );
    assert!(lines.next().unwrap().ends_with("[dns-nxdomain]"));
    assert_eq!(lines.next(), Some("  confirmed; explains all 3 failed attempts"));
}

#[test]
fn the_filter_stands_alone_and_unbroken() {
    let analysis = sample::revocation();
    let filter = analysis.diagnosis.primary.as_ref().unwrap().wireshark_filter.clone();
    assert!(text(&analysis, wide(20)).lines().any(|line| line == filter));
}

#[test]
fn colour_changes_no_word() {
    let codes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    for (_, analysis) in sample::all() {
        let plain = text(&analysis, wide(80));
        assert!(!plain.contains('\u{1b}'));
        let colored = text(&analysis, TextOptions { color: true, ..wide(80) });
        assert!(codes.is_match(&colored));
        assert_eq!(codes.replace_all(&colored, ""), plain);
    }
}

#[test]
fn ascii_reports_are_ascii() {
    for (name, analysis) in sample::all() {
        let report = text(&analysis, TextOptions { glyphs: Glyphs::Ascii, ..wide(80) });
        assert!(report.is_ascii(), "{name}: {report}");
    }
}

#[test]
fn hostile_input_reaches_no_terminal() {
    let bad = "\u{1b}]0;x\u{7}\u{202e}evil\u{9b}31m\nHEALTHY: all is well\u{200f}";
    let mut analysis = sample::revocation();
    analysis.input.path = bad.into();
    analysis.input.layout = bad.into();
    analysis.diagnosis.summary = bad.into();
    for attempt in &mut analysis.attempts {
        attempt.target = bad.into();
        attempt.start = bad.into();
        attempt.endpoint = bad.into();
        for rung in &mut attempt.stages {
            rung.summary = bad.into();
        }
    }
    let primary = analysis.diagnosis.primary.as_mut().unwrap();
    primary.cause = bad.into();
    primary.summary = bad.into();
    primary.title = bad.into();
    primary.wireshark_filter = bad.into();
    primary.culprit.role = bad.into();
    primary.culprit.names = vec![bad.into()];
    primary.docs = vec![bad.into()];
    primary.advice.user = vec![bad.into()];
    for evidence in &mut primary.evidence {
        evidence.path = bad.into();
        evidence.excerpt = bad.into();
        evidence.time = Some(bad.into());
    }
    for claim in analysis.diagnosis.ruled_out.iter_mut().chain(&mut analysis.diagnosis.contradictions) {
        claim.category = bad.into();
        claim.because = bad.into();
    }
    for source in &mut analysis.coverage {
        source.path = bad.into();
        source.state = bad.into();
        source.note = bad.into();
    }
    for anomaly in &mut analysis.anomalies {
        anomaly.path = bad.into();
        anomaly.at = bad.into();
        anomaly.what = bad.into();
    }
    analysis.endpoint.hostname = Some(bad.into());
    let report = text(&analysis, wide(80));
    assert!(report.chars().all(|c| c == '\n' || !is_hostile(c)));
    assert!(!report.lines().any(|line| line.trim_start().starts_with("HEALTHY")));
}

#[test]
fn long_lists_are_shortened_with_their_number() {
    let mut analysis = sample::dns();
    let primary = analysis.diagnosis.primary.as_mut().unwrap();
    let one = primary.evidence[0].clone();
    primary.evidence = vec![one; 100];
    let report = text(&analysis, wide(100));
    assert!(report.contains("… and 92 more (all of them: --format json)"));
}

#[test]
fn wide_letters_count_twice() {
    let mut analysis = sample::dns();
    analysis.diagnosis.summary = "代理服务器拒绝".repeat(20);
    for line in text(&analysis, wide(60)).lines().filter(|line| line.contains('代')) {
        assert!(textwrap::core::display_width(line) <= 60, "{line}");
    }
}

/// Gives the number of the attempt whose ladder is shown.
fn shown(analysis: &Analysis) -> String {
    let report = text(analysis, wide(100));
    let line = report.lines().find(|line| line.starts_with("Attempt ")).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn the_ladder_is_of_the_last_attempt_that_failed_for_good() {
    let mut analysis = sample::dns();
    assert_eq!(shown(&analysis), "3");
    analysis.attempts[2].outcome = AttemptOutcome::Ok;
    assert_eq!(shown(&analysis), "2");
    analysis.attempts[1].later_success = true;
    assert_eq!(shown(&analysis), "1");
    analysis.diagnosis.verdict = Verdict::Healthy;
    assert_eq!(shown(&analysis), "3");
    analysis.diagnosis.verdict = Verdict::Broken;
    for attempt in &mut analysis.attempts {
        attempt.outcome = AttemptOutcome::Unknown;
    }
    assert_eq!(shown(&analysis), "3");
}

#[test]
fn rungs_of_a_proxy_stand_only_where_one_is_on_the_way() {
    let mut analysis = sample::healthy();
    assert!(text(&analysis, wide(100)).contains("Proxy discovery"));
    analysis.attempts[0].path = Path::Direct;
    let report = text(&analysis, wide(100));
    assert!(!report.contains("Proxy discovery") && report.contains("Proxy connect"), "{report}");
}

#[test]
fn a_degraded_report_names_what_was_overcome_and_its_advice() {
    let mut analysis = sample::dns();
    analysis.diagnosis.verdict = Verdict::Degraded;
    analysis.diagnosis.others = analysis.diagnosis.primary.take().into_iter().collect();
    let report = text(&analysis, wide(100));
    assert!(report.starts_with("DEGRADED: "));
    assert!(
        report.contains("[dns-nxdomain], confirmed")
            && report.contains("  User:\n  1. Ask your network team")
    );
}

#[test]
fn reach_is_told_in_words() {
    let mut analysis = sample::dns();
    for (explained, failed, says) in [
        (1, 1, "confirmed; explains the only failed attempt"),
        (2, 2, "confirmed; explains all 2 failed attempts"),
        (2, 5, "confirmed; explains 2 of 5 failed attempts"),
        (0, 0, "confirmed"),
    ] {
        analysis.diagnosis.primary.as_mut().unwrap().reach = Reach { explained, failed };
        assert_eq!(text(&analysis, wide(100)).lines().nth(2).unwrap().trim(), says);
    }
}
