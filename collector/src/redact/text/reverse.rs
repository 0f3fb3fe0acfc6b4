//! The forms a secret takes in other texts: it may be escaped in one file and plain in the next.

/// Gives a secret as it stands, without the escapes of XML and JSON, and with those of XML, JSON and of addresses.
pub(super) fn forms(value: &[u8], give: &mut dyn FnMut(&[u8])) {
    give(value);
    let Ok(text) = std::str::from_utf8(value) else { return };
    for plain in [from_xml(text), from_json(text)].into_iter().flatten().chain([text.to_owned()]) {
        give(plain.as_bytes());
        for escaped in [to_xml(&plain), to_json(&plain), to_percent(&plain)] {
            if escaped != plain {
                give(escaped.as_bytes());
            }
        }
    }
}

const ENTITIES: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

fn from_xml(text: &str) -> Option<String> {
    let inner = text.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
    if let Some(inner) = inner {
        return Some(inner.to_owned());
    }
    text.contains('&')
        .then(|| ENTITIES.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter)))
}

fn to_xml(text: &str) -> String {
    ENTITIES.iter().rev().fold(text.to_owned(), |text, (entity, letter)| match *letter {
        "'" | "\"" => text,
        _ => text.replace(letter, entity),
    })
}

fn from_json(text: &str) -> Option<String> {
    text.contains('\\').then(|| serde_json::from_str(&format!("\"{text}\"")).ok())?
}

fn to_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.trim_matches('"').to_owned()
}

fn to_percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_in_every_coat() {
        let mut all = Vec::new();
        forms(b"a&amp;b c", &mut |form| all.push(String::from_utf8(form.to_vec()).unwrap()));
        for form in ["a&amp;b c", "a&b c", "a%26b%20c"] {
            assert!(all.iter().any(|one| one == form), "{form} {all:?}");
        }
    }
}
