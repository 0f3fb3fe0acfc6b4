//! Searches a finished bundle for what was to be left out of it, and seals it anew without the files that still have it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use tetra_bundle::{MANIFEST, Manifest, Sealed, SourceId, StepRecord, StepStatus, source_of};
use zip::ZipArchive;

use super::{Error, pack};
use crate::redact::{Kind, Redactor, Search};

/// How often a bundle is sealed anew.
const ROUNDS: usize = 3;

/// A folder from which everything was left out that is to be.
#[derive(Debug)]
pub struct Cleaned {
    /// The folder to seal.
    pub folder: PathBuf,
    /// The manifest that it holds.
    pub manifest: Manifest,
    /// Who knows what was replaced, where anything was to be.
    pub redactor: Option<Redactor>,
}

/// What was found in which entry.
type Leaks = BTreeMap<String, BTreeMap<Kind, u64>>;

impl Cleaned {
    /// Seals the folder into the bundle `output`, once it is sure that nothing that was to be left out is in it.
    /// `describe` writes the page for people into the folder.
    ///
    /// # Errors
    ///
    /// Says why there is no bundle.
    pub fn seal(
        &mut self,
        output: &Path,
        describe: &dyn Fn(&Path, &Manifest) -> io::Result<()>,
    ) -> Result<Sealed, Error> {
        let fault = |source| Error::Output { path: output.to_owned(), source };
        if let Some(redactor) = &self.redactor {
            self.manifest.steps.push(StepRecord {
                name: "leak check".to_owned(),
                status: StepStatus::Done,
                reason: Some(format!(
                    "{} names, addresses and secrets were looked for",
                    redactor.search().count()
                )),
                ms: None,
            });
        }
        let unchecked = unchecked(output);
        for _ in 0..ROUNDS {
            describe(&self.folder, &self.manifest).map_err(fault)?;
            let packed = pack(&self.folder, &unchecked, self.manifest.clone());
            let mut sealed = packed.map_err(|fault| self.told(fault))?;
            let search = self.redactor.as_ref().map(Redactor::search);
            let found = search.map_or(Ok(Leaks::new()), |search| leaks(&unchecked, &search));
            if found.as_ref().is_ok_and(Leaks::is_empty) {
                super::publish(&unchecked, output).map_err(fault)?;
                output.clone_into(&mut sealed.path);
                return Ok(sealed);
            }
            fs::remove_file(&unchecked).map_err(fault)?;
            self.withhold(found.map_err(Error::Redact)?, &sealed)?;
        }
        Err(Error::Leak { what: "files that change while they are sealed".to_owned() })
    }

    /// Says why there is no file to seal, where that is because all were withheld.
    fn told(&self, fault: Error) -> Error {
        let withheld = self.manifest.steps.iter().filter(|step| step.status == StepStatus::Withheld);
        let why: Vec<String> = withheld
            .map(|step| format!("{}: {}", step.name, step.reason.as_deref().unwrap_or_default()))
            .collect();
        match fault {
            Error::Nothing { .. } if !why.is_empty() => Error::Withheld { why: why.join("; ") },
            fault => fault,
        }
    }

    /// Leaves the files out that still have what they should not. The manifest and the page for people are made anew
    /// then; where only they have it, there is no bundle.
    fn withhold(&mut self, leaks: Leaks, sealed: &Sealed) -> Result<(), Error> {
        let (mut left, mut withheld) = (Vec::new(), 0usize);
        for (path, kinds) in leaks {
            let record = sealed.manifest.files.iter().find(|record| record.path == path);
            let whole = record.and_then(|record| record.continues.as_deref()).unwrap_or(&path);
            let what: Vec<String> =
                kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
            let what = what.join(", ");
            if whole == MANIFEST || source_of(whole) == SourceId::Readme {
                left.push(format!("{what} in {whole}"));
                continue;
            }
            let place = self.folder.join(whole);
            match fs::remove_file(&place) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::Output { path: place, source });
                }
                _ => withheld = withheld.saturating_add(1),
            }
            self.manifest.files.retain(|record| record.path != whole);
            let shown =
                self.redactor.as_mut().map_or_else(String::new, |redactor| redactor.clean_line(whole));
            self.manifest.steps.push(StepRecord {
                name: format!("redact {shown}"),
                status: StepStatus::Withheld,
                reason: Some(format!("the leak check still found in it what was to be left out ({what})")),
                ms: None,
            });
        }
        if withheld == 0 { Err(Error::Leak { what: left.join("; ") }) } else { Ok(()) }
    }
}

/// Names a bundle that is not searched yet.
fn unchecked(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".unchecked");
    name.into()
}

/// Searches every entry of a bundle, and the names of the entries.
fn leaks(bundle: &Path, search: &Search<'_>) -> io::Result<Leaks> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(bundle)?))?;
    let mut found = Leaks::new();
    for net in search.nets() {
        let net = net.ok_or_else(|| io::Error::other("there is too much to look for"))?;
        for number in 0..archive.len() {
            let mut entry = archive.by_index(number)?;
            let name = entry.name().map_err(io::Error::from)?.into_owned();
            for (kind, count) in net.search(&mut name.as_bytes())?.into_iter().chain(net.search(&mut entry)?)
            {
                let known = found.entry(name.clone()).or_default().entry(kind).or_default();
                *known = known.saturating_add(count);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
