//! What an answer says of who gave it and why.

use super::*;

/// Tells whether a proxy speaks for itself in an answer.
pub(in crate::derive) fn is_own(answer: &Answer) -> bool {
    answer.squid_error.is_some() || answer.via.is_none() && answer.status >= 400
}

/// Finds what a proxy says of its own way out.
pub(in crate::derive) fn error_hint(answer: &Answer) -> &'static str {
    // The name of the status, which most error pages repeat, says nothing of the reason.
    let page = ["gateway timeout", "gateway time-out", "bad gateway", "service unavailable"]
        .iter()
        .fold(answer.text.to_ascii_lowercase(), |page, name| page.replace(name, ""));
    let said = format!("{} {page}", answer.squid_error.as_deref().unwrap_or_default().to_ascii_lowercase());
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&[
        "err_dns_fail",
        "err_cannot_forward",
        "name error",
        "unable to determine ip address",
        "dns lookup",
        "nxdomain",
        "could not resolve",
        "host not found",
        "unknown host",
        "dns_unresolved",
        "no such domain",
    ]) {
        "dns"
    } else if has(&["connection refused", "err_connect_fail 111", "(111)", "econnrefused"]) {
        "refused"
    } else if has(&[
        "timed out",
        "connection timeout",
        "connect timeout",
        "err_connect_fail 110",
        "(110)",
        "etimedout",
        "err_read_timeout",
    ]) {
        "timeout"
    } else if has(&["err_access_denied", "access denied", "forbidden", "policy_denied", "blocked"]) {
        "forbidden"
    } else if has(&["authentication", "err_cache_access_denied"]) {
        "auth"
    } else if said.trim().is_empty() {
        "none"
    } else {
        "other"
    }
}
