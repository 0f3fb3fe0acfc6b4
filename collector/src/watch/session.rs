//! What surrounds the watch: the steps that switch logs and capture on before it, and put everything back after it.

mod changes;

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use changes::Debugged;
use chrono::{DateTime, Utc};

use super::policy::Settings;
use super::span::Span;
use super::witness::{self, Lines};
use super::{Sign, connections};
use crate::args::Collect;
use crate::capture::{self, Filter, Recording, Start, Wanted, Way, Wrap};
use crate::restore::{Change, Journal};
use crate::staging::Staging;
use crate::step::{Guard, Interrupt, Outcome, Step};
use crate::system::{Install, System};
use crate::tool::Tool;
use crate::{debug, system};

/// What the names of the vendor's update servers hold.
const SERVERS: [&str; 2] = ["tetra-defs", "/av64bit"];

/// The vendor's sites, as the names of the update servers have them.
const SITES: [&str; 3] = ["", ".eu", ".apjc"];

/// Everything that the watch and the steps around it share.
pub struct Session {
    system: Arc<System>,
    install: Install,
    /// What the policy says.
    pub settings: Settings,
    /// How long is waited.
    pub span: Span,
    ways: Vec<Way>,
    wanted: Wanted,
    recording: Mutex<Option<Recording>>,
    signs: Sender<Sign>,
    /// What the witnesses saw.
    pub heard: Mutex<Receiver<Sign>>,
    lines: Lines,
    /// Whether the ring of a capture that is ended wrapped.
    wrapped: Mutex<Option<Wrap>>,
    debugged: Mutex<Option<Debugged>>,
    clock: fn() -> DateTime<Utc>,
    end: Interrupt,
}

impl Session {
    /// Plans a watch.
    #[must_use]
    pub fn new(
        args: &Collect,
        system: &Arc<System>,
        install: &Install,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        let settings = Settings::read(&install.policy_xml);
        let span = Span::new(args.interval, &settings, Some(install));
        let filter =
            if args.all_traffic { Filter::All } else { Filter::new(&settings.ports, settings.readable) };
        let names = settings.server.iter().map(String::as_str).chain(SERVERS).map(str::to_owned).collect();
        let limit = u64::from(args.capture_limit) << 20;
        let (signs, heard) = channel();
        Self {
            ways: capture::ways(system),
            system: Arc::clone(system),
            install: install.clone(),
            settings,
            span,
            wanted: Wanted { filter, limit, time: span.whole(), names },
            recording: Mutex::default(),
            signs,
            heard: Mutex::new(heard),
            lines: Lines::default(),
            wrapped: Mutex::default(),
            debugged: Mutex::default(),
            clock,
            end: Interrupt::default(),
        }
    }

