//! What the rules said of the cases: right or not, the same as before or not, as JSON and as JUnit XML.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::junit;
use super::case::{Case, Expected, Lab, Truth};
use crate::model::{Analysis, PackInfo, Verdict};
use crate::run::Error;

/// The form of the JSON.
pub(super) const SCHEMA: &str = "tetra-backtest/1";

/// What the rules said of all cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Run {
    /// `tetra-backtest/1`.
    pub schema: String,
    /// The packs.
    pub rules: Vec<PackInfo>,
    /// The cases by name.
    pub cases: Vec<Outcome>,
}

/// What the rules said of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// The case.
    pub case: String,
    /// The known answer: a cause, or a verdict.
    pub expected: String,
    /// The answer: a cause, or a verdict.
    pub said: String,
    /// The verdict; empty where the case could not be analysed.
    pub verdict: String,
    /// The category of the cause.
    pub category: Option<String>,
    /// Whether the category is right.
    pub category_right: bool,
    /// Whether the answer is right.
    pub right: bool,
    /// Why the case could not be analysed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// What is read of an earlier run.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Baseline {
    schema: String,
    cases: Vec<Outcome>,
}

/// A case whose answer is another than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flip {
    /// The case.
    pub case: String,
    /// The answer before; `None` where the case is new.
    pub before: Option<String>,
    /// The answer now; `None` where the case is gone.
    pub now: Option<String>,
    /// Whether it was right and is no more.
    pub worse: bool,
    /// Whether it is right and was not.
    pub better: bool,
}

/// Compares an analysis with the known answer.
pub(super) fn judge(case: &Case, analysis: &Analysis) -> Outcome {
    let verdict = match analysis.diagnosis.verdict {
        Verdict::Broken => "broken",
        Verdict::Degraded => "degraded",
        Verdict::Healthy => "healthy",
        Verdict::Inconclusive => "inconclusive",
    };
    let primary = analysis.diagnosis.primary.as_ref();
    let (category, cause) = (primary.map(|one| one.category.as_str()), primary.map(|one| one.cause.as_str()));
    let (category_right, right) = right(&case.truth, verdict, category, cause);
    Outcome {
        case: case.name.clone(),
        expected: case.truth.name(),
        said: cause.unwrap_or(verdict).to_owned(),
        verdict: verdict.to_owned(),
        category: category.map(str::to_owned),
        category_right,
        right,
        error: None,
    }
}

/// Says whether category and answer are right.
pub(super) fn right(
    truth: &Truth,
    verdict: &str,
    category: Option<&str>,
    cause: Option<&str>,
) -> (bool, bool) {
    match truth {
        Truth::Expected(expected) => as_expected(expected, verdict, category, cause),
        Truth::Lab(truth) => as_known(truth, verdict, category, cause),
    }
}

/// Tells of a case that could not be analysed.
pub(super) fn failed(case: &Case, why: String) -> Outcome {
    Outcome {
        case: case.name.clone(),
        expected: case.truth.name(),
        said: "no answer".to_owned(),
        verdict: String::new(),
        category: None,
        category_right: false,
        right: false,
        error: Some(why),
    }
}

fn as_expected(
    expected: &Expected,
    verdict: &str,
    category: Option<&str>,
    cause: Option<&str>,
) -> (bool, bool) {
    let right = category == expected.category.as_deref();
    (right, right && verdict == expected.verdict && cause == expected.cause.as_deref())
}

/// Says whether category and answer are right by what was done to the network.
///
/// Where the capture shows the fault only in part, the right category or `inconclusive` will do; where it cannot show
/// it, anything but a wrong category.
fn as_known(truth: &Lab, verdict: &str, category: Option<&str>, cause: Option<&str>) -> (bool, bool) {
    // The laboratory calls `other` what the product calls `connect`.
    let connect = |word: &str| if word == "other" { "connect".to_owned() } else { word.to_owned() };
    let accepted: Vec<String> = match truth.acceptable_categories.as_slice() {
        [] => vec![connect(&truth.category)],
        all => all.iter().map(|word| connect(word)).collect(),
    };
    let fits = category.is_some_and(|category| accepted.iter().any(|word| word == category));
    let well = category.is_none() && matches!(verdict, "healthy" | "degraded");
    let open = category.is_none() && verdict == "inconclusive";
    if truth.category == "healthy" {
        let right = well || (open && truth.observable != "full");
        return (right, right);
    }
    if truth.observable == "none" || truth.cause.as_deref() == Some("capture-ends-before-the-fault") {
        let right = category.is_none() && (well || open) || fits;
        return (right, right);
    }
    let recovered = well && accepted.iter().any(|word| word == "healthy");
    let partial = truth.observable == "partial";
    let category_right = fits || recovered || (partial && open);
    let exact = cause.is_some() && cause == truth.cause.as_deref();
    (category_right, exact && category_right || recovered || (partial && category_right))
}

/// Reads an earlier run.
pub(super) fn read(path: &Path) -> Result<Baseline, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Cases { path: path.to_owned(), source })?;
    let wrong = |source| Error::Answer { path: path.to_owned(), source };
    let baseline: Baseline = serde_json::from_str(&text).map_err(wrong)?;
    if baseline.schema != SCHEMA {
        return Err(wrong(serde::de::Error::custom(format!("its schema is not {SCHEMA}"))));
    }
    Ok(baseline)
}

/// Names the cases whose answer is another than in the earlier run.
pub(super) fn flips(baseline: &Baseline, run: &Run) -> Vec<Flip> {
    let mut both: BTreeMap<&str, (Option<&Outcome>, Option<&Outcome>)> = BTreeMap::new();
    for before in &baseline.cases {
        both.entry(&before.case).or_default().0 = Some(before);
    }
    for now in &run.cases {
        both.entry(&now.case).or_default().1 = Some(now);
    }
    let mut flips = Vec::new();
    for (case, (before, now)) in both {
        let was = before.is_some_and(|one| one.right);
        let is = now.is_some_and(|one| one.right);
        let said = |one: Option<&Outcome>| one.map(|one| one.said.clone());
        if said(before) != said(now) || (was != is && before.is_some() && now.is_some()) {
            flips.push(Flip {
                case: case.to_owned(),
                before: said(before),
                now: said(now),
                worse: was && now.is_some() && !is,
                better: before.is_some() && !was && is,
            });
        }
    }
    flips
}

/// Writes a run as JSON.
pub(super) fn render(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(run).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes a run as JUnit XML.
pub(super) fn junit(run: &Run) -> String {
    let cases: Vec<junit::Case> = run
        .cases
        .iter()
        .map(|one| junit::Case {
            class: one.expected.clone(),
            name: one.case.clone(),
            failure: (!one.right).then(|| match &one.error {
                Some(why) => format!("cannot be analysed: {why}"),
                None => format!("said {}, expected {}", one.said, one.expected),
            }),
        })
        .collect();
    junit::write("tetra-analyze rules backtest", &cases)
}
