//! Compares host names with those in certificates.

/// Says whether a certificate's name covers a host; a `*` stands for its first label alone (RFC 6125).
pub fn is_name_match(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    let Some(parent) = pattern.strip_prefix("*.") else {
        return !pattern.is_empty() && pattern.eq_ignore_ascii_case(host);
    };
    let Some((label, rest)) = host.split_once('.') else { return false };
    !label.is_empty() && parent.contains('.') && parent.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_a_star_stand_for_one_label() {
        let cases = [
            ("tetra-defs.amp.cisco.com", "Tetra-Defs.amp.cisco.com.", true),
            ("*.amp.cisco.com", "tetra-defs.amp.cisco.com", true),
            ("*.amp.cisco.com", "amp.cisco.com", false),
            ("*.amp.cisco.com", "a.b.amp.cisco.com", false),
            ("*.com", "cisco.com", false),
            ("t*.cisco.com", "tetra.cisco.com", false),
            ("", "", false),
        ];
        for (pattern, host, expected) in cases {
            assert_eq!(is_name_match(pattern, host), expected, "{pattern} {host}");
        }
    }
}
