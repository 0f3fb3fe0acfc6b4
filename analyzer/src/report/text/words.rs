//! Every word of the text report that does not come from rules or input, in one table per language.
//!
//! `{0}`, `{1}`, … are filled in by [`fill`], so that a translation may order them as it likes.

use super::Lang;
use crate::model::{AttemptOutcome, Confidence, Path, Stage, StageState, Verdict};

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
    pub(super) input: &'static str,
    pub(super) hash: &'static str,
    pub(super) collected: &'static str,
    pub(super) rules: &'static str,
}

/// Labels of the facts about the endpoint.
pub(super) struct Facts {
    pub(super) hostname: &'static str,
    pub(super) addresses: &'static str,
    pub(super) os: &'static str,
    pub(super) connector: &'static str,
    pub(super) connected: &'static str,
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
        Lang::En => &EN,
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

const EN: Words = Words {
    verdict: |verdict| match verdict {
        Verdict::Broken => "BROKEN",
        Verdict::Degraded => "DEGRADED",
        Verdict::Healthy => "HEALTHY",
        Verdict::Inconclusive => "INCONCLUSIVE",
    },
    confidence: |confidence| match confidence {
        Confidence::Possible => "possible",
        Confidence::Likely => "likely",
        Confidence::Confirmed => "confirmed",
    },
    stage: |stage| match stage {
        Stage::Discovery => "Proxy discovery",
        Stage::Dns => "DNS",
        Stage::Connect => "TCP connect",
        Stage::ProxyConnect => "Proxy connect",
        Stage::ProxyAuth => "Proxy sign-in",
        Stage::ProxyRequest => "Proxy request",
        Stage::Tls => "TLS handshake",
        Stage::TlsRevocation => "TLS revocation",
        Stage::Http => "HTTP answer",
        Stage::Download => "Download",
        Stage::Verify => "Verification",
    },
    path: |path| match path {
        Path::Direct => "direct",
        Path::Proxy => "through a proxy",
        Path::Socks => "through SOCKS",
    },
    outcome: |outcome| match outcome {
        AttemptOutcome::Ok => "ended well",
        AttemptOutcome::Failed => "failed",
        AttemptOutcome::Unfinished => "cut off by the end of the capture",
        AttemptOutcome::Unknown => "end not seen",
    },
    state: |state| match state {
        StageState::Ok => ("{0}", "held"),
        StageState::Failed => ("{0}", "failed"),
        StageState::Recovered => ("overcome: {0}", "failed, then overcome"),
        StageState::NotReached => ("not reached: {0}", "not reached"),
        StageState::NotSeen => ("not seen: {0}", "not seen"),
        StageState::CannotTell => ("cannot tell: {0}", "cannot tell"),
    },
    role: |role| match role {
        "resolver" => "DNS resolver",
        "update_server" => "update server",
        "revocation" => "revocation server (OCSP, CRL)",
        "gateway" => "default gateway",
        "path" => "network path",
        other => other,
    },
    category: |category| match category {
        "dns" => "DNS",
        "connect" => "Connect",
        "tls" => "TLS",
        "interrupt" => "Interrupted download",
        "proxy" => "Proxy",
        "endpoint" => "Endpoint",
        other => other,
    },
    source_state: |state| state,
    cause: "Cause:",
    reach_one: "explains the only failed attempt",
    reach_all: "explains all {0} failed attempts",
    reach_some: "explains {0} of {1} failed attempts",
    seen: "Seen:",
    who: "Where to act:",
    port: "port {0}",
    ports: "ports {0}",
    attempt: "Attempt {0} of {1}: {4}; {2} to {3}",
    attempt_line: "{0}, from {1}, {2} received",
    after: "{0} after {1}",
    later_success: "a later attempt ended well",
    no_attempt: "No update attempt is in the input.",
    other_attempts: "Other attempts",
    other_attempt: "#{0}  {1}  {2} to {3}: {4}",
    frame: "frame {0}",
    line: "line {0}",
    evidence: "Evidence",
    wireshark: "Wireshark (display filter, paste as it is):",
    consequences: "What follows from it",
    ruled_out: "Ruled out",
    cannot_tell: "Cannot tell",
    collect: "To tell: {0}",
    contradictions: "Contradictions",
    others: "Other causes with some evidence",
    findings: "Other findings",
    endpoint: "Endpoint",
    facts: Facts {
        hostname: "Name",
        addresses: "Addresses",
        os: "System",
        connector: "Connector",
        connected: "Connected",
        definitions: "Definitions",
        last_success: "Last success",
        last_checked: "Last checked",
        last_error: "Last error",
        server: "Update server",
        proxy: "Proxy",
        yes: "yes, says the connector",
        no: "no, says the connector",
    },
    next: "Next steps",
    next_user: "User:",
    next_engineer: "Engineer:",
    next_collect: "Collect:",
    docs: "More:",
    coverage: "What was read",
    span: "{0} to {1}",
    anomalies: "Anomalies of the input ({0})",
    more: "… and {0} more (all of them: --format json)",
    times: "{1} ({0} times)",
    input: "{0} ({1})",
    hash: "sha256 ",
    collected: "collected {0}",
    rules: "{0} {1}, rules {2}",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(fill("{1} and {0}, {9}.", &["{1}", "b"]), "b and {1}, .");
    }

    #[test]
    fn every_rung_has_its_own_name() {
        let mut names: Vec<&str> = Stage::ALL.iter().map(|stage| (EN.stage)(*stage)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Stage::ALL.len());
    }
}
