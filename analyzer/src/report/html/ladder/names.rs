//! Text in the picture of a ladder: folded to the room there is.

use textwrap::core::display_width;

use crate::report::clean::clean;

/// Names the hosts of a lane in three lines; those for which there is no room are counted.
pub(super) fn header(names: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let left = names.len() - position;
        let more = fold(name, room, 2);
        // The last line is kept free for the count, unless nothing is left to count.
        if lines.len() + more.len() > if left == 1 { 3 } else { 2 } {
            lines.push(format!("+{left} …"));
            break;
        }
        lines.extend(more);
    }
    lines
}

/// Folds text into at most so many lines; what does not fit is left out with a sign.
pub(super) fn fold(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        line.push(c);
        let full = display_width(&line) >= columns;
        if full && rest.peek().is_some() {
            if out.len() + 1 >= lines {
                line.pop();
                line.push('…');
                break;
            }
            // Words break at a space, a name behind a dot.
            let space =
                line.rfind(' ').filter(|at| *at > 3).or_else(|| line.rfind(['.', '-']).filter(|at| *at > 3));
            let dot = space.map_or(line.len(), |at| at + 1);
            let next = line.split_off(dot);
            out.push(std::mem::replace(&mut line, next).trim_end().to_owned());
        }
    }
    if !line.is_empty() {
        out.push(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_behind_a_dot_and_end_with_a_sign() {
        assert_eq!(fold("tetra-defs.amp.cisco.com", 16, 2), ["tetra-defs.amp.", "cisco.com"]);
        assert_eq!(fold(&"x".repeat(50), 10, 2), ["x".repeat(10), format!("{}…", "x".repeat(9))]);
        assert_eq!(fold("解析器没有应答", 8, 1), ["解析器…"]);
        assert!(fold("", 8, 1).is_empty());
    }

    #[test]
    fn hosts_without_room_are_counted() {
        let header = |names: &[&str]| header(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), 16);
        assert_eq!(header(&["a.example", "b.example", "c.example"]), ["a.example", "b.example", "c.example"]);
        assert_eq!(
            header(&["a.example", "validation.example.com"]),
            ["a.example", "validation.", "example.com"]
        );
        assert_eq!(
            header(&["a.example", "b.example", "validation.example.com"]),
            ["a.example", "b.example", "+1 …"]
        );
        assert_eq!(
            header(&["validation.example.com", "a.example", "b.example"]),
            ["validation.", "example.com", "+2 …"]
        );
    }
}
