//! Numbers as programs write error codes: decimal, signed, unsigned, hexadecimal.

/// Reads an error code as the signed 32-bit number it is: `4294965196`, `-2100`, `0xFFFFF7CC` and `FFFFF7CC` are all -2100.
pub fn signed32(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        i64::from(u32::from_str_radix(hex, 16).ok()?)
    } else if let Ok(number) = text.parse::<i64>() {
        number
    } else if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        i64::from(u32::from_str_radix(text, 16).ok()?)
    } else {
        return None;
    };
    fold(number)
}

/// Reads a number of at most 32 bits as signed; larger ones are `None`.
pub fn fold(number: i64) -> Option<i64> {
    if i32::try_from(number).is_ok() {
        Some(number)
    } else {
        u32::try_from(number).ok().map(|unsigned| i64::from(unsigned.cast_signed()))
    }
}

/// Finds a status of the form `0x` and eight hexadecimal digits and gives it in upper case: `0x80092013`.
pub fn status(text: &str) -> Option<String> {
    text.match_indices("0x").chain(text.match_indices("0X")).find_map(|(at, _)| {
        let digits = text.get(at.checked_add(2)?..at.checked_add(10)?)?;
        let next = text.as_bytes().get(at.checked_add(10)?);
        let whole =
            digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && !next.is_some_and(u8::is_ascii_hexdigit);
        whole.then(|| format!("0x{}", digits.to_ascii_uppercase()))
    })
}

/// Finds the number of a definitions version: `x:90604`, `TETRA 64 bit (daily version: 90600)` or `90604`.
pub fn version(text: &str) -> Option<i64> {
    let last = text.rsplit(':').next()?;
    let start = last.find(|c: char| c.is_ascii_digit())?;
    let digits = last.get(start..)?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_in_every_form() {
        for text in ["4294965196", "-2100", "0xFFFFF7CC", "0Xfffff7cc", "FFFFF7CC", " 4294965196\n"] {
            assert_eq!(signed32(text), Some(-2100), "{text}");
        }
        assert_eq!(signed32("0"), Some(0));
        assert_eq!(signed32("12057"), Some(12057));
        for text in ["", "none", "4294967296", "-2147483649", "0x1FFFFFFFF", "12.5", "+-1"] {
            assert_eq!(signed32(text), None, "{text}");
        }
    }

    #[test]
    fn finds_a_status_whatever_the_sentence() {
        let found = status("schannel: échec inconnu (0x80092013) - La fonction de révocation");
        assert_eq!(found.as_deref(), Some("0x80092013"));
        assert_eq!(status("0x800b0109").as_deref(), Some("0x800B0109"));
        assert_eq!(status("handle 0x1234, code 0x80090325.").as_deref(), Some("0x80090325"));
        assert_eq!(status("0x800920131"), None);
        assert_eq!(status("0x8009"), None);
    }

    #[test]
    fn finds_versions() {
        assert_eq!(version("x:90604"), Some(90604));
        assert_eq!(version("TETRA 64 bit (daily version: 90600)"), Some(90600));
        assert_eq!(version("90604"), Some(90604));
        assert_eq!(version("none"), None);
        assert_eq!(version(""), None);
    }
}
