//! Looks up error codes in every form in which people meet them: unsigned, signed, hexadecimal, by family or name.

use serde::Serialize;

use crate::model::Code;

/// Words before a number and the families they mean.
const FAMILIES: [(&str, &str); 16] = [
    ("lasterror", "lasterror"),
    ("last error", "lasterror"),
    ("hresult", "hresult"),
    ("winhttp", "winhttp"),
    ("wininet", "winhttp"),
    ("curl", "curl"),
    ("exit code", "curl"),
    ("rcode", "rcode"),
    ("dns", "rcode"),
    ("tls-alert", "tls-alert"),
    ("tls alert", "tls-alert"),
    ("alert", "tls-alert"),
    ("socks5", "socks"),
    ("socks", "socks"),
    ("http", "http"),
    ("event", "event"),
];

/// A number in the forms of 32 bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forms {
    /// Without a sign.
    pub unsigned: u32,
    /// With a sign.
    pub signed: i32,
    /// In hexadecimal.
    pub hex: String,
}

/// What is known of a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// What was asked.
    pub query: String,
    /// The number in all its forms, if it has 32 bits.
    pub forms: Option<Forms>,
    /// The codes that fit, with how they fit.
    pub found: Vec<(Code, String)>,
    /// A family to which an unknown number belongs.
    pub family: Option<&'static str>,
    /// Names like the one that was asked.
    pub near: Vec<String>,
}

/// Looks up a number or a name, such as `4294965196`, `-2100`, `0x80092013`, `curl 35` or `CRYPT_E_REVOCATION_OFFLINE`.
pub fn look_up(codes: &[Code], query: &str) -> Lookup {
    let query = query.trim();
    let mut lookup = Lookup { query: query.chars().take(100).collect(), ..Lookup::default() };
    let lower = query.to_lowercase();
    let (family, rest) = split_family(&lower);
    let Some(number) = number(rest) else {
        by_name(codes, query, &mut lookup);
        return lookup;
    };
    lookup.forms = forms(number);
    for code in codes {
        if family.is_some_and(|family| family != code.family) {
            continue;
        }
        if let Some(how) = fits(code, number, lookup.forms.as_ref()) {
            lookup.found.push((code.clone(), how));
        }
    }
    let signed = lookup.forms.as_ref().map_or(number, |forms| i64::from(forms.signed));
    let updater = matches!(family, None | Some("lasterror"));
    if (-2999..=-2000).contains(&signed)
        && updater
        && !lookup.found.iter().any(|(code, _)| code.family == "lasterror")
    {
        lookup.family = Some("updater network family (unpublished code)");
    }
    lookup
}

fn split_family(query: &str) -> (Option<&'static str>, &str) {
    for (word, family) in FAMILIES {
        if let Some(rest) = query.strip_prefix(word) {
            let rest = rest.trim_start_matches([' ', ':', '=', '(']).trim_end_matches(')');
            if rest.starts_with(|c: char| c.is_ascii_hexdigit() || c == '-') {
                return (Some(family), rest);
            }
        }
    }
    (None, query)
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(['l', 'u']);
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().filter(|number| *number >= 0);
    }
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    // FFFFF7CC without its prefix.
    let bare = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if bare { i64::from_str_radix(text, 16).ok() } else { None }
}

fn forms(number: i64) -> Option<Forms> {
    let unsigned =
        u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))?;
    Some(Forms { unsigned, signed: unsigned.cast_signed(), hex: format!("0x{unsigned:08X}") })
}

/// Says how a code fits a number, if it does.
fn fits(code: &Code, number: i64, forms: Option<&Forms>) -> Option<String> {
    if code.number == number {
        return Some(String::new());
    }
    let forms = forms?;
    let (unsigned, signed) = (i64::from(forms.unsigned), i64::from(forms.signed));
    if code.number == unsigned || code.number == signed {
        return Some(String::new());
    }
    // HRESULT_FROM_WIN32: 0x8007 and the code of Windows in the lower half.
    let wrapped = unsigned.checked_sub(0x8007_0000).filter(|low| (0..=0xFFFF).contains(low));
    if wrapped == Some(code.number) && matches!(code.family.as_str(), "winhttp" | "win32") {
        return Some(format!("{} is 0x80070000 with {} in it", forms.hex, code.number));
    }
    if code.family == "hresult" && (1..=0xFFFF).contains(&unsigned) && code.number == unsigned + 0x8007_0000 {
        return Some(format!("0x{:08X} is 0x80070000 with {unsigned} in it", code.number));
    }
    None
}

