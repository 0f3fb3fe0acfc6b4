//! A run as text: what was taken for what, precision and recall per cause, and what differs from before.

use std::collections::BTreeMap;

use super::outcome::{Flip, Outcome, Run};

/// How often an answer was right, and how often it was given and due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    /// Given and right.
    pub right: usize,
    /// Given.
    pub said: usize,
    /// Due.
    pub due: usize,
}

/// Writes the run; `flips` is what differs from the baseline, if there is one.
pub(super) fn render(run: &Run, flips: Option<&[Flip]>) -> String {
    let mut out = String::new();
    for one in run.cases.iter().filter(|one| !one.right) {
        let why = one.error.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        out.push_str(&format!("{}: said {}, expected {}{why}\n", one.case, one.said, one.expected));
    }
    scores(&scored(&run.cases), &mut out);
    confusion(&run.cases, &mut out);
    if let Some(flips) = flips {
        compared(flips, &mut out);
    }
    let count = |right: fn(&Outcome) -> bool| run.cases.iter().filter(|one| right(one)).count();
    let (all, answers, categories) =
        (run.cases.len(), count(|one| one.right), count(|one| one.category_right));
    out.push_str(&format!("\n{all} cases: answer right {answers}, category right {categories}\n"));
    out
}

/// Counts every answer. An answer that is accepted in place of the known one counts as that one.
pub(super) fn scored(cases: &[Outcome]) -> BTreeMap<&str, Score> {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for one in cases {
        let said = if one.right { &one.expected } else { &one.said };
        scores.entry(said).or_default().said += 1;
        let due = scores.entry(&one.expected).or_default();
        due.due += 1;
        due.right += usize::from(one.right);
    }
    scores
}

fn scores(scores: &BTreeMap<&str, Score>, out: &mut String) {
    let width = scores.keys().map(|name| name.len()).max().unwrap_or(0).max("answer".len());
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!(
        "{:width$}  {:>5}  {:>5}  {:>9}  {:>6}\n",
        "answer", "cases", "said", "precision", "recall"
    ));
    for (name, score) in scores {
        out.push_str(&format!(
            "{name:width$}  {:>5}  {:>5}  {:>9}  {:>6}\n",
            score.due,
            score.said,
            share(score.right, score.said),
            share(score.right, score.due)
        ));
    }
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.2}", part as f64 / whole as f64) }
}

/// Writes what was taken for what, most often first; what was right is left out.
fn confusion(cases: &[Outcome], out: &mut String) {
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in cases.iter().filter(|one| !one.right) {
        *pairs.entry((&one.expected, &one.said)).or_default() += 1;
    }
    if pairs.is_empty() {
        return;
    }
    let mut pairs: Vec<((&str, &str), usize)> = pairs.into_iter().collect();
    pairs.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    let wide = |pick: fn(&(&str, &str)) -> usize| pairs.iter().map(|(pair, _)| pick(pair)).max().unwrap_or(0);
    let (left, right) = (wide(|pair| pair.0.len()).max(8), wide(|pair| pair.1.len()).max(9));
    out.push_str(&format!("\n{:left$}  {:right$}  {:>5}\n", "expected", "taken for", "cases"));
    for ((expected, said), count) in pairs {
        out.push_str(&format!("{expected:left$}  {said:right$}  {count:>5}\n"));
    }
}

fn compared(flips: &[Flip], out: &mut String) {
    let worse = flips.iter().filter(|flip| flip.worse).count();
    let better = flips.iter().filter(|flip| flip.better).count();
    out.push_str(&format!(
        "\nagainst the baseline: {worse} worse, {better} better, {} other\n",
        flips.len() - worse - better
    ));
    for flip in flips {
        let word = if flip.worse {
            "worse "
        } else if flip.better {
            "better"
        } else {
            "other "
        };
        let name = |answer: &Option<String>| answer.clone().unwrap_or_else(|| "no such case".to_owned());
        out.push_str(&format!("{word} {}: {} -> {}\n", flip.case, name(&flip.before), name(&flip.now)));
    }
}
