//! Tests of the page as text; how a browser takes it is tested beside.

use super::*;
use crate::report::clean::is_hostile;
use crate::report::sample;

fn html(analysis: &Analysis, lang: Lang) -> String {
    let mut out = Vec::new();
    write(analysis, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Gives the tags of a page with their attributes, without what stands between them.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|part| part.split('>').next()).collect()
}

fn pages() -> Vec<(String, String)> {
    let mut analyses: Vec<_> = sample::all().into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
    analyses.push(("hostile".to_owned(), sample::hostile(10_000)));
    analyses
        .iter()
        .flat_map(|(name, it)| [Lang::En, Lang::Zh].map(|lang| (format!("{name} {lang:?}"), html(it, lang))))
        .collect()
}

#[test]
fn pages_load_nothing_and_run_nothing() {
    for (name, page) in pages() {
        for tag in tags(&page) {
            let element = tag.split_whitespace().next().unwrap();
            assert!(
                !["script", "img", "link", "iframe", "object", "form", "image", "use", "base"]
                    .contains(&element),
                "{name}: {tag}"
            );
            assert!(!tag.contains(" style=") && !tag.contains(" on"), "{name}: {tag}");
            if let Some(link) = tag.split("href=\"").nth(1) {
                assert!(link.starts_with("https://") || link.starts_with('#'), "{name}: {tag}");
            }
        }
        assert!(!page.contains("@import") && !page.contains("url("), "{name}");
    }
}

#[test]
fn the_policy_fits_the_sheet() {
    let page = html(&sample::dns(), Lang::En);
    let sheet = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let policy = style::policy(sheet).replace('\'', "&#39;");
    assert!(page.contains(&policy) || page.contains(&style::policy(sheet)), "{policy}");
}

#[test]
fn pages_can_be_read_without_seeing_them() {
    for (name, page) in pages() {
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        for landmark in ["<header", "<main", "<footer"] {
            assert_eq!(page.matches(landmark).count(), 1, "{name}: {landmark}");
        }
        assert_eq!(page.matches("<table").count(), page.matches("<caption").count(), "{name}");
        assert_eq!(page.matches("<th ").count(), page.matches(" scope=").count(), "{name}");
        assert_eq!(page.matches("<svg").count(), page.matches("role=\"img\"").count(), "{name}");
        assert_eq!(page.matches("<svg").count(), page.matches("<desc").count(), "{name}");
        assert!(page.contains("<html lang=\"en\"") || page.contains("<html lang=\"zh-CN\""), "{name}");
        for section in page.split("<section aria-labelledby=\"").skip(1) {
            let id = section.split('"').next().unwrap();
            assert!(page.contains(&format!("<h2 id=\"{id}\"")), "{name}: {id}");
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let page = html(&sample::hostile(10_000), Lang::En);
    assert!(page.contains("&lt;script&gt;document.title"));
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<h1>HEALTHY"));
    assert!(page.chars().all(|c| c == '\n' || !is_hostile(c)));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn the_failing_rung_is_marked_without_colour() {
    let page = html(&sample::hostile(3), Lang::En);
    assert!(page.contains("✘ failed here") && page.contains("✕ no answer came"));
    assert!(page.contains("class=\"arrow lost\"") && page.contains("class=\"cross\""));
}

#[test]
fn a_page_of_many_attempts_can_still_be_opened() {
    let mut analysis = sample::dns();
    let one = analysis.attempts[0].clone();
    analysis.attempts = vec![one; 5_000];
    for (id, attempt) in (1..).zip(&mut analysis.attempts) {
        attempt.id = id;
    }
    let page = html(&analysis, Lang::En);
    assert!(page.matches("<details").count() == DRAWN && page.contains("4975 more attempts"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn the_same_analysis_gives_the_same_bytes() {
    assert_eq!(html(&sample::revocation(), Lang::En), html(&sample::revocation(), Lang::En));
}
