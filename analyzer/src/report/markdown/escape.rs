//! Foreign text in Markdown (CommonMark with GitHub's tables and links): it stays text.

use crate::report::clean::clean;

/// Escapes text for a place within a line: no emphasis, link, picture, HTML, table cell or entity can begin in it.
pub(super) fn inline(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@' | '$' => true,
            // Within a word it is no emphasis.
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            // What would be linked by itself, and what would be a heading, a list or a line at its begin.
            ':' => next == '/',
            '.' | ')' => {
                before == 'w' || next == ' ' && !out.is_empty() && out.chars().all(|c| c.is_ascii_digit())
            }
            '#' | '-' | '+' | '=' => out.is_empty(),
            '!' => next == '[',
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Shows text as code, with as many backticks around as it needs.
pub(super) fn code(text: &str) -> String {
    let text = clean(text);
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.saturating_add(1));
    let space = if longest > 0 || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Makes what is written already fit for a cell of a table.
pub(super) fn cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut before = ' ';
    for c in markdown.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Shows text in which paired backticks mark code.
pub(super) fn with_code(text: &str) -> String {
    let text = clean(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return inline(&text);
    }
    let shown = |(position, part): (usize, &&str)| if position % 2 == 1 { code(part) } else { middle(part) };
    parts.iter().enumerate().map(shown).collect()
}

/// Escapes a part of a line, with the spaces around it.
fn middle(part: &str) -> String {
    let inner = part.trim();
    let (before, after) = part.split_once(inner).unwrap_or((part, ""));
    if inner.is_empty() { part.to_owned() } else { format!("{before}{}{after}", inline(inner)) }
}

/// Shows a link to the web as a link, and anything else as code.
pub(super) fn link(address: &str) -> String {
    let address = clean(address);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    if address.starts_with("https://") && address.chars().all(plain) {
        format!("<{address}>")
    } else {
        code(&address)
    }
}
