//! The end of a run: the bundle is sealed and the user told, or what was gathered is kept.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tetra_bundle::{MANIFEST, Manifest, SCHEMA, Sealed, StepStatus};
use walkdir::WalkDir;

use crate::args::Collect;
use crate::collect::Run;
use crate::redact::Redactor;
use crate::seal::{Error, cleaned, publish, shown};
use crate::staging::{self, Order, Staging};
use crate::words::{Lang, Text, page, status, told, what, why};
use crate::{INTERRUPTED, NO_BUNDLE, World, complain, encrypt, guess, map, status_of, system};

/// Seals what a run has gathered.
pub fn finish(run: Run, world: &World, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    let interrupted = world.interrupt.asked();
    writeln!(err, "{}", run.lang.say(if interrupted { Text::Interrupted } else { Text::Sealing }, &[]))?;
    // A state that cannot be read back must not lose the steps, which are held in memory too.
    let mut gathered = run.staging.gathered().unwrap_or_default();
    gathered.order = run.order;
    gathered.manifest.steps = run.steps;
    gathered.manifest.times.end = Some((world.clock)());
    gathered.manifest.times.monotonic_ms = u64::try_from(run.begun.elapsed().as_millis()).ok();
    let event = if interrupted { "interrupted" } else { "sealing" };
    run.staging.log().note(event, &[]);
    let manner = if run.brief { Manner::Plain } else { Manner::Exact };
    let status =
        seal_staging(&run.staging, &gathered.order, gathered.manifest, (run.lang, manner), out, err)?;
    if status != NO_BUNDLE {
        remove(run.staging);
    }
    let records = run.tried.records();
    if !records.is_empty() {
        writeln!(out, "{}", run.lang.say(Text::Guess, &[]))?;
        for guess in guess::guess(&records) {
            writeln!(out, "  {}", guess.tell(run.lang))?;
        }
    }
    Ok(if interrupted && status != NO_BUNDLE { INTERRUPTED } else { status })
}

/// Seals what an interrupted run has left.
pub fn resume(
    folder: Option<&Path>,
    args: &Collect,
    world: &World,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    let lang = Lang::chosen(args.lang);
    let place = folder.map_or_else(system::output_folder, PathBuf::from);
    let place = std::path::absolute(&place).unwrap_or(place);
    let found = if place.extension().is_some_and(|ending| ending == staging::ENDING) {
        Some(place.clone())
    } else {
        staging::find(&place).into_iter().next()
    };
    let staging = match found.map(|folder| Staging::open(folder, world.clock)) {
        Some(Ok(staging)) => staging,
        Some(Err(fault)) => {
            let why = told(&fault.to_string(), lang);
            writeln!(err, "{}", lang.say(Text::Fault, &[&format_args!("{}: {why}", place.display())]))?;
            return Ok(NO_BUNDLE);
        }
        None => {
            writeln!(err, "{}", lang.say(Text::NothingToResume, &[&place.display()]))?;
            return Ok(NO_BUNDLE);
        }
    };
    let mut gathered = staging.gathered()?;
    gathered.manifest.times.end = Some((world.clock)());
    gathered.order.output = free(&gathered.order.output);
    staging.log().note("resumed", &[]);
    let status = seal_staging(&staging, &gathered.order, gathered.manifest, (lang, Manner::Exact), out, err)?;
    if status != NO_BUNDLE {
        remove(Arc::new(staging));
    }
    Ok(status)
}

/// Removes what was gathered, once the bundle is written. A step that was left behind may still hold a file of it.
fn remove(staging: Arc<Staging>) {
    let folder = staging.folder().to_owned();
    drop(staging);
    let _ = fs::remove_dir_all(folder);
}

/// Returns a name that is free: a run that was killed at the last moment has written its bundle.
fn free(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let more = (2..100).map(|number| output.with_file_name(format!("{stem}-{number}.zip")));
    let taken = |path: &PathBuf| path.exists() || sealed_name(path).exists();
    std::iter::once(output.to_owned()).chain(more).find(|path| !taken(path)).unwrap_or_default()
}

/// Names the encrypted form of a bundle.
pub fn sealed_name(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".age");
    name.into()
}

/// Seals the files of a staging folder, and says where the bundle is, or what is kept.
fn seal_staging(
    staging: &Staging,
    order: &Order,
    manifest: Manifest,
    (lang, manner): (Lang, Manner),
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    let written = write(staging, order, manifest, lang);
    match written {
        Ok((sealed, redactor)) => {
            leave_map(&sealed, redactor.as_ref(), lang, out, err)?;
            tell(&sealed, lang, manner, out, err)
        }
        Err(fault) => {
            complain(&fault, lang, err)?;
            let folder = staging.folder().display();
            writeln!(err, "{}", lang.say(Text::Kept, &[&folder, &folder]))?;
            Ok(NO_BUNDLE)
        }
    }
}

