//! The architecture's lines, held against the source text: who may see whom, and how long a file may be.

use std::path::{Path, PathBuf};

use crate::program;

/// Parts of the analyzer that do not see each other; they share the model.
const PARTS: [&str; 5] = ["source", "derive", "rule", "diagnosis", "report"];
/// What else each part may name within its crate.
const SHARED: [&str; 1] = ["model"];
/// The longest file, tests included.
const LONGEST: usize = 300;
/// Files that are longer because they are tables, or plain data from top to bottom.
const TABLES: [&str; 3] =
    ["analyzer/src/model/analysis.rs", "analyzer/src/model/observation.rs", "analyzer/src/model/traffic.rs"];

/// All Rust files below a folder, with their texts.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for path in program::list(folder) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn the_parts_of_the_analyzer_do_not_see_each_other() {
    let source = program::root().join("analyzer/src");
    let mut faults = Vec::new();
    for part in PARTS {
        let folder = source.join(part);
        let mut files = if folder.is_dir() { sources(&folder) } else { Vec::new() };
        let file = source.join(format!("{part}.rs"));
        files.extend(std::fs::read_to_string(&file).ok().map(|text| (file, text)));
        assert!(!files.is_empty(), "no source of `{part}`");
        for (path, text) in files {
            for (number, line) in
                text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
            {
                for (at, _) in line.match_indices("crate::") {
                    if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
                        continue;
                    }
                    let named: String =
                        line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    if named != part && !SHARED.contains(&named.as_str()) {
                        faults.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} lines cross a border:\n  {}", faults.len(), faults.join("\n  "));
}

#[test]
fn the_model_sees_no_part_and_the_crates_only_the_bundle() {
    let root = program::root();
    let mut faults = Vec::new();
    for (path, text) in sources(&root.join("analyzer/src/model")) {
        for part in PARTS {
            if text.contains(&format!("crate::{part}")) {
                faults.push(format!("{} names crate::{part}", path.display()));
            }
        }
    }
    for (folder, strangers) in [
        ("bundle", ["tetra_analyze", "tetra_collect"]),
        ("capture", ["tetra_analyze", "tetra_collect"]),
        ("analyzer", ["tetra_collect", "tetra_tests"]),
        ("collector", ["tetra_analyze", "tetra_tests"]),
    ] {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        for stranger in strangers {
            let dependency = format!("{}.workspace", stranger.replace('_', "-"));
            if manifest.contains(&dependency) {
                faults.push(format!("{folder} depends on {stranger}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short() {
    let root = program::root();
    let mut long = Vec::new();
    for folder in ["bundle", "capture", "collector", "analyzer/src", "tests/all"] {
        for (path, text) in sources(&root.join(folder)) {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let lines = text.lines().count();
            if lines > LONGEST && !TABLES.contains(&name.as_str()) {
                long.push(format!("{name}: {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "longer than {LONGEST} lines:\n  {}", long.join("\n  "));
}
