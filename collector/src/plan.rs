//! What a run does, in order: made before anything is done, so that it can be shown first.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::args::Collect;
use crate::probe::{Server, Targets};
use crate::step::Step;
use crate::steps::{self, Tried};
use crate::system::{Install, System};
use crate::watch::{self, Session, Settings};

/// The steps of a run.
pub struct Plan {
    /// Before anything is changed: the state that the user complains of.
    pub start: Vec<Step>,
    /// What the steps that test the network find.
    pub tried: Arc<Tried>,
    /// The time in which an update is watched, if it is.
    pub watch: Option<Watched>,
    /// After the time in which the update was watched.
    pub end: Vec<Step>,
}

/// The watch, and what stands around it.
pub struct Watched {
    /// What they share.
    pub session: Arc<Session>,
    /// What is switched on.
    pub begin: Vec<Step>,
    /// What the watch does, for a dry run.
    pub shown: Step,
    /// What is put back, whatever happens.
    pub put_back: Vec<Step>,
}

impl Plan {
    /// Plans a run on an endpoint.
    #[must_use]
    pub fn new(
        args: &Collect,
        system: &Arc<System>,
        install: Option<&Install>,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        let (mut start, mut end) = (Vec::new(), Vec::new());
        if let Some(install) = install {
            start.push(steps::local_xml(install, "local.xml", "connector/local.xml"));
            start.push(steps::posture(install, "posture", "connector/posture.json"));
            start.push(steps::policy_xml(install));
            start.push(steps::plugins(install, clock));
        }
        start.push(steps::services(system));
        start.push(steps::certificates(system));
        let tried = Arc::default();
        start.extend(steps::network(targets(install), !args.no_probes, &tried));
        if let Some(install) = install {
            end.push(steps::local_xml(install, "local.xml at the end", "connector/local-end.xml"));
            end.push(steps::posture(install, "posture at the end", "connector/posture-end.json"));
            end.push(steps::logs(install, u64::from(args.log_limit) << 20));
        }
        if system.is_windows() || system.tool("wevtutil").is_some() {
            end.extend(steps::event_logs(system));
            end.push(steps::power(system, clock));
        }
        let watch = install.filter(|_| !args.no_watch).map(|install| {
            let session = Arc::new(Session::new(args, system, install, clock));
            Watched {
                begin: session.begin(),
                shown: watch::shown(&session, args),
                put_back: session.put_back(),
                session,
            }
        });
        Self { start, tried, watch, end }
    }

    /// Returns how many steps a run will record.
    #[must_use]
    pub fn total(&self, args: &Collect) -> usize {
        // The watch itself, whether it was enough, and the forcing.
        let watch = self.watch.as_ref().map_or(0, |_| 1 + usize::from(args.force_update));
        self.steps().count().saturating_add(watch)
    }

    /// Returns all steps in the order in which they are done.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let watch = self.watch.iter();
        let watch = watch.flat_map(|watch| watch.begin.iter().chain([&watch.shown]).chain(&watch.put_back));
        self.start.iter().chain(watch).chain(&self.end)
    }
}

/// Chooses what the tests go to: what the policy names, where it can be read, else the vendor's usual servers.
fn targets(install: Option<&Install>) -> Targets {
    let settings = install.map(|install| Settings::read(&install.policy_xml)).unwrap_or_default();
    let server = settings.server_at.as_deref().and_then(Server::parse);
    let connector_signs_in = settings.proxy.as_ref().map(|_| settings.signs_in);
    Targets { connector_signs_in, ..Targets::of(server, settings.proxy) }
}
