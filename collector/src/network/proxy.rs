//! Proxies as they are written down: by WinHTTP, by the browser's settings, in the environment, in the policy.

use std::fmt;

/// A proxy, without the credentials that may stand beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proxy {
    /// What it speaks.
    pub speaks: Speaks,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaks {
    /// HTTP, with CONNECT.
    Http,
    /// HTTP within TLS.
    Https,
    /// SOCKS, version 5.
    Socks5,
    /// SOCKS, version 4.
    Socks4,
}

impl Proxy {
    /// Reads one proxy; credentials are dropped.
    ///
    /// ```text
    /// proxy.example.com:8080   http://user:secret@proxy.example.com:8080/   socks5://10.0.0.1:1080
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let speaks = match scheme.to_ascii_lowercase().as_str() {
            "http" => Speaks::Http,
            "https" => Speaks::Https,
            "socks" | "socks5" | "socks5h" => Speaks::Socks5,
            "socks4" | "socks4a" => Speaks::Socks4,
            _ => return None,
        };
        let rest = rest.split(['/', '?', '#']).next()?;
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        let usual = match speaks {
            Speaks::Http => 80,
            Speaks::Https => 443,
            Speaks::Socks5 | Speaks::Socks4 => 1080,
        };
        let (host, port) = host_and_port(rest, usual)?;
        Some(Self { speaks, host, port })
    }

    /// Reads the list that Windows keeps and picks the proxy for `https` requests.
    ///
    /// ```text
    /// proxy:8080      http=a:80;https=b:443;socks=c:1080      http=a:80 https=b:443
    /// ```
    pub fn of_list(text: &str) -> Option<Self> {
        let entries: Vec<&str> =
            text.split([';', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()).collect();
        let named = |wanted: &str| {
            entries
                .iter()
                .filter_map(|entry| entry.split_once('='))
                .find_map(|(name, value)| name.trim().eq_ignore_ascii_case(wanted).then_some(value.trim()))
        };
        if let Some(value) = named("https") {
            return Self::parse(value);
        }
        if let Some(entry) = entries.iter().find(|entry| !entry.contains('=')) {
            return Self::parse(entry);
        }
        let socks = named("socks")?;
        let scheme = if socks.contains("://") { String::new() } else { "socks5://".to_owned() };
        Self::parse(&format!("{scheme}{socks}"))
    }

    /// Gives host and port, an IPv6 address in brackets.
    pub fn address(&self) -> String {
        with_port(&self.host, self.port)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.speaks {
            Speaks::Http => "http",
            Speaks::Https => "https",
            Speaks::Socks5 => "socks5",
            Speaks::Socks4 => "socks4",
        };
        write!(f, "{scheme}://{}", self.address())
    }
}

/// Writes a host and a port, an IPv6 address in brackets.
pub fn with_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Reads a host, and a port where one is given.
pub fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, rest.strip_prefix(':'))
    } else {
        match text.rsplit_once(':') {
            Some((host, _)) if host.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    (!host.is_empty() && host.len() <= 255 && host.chars().all(plain)).then(|| (host.to_owned(), port))
}

/// Drops credentials from a proxy, a list of them, or an address.
///
/// ```text
/// http=http://user:secret@proxy:80;https=proxy:81
/// ```
#[cfg(any(windows, test))]
pub fn without_credentials(list: &str) -> String {
    let bare = |entry: &str| {
        let start = entry.find("://").map(|at| at.saturating_add(3));
        let start = start.or_else(|| entry.find('=').map(|at| at.saturating_add(1))).unwrap_or(0);
        let (before, rest) = entry.split_at_checked(start).unwrap_or(("", entry));
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{before}{authority}{path}")
    };
    list.split(';').map(bare).collect::<Vec<_>>().join(";")
}

/// Says whether a list of exceptions, as Windows keeps it, names a host.
///
/// ```text
/// *.example.com;10.*;<local>
/// ```
pub fn exempts(list: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split([';', ',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry.eq_ignore_ascii_case("<local>") {
            return !host.contains('.');
        }
        let entry = entry.rsplit_once("://").map_or(entry, |(_, rest)| rest).to_ascii_lowercase();
        matches(entry.as_bytes(), host.as_bytes())
    })
}

/// Matches a text with a pattern in which `*` stands for anything.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut parts = pattern.split(|byte| *byte == b'*');
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts.filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == part) else { return false };
        rest = rest.get(at.saturating_add(part.len())..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_proxies_without_credentials() {
        let shown = |text: &str| Proxy::parse(text).map(|proxy| proxy.to_string());
        assert_eq!(shown("proxy.example.com:8080").unwrap(), "http://proxy.example.com:8080");
        assert_eq!(shown("http://user:s@cret@p:3128/x").unwrap(), "http://p:3128");
        assert_eq!(shown("socks5://[2001:db8::1]:1080").unwrap(), "socks5://[2001:db8::1]:1080");
        assert_eq!(shown("socks4a://h").unwrap(), "socks4://h:1080");
        assert_eq!(shown("ftp://p:1"), None);
        assert_eq!(shown("p:99999"), None);
        assert_eq!(shown("a b:80"), None);
        assert_eq!(shown(""), None);
    }

    #[test]
    fn picks_the_proxy_for_https() {
        let shown = |text: &str| Proxy::of_list(text).map(|proxy| proxy.to_string());
        assert_eq!(shown("http=a:80;https=b:81;socks=c:1").unwrap(), "http://b:81");
        assert_eq!(shown("p:8080").unwrap(), "http://p:8080");
        assert_eq!(shown("http=a:80;socks=c:1080").unwrap(), "socks5://c:1080");
        assert_eq!(shown("ftp=a:80"), None);
        assert_eq!(shown(" ; "), None);
    }

    #[test]
    fn drops_credentials_and_nothing_else() {
        let bare = without_credentials;
        assert_eq!(bare("http=http://u:s@cret@p:80;https=q:81"), "http=http://p:80;https=q:81");
        assert_eq!(bare("u:secret@p:80"), "p:80");
        assert_eq!(bare("http://u:p@h/a@b.pac"), "http://h/a@b.pac");
        assert_eq!(bare("socks=u@h:1"), "socks=h:1");
    }

    #[test]
    fn knows_exceptions() {
        assert!(exempts("<local>;*.amp.cisco.com", "tetra-defs.amp.cisco.com"));
        assert!(exempts("<local>", "wpad") && !exempts("<local>", "a.b"));
        assert!(exempts("https://tetra-*.cisco.com", "tetra-defs.amp.cisco.com"));
        assert!(!exempts("*.example.com, amp.cisco.com", "tetra-defs.amp.cisco.com"));
        assert!(!exempts("a*a", "a") && exempts("a*b*c", "aXbYc") && exempts("*", "x") && !exempts("", "x"));
    }
}
