//! Judges observations: every rule's hits, and the questions that the sources leave open.

use std::collections::BTreeMap;

use crate::model::{Covered, Observation};

use super::correlate::Coverage;
use super::hit::{Hit, Judgement, OpenQuestion};
use super::set::{Body, Rule, RuleSet};
use super::vote::value;

/// Most pieces of evidence of one hit.
const EVIDENCE: usize = 24;
/// Most observations of one hit that are named.
const NAMED: usize = 10_000;

/// The observations that every rule fits, by the rule's number.
pub(crate) type Fits = Vec<Vec<usize>>;

impl RuleSet {
    /// Judges observations; `covered` is what the sources cover, for rules about absence.
    pub fn judge(&self, observations: &[Observation], covered: &[Covered]) -> Judgement {
        let fits = self.fits(observations);
        let coverage = Coverage::new(covered);
        let mut judgement = Judgement::default();
        for (number, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.reports()) {
            let mut subjects: BTreeMap<String, Hit> = BTreeMap::new();
            match &rule.body {
                Body::Detection { .. } => {
                    for hit in fits.get(number).into_iter().flatten() {
                        self.add(rule, &[*hit], observations, &mut subjects);
                    }
                }
                Body::Correlation(correlation) => {
                    let members = |rule: usize| fits.get(rule).cloned().unwrap_or_default();
                    for relation in correlation.relations(&members, observations, &coverage) {
                        match relation.open {
                            None => self.add(rule, &relation.observations, observations, &mut subjects),
                            Some(why) => {
                                judgement.open.push(question(
                                    rule,
                                    &relation.observations,
                                    observations,
                                    why,
                                ));
                            }
                        }
                    }
                }
            }
            judgement.hits.extend(subjects.into_values());
        }
        // A question that is asked twice of one subject is one question.
        judgement.open.dedup_by(|one, other| one.rule == other.rule && one.subject == other.subject);
        judgement
    }

    /// Finds the observations that every rule of single observations fits.
    pub(crate) fn fits(&self, observations: &[Observation]) -> Fits {
        let mut fits: Fits = vec![Vec::new(); self.rules.len()];
        let mut slots = Vec::new();
        for (position, observation) in observations.iter().enumerate() {
            let Some(rules) = self.by_kind.get(&observation.kind) else { continue };
            self.layout.fill(observation, &mut slots);
            for number in rules {
                let Some(rule) = self.rules.get(*number).filter(|rule| rule.on || rule.member) else {
                    continue;
                };
                let Body::Detection { detection, filters, .. } = &rule.body else { continue };
                if detection.holds(&slots)
                    && filters.iter().all(|filter| filter.holds(&slots))
                    && let Some(list) = fits.get_mut(*number)
                {
                    list.push(position);
                }
            }
        }
        fits
    }

    fn add(
        &self,
        rule: &Rule,
        matched: &[usize],
        observations: &[Observation],
        subjects: &mut BTreeMap<String, Hit>,
    ) {
        let seen: Vec<&Observation> =
            matched.iter().filter_map(|position| observations.get(*position)).collect();
        let subject = subject(rule, &seen);
        let hit = subjects.entry(subject.clone()).or_insert_with(|| self.hit(rule, subject, &seen));
        hit.time = [hit.time, seen.iter().filter_map(|one| one.time).min()].into_iter().flatten().min();
        for position in matched {
            if hit.observations.len() < NAMED && !hit.observations.contains(position) {
                hit.observations.push(*position);
            }
        }
        for evidence in seen.iter().flat_map(|one| &one.evidence) {
            if hit.evidence.len() < EVIDENCE && !hit.evidence.contains(evidence) {
                hit.evidence.push(evidence.clone());
            }
        }
    }

    fn hit(&self, rule: &Rule, subject: String, seen: &[&Observation]) -> Hit {
        let vote = rule.vote.as_ref();
        let say = vote.map(|vote| {
            let translated = self.language.as_ref().and_then(|language| vote.says.get(language));
            let unknown = if self.language.as_deref() == Some("zh") { "未知" } else { "unknown" };
            translated.unwrap_or(&vote.say).render(seen, unknown)
        });
        let slugs =
            |list: &[(String, super::problem::At)]| list.iter().map(|(slug, _)| slug.clone()).collect();
        Hit {
            rule: rule.name.clone(),
            id: rule.id.clone(),
            title: rule.title.clone(),
            pack: self.pack_of(rule),
            level: rule.level,
            supports: vote.map_or_else(Vec::new, |vote| slugs(&vote.supports)),
            refutes: vote.map_or_else(Vec::new, |vote| slugs(&vote.refutes)),
            strength: vote.map(|vote| vote.strength),
            say: say.unwrap_or_else(|| rule.title.clone()),
            subject,
            attempt: agreed(seen.iter().filter_map(|one| one.attempt)),
            endpoint: agreed(seen.iter().filter_map(|one| one.endpoint.clone())),
            time: None,
            evidence: Vec::new(),
            observations: Vec::new(),
        }
    }
}

