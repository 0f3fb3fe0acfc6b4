//! Watches for an update attempt: debug log and capture on, the attempt waited for, everything put back.

mod attempt;
mod connections;
mod policy;
mod session;
mod span;
mod witness;

use std::io::{self, Write};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use attempt::{Patience, Phase, Sign, Tracker, Witness};
pub use policy::Settings;
pub use session::Session;
use tetra_bundle::{StepRecord, StepStatus};

use crate::World;
use crate::args::Collect;
use crate::collect::Run;
use crate::gate::{self, Known, Lack};
use crate::guide::{self, Choice, Live};
use crate::step::{Interrupt, Step};
use crate::words::Text;

/// How often the watch looks up.
const TICK: Duration = Duration::from_millis(100);

/// How long an update that was forced is waited for.
const FORCED: Duration = Duration::from_secs(900);

/// A watch at work.
struct Watch<'a> {
    session: &'a Arc<Session>,
    args: &'a Collect,
    world: &'a World,
    tracker: Tracker,
    live: Live,
    begun: Instant,
    until: Duration,
    to_end: bool,
    forced: bool,
    over: Option<String>,
}

/// Returns what a dry run shows of the watch.
#[must_use]
pub fn shown(session: &Session, args: &Collect) -> Step {
    let span = session.span;
    let mut does = vec![format!(
        "wait for an update attempt: the interval is {} s ({}), and {} s more",
        span.interval.as_secs(),
        span.source.name(),
        span.margin.as_secs()
    )];
    if cfg!(windows) {
        does.push("keep the computer from going to sleep by itself meanwhile".to_owned());
    }
    if ends_with_attempt(args) {
        does.push("end sooner, some seconds after an attempt was seen to end".to_owned());
    }
    let act = Box::new(|_: &_, _: &_| crate::step::Outcome::done());
    Step { name: "watch".to_owned(), does, time: span.whole(), act }
}

/// Returns whether the watch ends when an attempt has ended.
fn ends_with_attempt(args: &Collect) -> bool {
    args.until_attempt || args.force_update || args.guided
}

/// Watches, says whether that was enough, and offers more where somebody is there to choose. Returns what is lacking.
pub fn watch(
    run: &mut Run,
    session: &Arc<Session>,
    args: &Collect,
    world: &World,
    err: &mut impl Write,
) -> io::Result<Vec<Lack>> {
    let mut watch = Watch {
        session,
        args,
        world,
        tracker: Tracker::new(Patience::usual().scaled(args.place.patience)),
        live: Live::new(&world.console, run.lang),
        begun: Instant::now(),
        until: session.span.whole(),
        to_end: ends_with_attempt(args),
        forced: false,
        over: None,
    };
    if args.force_update {
        watch.force(run, err)?;
    }
    loop {
        watch.wait(err)?;
        let known = watch.known();
        let lacks = gate::lacks(&known);
        let mends = lacks.iter().any(|lack| lack.is_mended_by_waiting());
        if !mends || world.interrupt.asked() || args.yes || !world.console.is_interactive() {
            if lacks.iter().any(|lack| lack.is_grave()) {
                guide::tell_lacks(&lacks, run.lang, world, err)?;
            }
            if mends {
                writeln!(err, "{}", run.lang.say(Text::LackAdvice, &[]))?;
            }
            watch.conclude(run, &known, err)?;
            return Ok(lacks);
        }
        let minutes = gate::minutes(&known, session.span.whole());
        let can_force = session.can_force() && !watch.forced;
        match guide::offer(&lacks, minutes, can_force, run.lang, world, err)? {
            Choice::Wait => {
                watch.until =
                    watch.begun.elapsed().saturating_add(Duration::from_secs(minutes.saturating_mul(60)));
                watch.to_end = true;
            }
            Choice::Force => {
                let time = FORCED.mul_f64(args.place.patience.clamp(0.001, 100.0));
                watch.until = watch.begun.elapsed().saturating_add(time);
                watch.to_end = true;
                watch.force(run, err)?;
            }
            Choice::Seal => {
                watch.conclude(run, &known, err)?;
                return Ok(lacks);
            }
        }
    }
}

