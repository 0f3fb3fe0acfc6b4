//! Takes out each part of a rule in turn: a part without which every example comes out the same is not tested.
//!
//! Parts are the tests of selections, their alternatives, what `and` and `or` join, and of a correlation its members, its
//! grouping, its order and its span.

use super::super::correlate::{Correlation, Form, Key};
use super::super::problem::At;
use super::super::select::{Detection, Expr, With};
use super::super::set::{Body, Rule, RuleSet};
use super::Unneeded;
use super::replay::{Mutant, Replay};

/// Notes every part of a rule that no example of its own, nor of a correlation built on it, needs.
pub(super) fn rule(set: &RuleSet, number: usize, failed: &[usize], unneeded: &mut Vec<Unneeded>) {
    let Some(rule) = set.rules.get(number) else { return };
    let users: Vec<usize> = set
        .rules
        .iter()
        .enumerate()
        .filter(|(other, user)| {
            *other == number
                || matches!(&user.body, Body::Correlation(one) if one.members.iter().any(|member| member.rule == number))
        })
        .map(|(other, _)| other)
        .collect();
    if users.iter().any(|user| failed.contains(user)) {
        return;
    }
    let replays = users
        .iter()
        .filter_map(|user| Some((*user, set.rules.get(*user)?)))
        .flat_map(|(user, rule)| rule.examples.iter().map(move |example| (user, Replay::new(set, example))))
        .collect();
    let mut trial = Trial { number, rule, replays, unneeded };
    match &rule.body {
        Body::Detection { detection, .. } => {
            trial.tests(detection);
            trial.parts(detection, &detection.condition, &mut Vec::new());
        }
        Body::Correlation(correlation) => trial.relation(correlation),
    }
}

struct Trial<'a> {
    number: usize,
    rule: &'a Rule,
    replays: Vec<(usize, Replay<'a>)>,
    unneeded: &'a mut Vec<Unneeded>,
}

