//! Tests of the replies: what a Markdown reader makes of them, and what must not be in them.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use crate::report::sample;

fn reply(analysis: &Analysis, reader: Reader, lang: Lang) -> String {
    let mut out = Vec::new();
    write(analysis, reader, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn replies(analysis: &Analysis) -> Vec<String> {
    [Reader::Customer, Reader::Engineer]
        .into_iter()
        .flat_map(|reader| [Lang::En, Lang::Zh].map(|lang| reply(analysis, reader, lang)))
        .collect()
}

#[test]
fn hostile_text_stays_text_in_markdown() {
    let hostile = sample::hostile(300);
    for reply in replies(&hostile) {
        let mut headings = 0;
        for event in Parser::new_ext(&reply, Options::all()) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => panic!("HTML: {html}\n{reply}"),
                Event::Start(Tag::Image { dest_url, .. }) => panic!("picture: {dest_url}"),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    assert!(dest_url.starts_with("https://"), "link: {dest_url}\n{reply}");
                }
                Event::Start(Tag::Heading { .. }) => headings += 1,
                Event::Start(Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_)) => panic!("{reply}"),
                _ => {}
            }
        }
        assert!(headings < 14, "{headings} headings: {reply}");
        assert!(reply.chars().all(|c| c == '\n' || !crate::report::clean::is_hostile(c)));
    }
}

#[test]
fn what_is_escaped_reads_as_it_stood() {
    let texts = [
        "a_b *c* `d` <e> [f](g) | h ~~i~~ &amp; 1. j # k - l",
        "# head",
        "- item",
        "12. item",
        "+ x",
        "===",
        "snake_case_name _it_ __b__",
        "C:\\Users\\x \\* end\\",
        "http://evil.example www.evil.example a@b.example",
        "![x](y) $math$ 1) x",
    ];
    for text in texts {
        let mut read = String::new();
        for event in Parser::new_ext(&escape::inline(text), Options::all()) {
            match event {
                Event::Text(part) => read.push_str(&part),
                Event::Start(Tag::Paragraph) | Event::End(_) => {}
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(read, text);
        let code: Vec<String> = Parser::new(&escape::code(text))
            .filter_map(|event| if let Event::Code(part) = event { Some(part.into_string()) } else { None })
            .collect();
        assert_eq!(code, [text]);
    }
}

#[test]
fn customers_are_told_nothing_internal() {
    let mut analysis = sample::revocation();
    analysis.endpoint.hostname = Some("DESKTOP-QFC3PVT".into());
    analysis.input.path = "C:\\Users\\mueller\\case.zip".into();
    let cause = analysis.diagnosis.primary.as_mut().unwrap();
    cause.summary = "DESKTOP-QFC3PVT (192.168.205.138, fe80::1, 00:11:22:33:44:55) of CORP\\mueller asked \
        proxy.corp.example:3128 and http://mueller:geheim@proxy.corp.example/ for tetra-defs.amp.cisco.com at 09:12:44; \
        C:\\Users\\mueller\\x.log and /home/mueller/y, S-1-5-21-1-2-3-1001, mueller@corp.example, 100.64.1.2, \
        ::ffff:10.0.0.1"
        .into();
    for lang in [Lang::En, Lang::Zh] {
        let reply = reply(&analysis, Reader::Customer, lang);
        for inside in [
            "mueller", "geheim", "corp", "DESKTOP", "192.168", "fe80", "00:11", "S-1-5", "100.64",
            "10.0.0.1", "case.zip",
        ] {
            assert!(!reply.to_lowercase().contains(&inside.to_lowercase()), "{inside}: {reply}");
        }
        for outside in ["tetra-defs.amp.cisco.com", "09:12:44", "3128", "192.35.177.195"] {
            assert!(reply.contains(outside), "{outside}: {reply}");
        }
    }
    let reply = reply(&analysis, Reader::Engineer, Lang::En);
    assert!(reply.contains("DESKTOP-QFC3PVT") && reply.contains("192.168.205.138"));
}

#[test]
fn what_the_customer_must_change_is_named() {
    let mut analysis = sample::dns();
    let cause = analysis.diagnosis.primary.as_mut().unwrap();
    cause.culprit.names = vec!["resolver.corp.example".into()];
    cause.summary = "resolver.corp.example (192.168.205.2) and 192.168.205.3 differ".into();
    let reply = reply(&analysis, Reader::Customer, Lang::En);
    assert!(reply.contains("resolver.corp.example (192.168.205.2) and \\[internal address "), "{reply}");
    assert!(!reply.contains("192.168.205.3"));
}

#[test]
fn an_endpoint_at_fault_stays_unnamed() {
    let mut analysis = sample::dns();
    let cause = analysis.diagnosis.primary.as_mut().unwrap();
    cause.culprit.role = "endpoint".into();
    cause.culprit.addresses = vec!["192.168.205.138".into(), "203.0.113.9".into()];
    analysis.endpoint.addresses.push("203.0.113.9".into());
    let reply = reply(&analysis, Reader::Customer, Lang::En);
    assert!(!reply.contains("192.168.205.138") && !reply.contains("203.0.113.9"), "{reply}");
}

#[test]
fn replies_are_as_committed() {
    for (name, analysis) in sample::all() {
        for (reader, lang, file) in [
            (Reader::Customer, Lang::En, "customer.md"),
            (Reader::Customer, Lang::Zh, "customer.zh.md"),
            (Reader::Engineer, Lang::En, "engineer.md"),
        ] {
            let path = format!("tests/expected/{name}-{file}");
            crate::report::expected::assert_expected(&path, &reply(&analysis, reader, lang));
        }
    }
}