impl Watch<'_> {
    /// Waits until the time is over, the attempt is, or the run.
    fn wait(&mut self, err: &mut impl Write) -> io::Result<()> {
        loop {
            let now = self.begun.elapsed();
            let heard = self.session.heard.lock().unwrap_or_else(PoisonError::into_inner);
            for sign in heard.try_iter() {
                self.tracker.note(now, sign);
            }
            drop(heard);
            self.over = self.tracker.over(now);
            let left = self.until.saturating_sub(now);
            self.live.show(left, self.tracker.seen().is_some(), err)?;
            if left.is_zero() || self.world.interrupt.asked() || (self.to_end && self.over.is_some()) {
                return self.live.end(err);
            }
            thread::sleep(TICK.min(left));
        }
    }

    fn force(&mut self, run: &mut Run, err: &mut impl Write) -> io::Result<()> {
        self.forced = true;
        run.step(self.session.force(), self.args, self.world, err)
    }

    fn known(&self) -> Known {
        let capture = self.session.capture();
        Known {
            watched: self.begun.elapsed(),
            interval: self.session.span.interval,
            seen: self.tracker.seen().is_some(),
            over: self.over.is_some(),
            capture: capture.is_some(),
            wrap: capture.unwrap_or_default(),
            lines: self.session.lines(),
        }
    }

    /// Records what was seen.
    fn conclude(self, run: &mut Run, known: &Known, err: &mut impl Write) -> io::Result<()> {
        let span = self.session.span;
        let seen = match self.tracker.seen() {
            None => "no update attempt was seen".to_owned(),
            Some((at, sign)) => {
                let by: Vec<_> = self.tracker.witnesses().iter().map(|witness| witness.name()).collect();
                let over = self.over.as_deref().unwrap_or("it was still going on");
                let attempt = if self.forced { "a forced update attempt" } else { "an update attempt" };
                format!(
                    "{attempt} was seen after {} s ({}: {}; seen by {}); its end: {over}",
                    at.as_secs(),
                    sign.witness.name(),
                    sign.what,
                    by.join(", ")
                )
            }
        };
        let watched = known.watched.as_secs();
        let reason = format!(
            "{seen}; watched for {watched} s; the update interval is {} s ({})",
            span.interval.as_secs(),
            span.source.name()
        );
        let interrupted = self.world.interrupt.asked();
        let status = if interrupted { StepStatus::Failed } else { StepStatus::Done };
        let ms = u64::try_from(known.watched.as_millis()).ok();
        run.record(StepRecord { name: "watch".to_owned(), status, reason: Some(reason), ms }, err)
    }
}

/// Records whether what was seen is enough, once it is known what became of the capture; tells what is new.
pub fn sufficiency(
    run: &mut Run,
    session: &Session,
    mut lacks: Vec<Lack>,
    world: &World,
    err: &mut impl Write,
) -> io::Result<()> {
    if let Some(lack) = session.capture().and_then(|wrap| gate::correct(&mut lacks, wrap)) {
        guide::tell_lacks(&[lack], run.lang, world, err)?;
    }
    let lacking: Vec<String> = lacks.iter().map(|lack| lack.text().both().0.to_owned()).collect();
    let lacking = lacking.join("; ");
    let (status, reason) = if lacks.iter().any(|lack| lack.is_grave()) {
        (StepStatus::Failed, Some(format!("this bundle may not answer the question: {lacking}")))
    } else {
        (StepStatus::Done, Some(lacking).filter(|lacking| !lacking.is_empty()))
    };
    run.record(StepRecord { name: "sufficiency".to_owned(), status, reason, ms: None }, err)
}

/// Makes a world in which nobody interrupts: what was changed is put back whatever happens.
#[must_use]
pub fn calm(world: &World) -> World {
    World { interrupt: Interrupt::default(), ..world.clone() }
}
