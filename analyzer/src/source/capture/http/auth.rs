//! Reads what client and server say about logging in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a client offers to log in with; the secret itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// `Basic`, `NTLM`, `Negotiate`, `Digest` …
    pub scheme: String,
    /// The step of NTLM: 1 asks for a challenge, 3 answers it.
    pub ntlm: Option<u32>,
}

/// One way to log in that a server or a proxy offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// `Basic`, `NTLM`, `Negotiate`, `Digest` …
    pub scheme: String,
    /// What the login is for.
    pub realm: Option<String>,
    /// The step of NTLM: 2 is the challenge to answer.
    pub ntlm: Option<u32>,
}

/// Reads `Authorization` or `Proxy-Authorization`.
///
/// ```text
/// NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKALpHAAAADw==
/// ```
pub(super) fn credentials(value: &str) -> Option<Credentials> {
    let (scheme, token) = split(value)?;
    Some(Credentials { scheme, ntlm: ntlm_step(token) })
}

/// Reads one `WWW-Authenticate` or `Proxy-Authenticate` field, of its challenges the first.
///
/// ```text
/// Basic realm="proxy"
/// ```
pub(super) fn challenge(value: &str) -> Option<Challenge> {
    let (scheme, token) = split(value)?;
    let realm = token
        .to_ascii_lowercase()
        .find("realm=")
        .and_then(|start| token.get(start.saturating_add(6)..))
        .map(|after| match after.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or(quoted),
            None => after.split(',').next().unwrap_or(after),
        })
        .map(str::to_owned);
    Some(Challenge { scheme, realm, ntlm: ntlm_step(token) })
}

fn split(value: &str) -> Option<(String, &str)> {
    let value = value.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let is_word =
        !scheme.is_empty() && scheme.len() <= 32 && scheme.bytes().all(|byte| byte.is_ascii_graphic());
    is_word.then(|| (scheme.to_owned(), token.trim()))
}

/// Returns the type of an NTLM message in base64.
fn ntlm_step(token: &str) -> Option<u32> {
    let message = STANDARD.decode(token.get(..16)?).ok()?;
    let (step, _) = message.strip_prefix(b"NTLMSSP\0")?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_steps_of_ntlm() {
        let asked = credentials("NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAA").unwrap();
        assert_eq!((asked.scheme.as_str(), asked.ntlm), ("NTLM", Some(1)));
        let challenged = challenge("Negotiate TlRMTVNTUAACAAAAB4IIogAA").unwrap();
        assert_eq!((challenged.scheme.as_str(), challenged.ntlm), ("Negotiate", Some(2)));
        assert_eq!(credentials("Basic dXNlcjpwYXNzd29yZA==").unwrap().ntlm, None);
        assert_eq!(credentials("  "), None);
    }

    #[test]
    fn reads_the_realm() {
        assert_eq!(
            challenge("Basic realm=\"corp proxy\", charset=x").unwrap().realm.as_deref(),
            Some("corp proxy")
        );
        assert_eq!(challenge("Digest nonce=1, Realm=a,b").unwrap().realm.as_deref(), Some("a"));
        assert_eq!(challenge("NTLM").unwrap().realm, None);
    }
}