fn question(rule: &Rule, matched: &[usize], observations: &[Observation], why: String) -> OpenQuestion {
    let seen: Vec<&Observation> = matched.iter().filter_map(|position| observations.get(*position)).collect();
    let supports =
        rule.vote.iter().flat_map(|vote| vote.supports.iter().map(|(slug, _)| slug.clone())).collect();
    OpenQuestion {
        rule: rule.name.clone(),
        id: rule.id.clone(),
        title: rule.title.clone(),
        supports,
        subject: subject(rule, &seen),
        attempt: agreed(seen.iter().filter_map(|one| one.attempt)),
        endpoint: agreed(seen.iter().filter_map(|one| one.endpoint.clone())),
        why,
    }
}

/// Names what a hit is about. The attempt always counts, so that every attempt has its own hits.
fn subject(rule: &Rule, seen: &[&Observation]) -> String {
    let own = rule.vote.as_ref().map(|vote| vote.subject.as_slice()).unwrap_or_default();
    let fields = ["endpoint", "attempt"]
        .into_iter()
        .chain(own.iter().map(String::as_str).filter(|name| !matches!(*name, "endpoint" | "attempt")));
    let pairs: Vec<String> = fields
        .filter_map(|name| {
            let found = if name == "attempt" {
                agreed(seen.iter().filter_map(|one| one.attempt)).map(|number| number.to_string())
            } else {
                seen.iter().find_map(|one| value(one, name))
            };
            Some(format!("{name}={}", found?))
        })
        .collect();
    pairs.join("; ")
}

/// Gives the value on which all agree.
fn agreed<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::{Fields, Kind, Timestamp};
    use crate::rule::Strength;

    fn question(name: &str, tries: i64, attempt: u32, secs: i64) -> Observation {
        let mut fields = Fields::new();
        fields.set("dns.name", name.to_owned()).set("dns.role", "update_server").set("dns.tries", tries);
        fields.set("dns.outcome", "unanswered");
        Observation {
            kind: Kind::DnsTransaction,
            time: Some(Timestamp::from_secs(secs)),
            endpoint: Some("pc".into()),
            attempt: Some(attempt),
            fields,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn hits_of_one_subject_are_one_and_every_attempt_has_its_own() {
        let set = sample::set();
        let all = [
            question("a.example", 3, 1, 9),
            question("a.example", 4, 1, 5),
            question("a.example", 1, 1, 5),
            question("b.example", 2, 1, 5),
            question("a.example", 5, 2, 50),
        ];
        let judgement = set.judge(&all, &[]);
        let seen: Vec<_> =
            judgement.hits.iter().map(|hit| (hit.subject.as_str(), hit.observations.as_slice())).collect();
        assert_eq!(
            seen,
            [
                ("endpoint=pc; attempt=1; dns.name=a.example", [0, 1].as_slice()),
                ("endpoint=pc; attempt=1; dns.name=b.example", [3].as_slice()),
                ("endpoint=pc; attempt=2; dns.name=a.example", [4].as_slice()),
            ]
        );
        let first = &judgement.hits[0];
        assert_eq!(first.say, "a.example was asked for 3 times; no answer");
        assert_eq!(first.time, Some(Timestamp::from_secs(5)));
        assert_eq!(
            (first.supports.as_slice(), first.strength),
            (&["dns-timeout".to_owned()][..], Some(Strength::Strong))
        );
        assert_eq!(first.pack, "sample 1.0.0");
        assert_eq!(set.judge(&all, &[]), judgement);
    }

    #[test]
    fn sentences_speak_another_language() {
        let mut set = sample::set();
        assert!(set.speak("zh"));
        let judgement = set.judge(&[question("a.example", 3, 1, 9)], &[]);
        assert_eq!(judgement.hits[0].say, "a.example 没有应答");
        assert_eq!(judgement.hits[0].title, "DNS 没有应答");
        assert_eq!(set.cause("dns-timeout").unwrap().title, "解析器没有应答");
        assert_eq!(set.codes()[0].meaning, "无法通过代理进行身份验证");
        assert!(!set.speak("xx"));
    }
}
