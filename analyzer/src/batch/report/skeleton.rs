//! The skeleton of a rule for a cluster: a pack that matches its cases, and leaves the cause to a person.

/// Longest name.
const NAME: usize = 48;
/// Shortest literal that a template of a log line may have.
const LITERAL: usize = 4;

/// Gives the files of a pack that matches a complaint, or else the rung at which the ladder ends without an answer.
pub(super) fn pack(number: usize, stages: &str, complaint: Option<&str>) -> Vec<(String, String)> {
    let of_log = complaint.and_then(|template| Some((template, literal(template)?)));
    let mut files = match of_log {
        Some((template, literal)) => log(number, template, &literal),
        None => rung(number, stages),
    };
    if !files.is_empty() {
        let text = format!("name: cluster-{number}\nversion: 0.1.0\nprofile: 1\ntaxonomy: tetra\n");
        files.insert(0, ("pack.yml".to_owned(), text));
    }
    files
}

/// A template for the line, and a rule on it.
fn log(number: usize, template: &str, literal: &str) -> Vec<(String, String)> {
    let event = format!("cluster_{number}_{}", name(literal));
    let words: Vec<String> = template
        .split(' ')
        .map(|word| regex::escape(word).replace("<\\*>", "\\S+").replace("<*>", "\\S+"))
        .collect();
    let pattern = words.join("\\s+");
    let example = template.replace("<*>", "1");
    let templates = format!(
        "version: 1\ntemplates:\n    - event: {event}\n      literal: {}\n      pattern: {}\n      verified: false\n      \
         source: found in archived cases, its meaning is not known\n      examples: [{}]\n",
        quoted(literal),
        quoted(&pattern),
        quoted(&example),
    );
    let rule = rule(
        number,
        &format!("log_says_{event}"),
        "log_record",
        &format!("        log.event: {event}\n"),
        &format!("{{log.event: {event}}}"),
        "{log.event: tetra_update_line}",
    );
    vec![("templates/connector_log.yml".to_owned(), templates), (format!("new/log_says_{event}.yml"), rule)]
}

/// A rule on the last rung that did not hold, or does not tell.
fn rung(number: usize, stages: &str) -> Vec<(String, String)> {
    let last = stages.split(' ').filter_map(|rung| rung.split_once('=')).rfind(|(_, state)| *state != "ok");
    let Some((stage, state)) = last else { return Vec::new() };
    let state = if state == "unclear" { "cannot_tell" } else { state };
    let name = format!("cluster_{number}_{}_{}", name(stage), name(state));
    let tests = format!("        rung.stage: {stage}\n        rung.state: {state}\n");
    let fits = format!("{{rung.stage: {stage}, rung.state: {state}}}");
    let not = format!("{{rung.stage: {stage}, rung.state: ok}}");
    vec![(format!("new/{name}.yml"), rule(number, &name, "rung", &tests, &fits, &not))]
}

fn rule(number: usize, name: &str, kind: &str, tests: &str, fits: &str, not: &str) -> String {
    // Made of the name, so that the same table gives the same file.
    let id = identity(name);
    format!(
        "title: What Cluster {number} Has In Common\nid: {id}\nname: {name}\ntaxonomy: tetra\nstatus: experimental\n\
         description: 'Cases without a cause that have this in common. What does a person have to change?'\n\
         author: batch report\nlogsource:\n    product: secure_endpoint\n    category: {kind}\n\
         detection:\n    selection:\n{tests}    condition: selection\nlevel: informational\n\
         # When the cause is known:\n# diagnosis:\n#     supports: a-slug-of-causes.yml\n#     strength: fair\n#     \
         subject: [endpoint, attempt]\n#     say: what was seen, in one sentence\n\
         examples:\n    - {{expect: match, event: {fits}}}\n    - {{expect: no-match, event: {not}}}\n"
    )
}

/// Gives a UUID of version 8 (RFC 9562: free content) of a name.
fn identity(name: &str) -> String {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(name.as_bytes());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Finds the longest run of fixed text in a template.
fn literal(template: &str) -> Option<String> {
    let runs = template.split("<*>").map(str::trim);
    let longest = runs.fold("", |longest, run| if run.len() > longest.len() { run } else { longest });
    (longest.len() >= LITERAL).then(|| longest.to_owned())
}

/// Makes a name of text: lower case, digits and underscores.
fn name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
        if name.len() >= NAME {
            break;
        }
    }
    name.trim_matches('_').to_owned()
}

/// Puts text between single quotes, as YAML has it.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", plain.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    /// Writes a pack to disk and loads it over the core pack.
    fn loads(files: &[(String, String)]) -> RuleSet {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        RuleSet::with_folders(&[folder.path().to_owned()]).map_err(|refused| refused.to_string()).unwrap()
    }

    #[test]
    fn skeletons_are_rules_that_load_and_match() {
        let line = "Mirror: list 'of <*>' rejected (by <*>), error: [<*>]";
        let rules = loads(&pack(3, "dns=ok", Some(line)));
        let template = rules.templates().iter().find(|one| one.event.starts_with("cluster_3_")).unwrap();
        assert!(template.pattern.is_match("Mirror: list 'of a.b' rejected (by C:\\x), error: [77]"));
        assert!(!template.pattern.is_match("Mirror: list 'of a.b' accepted (by C:\\x), error: [77]"));
        assert!(rules.list().iter().any(|rule| rule.name.starts_with("log_says_cluster_3_")));
        let rules = loads(&pack(4, "dns=ok connect=unclear", None));
        assert!(rules.list().iter().any(|rule| rule.name == "cluster_4_connect_cannot_tell"));
    }

    #[test]
    fn nothing_in_common_is_no_rule() {
        assert!(pack(1, "", None).is_empty());
        assert!(pack(1, "dns=ok", Some("<*> <*>")).is_empty());
    }
}
