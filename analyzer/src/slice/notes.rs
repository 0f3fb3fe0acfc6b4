//! What the frames of the evidence show, each in one line.

use std::collections::BTreeMap;

use crate::model::{Analysis, EvidenceRef, StageState};
use crate::report::text::clean;

/// Most things said of one frame, and most reasons for which it is shown.
const SAID: usize = 4;

/// What is said of one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Note {
    shows: Vec<String>,
    matters: Vec<String>,
}

/// What is said of frames, by the path of the capture and the frame's number.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(BTreeMap<(String, u64), Note>);

impl Notes {
    /// Gives the frames of which something is said.
    pub fn frames(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.keys().map(|(path, frame)| (path.as_str(), *frame))
    }

    /// Gives the comment of a frame; `also` says what else it is.
    pub fn comment(&self, path: &str, frame: u64, also: Option<&str>) -> Option<String> {
        let note = self.0.get(&(path.to_owned(), frame));
        let mut says: Vec<&str> = note.iter().flat_map(|note| &note.shows).map(String::as_str).collect();
        says.extend(also);
        if says.is_empty() {
            return None;
        }
        let matters = note.map(|note| note.matters.join("; ")).filter(|matters| !matters.is_empty());
        let matters = matters.map(|matters| format!(" ({matters})")).unwrap_or_default();
        Some(clean(&format!("{}{matters} [frame {frame} of {path}]", says.join("; "))))
    }

    fn note(&mut self, evidence: &[EvidenceRef], matters: &str) {
        for one in evidence {
            let Some(frame) = one.frame else { continue };
            let note = self.0.entry((one.path.clone(), frame)).or_default();
            for (list, text) in [(&mut note.shows, one.excerpt.as_str()), (&mut note.matters, matters)] {
                if list.len() < SAID && !list.iter().any(|known| known == text) {
                    list.push(text.to_owned());
                }
            }
        }
    }
}

/// Collects what an analysis says of frames, the most telling first.
pub(super) fn of(analysis: &Analysis) -> Notes {
    let mut notes = Notes::default();
    let diagnosis = &analysis.diagnosis;
    if let Some(primary) = &diagnosis.primary {
        notes.note(&primary.evidence, &format!("cause {}", primary.cause));
    }
    for attempt in &analysis.attempts {
        for stage in &attempt.stages {
            let held = match stage.state {
                StageState::Ok => "holds",
                StageState::Failed => "fails",
                StageState::Recovered => "fails and is overcome",
                StageState::NotReached | StageState::NotSeen | StageState::CannotTell => "does not tell",
            };
            notes.note(&stage.evidence, &format!("attempt {}: {} {held}", attempt.id, stage.stage.name()));
        }
    }
    for (causes, word) in [(&diagnosis.others, "also"), (&diagnosis.consequences, "follows")] {
        for cause in causes {
            notes.note(&cause.evidence, &format!("{word}: {}", cause.cause));
        }
    }
    for (list, word) in [(&diagnosis.contradictions, "contradiction"), (&diagnosis.ruled_out, "rules out")] {
        for one in list {
            notes.note(&one.evidence, &format!("{word}: {}", one.category));
        }
    }
    notes
}
