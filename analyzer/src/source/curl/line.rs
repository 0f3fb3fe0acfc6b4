//! One line of a transcript, and what kind it is.

use std::net::IpAddr;

/// A line by its kind, without mark, time and progress meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// `* …`
    Info(&'a str),
    /// `> …`
    Sent(&'a str),
    /// `< …`
    Received(&'a str),
    /// `curl: (35) …`: the exit code, and the whole line.
    Exit(i64, &'a str),
    /// A line that calls curl.
    Command(&'a str),
    /// Anything else.
    Other,
}

impl<'a> Line<'a> {
    /// Tells the kind of a line.
    pub(super) fn read(line: &'a str) -> Self {
        // The progress meter returns to the beginning of the line and is written over.
        let line = line.rsplit('\r').next().unwrap_or(line);
        let line = line.split_once("--:--:--").map_or(line, |_| behind_meter(line));
        let line = without_time(line.trim_start());
        // PowerShell puts the name of the program before its first line of errors.
        let line =
            line.strip_prefix("curl.exe : ").or_else(|| line.strip_prefix("curl : ")).unwrap_or(line).trim();
        if let Some(exit) = line.find("curl: (").and_then(|at| line.get(at..)) {
            let code = exit.get("curl: (".len()..).and_then(|rest| rest.split(')').next()?.parse().ok());
            return code.map_or(Self::Other, |code| Self::Exit(code, exit));
        }
        match line.split_at_checked(1) {
            Some(("*", rest)) => Self::Info(rest.trim()),
            Some((">", rest)) => Self::Sent(rest.trim()),
            Some(("<", rest)) => Self::Received(rest.trim()),
            _ if calls_curl(line) => Self::Command(line),
            _ => Self::Other,
        }
    }
}

/// Cuts off the columns of the progress meter: the mark stands behind its last number.
fn behind_meter(line: &str) -> &str {
    let last = line.rfind("--:--:--").and_then(|at| line.get(at.checked_add(8)?..)).unwrap_or(line);
    last.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == 'k' || c == 'M')
}

/// Cuts off the time that `--trace-time` puts first: `04:13:16.181621 `.
fn without_time(line: &str) -> &str {
    match line.split_once(' ') {
        Some((time, rest))
            if time.len() >= 8
                && time.contains(':')
                && time.bytes().all(|byte| byte.is_ascii_digit() || b":.".contains(&byte)) =>
        {
            rest.trim_start()
        }
        _ => line,
    }
}

/// Tells whether a line, with or without a prompt, calls curl.
fn calls_curl(line: &str) -> bool {
    let mut words =
        line.split_whitespace().map(|word| word.rsplit(['\\', '/', '>', '$', '#']).next().unwrap_or(word));
    words.any(|word| word.eq_ignore_ascii_case("curl") || word.eq_ignore_ascii_case("curl.exe"))
        && (line.contains("://") || line.contains(" -v"))
}

/// Finds the address and port of `Trying 192.0.2.10:443...`; older versions write no port.
pub(super) fn trying(info: &str) -> Option<(IpAddr, Option<u16>)> {
    let target = info.strip_prefix("Trying ")?.trim().trim_end_matches('.');
    if let Ok(address) = target.parse() {
        return Some((address, None));
    }
    let (address, port) = target.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    Some((address, port.parse().ok()))
}

/// Finds name, address and port of `Connected to host (192.0.2.10) port 443 (#0)`.
pub(super) fn connected(info: &str) -> Option<(&str, Option<IpAddr>, Option<u16>)> {
    let rest = info.strip_prefix("Connected to ")?;
    let (name, rest) = rest.split_once(" (")?;
    let (address, rest) = rest.split_once(')')?;
    let port =
        rest.trim_start().strip_prefix("port ").and_then(|port| port.split([' ', ')']).next()?.parse().ok());
    Some((name, address.parse().ok(), port))
}

/// Finds address and port of `connect to 192.0.2.10 port 443 failed: Connection refused`.
pub(super) fn connect_failed(info: &str) -> Option<(IpAddr, Option<u16>)> {
    let rest = info.strip_prefix("connect to ")?;
    if !rest.contains(" failed") {
        return None;
    }
    let (address, rest) = rest.split_once(" port ")?;
    Some((address.parse().ok()?, rest.split(' ').next().and_then(|port| port.parse().ok())))
}

/// Reads a header: its name in lower case, and its value.
pub(super) fn header(text: &str) -> Option<(String, &str)> {
    let (name, value) = text.split_once(':')?;
    (!name.contains(' ')).then(|| (name.to_ascii_lowercase(), value.trim()))
}

/// Finds the first URL of a command.
pub(super) fn url(command: &str) -> Option<&str> {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    let mut before = "";
    let mut bare = None;
    for word in words {
        let proxy = matches!(before, "-x" | "--proxy" | "--preproxy" | "--socks5" | "--socks5-hostname");
        if word.contains("://") && !proxy && !word.starts_with('-') {
            return Some(word);
        }
        if !proxy
            && !word.starts_with('-')
            && word.contains('.')
            && !word.to_ascii_lowercase().contains("curl")
            && !word.contains(['\\', '>'])
        {
            bare = Some(word);
        }
        before = word;
    }
    bare
}

/// Reads why a connection was not made, from curl's own words.
pub(super) fn why(line: &str) -> &'static str {
    let lower = line.to_ascii_lowercase();
    for (words, outcome) in [
        ("refused", "refused"),
        ("timed out", "unanswered"),
        ("timeout", "unanswered"),
        ("network is unreachable", "net_unreachable"),
        ("network unreachable", "net_unreachable"),
        ("no route to host", "host_unreachable"),
        ("host unreachable", "host_unreachable"),
        ("bad access", "prohibited"),
        ("permission denied", "prohibited"),
    ] {
        if lower.contains(words) {
            return outcome;
        }
    }
    "unknown"
}

/// Gives the scheme of credentials, never the credentials.
pub(super) fn scheme(value: &str) -> &'static str {
    match value.split(' ').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "basic" => "basic",
        "digest" => "digest",
        "ntlm" => "ntlm",
        "negotiate" => "negotiate",
        _ => "other",
    }
}
