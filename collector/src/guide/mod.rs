//! Leads a person through a run: what will be read, how long it takes, the consent; what to do when it was not enough.

mod console;
mod live;

use std::io::{self, Write};
use std::path::Path;

pub use console::Console;
pub use live::Live;

use crate::World;
use crate::args::Collect;
use crate::gate::Lack;
use crate::plan::Plan;
use crate::redact::Level;
use crate::words::{Lang, Text};

/// What the user agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The run.
    Run,
    /// The run, and that the connector looks for definitions at once.
    Force,
}

/// What is done when something is lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// More is waited.
    Wait,
    /// The connector is asked to look for definitions at once.
    Force,
    /// The bundle is sealed as it is.
    Seal,
}

/// Explains on three screens what will be done, and asks for consent. `None` where it is not given.
pub fn consent(
    plan: &Plan,
    output: &Path,
    args: &Collect,
    lang: Lang,
    world: &World,
    err: &mut impl Write,
) -> io::Result<Option<Consent>> {
    let width = world.console.width();
    let session = plan.watch.as_ref().map(|watch| &watch.session);

    screen(Text::GuideWhat, lang, width, err)?;
    paragraph(&lang.say(Text::GuideReads, &[]), width, err)?;
    let left_out = match args.redact {
        Level::None => Text::GuideKeepsAll,
        Level::Secrets => Text::GuideKeepsSecrets,
        Level::Full => Text::GuideKeepsPrivate,
    };
    paragraph(&lang.say(left_out, &[]), width, err)?;
    if pressed(Text::GuideGoOn, lang, world, err)?.is_none() {
        return declined(lang, err);
    }

    screen(Text::GuideHowLong, lang, width, err)?;
    let minutes = session.map_or(2, |session| session.span.whole().as_secs().div_ceil(60).saturating_add(2));
    paragraph(&lang.say(Text::GuideTime, &[&minutes]), width, err)?;
    let mut consent = Consent::Run;
    if session.is_some_and(|session| session.can_force()) {
        paragraph(&lang.say(Text::GuideForce, &[]), width, err)?;
        match pressed(Text::GuideForceAsk, lang, world, err)? {
            None => return declined(lang, err),
            Some(answer) if is_yes(&answer) => consent = Consent::Force,
            Some(_) => {}
        }
    } else if pressed(Text::GuideGoOn, lang, world, err)?.is_none() {
        return declined(lang, err);
    }

    screen(Text::GuideConsent, lang, width, err)?;
    paragraph(&lang.say(Text::GuideChanges, &[]), width, err)?;
    paragraph(&lang.say(Text::GuideWhere, &[&output.display()]), width, err)?;
    match pressed(Text::GuideStart, lang, world, err)? {
        Some(answer) if is_yes(&answer) => Ok(Some(consent)),
        Some(_) | None => declined(lang, err),
    }
}

/// Says what is lacking, and asks what to do. Where nobody answers, the bundle is sealed.
pub fn offer(
    lacks: &[Lack],
    minutes: u64,
    can_force: bool,
    lang: Lang,
    world: &World,
    err: &mut impl Write,
) -> io::Result<Choice> {
    tell_lacks(lacks, lang, world, err)?;
    loop {
        writeln!(err, "{}", lang.say(Text::OfferWait, &[&minutes]))?;
        if can_force {
            writeln!(err, "{}", lang.say(Text::OfferForce, &[]))?;
        }
        writeln!(err, "{}", lang.say(Text::OfferSeal, &[]))?;
        let Some(answer) = pressed(Text::OfferAsk, lang, world, err)? else { return Ok(Choice::Seal) };
        match answer.to_ascii_lowercase().as_str() {
            "w" | "1" => return Ok(Choice::Wait),
            "f" | "2" if can_force => return Ok(Choice::Force),
            "s" | "3" => return Ok(Choice::Seal),
            _ => {}
        }
    }
}

/// Says what the bundle lacks.
pub fn tell_lacks(lacks: &[Lack], lang: Lang, world: &World, err: &mut impl Write) -> io::Result<()> {
    if lacks.is_empty() {
        return Ok(());
    }
    writeln!(err, "{}", lang.say(Text::Lacks, &[]))?;
    for lack in lacks {
        paragraph(&format!("- {}", lang.say(lack.text(), &[])), world.console.width(), err)?;
    }
    Ok(())
}

/// Waits before the window closes.
pub fn farewell(lang: Lang, world: &World, err: &mut impl Write) -> io::Result<()> {
    pressed(Text::GuideClose, lang, world, err).map(|_| ())
}

fn declined(lang: Lang, err: &mut impl Write) -> io::Result<Option<Consent>> {
    writeln!(err, "{}", lang.say(Text::GuideDeclined, &[]))?;
    Ok(None)
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes", "是"].contains(&answer.trim().to_lowercase().as_str())
}

fn screen(title: Text, lang: Lang, width: usize, err: &mut impl Write) -> io::Result<()> {
    let title = lang.say(title, &[]);
    let line = "=".repeat(textwrap::core::display_width(&title).min(width));
    writeln!(err, "\n{title}\n{line}")
}

fn paragraph(text: &str, width: usize, err: &mut impl Write) -> io::Result<()> {
    for part in text.split('\n') {
        for line in textwrap::wrap(part, width) {
            writeln!(err, "{line}")?;
        }
    }
    Ok(())
}

fn pressed(question: Text, lang: Lang, world: &World, err: &mut impl Write) -> io::Result<Option<String>> {
    write!(err, "{} ", lang.say(question, &[]))?;
    err.flush()?;
    let answer = world.console.ask(&world.interrupt);
    if answer.is_none() {
        writeln!(err)?;
    }
    Ok(answer)
}
