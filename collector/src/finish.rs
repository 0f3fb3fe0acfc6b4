//! The end of a run: the bundle is sealed and the user told, or what was gathered is kept.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tetra_bundle::{Manifest, Sealed, StepStatus};

use crate::args::Collect;
use crate::collect::{Run, language};
use crate::seal::pack;
use crate::staging::{self, Order, Staging};
use crate::words::{Lang, Text};
use crate::{INTERRUPTED, NO_BUNDLE, World, complain, status_of, system};

/// Seals what a run has gathered.
pub fn finish(run: Run, world: &World, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    let interrupted = world.interrupt.asked();
    writeln!(err, "{}", run.lang.say(if interrupted { Text::Interrupted } else { Text::Sealing }, &[]))?;
    let mut gathered = run.staging.gathered()?;
    gathered.manifest.steps = run.steps;
    gathered.manifest.times.end = Some((world.clock)());
    gathered.manifest.times.monotonic_ms = u64::try_from(run.begun.elapsed().as_millis()).ok();
    let status = seal_staging(&run.staging, &gathered.order, gathered.manifest, run.lang, out, err)?;
    if let Some(staging) = Arc::into_inner(run.staging)
        && status != NO_BUNDLE
    {
        // A step that was left behind may still hold a file of it.
        let _ = staging.remove();
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
    let lang = language(args);
    let place = folder.map_or_else(system::output_folder, PathBuf::from);
    let found = if place.extension().is_some_and(|ending| ending == staging::ENDING) {
        Some(place.clone())
    } else {
        staging::find(&place).into_iter().next()
    };
    let opened = found.map(|folder| std::path::absolute(folder).and_then(Staging::open));
    let staging = match opened {
        Some(Ok(staging)) => staging,
        Some(Err(fault)) => {
            writeln!(err, "error: {}: {fault}", place.display())?;
            return Ok(NO_BUNDLE);
        }
        None => {
            writeln!(err, "{}", lang.say(Text::NothingToResume, &[&place.display()]))?;
            return Ok(NO_BUNDLE);
        }
    };
    let mut gathered = staging.gathered()?;
    gathered.manifest.times.end = Some((world.clock)());
    let status = seal_staging(&staging, &gathered.order, gathered.manifest, lang, out, err)?;
    if status != NO_BUNDLE {
        let _ = staging.remove();
    }
    Ok(status)
}

/// Seals the files of a staging folder, and says where the bundle is, or what is kept.
fn seal_staging(
    staging: &Staging,
    order: &Order,
    manifest: Manifest,
    lang: Lang,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    match pack(&staging.files(), &order.output, manifest) {
        Ok(sealed) => tell(&sealed, lang, out, err),
        Err(fault) => {
            complain(&fault, err)?;
            let folder = staging.folder().display();
            writeln!(err, "{}", lang.say(Text::Kept, &[&folder, &folder]))?;
            Ok(NO_BUNDLE)
        }
    }
}

/// Prints what was written, and what is not in it.
pub fn tell(sealed: &Sealed, lang: Lang, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    for step in &sealed.manifest.steps {
        if step.status == StepStatus::Done {
            continue;
        }
        let what = format!("{:?}", step.status).to_lowercase();
        let reason = step.reason.as_deref().unwrap_or("no reason is known");
        writeln!(err, "{}", lang.say(Text::LeftOut, &[&what, &step.name, &reason]))?;
    }
    let files = sealed.manifest.files.len();
    writeln!(out, "{}", lang.say(Text::Written, &[&sealed.path.display(), &files, &sealed.bytes]))?;
    writeln!(out, "{}", lang.say(Text::RootHash, &[&sealed.root_hash]))?;
    writeln!(out, "{}", lang.say(Text::Quote, &[]))?;
    Ok(status_of(sealed))
}
