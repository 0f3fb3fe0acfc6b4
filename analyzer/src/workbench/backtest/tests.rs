//! Tests of the judgement, the scores and the comparison with an earlier run.

use super::case::{Expected, Lab, Truth};
use super::*;

fn lab(category: &str, cause: &str, observable: &str, accepted: &[&str]) -> Truth {
    Truth::Lab(Lab {
        category: category.into(),
        acceptable_categories: accepted.iter().map(|word| (*word).to_owned()).collect(),
        cause: Some(cause.into()),
        observable: observable.into(),
    })
}

fn case(name: &str, truth: Truth) -> Case {
    Case { name: name.into(), inputs: Vec::new(), bytes: 1, truth }
}

/// Makes an outcome that was judged elsewhere.
fn outcome(case: &str, expected: &str, said: &str, right: bool) -> Outcome {
    Outcome {
        case: case.into(),
        expected: expected.into(),
        said: said.into(),
        verdict: "broken".into(),
        category: None,
        category_right: right,
        right,
        error: None,
    }
}

fn run_of(cases: Vec<Outcome>) -> Run {
    Run { schema: outcome::SCHEMA.into(), rules: Vec::new(), cases }
}

#[test]
fn answers_are_judged_by_what_the_capture_can_show() {
    let judge = |truth: &Truth, verdict: &str, category: Option<&str>, cause: Option<&str>| {
        outcome::right(truth, verdict, category, cause)
    };
    let refused = lab("other", "tcp-refused", "full", &["other"]);
    assert_eq!(judge(&refused, "broken", Some("connect"), Some("tcp-refused")), (true, true));
    assert_eq!(judge(&refused, "broken", Some("connect"), Some("tcp-syn-timeout")), (true, false));
    assert_eq!(judge(&refused, "broken", Some("dns"), Some("tcp-refused")), (false, false));
    assert_eq!(judge(&refused, "inconclusive", None, None), (false, false));
    let partial = lab("tls", "tls-cert-expired", "partial", &["tls"]);
    assert_eq!(judge(&partial, "inconclusive", None, None), (true, true));
    assert_eq!(judge(&partial, "broken", Some("tls"), Some("other")), (true, true));
    let hidden = lab("dns", "dns-timeout", "none", &["dns"]);
    assert_eq!(judge(&hidden, "healthy", None, None), (true, true));
    assert_eq!(judge(&hidden, "broken", Some("tls"), Some("x")), (false, false));
    let recovered = lab("dns", "dns-timeout", "full", &["dns", "healthy"]);
    assert_eq!(judge(&recovered, "degraded", None, None), (true, true));
    let healthy = lab("healthy", "none", "full", &[]);
    assert_eq!(judge(&healthy, "degraded", None, None), (true, true));
    assert_eq!(judge(&healthy, "inconclusive", None, None), (false, false));
    assert_eq!(judge(&healthy, "broken", Some("dns"), Some("dns-timeout")), (false, false));
    let expected = Truth::Expected(Expected {
        verdict: "broken".into(),
        category: Some("dns".into()),
        cause: Some("dns-timeout".into()),
    });
    assert_eq!(judge(&expected, "broken", Some("dns"), Some("dns-timeout")), (true, true));
    assert_eq!(judge(&expected, "degraded", Some("dns"), Some("dns-timeout")), (true, false));
}

#[test]
fn precision_and_recall_are_of_answers_given_and_due() {
    let run = run_of(vec![
        outcome("a", "dns-timeout", "dns-timeout", true),
        outcome("b", "dns-timeout", "tcp-refused", false),
        outcome("c", "tcp-refused", "tcp-refused", true),
        outcome("d", "healthy", "degraded", true),
        outcome("e", "dns-timeout", "tcp-refused", false),
    ]);
    let scores = table::scored(&run.cases);
    assert_eq!(scores["dns-timeout"], table::Score { right: 1, said: 1, due: 3 });
    assert_eq!(scores["tcp-refused"], table::Score { right: 1, said: 3, due: 1 });
    assert_eq!(scores["healthy"], table::Score { right: 1, said: 1, due: 1 });
    assert_eq!(
        table::render(&run, None),
        "b: said tcp-refused, expected dns-timeout\n\
         e: said tcp-refused, expected dns-timeout\n\
         \n\
         answer       cases   said  precision  recall\n\
         dns-timeout      3      1       1.00    0.33\n\
         healthy          1      1       1.00    1.00\n\
         tcp-refused      1      3       0.33    1.00\n\
         \n\
         expected     taken for    cases\n\
         dns-timeout  tcp-refused      2\n\
         \n\
         5 cases: answer right 3, category right 3\n"
    );
}

#[test]
fn what_differs_from_the_baseline_is_told() {
    let before = run_of(vec![
        outcome("a", "x", "x", true),
        outcome("b", "x", "y", false),
        outcome("c", "x", "y", false),
        outcome("gone", "x", "x", true),
        outcome("same", "x", "x", true),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    std::fs::write(&path, outcome::render(&before)).unwrap();
    let now = run_of(vec![
        outcome("a", "x", "y", false),
        outcome("b", "x", "x", true),
        outcome("c", "x", "z", false),
        outcome("new", "x", "x", true),
        outcome("same", "x", "x", true),
    ]);
    let flips = outcome::flips(&outcome::read(&path).unwrap(), &now);
    let text = table::render(&now, Some(&flips));
    let told = "against the baseline: 1 worse, 1 better, 3 other\n\
                worse  a: x -> y\n\
                better b: y -> x\n\
                other  c: y -> z\n\
                other  gone: x -> no such case\n\
                other  new: no such case -> x\n";
    assert!(text.contains(told), "{text}");
    std::fs::write(&path, "{\"schema\": \"other/1\", \"cases\": []}").unwrap();
    assert!(outcome::read(&path).is_err());
}

#[test]
fn the_order_of_cases_does_not_hang_on_the_number_of_jobs() {
    let cases: Vec<Case> =
        (0..50).map(|number| case(&format!("{number:02}"), lab("dns", "dns-timeout", "full", &[]))).collect();
    let said = |case: &Case| outcome(&case.name, "x", &case.name, true);
    let one = all(&cases, 1, &said, &Progress::hidden());
    assert_eq!(one.len(), 50);
    assert_eq!(all(&cases, 8, &said, &Progress::hidden()), one);
    assert_eq!(one[7].said, "07");
}
