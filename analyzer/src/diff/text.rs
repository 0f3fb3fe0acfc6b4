//! The comparison for people: group by group, each difference with both sides and where to check them.

use std::io::{self, Write};

use super::{Comparison, Said, Side};
use crate::model::{Confidence, EvidenceRef};
use crate::report::text::clean;
use crate::report::{Lang, say};

/// Columns of a line.
const WIDTH: usize = 100;

/// Writes the comparison.
pub(super) fn write(comparison: &Comparison, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    head("A", &comparison.a, lang, out)?;
    head("B", &comparison.b, lang, out)?;
    if comparison.groups.is_empty() {
        return writeln!(out, "\n{}", say("No difference: everything that is compared is equal.", lang));
    }
    if comparison.same_outcome() {
        writeln!(out, "\n{}", say("The outcome is the same; this differs:", lang))?;
    }
    for group in &comparison.groups {
        writeln!(out, "\n{}", say(group.group.title(), lang))?;
        for difference in &group.differences {
            writeln!(out, "  {}", clean(&difference.what))?;
            side("A", difference.a.as_ref(), lang, out)?;
            side("B", difference.b.as_ref(), lang, out)?;
        }
    }
    Ok(())
}

fn head(name: &str, side: &Side, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let sure = match side.confidence {
        Some(Confidence::Possible) => "possible",
        Some(Confidence::Likely) => "likely",
        Some(Confidence::Confirmed) => "confirmed",
        None => "",
    };
    let cause =
        side.cause.as_ref().map(|cause| format!(" [{cause}, {}]", say(sure, lang))).unwrap_or_default();
    writeln!(out, "{name}  {}", clean(&side.path))?;
    let verdict = format!("{:?}", side.verdict).to_uppercase();
    wrapped("   ", &format!("{}{cause}: {}", say(&verdict, lang), side.summary), out)
}

fn side(name: &str, said: Option<&Said>, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let Some(said) = said else {
        return writeln!(out, "    {name}  {}", say("nothing is said of it", lang));
    };
    let empty = say("(empty)", lang);
    let value = if said.value.is_empty() { &empty } else { said.value.as_str() };
    let first = format!("    {name}  ");
    let text = clean(value);
    let options = textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent("       ");
    writeln!(out, "{}", textwrap::fill(&text, options))?;
    let places: Vec<String> =
        said.evidence.iter().map(|evidence| say(&place(evidence), lang).into_owned()).collect();
    if places.is_empty() {
        return Ok(());
    }
    let at = format!("at {}", places.join(", "));
    writeln!(out, "       {}", clean(&say(&at, lang)))
}

fn wrapped(indent: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = clean(text);
    let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent(indent);
    writeln!(out, "{}", textwrap::fill(&text, options))
}

fn place(evidence: &EvidenceRef) -> String {
    match (evidence.frame, evidence.line, &evidence.element) {
        (Some(frame), ..) => format!("{}:frame {frame}", evidence.path),
        (None, Some(line), _) => format!("{}:line {line}", evidence.path),
        (None, None, Some(element)) => format!("{}:{element}", evidence.path),
        (None, None, None) => evidence.path.clone(),
    }
}
