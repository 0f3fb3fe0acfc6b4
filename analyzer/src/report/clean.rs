//! Makes text from the input safe to show: it can neither steer the terminal nor turn the reading direction.

/// Longest text that is shown, in characters; no honest text is longer.
const LONGEST: usize = 4_000;

/// Tells whether a character can steer a terminal, hide, or change the direction of the text around it.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Replaces line breaks and tabs by spaces, and every other hostile character by U+FFFD; trims and shortens.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for (count, c) in text.trim().chars().enumerate() {
        if count >= LONGEST {
            out.push('…');
            break;
        }
        out.push(match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if is_hostile(c) => '\u{fffd}',
            c => c,
        });
    }
    out
}

/// Replaces the signs that this program uses and an old terminal lacks; other letters stay as they are.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '…' => out.push_str("..."),
            '→' => out.push_str("->"),
            '–' | '—' => out.push('-'),
            '·' => out.push('.'),
            '“' | '”' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '\u{fffd}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(clean("a\u{1b}[2Jb\u{9b}31mc\u{7}"), "a\u{fffd}[2Jb\u{fffd}31mc\u{fffd}");
    }

    #[test]
    fn direction_marks_are_shown_and_not_obeyed() {
        assert_eq!(clean("exe.\u{202e}gnp\u{2066}\u{200f}"), "exe.\u{fffd}gnp\u{fffd}\u{fffd}");
    }

    #[test]
    fn line_breaks_cannot_forge_lines() {
        assert_eq!(clean("x\r\nHEALTHY\tfine\u{2028}\n"), "x  HEALTHY fine");
    }

    #[test]
    fn other_scripts_stay() {
        assert_eq!(clean("代理 café שלום"), "代理 café שלום");
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(clean(&"x".repeat(LONGEST + 9)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn own_signs_have_ascii_forms() {
        assert_eq!(ascii("a → b … “c” – d"), "a -> b ... \"c\" - d");
    }
}
