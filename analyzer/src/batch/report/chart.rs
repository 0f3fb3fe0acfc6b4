//! Charts as SVG that stands in the page itself: no script, no font, no picture from elsewhere.

use std::fmt::Write as _;

use super::CauseLine;
use super::html::escape;

/// Colours that people with any colour vision can tell apart (Okabe and Ito), the last one for all the rest.
pub(super) const COLOURS: [&str; 8] =
    ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a600", "#888888"];
/// Causes with a colour of their own.
pub(super) const OWN: usize = 7;
/// Weeks that are drawn, the last ones.
const WEEKS: usize = 52;
/// Width and height of the drawing, and of the part that holds bars.
const SIZE: (f64, f64) = (960.0, 280.0);
const LEFT: f64 = 44.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;
/// Widest bar.
const WIDEST: f64 = 70.0;

/// Draws causes by week as stacked bars.
pub(super) fn weeks(weeks: &[String], causes: &[CauseLine]) -> String {
    let skipped = weeks.len().saturating_sub(WEEKS);
    let shown = weeks.get(skipped..).unwrap_or_default();
    let stacks: Vec<Vec<u64>> =
        (0..shown.len()).map(|week| stack(causes, week.saturating_add(skipped))).collect();
    let top = stacks.iter().map(|stack| stack.iter().sum::<u64>()).max().unwrap_or_default();
    if top == 0 {
        return String::new();
    }
    let (width, height) = SIZE;
    let scale = (height - TOP - BOTTOM) / nice(top) as f64;
    let step = (width - LEFT) / shown.len() as f64;
    let bar = (step * 0.8).min(WIDEST);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Causes by week\" class=\"chart\">\n"
    );
    for part in 0..=4_u64 {
        let value = nice(top) * part / 4;
        let y = height - BOTTOM - value as f64 * scale;
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\" class=\"grid\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for (at, (week, stack)) in shown.iter().zip(&stacks).enumerate() {
        let x = LEFT + step * at as f64 + (step - bar) / 2.0;
        let mut y = height - BOTTOM;
        for (index, count) in stack.iter().enumerate().filter(|(_, count)| **count > 0) {
            let tall = *count as f64 * scale;
            y -= tall;
            let name =
                if index < OWN { causes.get(index).map_or("", |cause| &cause.slug) } else { "all others" };
            let colour = COLOURS.get(index).unwrap_or(&"#888888");
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{bar:.1}\" height=\"{tall:.1}\" fill=\"{colour}\">\
                 <title>{}, {}: {count}</title></rect>",
                escape(week),
                escape(name)
            );
        }
        // Names that would run into each other are left out.
        let every = (shown.len() / 13).saturating_add(1);
        if at % every == 0 {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                x + bar / 2.0,
                height - BOTTOM + 18.0,
                escape(week)
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Gives the numbers of one week: of each cause with a colour of its own, and of all the rest.
fn stack(causes: &[CauseLine], week: usize) -> Vec<u64> {
    let of = |cause: &CauseLine| cause.weeks.get(week).copied().unwrap_or_default();
    let mut stack: Vec<u64> = causes.iter().take(OWN).map(of).collect();
    stack.resize(OWN, 0);
    stack.push(causes.iter().skip(OWN).map(of).sum());
    stack
}

/// Gives the next number that is good to read, and that four divides.
fn nice(top: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for digit in [4_u64, 8, 12, 20, 28, 40] {
            let value = digit.saturating_mul(power);
            if value >= top {
                return value;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_where_it_is_good_to_read() {
        assert_eq!([1, 4, 5, 13, 41, 99, 1_000].map(nice), [4, 4, 8, 20, 80, 120, 1_200]);
        assert!(nice(u64::MAX) >= u64::MAX / 2);
    }

    #[test]
    fn every_count_is_drawn_and_nothing_is_fetched() {
        let cause = |slug: &str, weeks: &[u64]| CauseLine {
            slug: slug.to_owned(),
            weeks: weeks.to_vec(),
            ..CauseLine::default()
        };
        let names: Vec<String> = (0..9).map(|at| format!("cause-{at}")).collect();
        let causes: Vec<CauseLine> = names.iter().map(|name| cause(name, &[1, 2])).collect();
        let svg = weeks(&["2026-W01".to_owned(), "2026-W02".to_owned()], &causes);
        assert_eq!(svg.matches("<rect").count(), 16);
        assert!(svg.contains("<title>2026-W02, all others: 4</title>"), "{svg}");
        assert!(!svg.contains("http") && !svg.contains("NaN"), "{svg}");
        assert_eq!(weeks(&[], &[]), "");
    }
}
