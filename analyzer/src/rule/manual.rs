//! The manual of what rules may speak of and what the packs hold, as Markdown: kinds, fields, causes, rules.

use super::detect::MODIFIERS;
use super::set::{RuleInfo, RuleSet};
use super::taxonomy::{Field, Type};
use super::vote::Strength;

/// Most words of an enumeration that stand in a table.
const WORDS: usize = 60;
/// Most causes of one rule that stand in a table.
const SLUGS: usize = 8;

/// Writes the manual.
pub fn render(set: &RuleSet) -> String {
    let mut out = String::from(
        "# What rules may speak of\n\nWritten by `tetra-analyze rules doc`; do not edit. How rules are written is told in the \
         [README](README.md).\n\n",
    );
    let packs: Vec<String> =
        set.packs().iter().map(|pack| format!("{} {}", pack.pack, pack.version)).collect();
    let rules: Vec<RuleInfo> = set.list().into_iter().filter(|rule| rule.on).collect();
    out.push_str(&format!(
        "Packs: {}. [Kinds](#kinds) · [Causes](#causes) ({}) · [Rules](#rules) ({}) · [Log lines](#log-lines) ({})\n\n",
        packs.join(", "),
        set.causes().len(),
        rules.len(),
        set.templates().len()
    ));
    out.push_str(&format!("Modifiers: {}.\n\n", code_list(MODIFIERS.iter().copied())));
    let weights = Strength::ALL.map(|(_, name, weight)| format!("`{name}` {weight}"));
    out.push_str(&format!("Strengths, with their weight in the ranking: {}.\n\n", weights.join(", ")));
    kinds(set, &mut out);
    causes(set, &rules, &mut out);
    list(&rules, &mut out);
    out.push_str("## Log lines\n\n| event | literal | verified |\n|---|---|---|\n");
    for template in set.templates() {
        let verified = if template.verified { "yes" } else { "no" };
        out.push_str(&format!("| `{}` | {} | {verified} |\n", template.event, cell(&template.literal)));
    }
    out
}

fn kinds(set: &RuleSet, out: &mut String) {
    out.push_str("## Kinds\n\nEvery kind has `endpoint` and `attempt` too.\n\n");
    for (kind, spec) in set.taxonomy().kinds() {
        out.push_str(&format!("### {kind}\n\n{}\n\n", sentence(&spec.doc)));
        out.push_str(&format!(
            "From {}.\n\n| field | type | meaning |\n|---|---|---|\n",
            code_list(spec.from.iter().map(String::as_str))
        ));
        let fields = spec.fields.iter().filter(|(name, _)| !matches!(name.as_str(), "endpoint" | "attempt"));
        for (name, field) in fields {
            out.push_str(&format!("| `{name}` | {} | {} |\n", kind_of(field), meaning(field)));
        }
        out.push('\n');
    }
}

fn kind_of(field: &Field) -> String {
    let list = if field.list { "list of " } else { "" };
    format!("{list}{}", field.kind.name())
}

fn meaning(field: &Field) -> String {
    let mut meaning = cell(&field.doc);
    if let Type::Enum(words) = &field.kind {
        if !meaning.is_empty() {
            meaning.push_str("; ");
        }
        meaning.push_str(&code_list(words.iter().take(WORDS).map(String::as_str)));
    }
    meaning
}

fn causes(set: &RuleSet, rules: &[RuleInfo], out: &mut String) {
    out.push_str("## Causes\n\n");
    let mut categories: Vec<&str> = Vec::new();
    for cause in set.causes() {
        if !categories.contains(&cause.category.as_str()) {
            categories.push(&cause.category);
        }
    }
    for category in categories {
        out.push_str(&format!(
            "### {category}\n\n| cause | stage | title | leads to | rules for it |\n|---|---|---|---|---|\n"
        ));
        for cause in set.causes().iter().filter(|cause| cause.category == category) {
            let speaking = rules.iter().filter(|rule| rule.supports.contains(&cause.slug)).count();
            let slug = match &cause.refines {
                Some(general) => format!("`{}` (a kind of `{general}`)", cause.slug),
                None => format!("`{}`", cause.slug),
            };
            out.push_str(&format!(
                "| {slug} | {} | {} | {} | {speaking} |\n",
                cause.stage,
                cell(&cause.title),
                code_list(cause.leads_to.iter().map(String::as_str))
            ));
        }
        out.push('\n');
    }
}

fn list(rules: &[RuleInfo], out: &mut String) {
    out.push_str("## Rules\n\n| rule | tests | title | says |\n|---|---|---|---|\n");
    for rule in rules {
        let mut says = String::new();
        for (word, slugs) in [("for", &rule.supports), ("against", &rule.refutes)] {
            if !slugs.is_empty() {
                let mut list = code_list(slugs.iter().take(SLUGS).map(String::as_str));
                if slugs.len() > SLUGS {
                    list.push_str(&format!(" and {} more", slugs.len() - SLUGS));
                }
                says.push_str(&format!("{}{word} {list}", if says.is_empty() { "" } else { ", " }));
            }
        }
        if !rule.strength.is_empty() {
            says.push_str(&format!(" ({})", rule.strength));
        }
        // Of another pack the file lies elsewhere, and a link would lead nowhere.
        let name = format!("[`{}`]({})", rule.name, rule.file.replace(' ', "%20"));
        out.push_str(&format!("| {name} | {} | {} | {says} |\n", rule.about, cell(&rule.title)));
    }
    out.push('\n');
}

fn code_list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}{}", letters.as_str(), if text.ends_with('.') { "" } else { "." })
}

/// Makes a text fit for a cell of a table: one line, and nothing that Markdown takes for a sign.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(c, '|' | '<' | '>' | '*' | '_' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_committed_manual_and_schema_are_those_of_the_pack() {
        let set = RuleSet::core().unwrap();
        let (manual, schema) = (render(&set), super::super::schema::render(&set));
        for (name, text) in [("MANUAL.md", manual), ("rule.schema.json", schema)] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules").join(name);
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
            assert!(committed == text, "rules/{name} is old: run the tests with UPDATE_EXPECTED=1");
        }
    }

    #[test]
    fn every_kind_cause_and_rule_has_its_line() {
        let text = render(&sample::set());
        for line in [
            "| `dns.tries` | int | how often the question was sent |",
            "| `dns.transport` | enum | `udp`, `tcp` |",
            "| `dns-timeout` | dns | The resolver is silent | `update-failed` | 1 |",
            "| [`dns_unanswered`](dns/dns_unanswered.yml) | dns_transaction | Update Server Name Not Answered | for `dns-timeout` (strong) |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(cell("a|b\n<script>"), "a\\|b \\<script\\>");
    }
}
