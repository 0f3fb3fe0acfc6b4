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

/// Reads one `WWW-Authenticate` or `Proxy-Authenticate` field.
///
/// ```text
/// Negotiate, Basic realm="proxy"
/// ```
pub(super) fn challenges(value: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut is_quoted = false;
    let parts = value.split(|letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    for part in parts.map(str::trim) {
        let (word, after) = part.split_once(' ').unwrap_or((part, ""));
        let parameter = if word.contains('=') {
            part
        } else if let Some((scheme, token)) = split(part) {
            challenges.push(Challenge { scheme, realm: None, ntlm: ntlm_step(token) });
            after
        } else {
            continue;
        };
        if let Some(last) = challenges.last_mut() {
            last.realm = last.realm.take().or_else(|| realm(parameter));
        }
    }
    challenges
}

/// Reads `realm="proxy"`.
fn realm(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("realm").then(|| value.trim().trim_matches('"').to_owned())
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
        let challenged = challenges("Negotiate TlRMTVNTUAACAAAAB4IIogAA==").remove(0);
        assert_eq!((challenged.scheme.as_str(), challenged.ntlm), ("Negotiate", Some(2)));
        assert_eq!(credentials("Basic dXNlcjpwYXNzd29yZA==").unwrap().ntlm, None);
        assert_eq!(credentials("  "), None);
    }

    #[test]
    fn separates_challenges() {
        let read = |value| -> Vec<_> {
            challenges(value).into_iter().map(|one| (one.scheme, one.realm.unwrap_or_default())).collect()
        };
        let expected = |pairs: &[(&str, &str)]| -> Vec<_> {
            pairs.iter().map(|(scheme, realm)| ((*scheme).to_owned(), (*realm).to_owned())).collect()
        };
        assert_eq!(
            read("Negotiate, NTLM, Basic realm=\"corp, proxy\", charset=\"UTF-8\""),
            expected(&[("Negotiate", ""), ("NTLM", ""), ("Basic", "corp, proxy")])
        );
        assert_eq!(read("Digest nonce=1, Realm=a, qop=auth"), expected(&[("Digest", "a")]));
        assert_eq!(read(", ,"), []);
    }
}
