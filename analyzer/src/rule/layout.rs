//! Slots: the fields that rules of a kind ask for, so that an observation is searched once and not by every rule.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Kind, Observation, Value};

/// The slots of every kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    kinds: BTreeMap<Kind, BTreeMap<String, usize>>,
}

impl Layout {
    /// Gives the slot of a field, a new one if no rule asked for it yet.
    pub(crate) fn slot(&mut self, kind: Kind, field: &str) -> usize {
        let slots = self.kinds.entry(kind).or_default();
        let next = slots.len();
        *slots.entry(field.to_owned()).or_insert(next)
    }

    /// Puts the values of an observation into the slots of its kind.
    pub(crate) fn fill<'o>(&self, observation: &'o Observation, into: &mut Vec<Option<Cow<'o, Value>>>) {
        into.clear();
        let Some(slots) = self.kinds.get(&observation.kind) else { return };
        into.resize(slots.len(), None);
        let mut fields = observation.fields.iter().peekable();
        for (name, slot) in slots {
            let value = match name.as_str() {
                "endpoint" => observation.endpoint.clone().map(|name| Cow::Owned(Value::from(name))),
                "attempt" => observation.attempt.map(|number| Cow::Owned(Value::from(number))),
                _ => {
                    // Both sides are sorted by name: one pass finds all.
                    while fields.next_if(|(field, _)| *field < name.as_str()).is_some() {}
                    fields
                        .next_if(|(field, _)| *field == name.as_str())
                        .map(|(_, value)| Cow::Borrowed(value))
                }
            };
            if let Some(place) = into.get_mut(*slot) {
                *place = value;
            }
        }
    }
}
