//! Which rule packs are in force: the built-in one, those installed for the system and for the user, and those named.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::rule::{Refused, RuleSet};

/// Our folder within those that the system offers.
const FOLDER: &str = "tetra-triage";
/// Most installed packs of one folder.
const PACKS: usize = 100;

/// Loads the built-in pack, the installed ones if they are wanted, and those of the folders; later ones over earlier ones.
pub fn load(folders: &[PathBuf], installed: bool) -> Result<RuleSet, Refused> {
    let mut all = Vec::new();
    if installed {
        for place in places(&|name| std::env::var_os(name), cfg!(windows)) {
            all.extend(within(&place));
        }
    }
    all.extend(folders.iter().cloned());
    RuleSet::with_folders(&all)
}

/// Names the folders in which installed packs lie: the system's first, then the user's.
///
/// `%ProgramData%\tetra-triage\rules` and `%APPDATA%\tetra-triage\rules` on Windows; elsewhere `tetra-triage/rules` below
/// every folder of `XDG_CONFIG_DIRS` (else `/etc/xdg`), the least important one first, and below `XDG_CONFIG_HOME`
/// (else `~/.config`).
pub fn places(variable: &dyn Fn(&str) -> Option<OsString>, windows: bool) -> Vec<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    // What is not absolute would depend on where the program is started.
    let folder = |value: OsString| Some(PathBuf::from(value)).filter(|path| path.has_root());
    let mut roots: Vec<PathBuf> = Vec::new();
    if windows {
        roots.extend(["ProgramData", "APPDATA"].into_iter().filter_map(set).filter_map(folder));
    } else {
        let system = set("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
        let system: Vec<PathBuf> = std::env::split_paths(&system).filter(|path| path.has_root()).collect();
        roots.extend(system.into_iter().rev());
        let user = set("XDG_CONFIG_HOME").and_then(folder);
        let home = || set("HOME").and_then(folder).map(|home| home.join(".config"));
        roots.extend(user.or_else(home));
    }
    roots.into_iter().map(|root| root.join(FOLDER).join("rules")).collect()
}

/// Finds the packs in a folder, by name: every folder in it that holds a `pack.yml`.
fn within(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut packs: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("pack.yml").is_file()).collect();
    packs.sort();
    packs.truncate(PACKS);
    packs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], windows: bool) -> Vec<String> {
        let value = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        places(&value, windows).iter().map(|path| path.display().to_string().replace('\\', "/")).collect()
    }

    #[test]
    fn the_users_packs_come_after_the_systems() {
        assert_eq!(
            found(&[("HOME", "/home/a")], false),
            ["/etc/xdg/tetra-triage/rules", "/home/a/.config/tetra-triage/rules"]
        );
        let set = [("XDG_CONFIG_DIRS", "/one:/two"), ("XDG_CONFIG_HOME", "/mine"), ("HOME", "/home/a")];
        assert_eq!(
            found(&set, false),
            ["/two/tetra-triage/rules", "/one/tetra-triage/rules", "/mine/tetra-triage/rules"]
        );
        assert_eq!(found(&[("XDG_CONFIG_HOME", "relative")], false), ["/etc/xdg/tetra-triage/rules"]);
        let windows = [("ProgramData", "/ProgramData"), ("APPDATA", "/Users/a/Roaming")];
        assert_eq!(
            found(&windows, true),
            ["/ProgramData/tetra-triage/rules", "/Users/a/Roaming/tetra-triage/rules"]
        );
        assert_eq!(found(&[], true), Vec::<String>::new());
    }
}
