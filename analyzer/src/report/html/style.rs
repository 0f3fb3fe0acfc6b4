//! Colours and layout of the page, and the policy that lets the browser load nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The rules of layout; colours are variables.
const LAYOUT: &str = include_str!("page.css");

/// A colour by name, on light and on dark ground.
pub(super) const COLOURS: [(&str, &str, &str); 17] = [
    ("ground", "#ffffff", "#14171c"),
    ("raised", "#f4f6f8", "#1e232b"),
    ("text", "#1b1f24", "#e8ebf0"),
    ("quiet", "#505a66", "#a9b3c0"),
    ("line", "#c9d0d8", "#3d4652"),
    ("link", "#0b57a4", "#8cc0ff"),
    ("good", "#17672f", "#74d492"),
    ("bad", "#b3201a", "#ff958c"),
    ("notice", "#7d5200", "#ecbb57"),
    ("good-soft", "#e8f5ec", "#18281e"),
    ("bad-soft", "#fdecea", "#351d1c"),
    ("notice-soft", "#fdf3dc", "#2e2717"),
    ("on-badge", "#ffffff", "#14171c"),
    ("lane", "#8a94a0", "#69737f"),
    ("bar", "#5b7fa6", "#7da3cc"),
    ("bar-soft", "#dbe6f2", "#26384c"),
    ("focus", "#0b57a4", "#8cc0ff"),
];

/// Gives the style sheet.
pub(super) fn sheet() -> String {
    let list = |pick: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        COLOURS.iter().map(|colour| format!("--{}:{};", colour.0, pick(colour))).collect::<String>()
    };
    let (light, dark) = (list(|colour| colour.1), list(|colour| colour.2));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{LAYOUT}"
    )
}

/// Gives the content security policy that allows this style sheet and nothing else.
pub(super) fn policy(sheet: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(sheet.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(hex: &str) -> f64 {
        let value = f64::from(u8::from_str_radix(hex, 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        0.2126 * channel(&colour[1..3]) + 0.7152 * channel(&colour[3..5]) + 0.0722 * channel(&colour[5..7])
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn colour(name: &str) -> [&'static str; 2] {
        let found = COLOURS.iter().find(|colour| colour.0 == name).unwrap();
        [found.1, found.2]
    }

    #[test]
    fn the_contrast_is_computed_as_published() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        let grounds = ["ground", "raised", "good-soft", "bad-soft", "notice-soft"];
        for text in ["text", "quiet", "link", "good", "bad", "notice"] {
            for ground in grounds {
                for (one, other) in colour(text).into_iter().zip(colour(ground)) {
                    assert!(contrast(one, other) >= 4.5, "{text} on {ground}: {}", contrast(one, other));
                }
            }
        }
        for badge in ["good", "bad", "notice"] {
            for (one, other) in colour("on-badge").into_iter().zip(colour(badge)) {
                assert!(contrast(one, other) >= 4.5, "badge on {badge}: {}", contrast(one, other));
            }
        }
        for (one, other) in colour("text").into_iter().zip(colour("bar-soft")) {
            assert!(contrast(one, other) >= 4.5, "text on bar-soft: {}", contrast(one, other));
        }
    }

    #[test]
    fn lines_that_mean_something_stand_out() {
        for mark in ["lane", "bar", "focus", "good", "bad", "notice"] {
            for (one, other) in colour(mark).into_iter().zip(colour("ground")) {
                assert!(contrast(one, other) >= 3.0, "{mark}: {}", contrast(one, other));
            }
        }
    }

    #[test]
    fn every_colour_used_is_defined_and_every_one_defined_is_used() {
        let used = regex::Regex::new(r"var\(--([a-z-]+)\)").unwrap();
        for name in used.captures_iter(LAYOUT) {
            assert!(COLOURS.iter().any(|colour| colour.0 == &name[1]), "{}", &name[1]);
        }
        for (name, ..) in COLOURS {
            assert!(LAYOUT.contains(&format!("var(--{name})")), "{name} is not used");
        }
    }

    #[test]
    fn the_policy_names_the_sheet_and_no_host() {
        let policy = policy("a{}");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("http"));
    }
}
