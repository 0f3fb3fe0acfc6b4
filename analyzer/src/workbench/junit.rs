//! JUnit XML, as every continuous integration reads it.

use quick_xml::escape::escape;

use crate::rule::examples::Report;

/// A test as JUnit knows it.
pub(super) struct Case {
    /// What it belongs to: the file of a rule, the category of a case.
    pub class: String,
    /// Its name.
    pub name: String,
    /// Why it failed; `None` where it passed.
    pub failure: Option<String>,
}

/// Writes the outcome of `rules test`.
pub(super) fn of_examples(report: &Report, strict: bool) -> String {
    let mut cases: Vec<Case> = report
        .examples
        .iter()
        .map(|one| Case {
            class: one.file.clone(),
            name: format!("{}: {}", one.rule, one.example),
            failure: (one.said != one.expected).then(|| {
                format!(
                    "{}:{}: expected {}, but the rule says {}",
                    one.file, one.line, one.expected, one.said
                )
            }),
        })
        .collect();
    if strict {
        cases.extend(report.unneeded.iter().map(|one| Case {
            class: one.file.clone(),
            name: format!("{}: {}: {}", one.rule, one.within, one.part),
            failure: Some(format!("{}:{}:{}: no example needs this part", one.file, one.line, one.column)),
        }));
    }
    write("tetra-analyze rules test", &cases)
}

/// Writes a suite; it takes no clock, so it tells no times.
pub(super) fn write(suite: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let head = format!("name=\"{}\" tests=\"{}\" failures=\"{failures}\"", attribute(suite), cases.len());
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {head}>\n  <testsuite {head}>\n");
    for case in cases {
        let names = format!("classname=\"{}\" name=\"{}\"", attribute(&case.class), attribute(&case.name));
        match &case.failure {
            None => out.push_str(&format!("    <testcase {names}/>\n")),
            Some(why) => out.push_str(&format!(
                "    <testcase {names}>\n      <failure message=\"{}\"/>\n    </testcase>\n",
                attribute(why)
            )),
        }
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Escapes a text; what XML cannot hold at all is left out.
fn attribute(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    escape(text.chars().filter(allowed).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_makes_sound_xml() {
        let case = |failure: Option<&str>| Case {
            class: "a/b.yml".into(),
            name: "<\"&\u{0}\u{1b}' 解析".into(),
            failure: failure.map(str::to_owned),
        };
        let text = write("suite", &[case(None), case(Some("a < b"))]);
        assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
        assert!(text.contains("name=\"&lt;&quot;&amp;&apos; 解析\""), "{text}");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut elements = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(_) | quick_xml::events::Event::Empty(_) => elements += 1,
                _ => {}
            }
        }
        assert_eq!(elements, 5);
    }
}
