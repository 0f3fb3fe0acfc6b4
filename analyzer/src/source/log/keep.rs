//! The lines that templates recognised: of each template the first and the last, the rest is counted.

use std::collections::VecDeque;

use super::time::Stamp;
use crate::model::{Fields, Kind, Locator, LogTemplate, Sink, Timestamp};
use crate::source::{code, text};

/// How many of the first, and of the last, lines of a template are kept.
const EACH: usize = 500;
/// How many lines are kept of all templates together.
const ALL: usize = 20_000;
/// How much of a line is kept.
const KEPT: usize = 1 << 10;
/// Longest text of a field.
const FIELD: usize = 300;

/// A line that was recognised.
struct Hit {
    template: usize,
    number: u64,
    line: String,
    stamp: Option<(Stamp, i32)>,
}

#[derive(Default)]
struct Kept {
    first: Vec<Hit>,
    last: VecDeque<Hit>,
    hits: u64,
}

/// Keeps what the templates recognise, in bounded memory.
pub(super) struct Keeper<'a> {
    templates: &'a [LogTemplate],
    kept: Vec<Kept>,
    total: usize,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(templates: &'a [LogTemplate]) -> Self {
        Self { templates, kept: templates.iter().map(|_| Kept::default()).collect(), total: 0 }
    }

    /// Tries a template on a line and keeps the line if it fits.
    pub(super) fn offer(
        &mut self,
        template: usize,
        number: u64,
        line: &str,
        stamp: impl FnOnce() -> Option<(Stamp, i32)>,
    ) {
        let (Some(known), Some(kept)) = (self.templates.get(template), self.kept.get_mut(template)) else {
            return;
        };
        if !known.pattern.is_match(line) {
            return;
        }
        kept.hits = kept.hits.saturating_add(1);
        let line = text::head(line, KEPT);
        if kept.first.len() < EACH && self.total < ALL {
            self.total = self.total.saturating_add(1);
            kept.first.push(Hit { template, number, line: line.to_owned(), stamp: stamp() });
            return;
        }
        // The last one is kept whatever there is; its place is used again for the next.
        let room = kept.last.is_empty() || (kept.last.len() < EACH && self.total < ALL);
        let mut hit = if room {
            self.total = self.total.saturating_add(1);
            Hit { template, number, line: String::new(), stamp: None }
        } else {
            match kept.last.pop_front() {
                Some(oldest) => oldest,
                None => return,
            }
        };
        hit.number = number;
        hit.line.clear();
        hit.line.push_str(line);
        hit.stamp = stamp();
        kept.last.push_back(hit);
    }

    /// States what was kept, in the order of the lines; gives how many lines were recognised, and how many of them are not stated.
    pub(super) fn state(
        self,
        at: &dyn Fn(Option<(Stamp, i32)>) -> Option<Timestamp>,
        sink: &mut Sink,
    ) -> (u64, u64) {
        let hits: u64 = self.kept.iter().map(|kept| kept.hits).sum();
        let mut all: Vec<Hit> =
            self.kept.into_iter().flat_map(|kept| kept.first.into_iter().chain(kept.last)).collect();
        all.sort_by_key(|hit| (hit.number, hit.template));
        let stated = u64::try_from(all.len()).unwrap_or(u64::MAX);
        for hit in all {
            if let Some(template) = self.templates.get(hit.template) {
                let fields = fields(template, &hit.line);
                sink.observe(Kind::LogRecord, Locator::Line(hit.number), &hit.line, at(hit.stamp), fields);
            }
        }
        (hits, hits.saturating_sub(stated))
    }
}

/// Gives the fields of a line: what the template's groups caught, else what the form of lines gives.
fn fields(template: &LogTemplate, line: &str) -> Fields {
    let message = Stamp::message(line).unwrap_or(line).trim();
    let caught = template.pattern.captures(line);
    let group = |name: &str| {
        let found = caught.as_ref()?.name(name)?.as_str();
        Some(text::head(found, FIELD).to_owned())
    };
    let mut fields = Fields::new();
    fields
        .set("log.event", template.event.clone())
        .set("log.verified", template.verified)
        .set("log.text", group("text").unwrap_or_else(|| text::head(message, FIELD).to_owned()))
        .set_opt("log.component", group("component").or_else(|| component(message)))
        .set_opt("log.code", group("code").and_then(|code| code::signed32(&code)))
        .set_opt("log.host", group("host").map(|host| host.trim_end_matches('.').to_ascii_lowercase()));
    fields
}

/// Finds the class and method that wrote a message: `imn::CEventManager::PublishEvent`.
fn component(message: &str) -> Option<String> {
    let word = message.split_whitespace().take(3).find(|word| word.contains("::"))?;
    let end = word.find(['[', '(']).unwrap_or(word.len());
    Some(text::head(word.get(..end)?.trim_end_matches(':'), 120).to_owned())
}
