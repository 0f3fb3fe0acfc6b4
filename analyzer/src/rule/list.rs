//! Lists rules as text.

use super::set::{RuleInfo, RuleSet};

/// Writes the rules in force, one per line: name, what it is about, strength and causes.
pub fn render(set: &RuleSet) -> String {
    let rules: Vec<RuleInfo> = set.list().into_iter().filter(|rule| rule.on).collect();
    let width = |pick: fn(&RuleInfo) -> usize| rules.iter().map(pick).max().unwrap_or(0);
    let (names, kinds) = (width(|rule| rule.name.len()), width(|rule| rule.about.len()));
    let mut out = String::new();
    for rule in &rules {
        let mut causes: Vec<String> = rule.supports.clone();
        causes.extend(rule.refutes.iter().map(|slug| format!("not {slug}")));
        let line = format!(
            "{:names$}  {:kinds$}  {:6}  {}",
            rule.name,
            rule.about,
            rule.strength,
            causes.join(", ")
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for pack in set.packs() {
        out.push_str(&format!("{} {} {}\n", pack.pack, pack.version, pack.sha256));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_rule_has_a_line_and_every_pack_a_hash() {
        let text = render(&sample::set());
        assert!(text.contains("dns_unanswered   dns_transaction  strong  dns-timeout\n"), "{text}");
        assert!(text.contains("proxy_407_final  correlation      strong  proxy-auth-required\n"), "{text}");
        assert_eq!(text.lines().count(), 9);
        assert!(
            text.lines().last().is_some_and(|line| line.starts_with("sample 1.0.0 ") && line.len() == 77)
        );
    }
}
