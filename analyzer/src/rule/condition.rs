//! Reads conditions: `and`, `or`, `not`, parentheses, `1 of x*`, `all of them`.

use super::problem::{At, Notes, nearest};
use super::select::Expr;

/// Longest condition in bytes.
const LENGTH: usize = 2000;
/// Deepest nesting of parentheses and `not`.
const DEPTH: usize = 32;

/// Reads a condition over the named selections and notes what is wrong with it, unused selections included.
pub(crate) fn parse(text: &str, at: At, names: &[(&str, At)], notes: &mut Notes) -> Option<Expr> {
    if text.len() > LENGTH {
        notes.add(at, format!("the condition is longer than {LENGTH} bytes"));
        return None;
    }
    let mut parser = Parser { words: split(text), next: 0, names, used: vec![false; names.len()] };
    let result = parser.either(0).and_then(|expr| match parser.peek() {
        None => Ok(expr),
        Some(word) => Err(format!("`{word}` is not expected here; join selections with `and` or `or`")),
    });
    match result {
        Err(what) => {
            notes.add(at, format!("condition `{text}`: {what}"));
            None
        }
        Ok(expr) => {
            for ((name, place), used) in names.iter().zip(&parser.used) {
                if !used {
                    notes.add(*place, format!("selection `{name}` is not used by the condition"));
                }
            }
            Some(expr)
        }
    }
}

/// Says whether a name fits a pattern in which `*` stands for any text.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '(' | ')') {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if !c.is_whitespace() {
                words.push(c.to_string());
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Parser<'a> {
    words: Vec<String>,
    next: usize,
    names: &'a [(&'a str, At)],
    used: Vec<bool>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let word = self.words.get(self.next).cloned();
        self.next += 1;
        word
    }

    fn accept(&mut self, word: &str) -> bool {
        let there = self.peek() == Some(word);
        if there {
            self.next += 1;
        }
        there
    }

    fn either(&mut self, depth: usize) -> Result<Expr, String> {
        let mut parts = vec![self.both(depth)?];
        while self.accept("or") {
            parts.push(self.both(depth)?);
        }
        Ok(join(parts, Expr::Any))
    }

    fn both(&mut self, depth: usize) -> Result<Expr, String> {
        let mut parts = vec![self.term(depth)?];
        while self.accept("and") {
            parts.push(self.term(depth)?);
        }
        Ok(join(parts, Expr::All))
    }

    fn term(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > DEPTH {
            return Err(format!("nested deeper than {DEPTH}"));
        }
        let Some(word) = self.take() else { return Err("it ends too early".into()) };
        match word.as_str() {
            "not" => Ok(Expr::Not(Box::new(self.term(depth + 1)?))),
            "(" => {
                let inner = self.either(depth + 1)?;
                if self.accept(")") { Ok(inner) } else { Err("a `)` is missing".into()) }
            }
            "1" | "all" if self.peek() == Some("of") => {
                self.next += 1;
                let Some(pattern) = self.take() else { return Err("`of` needs a pattern or `them`".into()) };
                let parts = self.group(&pattern)?;
                Ok(if word == "1" { join(parts, Expr::Any) } else { join(parts, Expr::All) })
            }
            "any" => Err("`any of` is not known; write `1 of`".into()),
            "|" => Err("aggregations by `|` are not known; write a correlation".into()),
            "AND" | "OR" | "NOT" => Err(format!("write `{}` in lower case", word.to_lowercase())),
            _ => match self.names.iter().position(|(name, _)| *name == word) {
                Some(position) => Ok(self.take_selection(position)),
                None => Err(match nearest(&word, self.names.iter().map(|(name, _)| *name)) {
                    Some(near) => format!("unknown selection `{word}`; did you mean `{near}`?"),
                    None => format!("unknown selection `{word}`"),
                }),
            },
        }
    }

    fn take_selection(&mut self, position: usize) -> Expr {
        if let Some(used) = self.used.get_mut(position) {
            *used = true;
        }
        Expr::Selection(position)
    }

    fn group(&mut self, pattern: &str) -> Result<Vec<Expr>, String> {
        let positions: Vec<usize> = self
            .names
            .iter()
            .enumerate()
            .filter(
                |(_, (name, _))| if pattern == "them" { !name.starts_with('_') } else { fits(pattern, name) },
            )
            .map(|(position, _)| position)
            .collect();
        if positions.is_empty() {
            return Err(format!("no selection fits `{pattern}`"));
        }
        Ok(positions.into_iter().map(|position| self.take_selection(position)).collect())
    }
}

fn join(mut parts: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            make(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Expr>, Vec<String>) {
        let names = [("sel_a", At::START), ("sel_b", At::START), ("other", At::START)];
        let mut notes = Notes::default();
        let expr = parse(text, At::START, &names, &mut notes);
        (expr, notes.problems.into_iter().map(|problem| problem.text).collect())
    }

    #[test]
    fn not_binds_before_and_and_before_or() {
        let (expr, problems) = read("not sel_a and sel_b or other");
        let not = Expr::Not(Box::new(Expr::Selection(0)));
        assert_eq!(expr, Some(Expr::Any(vec![Expr::All(vec![not, Expr::Selection(1)]), Expr::Selection(2)])));
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn groups_are_expanded() {
        let two = vec![Expr::Selection(0), Expr::Selection(1)];
        assert_eq!(
            read("1 of sel_* and not (other)").0,
            Some(Expr::All(vec![Expr::Any(two.clone()), Expr::Not(Box::new(Expr::Selection(2)))]))
        );
        assert!(matches!(read("all of them").0, Some(Expr::All(parts)) if parts.len() == 3));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("sel_c", "did you mean `sel_"),
            ("sel_a and", "ends too early"),
            ("(sel_a", "`)` is missing"),
            ("sel_a sel_b", "join selections"),
            ("sel_a AND sel_b", "join selections"),
            ("NOT sel_a", "lower case"),
            ("any of sel_*", "1 of"),
            ("1 of zzz*", "no selection fits"),
            ("sel_a", "`sel_b` is not used"),
            ("sel_a | count() > 3", "not expected"),
        ] {
            let (_, problems) = read(text);
            assert!(problems.iter().any(|problem| problem.contains(part)), "{text}: {problems:?}");
        }
        assert!(read(&"(".repeat(1000)).0.is_none());
    }

    #[test]
    fn stars_stand_for_any_text() {
        assert!(fits("a*c", "abc") && fits("*", "x") && fits("abc", "abc") && fits("a*b*c", "a1b2c"));
        assert!(!fits("a*c", "abd") && !fits("abc", "abcd"));
    }
}
