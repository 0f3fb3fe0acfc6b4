//! The hosts file: only the lines that name one of the vendor's hosts, or one of the targets.

/// Gives the lines that name a host of the vendor, or one of the names given; other lines are nobody's business.
///
/// ```text
/// 10.9.8.7   tetra-defs.amp.cisco.com  # forgotten
/// ```
pub fn vendor_lines(text: &str, names: &[String]) -> String {
    const OURS: [&str; 5] =
        [".amp.cisco.com", ".amp.sourcefire.com", ".identrust.com", ".bitdefender.net", ".cisco.com"];
    let wanted = |name: &str| {
        let name = name.to_ascii_lowercase();
        OURS.iter().any(|suffix| name.ends_with(suffix))
            || names.iter().any(|known| known.eq_ignore_ascii_case(&name))
    };
    let mut kept = String::new();
    for line in text.lines() {
        let entry = line.split('#').next().unwrap_or_default();
        let mut words = entry.split_whitespace();
        let Some(address) = words.next() else { continue };
        let named: Vec<&str> = words.filter(|name| wanted(name)).collect();
        if !named.is_empty() {
            kept.push_str(&format!("{address} {}\n", named.join(" ")));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_vendors_names_alone() {
        let text = "127.0.0.1 localhost\n# 1.2.3.4 tetra-defs.amp.cisco.com\n10.0.0.1 secret.corp TETRA-defs.amp.cisco.com # x\n10.0.0.2 own.example\n";
        let kept = vendor_lines(text, &["own.example".to_owned()]);
        assert_eq!(kept, "10.0.0.1 TETRA-defs.amp.cisco.com\n10.0.0.2 own.example\n");
    }
}