/// Cleans what was gathered, seals it, and encrypts it where that was asked for.
fn write(
    staging: &Staging,
    order: &Order,
    mut manifest: Manifest,
    lang: Lang,
) -> Result<(Sealed, Option<Redactor>), Error> {
    let fault = |source| Error::Folder { path: staging.folder().to_owned(), source };
    // The manifest is cleaned like all else: it tells names of hosts and of folders.
    SCHEMA.clone_into(&mut manifest.schema);
    fs::write(staging.files().join(MANIFEST), manifest.to_bytes()).map_err(fault)?;
    let place = staging.folder().join("cleaned");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir(&place).map_err(fault)?;
    let mut cleaned = cleaned(&staging.files(), &place, order.redact)?;
    // The bundle is made within the staging folder: what a kill leaves of it is found and removed there.
    let workshop = staging.folder().join("sealing");
    let _ = fs::remove_dir_all(&workshop);
    fs::create_dir(&workshop).map_err(fault)?;
    let plain = workshop.join("bundle.zip");
    let mut sealed = cleaned.seal(&plain, &|folder, manifest| describe(folder, manifest, lang))?;
    let (made, output) = if order.encrypt_to.is_empty() {
        (plain, order.output.clone())
    } else {
        let secret = workshop.join("bundle.zip.age");
        encrypt::encrypt(&plain, &secret, &order.encrypt_to)
            .map_err(|source| Error::Output { path: secret.clone(), source })?;
        (secret, sealed_name(&order.output))
    };
    publish(&made, &output).map_err(|source| Error::Output { path: output.clone(), source })?;
    sealed.bytes = output.metadata().map_or(sealed.bytes, |facts| facts.len());
    sealed.path = output;
    Ok((sealed, cleaned.redactor))
}

/// Writes the map of the pseudonyms beside the bundle, and tells how it opens. Without it the bundle is as good.
pub fn leave_map(
    sealed: &Sealed,
    redactor: Option<&Redactor>,
    lang: Lang,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<()> {
    let Some(redactor) = redactor.filter(|redactor| redactor.pseudonyms().next().is_some()) else {
        return Ok(());
    };
    let path = map::beside(&sealed.path);
    match map::write(redactor, &sealed.root_hash, &path) {
        Ok(passphrase) => writeln!(out, "{}", lang.say(Text::Map, &[&path.display(), &passphrase])),
        Err(fault) => {
            writeln!(err, "{}", lang.say(Text::NoMap, &[&path.display(), &told(&fault.to_string(), lang)]))
        }
    }
}

/// Writes the page for people.
fn describe(folder: &Path, manifest: &Manifest, lang: Lang) -> io::Result<()> {
    let files: Vec<String> = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|item| item.file_type().is_file())
        .map(|item| shown(folder, item.path()))
        .filter(|path| path != README && path != MANIFEST)
        .collect();
    fs::write(folder.join(README), page(manifest, &files, lang))
}

/// Where the page for people lies in a bundle.
const README: &str = "README.txt";

/// How it is said what is not in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As the manifest has it.
    Exact,
    /// In plain words, to the one whose computer it is.
    Plain,
}

/// Prints what was written, and what is not in it.
pub fn tell(
    sealed: &Sealed,
    lang: Lang,
    manner: Manner,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    for step in &sealed.manifest.steps {
        if step.status == StepStatus::Done {
            continue;
        }
        if manner == Manner::Plain {
            writeln!(err, "{}", lang.say(Text::LeftOutPlain, &[&what(step, lang), &why(step, lang)]))?;
            continue;
        }
        let became = lang.pick(status(step.status));
        let reason = step.reason.as_deref().unwrap_or("no reason is known");
        writeln!(err, "{}", lang.say(Text::LeftOut, &[&became, &step.name, &reason]))?;
    }
    let files = sealed.manifest.files.len();
    writeln!(out, "{}", lang.say(Text::Written, &[&sealed.path.display(), &files, &sealed.bytes]))?;
    writeln!(out, "{}", lang.say(Text::RootHash, &[&sealed.root_hash]))?;
    if let Ok(hash) = File::open(&sealed.path).and_then(hash) {
        writeln!(out, "{}", lang.say(Text::FileHash, &[&hash]))?;
    }
    writeln!(out, "{}", lang.say(Text::Quote, &[]))?;
    Ok(status_of(sealed))
}

/// Returns the SHA-256 of a file, in lower-case hexadecimal.
fn hash(mut file: File) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = io::Read::read(&mut file, &mut buffer)?;
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
        sum.update(piece);
    }
    Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
