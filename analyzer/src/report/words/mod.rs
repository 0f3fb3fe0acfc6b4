//! Every word of the reports that does not come from rules or input, in one table per language.
//!
//! `{0}`, `{1}`, … are filled in by [`fill`], so that a translation may order them as it likes.

mod en;
mod zh;

use crate::model::{AttemptOutcome, Confidence, Party, Path, Stage, StageState, Verdict};

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Returns its tag (BCP 47), as pages and the command line name it.
    pub fn tag(self) -> &'static str {
        words(self).page.lang
    }
}

/// The texts of one language.
pub(super) struct Words {
    pub(super) verdict: fn(Verdict) -> &'static str,
    pub(super) confidence: fn(Confidence) -> &'static str,
    pub(super) stage: fn(Stage) -> &'static str,
    pub(super) path: fn(Path) -> &'static str,
    pub(super) outcome: fn(AttemptOutcome) -> &'static str,
    /// Around the summary of a rung, and in its place where there is none.
    pub(super) state: fn(StageState) -> (&'static str, &'static str),
    pub(super) role: fn(&str) -> &str,
    pub(super) category: fn(&str) -> &str,
    pub(super) source_state: fn(&str) -> &str,
    pub(super) cause: &'static str,
    pub(super) reach_one: &'static str,
    pub(super) reach_all: &'static str,
    pub(super) reach_some: &'static str,
    pub(super) seen: &'static str,
    pub(super) who: &'static str,
    pub(super) port: &'static str,
    pub(super) ports: &'static str,
    pub(super) attempt: &'static str,
    pub(super) attempt_line: &'static str,
    pub(super) after: &'static str,
    pub(super) later_success: &'static str,
    pub(super) no_attempt: &'static str,
    pub(super) other_attempts: &'static str,
    pub(super) other_attempt: &'static str,
    pub(super) frame: &'static str,
    pub(super) line: &'static str,
    pub(super) evidence: &'static str,
    pub(super) wireshark: &'static str,
    pub(super) consequences: &'static str,
    pub(super) ruled_out: &'static str,
    pub(super) cannot_tell: &'static str,
    pub(super) collect: &'static str,
    pub(super) contradictions: &'static str,
    pub(super) others: &'static str,
    pub(super) findings: &'static str,
    pub(super) endpoint: &'static str,
    pub(super) facts: Facts,
    pub(super) next: &'static str,
    pub(super) next_user: &'static str,
    pub(super) next_engineer: &'static str,
    pub(super) next_collect: &'static str,
    pub(super) docs: &'static str,
    pub(super) coverage: &'static str,
    pub(super) span: &'static str,
    pub(super) anomalies: &'static str,
    pub(super) more: &'static str,
    pub(super) times: &'static str,
    pub(super) bytes: &'static str,
    pub(super) input: &'static str,
    pub(super) hash: &'static str,
    pub(super) collected: &'static str,
    pub(super) rules: &'static str,
    /// A party of an attempt's picture.
    pub(super) party: fn(Party) -> &'static str,
    pub(super) level: fn(&str) -> &str,
    pub(super) page: Page,
}

/// Labels that only the page for browsers and the reply have.
pub(super) struct Page {
    pub(super) lang: &'static str,
    pub(super) title: &'static str,
    pub(super) skip: &'static str,
    pub(super) ladder: &'static str,
    pub(super) ladder_alt: &'static str,
    pub(super) ladder_rows: &'static str,
    pub(super) ladder_more: &'static str,
    pub(super) rung: &'static str,
    pub(super) state: &'static str,
    pub(super) place: &'static str,
    pub(super) after_start: &'static str,
    pub(super) shown: &'static str,
    pub(super) legend_held: &'static str,
    pub(super) legend_failed: &'static str,
    pub(super) legend_lost: &'static str,
    pub(super) legend_tunnel: &'static str,
    pub(super) not_reached: &'static str,
    pub(super) timeline: &'static str,
    pub(super) timeline_alt: &'static str,
    pub(super) row_attempts: &'static str,
    pub(super) row_log_errors: &'static str,
    pub(super) debug_on: &'static str,
    pub(super) debug_off: &'static str,
    pub(super) gap: &'static str,
    pub(super) no_times: &'static str,
    pub(super) claims: &'static str,
    pub(super) claim_area: &'static str,
    pub(super) claim_state: &'static str,
    pub(super) claim_why: &'static str,
    pub(super) claim_check: &'static str,
    pub(super) source: &'static str,
    pub(super) covers: &'static str,
    pub(super) note: &'static str,
    pub(super) fact: &'static str,
    pub(super) value: &'static str,
    pub(super) nothing_to_do: &'static str,
    pub(super) no_evidence: &'static str,
    pub(super) made_by: &'static str,
    pub(super) confidence: &'static str,
    pub(super) reach: &'static str,
    pub(super) colon: &'static str,
    pub(super) semicolon: &'static str,
    pub(super) unknown: &'static str,
    pub(super) hello: &'static str,
    pub(super) found: &'static str,
    pub(super) to_do: &'static str,
    pub(super) to_collect: &'static str,
    pub(super) how_seen: &'static str,
    pub(super) not_the_cause: &'static str,
    pub(super) times_utc: &'static str,
    pub(super) hidden_name: &'static str,
    pub(super) hidden_address: &'static str,
    pub(super) hidden_user: &'static str,
    pub(super) redacted: &'static str,
}

/// Labels of the facts about the endpoint.
pub(super) struct Facts {
    pub(super) hostname: &'static str,
    pub(super) addresses: &'static str,
    pub(super) os: &'static str,
    pub(super) connector: &'static str,
    pub(super) connected: &'static str,
    pub(super) awake: &'static str,
    pub(super) definitions: &'static str,
    pub(super) last_success: &'static str,
    pub(super) last_checked: &'static str,
    pub(super) last_error: &'static str,
    pub(super) server: &'static str,
    pub(super) proxy: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
}

/// Gives the texts of a language.
pub(super) fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::Zh => &zh::WORDS,
    }
}

/// Fills `{0}`, `{1}`, … of a template; braces in the values mean nothing.
pub(super) fn fill(template: &str, values: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((number, tail)) = after.split_once('}') else { break };
        out.push_str(number.parse().ok().and_then(|at: usize| values.get(at)).copied().unwrap_or_default());
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