fn by_name(codes: &[Code], query: &str, lookup: &mut Lookup) {
    let named = codes.iter().filter(|code| !code.name.is_empty());
    for code in named.clone().filter(|code| code.name.eq_ignore_ascii_case(query)) {
        lookup.found.push((code.clone(), String::new()));
    }
    if let (Some((first, _)), None) = (lookup.found.first(), lookup.forms.as_ref()) {
        lookup.forms = forms(first.number);
        return;
    }
    let upper = query.to_uppercase();
    if upper.len() >= 3 {
        let near = named.filter(|code| {
            let name = code.name.to_uppercase();
            name.contains(&upper) || strsim::jaro_winkler(&name, &upper) > 0.9
        });
        lookup.near = near.map(|code| code.name.clone()).take(5).collect();
    }
}

impl Lookup {
    /// Writes what is known as text.
    pub fn render(&self) -> String {
        let mut out = match &self.forms {
            Some(forms) => format!("{} = {} = {}\n", forms.unsigned, forms.signed, forms.hex),
            None => format!("{}\n", self.query),
        };
        for (code, how) in &self.found {
            let number = if code.family == "hresult" {
                format!("0x{:08X}", code.number)
            } else {
                code.number.to_string()
            };
            let name = if code.name.is_empty() { String::new() } else { format!(" {}", code.name) };
            out.push_str(&format!("{} {number}{name}: {}\n", code.family, code.meaning));
            let mark = if code.verified { "verified" } else { "not verified for this product" };
            let source = if code.source.is_empty() { String::new() } else { format!(", {}", code.source) };
            out.push_str(&format!("    {mark}{source}\n"));
            if !how.is_empty() {
                out.push_str(&format!("    {how}\n"));
            }
            if !code.causes.is_empty() {
                out.push_str(&format!("    points to {}\n", code.causes.join(", ")));
            }
        }
        if let Some(family) = self.family {
            out.push_str(&format!("lasterror: {family}; the capture and the log tell more\n"));
        }
        if !self.near.is_empty() {
            out.push_str(&format!("not known; did you mean {}?\n", self.near.join(", ")));
        } else if self.found.is_empty() && self.family.is_none() {
            out.push_str("not known\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn ask(query: &str) -> String {
        look_up(sample::set().codes(), query).render()
    }

    #[test]
    fn a_last_error_is_known_in_all_its_forms() {
        let expected = "4294965196 = -2100 = 0xFFFFF7CC\n\
                        lasterror -2100: cannot authenticate with the proxy\n    verified, vendor\n    points to proxy-auth-required\n";
        for query in
            ["4294965196", "-2100", "0xFFFFF7CC", "fffff7cc", "lasterror -2100", "lasterror=4294965196"]
        {
            assert_eq!(ask(query), expected, "{query}");
        }
        assert!(ask("-2103").contains("updater network family (unpublished code)"));
        assert!(ask("-3000").contains("not known"));
    }

    #[test]
    fn a_windows_code_is_found_in_a_hresult_and_beside_it() {
        let both = ask("0x80072F19");
        assert!(
            both.contains("winhttp 12057") && both.contains("0x80072F19 is 0x80070000 with 12057 in it"),
            "{both}"
        );
        assert!(ask("12057").starts_with("12057 = 12057 = 0x00002F19\nwinhttp 12057"));
        assert!(ask("0x80092013").contains("hresult 0x80092013 CRYPT_E_REVOCATION_OFFLINE"));
        assert!(ask("-2146885613").contains("hresult 0x80092013"));
    }

    #[test]
    fn names_and_families_are_understood() {
        assert!(ask("crypt_e_revocation_offline").contains("2148081683 = -2146885613 = 0x80092013"));
        assert!(ask("REVOCATION_OFFLINE").contains("did you mean CRYPT_E_REVOCATION_OFFLINE?"));
        assert!(ask("curl 35").contains("curl 35 CURLE_SSL_CONNECT_ERROR"));
        assert!(!ask("http 35").contains("CURLE"));
        assert!(ask("").contains("not known"));
        assert!(ask("99999999999999999999").contains("not known"));
    }
}
