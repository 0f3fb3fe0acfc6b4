//! The reply to a customer: what was found, what to do, how it was seen; nothing internal in it.

use super::escape::{inline, link, with_code};
use super::redact::Redactor;
use crate::model::{Advice, Analysis, EvidenceRef};
use crate::report::words::{Words, fill};
use crate::report::{says, when};

/// Evidence shown.
const EVIDENCE: usize = 5;

/// Writes the reply. Every text of the analysis goes through the redactor: there is no other way into `out`.
pub(super) fn reply(analysis: &Analysis, words: &'static Words) -> String {
    let mut hide = Redactor::new(analysis, words);
    let page = &words.page;
    let diagnosis = &analysis.diagnosis;
    let mut out = format!("{}\n\n{} ", page.hello, page.found);
    match &diagnosis.primary {
        Some(cause) => {
            out.push_str(&format!("**{}**\n", inline(&hide.text(&cause.title))));
            if !says::same(&cause.summary, &cause.title) {
                out.push_str(&format!("\n{}\n", sentence(&hide.text(&cause.summary))));
            }
            let who = says::culprit(&cause.culprit, words);
            if !who.is_empty() {
                out.push_str(&format!("\n**{}** {}\n", words.who, inline(&hide.text(&who))));
            }
        }
        None => out.push_str(&format!("**{}**\n", inline(&hide.text(&diagnosis.summary)))),
    }
    let main = says::advised(analysis);
    let nothing = Advice::default();
    let advice = main.map_or(&nothing, |cause| &cause.advice);
    let steps: Vec<&String> = advice.user.iter().chain(&advice.engineer).collect();
    list(page.to_do, &steps, &mut hide, &mut out);
    list(page.to_collect, &diagnosis.next.iter().collect::<Vec<_>>(), &mut hide, &mut out);
    if let Some(cause) = &diagnosis.primary {
        let seen: Vec<String> =
            cause.evidence.iter().take(EVIDENCE).map(|one| seen(one, words, &mut hide)).collect();
        bullets(page.how_seen, &seen, &mut out);
    }
    let ruled_out: Vec<String> = diagnosis
        .ruled_out
        .iter()
        .map(|claim| {
            let area = inline(&hide.text((words.category)(&claim.category)));
            format!("{area}{}{}", page.colon, inline(&hide.text(&claim.because)))
        })
        .collect();
    bullets(page.not_the_cause, &ruled_out, &mut out);
    let links: Vec<String> =
        main.iter().flat_map(|cause| &cause.docs).map(|docs| link(&hide.text(docs))).collect();
    if !links.is_empty() {
        out.push_str(&format!("\n{} {}\n", words.docs, links.join(" ")));
    }
    let made_by = fill(page.made_by, &[&says::made_by(analysis, words)]);
    out.push_str(&format!("\n---\n\n{} {} {}\n", inline(&made_by), page.times_utc, page.redacted));
    out
}

/// Says what a piece of evidence shows, and when.
fn seen(one: &EvidenceRef, words: &'static Words, hide: &mut Redactor) -> String {
    let name = one.path.rsplit(['/', '\\']).next().unwrap_or_default();
    let bare = EvidenceRef { path: name.to_owned(), ..one.clone() };
    let place = inline(&hide.text(&says::place(&bare, words)));
    let time = one.time.as_deref().map(|time| format!(", {}", inline(&when::time(time)))).unwrap_or_default();
    let excerpt = inline(&hide.text(&one.excerpt));
    format!("{excerpt} ({place}{time})")
}

fn sentence(text: &str) -> String {
    let text = inline(text);
    if text.ends_with(['.', '。', '!', '?']) || !text.is_ascii() { text } else { format!("{text}.") }
}

fn list(title: &str, steps: &[&String], hide: &mut Redactor, out: &mut String) {
    if steps.is_empty() {
        return;
    }
    out.push_str(&format!("\n## {title}\n\n"));
    for (number, step) in (1..).zip(steps) {
        out.push_str(&format!("{number}. {}\n", with_code(&hide.text(step))));
    }
}

fn bullets(title: &str, lines: &[String], out: &mut String) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n## {title}\n\n"));
    for line in lines {
        out.push_str(&format!("- {line}\n"));
    }
}