impl Trial<'_> {
    /// Notes the part unless an example comes out otherwise with the mutant.
    fn try_without(&mut self, mutant: Mutant<'_>, at: At, within: String, part: String) {
        let noticed = self
            .replays
            .iter()
            .any(|(user, replay)| replay.outcome(*user, Some(mutant)) != replay.example.expect);
        if !noticed {
            let (rule, file) = (self.rule.name.clone(), self.rule.file.clone());
            self.unneeded.push(Unneeded { rule, file, line: at.line, column: at.column, within, part });
        }
    }

    /// Takes out every test of every selection, and every alternative.
    fn tests(&mut self, detection: &Detection) {
        let mut mutant = detection.clone();
        for (number, original) in detection.selections.iter().enumerate() {
            let within = format!("selection `{}`", original.name);
            for (alternative, items) in original.any_of.iter().enumerate() {
                for (position, item) in items.iter().enumerate() {
                    let place = |mutant: &mut Detection, with: With| {
                        let selection = mutant.selections.get_mut(number);
                        let items = selection.and_then(|one| one.any_of.get_mut(alternative));
                        if let Some(item) = items.and_then(|items| items.get_mut(position)) {
                            item.with = with;
                        }
                    };
                    place(&mut mutant, With::Anything);
                    let part = format!("{}: {}", item.key, item.shown);
                    self.try_without(Mutant::Detection(self.number, &mutant), item.at, within.clone(), part);
                    place(&mut mutant, item.with.clone());
                }
                let Some(first) = items.first().filter(|_| original.any_of.len() > 1) else { continue };
                let mut fewer = detection.clone();
                if let Some(selection) = fewer.selections.get_mut(number) {
                    selection.any_of.remove(alternative);
                }
                let part = format!("alternative {}", alternative + 1);
                self.try_without(Mutant::Detection(self.number, &fewer), first.at, within.clone(), part);
            }
        }
    }

    /// Takes out every part that `and` or `or` joins; `path` leads from the condition to the expression.
    fn parts(&mut self, detection: &Detection, expr: &Expr, path: &mut Vec<usize>) {
        match expr {
            Expr::Selection(_) => {}
            Expr::Not(inner) => {
                path.push(0);
                self.parts(detection, inner, path);
                path.pop();
            }
            Expr::All(parts) | Expr::Any(parts) => {
                for (position, part) in parts.iter().enumerate() {
                    // A selection that must hold is taken out test by test.
                    if matches!(expr, Expr::Any(_)) || !matches!(part, Expr::Selection(_)) {
                        let mut mutant = detection.clone();
                        take_out(&mut mutant.condition, path, position);
                        let (at, part) = (place(detection, part, self.rule.at), told(detection, part));
                        self.try_without(
                            Mutant::Detection(self.number, &mutant),
                            at,
                            "condition".into(),
                            part,
                        );
                    }
                    path.push(position);
                    self.parts(detection, part, path);
                    path.pop();
                }
            }
        }
    }

    /// Takes out members, keys of the grouping, the order and the span.
    fn relation(&mut self, correlation: &Correlation) {
        let at = self.rule.at;
        let mut attempt = |mutant: &Correlation, part: String| {
            self.try_without(Mutant::Correlation(self.number, mutant), at, "correlation".into(), part);
        };
        for (position, member) in correlation.members.iter().enumerate() {
            let mut mutant = correlation.clone();
            mutant.members.remove(position);
            for key in &mut mutant.group_by {
                if let Key::Field(names) = key
                    && position < names.len()
                {
                    names.remove(position);
                }
            }
            if mutant.members.iter().any(|member| !member.negated) {
                let not = if member.negated { "not " } else { "" };
                attempt(&mutant, format!("{not}{}", member.name));
            }
        }
        for (position, key) in correlation.group_by.iter().enumerate() {
            let mut mutant = correlation.clone();
            mutant.group_by.remove(position);
            let name = match key {
                Key::Endpoint => "endpoint",
                Key::Attempt => "attempt",
                Key::Field(names) => names.first().map_or("", String::as_str),
            };
            // Every bundle is about one endpoint; to tell several apart goes without saying.
            if !matches!(key, Key::Endpoint) {
                attempt(&mutant, format!("group-by: {name}"));
            }
        }
        let absent = correlation.members.iter().any(|member| member.negated);
        if correlation.form == Form::Ordered && !absent && correlation.members.len() > 1 {
            attempt(
                &Correlation { form: Form::Together, ..correlation.clone() },
                "type: temporal_ordered".into(),
            );
        }
        if !absent {
            attempt(&Correlation { span: i64::MAX / 4, ..correlation.clone() }, "timespan".into());
        }
    }
}

/// Takes a part out of the list to which a path leads.
fn take_out(expr: &mut Expr, path: &[usize], position: usize) {
    match (path.split_first(), expr) {
        (Some((_, rest)), Expr::Not(inner)) => take_out(inner, rest, position),
        (Some((first, rest)), Expr::All(parts) | Expr::Any(parts)) => {
            if let Some(part) = parts.get_mut(*first) {
                take_out(part, rest, position);
            }
        }
        (None, Expr::All(parts) | Expr::Any(parts)) if position < parts.len() => {
            parts.remove(position);
        }
        _ => {}
    }
}

/// Gives the place of the first selection of an expression.
fn place(detection: &Detection, expr: &Expr, otherwise: At) -> At {
    match expr {
        Expr::Selection(position) => detection.selections.get(*position).map_or(otherwise, |one| one.at),
        Expr::Not(inner) => place(detection, inner, otherwise),
        Expr::All(parts) | Expr::Any(parts) => {
            parts.first().map_or(otherwise, |part| place(detection, part, otherwise))
        }
    }
}

/// Writes an expression with the names of its selections.
fn told(detection: &Detection, expr: &Expr) -> String {
    match expr {
        Expr::Selection(position) => {
            detection.selections.get(*position).map_or_else(String::new, |one| one.name.clone())
        }
        Expr::Not(inner) => format!("not {}", told(detection, inner)),
        Expr::All(parts) | Expr::Any(parts) => {
            let word = if matches!(expr, Expr::All(_)) { " and " } else { " or " };
            let parts: Vec<String> = parts.iter().map(|part| told(detection, part)).collect();
            format!("({})", parts.join(word))
        }
    }
}