    /// Lists the steps before the watch.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(tool) = debug::capi2_switch(&self.system, true) {
            steps.push(self.step("event log capi2 on", 30, vec![run(&tool)], |session, guard, _| {
                session.with_journal(|journal| {
                    debug::capi2_on(&session.system, journal, guard)
                        .map_or_else(|why| why, |(_, outcome)| outcome)
                })
            }));
        }
        if let Some(tool) = debug::switch(&self.install, true) {
            steps.push(
                self.step("debug log on", 30, vec![run(&tool)], |session, guard, _| session.debug_on(guard)),
            );
        }
        let first = self.ways.first();
        let does = first.map_or_else(Vec::new, |way| way.shown(&self.wanted));
        let does = does.into_iter().map(|line| format!("run {line}")).collect();
        steps.push(
            self.step("capture on", 60, does, |session, guard, staging| session.capture_on(guard, staging)),
        );
        steps
    }

    /// Lists the steps after the watch. They are done even where the run is to end.
    #[must_use]
    pub fn put_back(self: &Arc<Self>) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(tool) = debug::switch(&self.install, false) {
            steps.push(
                self.step("debug log off", 60, vec![run(&tool)], |session, guard, _| {
                    session.debug_off(guard)
                }),
            );
        }
        if let Some(tool) = debug::capi2_switch(&self.system, false) {
            steps.push(self.step("event log capi2 off", 60, vec![run(&tool)], |session, guard, _| {
                session.undo(&Change::Capi2, guard)
            }));
        }
        steps.push(self.step("capture", 300, Vec::new(), |session, guard, staging| {
            let recording = session.recording.lock().unwrap_or_else(PoisonError::into_inner).take();
            match recording {
                Some(recording) => {
                    let (outcome, wrap) = recording.stop(guard, staging);
                    *session.wrapped.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrap);
                    outcome
                }
                None => session.undo_capture(guard),
            }
        }));
        steps
    }

    /// Makes the step that has the connector look for definitions at once.
    #[must_use]
    pub fn force(self: &Arc<Self>) -> Step {
        let does = self.forcing().map_or_else(Vec::new, |tool| vec![run(&tool)]);
        self.step("force update", 120, does, |session, guard, staging| {
            let Some(tool) = session.forcing() else {
                return Outcome::skipped("the connector's program sfc is not there");
            };
            staging.log().note("update forced", &[("program", tool.shown().into())]);
            match debug::ran(&tool, guard) {
                outcome if outcome == Outcome::done() => {
                    Outcome::noted("the connector was asked to look for definitions at once: what follows is not its own rhythm")
                }
                outcome => outcome,
            }
        })
    }

    fn forcing(&self) -> Option<Tool> {
        Some(Tool::new(self.install.sfc.clone()?, ["-forceupdate"]))
    }

    /// Returns whether an update can be forced.
    #[must_use]
    pub fn can_force(&self) -> bool {
        self.install.sfc.is_some()
    }

    /// Sends the witnesses out.
    pub fn send_out(&self) {
        witness::log(&self.install, &self.lines, self.signs.clone(), &self.end);
        witness::local_xml(self.install.local_xml.clone(), self.signs.clone(), &self.end);
        let usual = SITES.map(|site| format!("tetra-defs{site}.amp.cisco.com"));
        let names = self.settings.server.clone().map_or_else(|| usual.to_vec(), |server| vec![server]);
        connections::watch(names, self.signs.clone(), &self.end);
    }

    /// Calls the witnesses back.
    pub fn call_back(&self) {
        self.end.ask();
    }

    /// Returns the lines that came since the witnesses were sent out, if the log can be read.
    #[must_use]
    pub fn lines(&self) -> Option<u64> {
        let readable = std::fs::read_dir(&self.install.logs).ok()?.flatten().any(|item| {
            let ours = item.file_name().to_str().is_some_and(|name| self.install.is_log(name));
            ours && system::open_shared(&item.path()).is_ok()
        });
        readable.then(|| self.lines.load(Ordering::Relaxed))
    }

    /// Returns whether the ring of packets has given up its oldest, where packets are, or were, captured.
    #[must_use]
    pub fn capture(&self) -> Option<Wrap> {
        let ended = *self.wrapped.lock().unwrap_or_else(PoisonError::into_inner);
        let recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        ended.or_else(|| recording.as_ref().map(Recording::wrap))
    }

    fn capture_on(&self, guard: &Guard, staging: &Staging) -> Outcome {
        let free = self.system.host(staging.folder()).disk_free_bytes;
        let limit = match capture::room(free, self.wanted.limit) {
            Ok(limit) => limit,
            Err(outcome) => return outcome,
        };
        let wanted = Wanted { limit, ..self.wanted.clone() };
        let started = self.system.state_folder().map(|folder| Journal::new(&folder)).map(|journal| {
            let plan = Start { wanted: &wanted, signs: &self.signs, journal: &journal, now: (self.clock)() };
            capture::start(&self.ways, &plan, guard, staging)
        });
        match started {
            Err(fault) => Outcome::fault("the journal", &fault),
            Ok(Err(outcome)) => outcome,
            Ok(Ok((recording, remark))) => {
                let mut said = format!("{} captures, at most {} MiB", recording.by(), limit >> 20);
                if let Some(remark) = remark {
                    said = format!("{said}; before it was tried: {remark}");
                }
                *self.recording.lock().unwrap_or_else(PoisonError::into_inner) = Some(recording);
                Outcome::noted(said)
            }
        }
    }

    fn step(
        self: &Arc<Self>,
        name: &str,
        seconds: u64,
        does: Vec<String>,
        act: impl FnOnce(&Self, &Guard, &Staging) -> Outcome + Send + 'static,
    ) -> Step {
        let session = Arc::clone(self);
        let act = Box::new(move |guard: &Guard, staging: &Staging| act(&session, guard, staging));
        Step { name: name.to_owned(), does, time: Duration::from_secs(seconds), act }
    }
}

fn run(tool: &Tool) -> String {
    format!("run {}", tool.shown())
}
