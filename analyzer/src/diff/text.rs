//! The comparison for people: group by group, each difference with both sides and where to check them.

use std::io::{self, Write};

use super::{Comparison, Said, Side};
use crate::model::{Confidence, EvidenceRef};
use crate::report::text::clean;

/// Columns of a line.
const WIDTH: usize = 100;

/// Writes the comparison.
pub(super) fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    head("A", &comparison.a, out)?;
    head("B", &comparison.b, out)?;
    if comparison.groups.is_empty() {
        return writeln!(out, "\nNo difference: everything that is compared is equal.");
    }
    if comparison.same_outcome() {
        writeln!(out, "\nThe outcome is the same; this differs:")?;
    }
    for group in &comparison.groups {
        writeln!(out, "\n{}", group.group.title())?;
        for difference in &group.differences {
            writeln!(out, "  {}", clean(&difference.what))?;
            side("A", difference.a.as_ref(), out)?;
            side("B", difference.b.as_ref(), out)?;
        }
    }
    Ok(())
}

fn head(name: &str, side: &Side, out: &mut dyn Write) -> io::Result<()> {
    let sure = match side.confidence {
        Some(Confidence::Possible) => ", possible",
        Some(Confidence::Likely) => ", likely",
        Some(Confidence::Confirmed) => ", confirmed",
        None => "",
    };
    let cause = side.cause.as_ref().map(|cause| format!(" [{cause}{sure}]")).unwrap_or_default();
    writeln!(out, "{name}  {}", clean(&side.path))?;
    let verdict = format!("{:?}", side.verdict).to_uppercase();
    wrapped("   ", &format!("{verdict}{cause}: {}", side.summary), out)
}

fn side(name: &str, said: Option<&Said>, out: &mut dyn Write) -> io::Result<()> {
    let Some(said) = said else { return writeln!(out, "    {name}  nothing is said of it") };
    let value = if said.value.is_empty() { "(empty)" } else { &said.value };
    let first = format!("    {name}  ");
    let text = clean(value);
    let options = textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent("       ");
    writeln!(out, "{}", textwrap::fill(&text, options))?;
    let places: Vec<String> = said.evidence.iter().map(place).collect();
    if places.is_empty() {
        return Ok(());
    }
    writeln!(out, "       at {}", clean(&places.join(", ")))
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
