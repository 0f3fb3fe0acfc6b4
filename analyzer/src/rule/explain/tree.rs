//! The tree of a condition over one observation: what holds, what does not, and what that hangs on.

use std::borrow::Cow;

use crate::model::{Value, shorten};

use super::super::select::{Detection, Expr, Item, Selection};

/// The values of an observation.
type Slots<'o> = [Option<Cow<'o, Value>>];

/// Writes the condition as a tree, every test with the value it met.
pub(super) fn show(detection: &Detection, expr: &Expr, slots: &Slots<'_>, indent: &str, out: &mut String) {
    let mark = if holds(detection, expr, slots) { "yes" } else { "no " };
    let deeper = format!("{indent}    ");
    match expr {
        Expr::Selection(position) => {
            let Some(selection) = detection.selections.get(*position) else { return };
            out.push_str(&format!("{indent}{mark} {}\n", selection.name));
            for (number, items) in selection.any_of.iter().enumerate() {
                if number > 0 {
                    out.push_str(&format!("{deeper}or\n"));
                }
                for item in sorted(items) {
                    let mark = if item.holds(slots) { "yes" } else { "no " };
                    out.push_str(&format!("{deeper}{mark} {}\n", told(item, slots)));
                }
            }
        }
        Expr::Not(inner) => {
            out.push_str(&format!("{indent}{mark} not\n"));
            show(detection, inner, slots, &deeper, out);
        }
        Expr::All(parts) | Expr::Any(parts) => {
            let word = if matches!(expr, Expr::All(_)) { "all of" } else { "one of" };
            out.push_str(&format!("{indent}{mark} {word}\n"));
            for part in parts {
                show(detection, part, slots, &deeper, out);
            }
        }
    }
}

/// Names the tests because of which a condition is not what was wanted.
pub(super) fn blame(detection: &Detection, expr: &Expr, wanted: bool, slots: &Slots<'_>) -> Vec<String> {
    if holds(detection, expr, slots) == wanted {
        return Vec::new();
    }
    match expr {
        Expr::Selection(position) => {
            let Some(selection) = detection.selections.get(*position) else { return Vec::new() };
            if !wanted {
                return vec![format!("`{}` holds", selection.name)];
            }
            let nearest = selection
                .any_of
                .iter()
                .max_by(|one, other| share(one, slots).total_cmp(&share(other, slots)));
            let failing = nearest.map(|items| sorted(items)).unwrap_or_default();
            failing.into_iter().filter(|item| !item.holds(slots)).map(|item| told(item, slots)).collect()
        }
        Expr::Not(inner) => blame(detection, inner, !wanted, slots),
        Expr::All(parts) | Expr::Any(parts) => {
            let every = parts
                .iter()
                .map(|part| blame(detection, part, wanted, slots))
                .filter(|list| !list.is_empty());
            // What all parts must be, each part can spoil; of alternatives the nearest one is worth a word.
            if matches!(expr, Expr::All(_)) == wanted {
                every.flatten().collect()
            } else {
                every.min_by_key(Vec::len).unwrap_or_default()
            }
        }
    }
}

/// Says how near an observation comes, from 0 to 1.
pub(super) fn score(detection: &Detection, expr: &Expr, slots: &Slots<'_>) -> f64 {
    match expr {
        Expr::Selection(position) => {
            let near = |selection: &Selection| {
                selection.any_of.iter().map(|items| share(items, slots)).fold(0.0, f64::max)
            };
            detection.selections.get(*position).map_or(0.0, near)
        }
        Expr::Not(_) => f64::from(holds(detection, expr, slots)),
        Expr::All(parts) => {
            parts.iter().map(|part| score(detection, part, slots)).sum::<f64>() / parts.len().max(1) as f64
        }
        Expr::Any(parts) => parts.iter().map(|part| score(detection, part, slots)).fold(0.0, f64::max),
    }
}

fn holds(detection: &Detection, expr: &Expr, slots: &Slots<'_>) -> bool {
    detection.evaluate(expr, slots)
}

fn share(items: &[Item], slots: &Slots<'_>) -> f64 {
    let passed = items.iter().filter(|item| item.holds(slots)).count();
    passed as f64 / items.len().max(1) as f64
}

/// Gives the tests in the order of the file.
fn sorted(items: &[Item]) -> Vec<&Item> {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_by_key(|item| item.at);
    items
}

fn told(item: &Item, slots: &Slots<'_>) -> String {
    let value = slots.get(item.slot).and_then(Option::as_deref);
    let value = value.map_or_else(|| "absent".to_owned(), |value| shorten(&value.to_string()));
    format!("{}: {} (it is {value})", item.key, item.shown)
}
