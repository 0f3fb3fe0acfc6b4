//! Every place of an analysis at which a sentence built by the program may stand.

use crate::model::{Analysis, CauseReport, EvidenceRef, RuledOut};

/// Hands every sentence to a function that may change it.
pub(super) fn texts(analysis: &mut Analysis, change: &mut impl FnMut(&mut String)) {
    let diagnosis = &mut analysis.diagnosis;
    change(&mut diagnosis.summary);
    let causes = diagnosis.primary.iter_mut().chain(&mut diagnosis.others).chain(&mut diagnosis.consequences);
    for CauseReport { summary, evidence, .. } in causes {
        change(summary);
        excerpts(evidence, change);
    }
    for RuledOut { because, evidence, .. } in
        diagnosis.ruled_out.iter_mut().chain(&mut diagnosis.contradictions)
    {
        change(because);
        excerpts(evidence, change);
    }
    for doubt in &mut diagnosis.cannot_tell {
        change(&mut doubt.because);
        change(&mut doubt.collect);
    }
    diagnosis.next.iter_mut().for_each(&mut *change);
    for attempt in &mut analysis.attempts {
        for rung in &mut attempt.stages {
            change(&mut rung.summary);
            excerpts(&mut rung.evidence, change);
        }
        for passage in &mut attempt.picture.passages {
            change(&mut passage.what);
        }
    }
    for finding in &mut analysis.findings {
        change(&mut finding.summary);
        excerpts(&mut finding.evidence, change);
    }
    for source in &mut analysis.coverage {
        change(&mut source.note);
    }
    for anomaly in &mut analysis.anomalies {
        change(&mut anomaly.what);
    }
    analysis.endpoint.awake.iter_mut().for_each(&mut *change);
    if let Some(error) = &mut analysis.endpoint.last_error
        && let Some((number, meaning)) = error.split_once("): ")
    {
        let mut meaning = meaning.to_owned();
        let number = number.to_owned();
        change(&mut meaning);
        *error = format!("{number}): {meaning}");
    }
}

/// Only of frames is the excerpt the program's word; of files it is what stands there.
fn excerpts(evidence: &mut [EvidenceRef], change: &mut impl FnMut(&mut String)) {
    for one in evidence.iter_mut().filter(|one| one.frame.is_some() || one.source == "capture") {
        change(&mut one.excerpt);
    }
}
