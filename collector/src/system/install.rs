//! Where the connector's files are, once its folder is known.

use std::fs;
use std::path::{Path, PathBuf};

use super::program;

/// The connector as it is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Install {
    /// Its folder.
    pub folder: PathBuf,
    /// Its version, as the folder of the newest one is called.
    pub version: Option<String>,
    /// Its state file.
    pub local_xml: PathBuf,
    /// Its policy.
    pub policy_xml: PathBuf,
    /// The folder of its log.
    pub logs: PathBuf,
    /// What the names of its logs begin with.
    pub log_name: &'static str,
    /// The folder of its definitions.
    pub plugins: PathBuf,
    /// Its program for the command line, if it is there.
    pub cli: Option<PathBuf>,
    /// Its service's program, which also takes commands, if it is there.
    pub sfc: Option<PathBuf>,
}

impl Install {
    /// Finds the files below a folder of the connector, as Windows or as Linux lays them out.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        let folder = &std::path::absolute(folder).ok()?;
        if !folder.is_dir() {
            return None;
        }
        Some(if folder.join("etc").is_dir() { Self::linux(folder) } else { Self::windows(folder) })
    }

    fn windows(folder: &Path) -> Self {
        let newest = newest(folder);
        let home = newest.as_ref().map_or_else(|| folder.to_owned(), |(_, home)| home.clone());
        Self {
            folder: folder.to_owned(),
            version: newest.map(|(version, _)| version),
            local_xml: folder.join("local.xml"),
            policy_xml: folder.join("policy.xml"),
            log_name: "sfc",
            plugins: folder.join("tetra").join("plugins"),
            cli: program(&home, "AmpCLI"),
            sfc: program(&home, "sfc"),
            logs: home,
        }
    }

    fn linux(folder: &Path) -> Self {
        let logs = Path::new("/var/log/cisco");
        let etc = folder.join("etc");
        Self {
            folder: folder.to_owned(),
            version: None,
            local_xml: etc.join("local.xml"),
            policy_xml: etc.join("policy.xml"),
            // A folder of logs within the connector's counts first: tests, and copies of an endpoint.
            logs: Some(folder.join("log")).filter(|own| own.is_dir()).unwrap_or_else(|| logs.to_owned()),
            log_name: "amp",
            plugins: folder.join("tetra").join("plugins"),
            cli: program(&folder.join("bin"), "ampcli"),
            sfc: None,
        }
    }

    /// Returns whether a file of this name is a log of the connector, and how it is to be called in a bundle.
    #[must_use]
    pub fn is_log(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name.starts_with(self.log_name) && name.contains(".log")
    }
}

/// Finds the folder of the highest version that has a service program in it.
fn newest(folder: &Path) -> Option<(String, PathBuf)> {
    let items = fs::read_dir(folder).ok()?;
    let mut found: Vec<(Vec<u64>, String, PathBuf)> = items
        .flatten()
        .filter_map(|item| {
            let name = item.file_name().into_string().ok()?;
            let parts: Vec<u64> = name.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
            let home = item.path();
            let whole = (2..=5).contains(&parts.len()) && has_service(&home);
            whole.then_some((parts, name, home))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, name, home)| (name, home))
}

fn has_service(home: &Path) -> bool {
    home.join("sfc.exe").is_file() || program(home, "sfc").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_highest_version_that_has_a_service() {
        let place = tempfile::tempdir().unwrap();
        for (version, whole) in
            [("8.1.7.21417", true), ("10.0.1.3", true), ("9.0.0.1", true), ("11.0.0.1", false)]
        {
            let home = place.path().join(version);
            fs::create_dir(&home).unwrap();
            fs::write(home.join(if whole { "sfc.exe" } else { "sfc.exe.log" }), "").unwrap();
        }
        fs::create_dir(place.path().join("Quarantine")).unwrap();
        let found = Install::at(place.path()).unwrap();
        assert_eq!(found.version.as_deref(), Some("10.0.1.3"));
        assert_eq!(found.logs, place.path().join("10.0.1.3"));
        assert!(found.is_log("sfc.exe.log") && found.is_log("SFC.exe.log.001") && !found.is_log("sfc.exe"));
        assert!(Install::at(&place.path().join("gone")).is_none());
    }
}
