//! Compiles the rule pack into the program: its texts, and its trees without the examples for a quick start.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/rule/freeze.rs"]
mod freeze;
#[path = "src/rule/yaml.rs"]
mod yaml;

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut names = Vec::new();
    walk(&root, "", &mut names)?;
    names.sort();
    let mut list = String::from("pub(super) const FILES: &[(&str, &str)] = &[\n");
    let mut trees = Vec::new();
    for name in &names {
        let path = format!("/../rules/{name}");
        writeln!(list, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")
            .map_err(io::Error::other)?;
        // A file that is no YAML is told by the program, with its place: then there are no trees at all.
        if let Ok(mut documents) = yaml::parse(&fs::read_to_string(root.join(name))?) {
            documents.iter_mut().for_each(leave_out_examples);
            trees.push((name.clone(), documents));
        }
    }
    list.push_str("];\n");
    fs::write(out.join("pack.rs"), list)?;
    let bytes = if trees.len() == names.len() { freeze::files(&trees) } else { Vec::new() };
    fs::write(out.join("pack.bin"), bytes)
}

fn leave_out_examples(document: &mut yaml::Node) {
    if let yaml::Data::Map(entries) = &mut document.data {
        entries.retain(|entry| entry.key != "examples");
    }
}

fn walk(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            if name != "fixtures" {
                walk(&entry.path(), &format!("{name}/"), names)?;
            }
        } else if name.ends_with(".yml") {
            println!("cargo:rerun-if-changed={}", entry.path().display());
            names.push(name);
        }
    }
    Ok(())
}
