//! Tests of single observations: what a selection compares, and the evaluation of conditions.

use std::borrow::Cow;
use std::net::IpAddr;

use regex::Regex;

use crate::model::Value;

use super::problem::At;

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The whole text.
    Equal,
    /// A part of it.
    Contains,
    /// Its beginning.
    Starts,
    /// Its end.
    Ends,
}

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
}

impl Order {
    /// Finds the comparison of a modifier or a key.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "eq" => Self::Eq,
            "neq" => Self::Neq,
            _ => return None,
        })
    }

    /// Compares two values.
    pub(crate) fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Gt => left > right,
            Self::Gte => left >= right,
            Self::Lt => left < right,
            Self::Lte => left <= right,
            Self::Eq => left == right,
            Self::Neq => left != right,
        }
    }
}

/// What a test compares a field with.
#[derive(Clone, Debug)]
pub(crate) enum With {
    /// Holds always: a test that was taken out.
    Anything,
    /// The field is there, or is not.
    Exists(bool),
    /// Text; needles are lower case unless `cased`.
    Text { how: How, cased: bool, needles: Vec<String> },
    /// Regular expressions.
    Regex(Vec<Regex>),
    /// Whole numbers.
    Int(Vec<i64>),
    /// Numbers with a fraction.
    Float(Vec<f64>),
    /// Yes or no.
    Bool(bool),
    /// Addresses.
    Ip(Vec<IpAddr>),
    /// Networks: address and length of the prefix.
    Cidr(Vec<(IpAddr, u8)>),
    /// The order of numbers.
    Order(Order, f64),
    /// Another field of the observation.
    Field(usize),
}

/// A test of one field.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where it stands.
    pub at: At,
    /// The key as it is written.
    pub key: String,
    /// The values as they are written, for explanations.
    pub shown: String,
    /// The slot of the field.
    pub slot: usize,
    /// Whether all values must be found.
    pub all: bool,
    /// Whether none may be found (`neq`).
    pub none: bool,
    /// What the field is compared with.
    pub with: With,
}

/// A named selection: alternatives, each a list of tests that must all hold.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: At,
    /// The alternatives.
    pub any_of: Vec<Vec<Item>>,
}

/// A condition over selections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    /// A selection by its position.
    Selection(usize),
    /// The opposite.
    Not(Box<Expr>),
    /// All of them.
    All(Vec<Expr>),
    /// One of them.
    Any(Vec<Expr>),
}

/// The selections of a rule and its condition.
#[derive(Clone, Debug)]
pub(crate) struct Detection {
    /// The selections in the order of the file.
    pub selections: Vec<Selection>,
    /// The condition.
    pub condition: Expr,
}

/// The values of one observation in the slots of its kind.
pub(crate) type Slots<'o> = [Option<Cow<'o, Value>>];

impl Detection {
    /// Says whether an observation fits.
    pub(crate) fn holds(&self, slots: &Slots<'_>) -> bool {
        self.evaluate(&self.condition, slots)
    }

    /// Says whether a part of the condition holds.
    pub(crate) fn evaluate(&self, expr: &Expr, slots: &Slots<'_>) -> bool {
        match expr {
            Expr::Selection(position) => {
                self.selections.get(*position).is_some_and(|selection| selection.holds(slots))
            }
            Expr::Not(inner) => !self.evaluate(inner, slots),
            Expr::All(parts) => parts.iter().all(|part| self.evaluate(part, slots)),
            Expr::Any(parts) => parts.iter().any(|part| self.evaluate(part, slots)),
        }
    }
}

impl Selection {
    /// Says whether one of the alternatives holds.
    pub(crate) fn holds(&self, slots: &Slots<'_>) -> bool {
        self.any_of.iter().any(|items| items.iter().all(|item| item.holds(slots)))
    }
}

impl Item {
    /// Says whether the field of an observation passes; an absent field passes only `exists: false`.
    pub(crate) fn holds(&self, slots: &Slots<'_>) -> bool {
        let value = slots.get(self.slot).and_then(Option::as_deref);
        match (&self.with, value) {
            (With::Anything, _) => true,
            (With::Exists(there), value) => *there == value.is_some(),
            (_, None) => false,
            (With::Field(other), Some(value)) => {
                let Some(other) = slots.get(*other).and_then(Option::as_deref) else { return false };
                equal(value, other) != self.none
            }
            (with, Some(value)) if self.all => (0..with.len()).all(|one| with.fits(one, value)),
            (with, Some(value)) => (0..with.len()).any(|one| with.fits(one, value)) != self.none,
        }
    }

    /// Ranks the test by its cost, cheap ones first.
    pub(crate) fn cost(&self) -> u8 {
        match &self.with {
            With::Anything | With::Exists(_) | With::Bool(_) | With::Int(_) => 0,
            With::Float(_) | With::Order(..) | With::Ip(_) => 1,
            With::Text { how: How::Equal, .. } => 2,
            With::Cidr(_) | With::Field(_) => 3,
            With::Text { how: How::Starts | How::Ends, .. } => 4,
            With::Text { how: How::Contains, .. } => 5,
            With::Regex(_) => 6,
        }
    }
}

impl With {
    /// Counts the values to compare with.
    fn len(&self) -> usize {
        match self {
            Self::Text { needles, .. } => needles.len(),
            Self::Regex(list) => list.len(),
            Self::Int(list) => list.len(),
            Self::Float(list) => list.len(),
            Self::Ip(list) => list.len(),
            Self::Cidr(list) => list.len(),
            Self::Anything | Self::Exists(_) | Self::Bool(_) | Self::Order(..) | Self::Field(_) => 1,
        }
    }

    /// Says whether the value, or an element of a list, fits one of the values to compare with.
    fn fits(&self, one: usize, value: &Value) -> bool {
        if let Value::List(elements) = value {
            return elements.iter().any(|element| self.fits(one, element));
        }
        match (self, value) {
            (Self::Text { how, cased, needles }, Value::Text(text)) => {
                needles.get(one).is_some_and(|needle| compare(*how, *cased, needle, text))
            }
            (Self::Regex(list), Value::Text(text)) => list.get(one).is_some_and(|regex| regex.is_match(text)),
            (Self::Int(list), value) => list.get(one).is_some_and(|number| match value {
                Value::Int(found) => found == number,
                value => float(value).is_some_and(|found| found == *number as f64),
            }),
            (Self::Float(list), value) => float(value).is_some_and(|found| list.get(one) == Some(&found)),
            (Self::Bool(yes), Value::Bool(found)) => yes == found,
            (Self::Ip(list), Value::Ip(found)) => list.get(one) == Some(found),
            (Self::Cidr(list), Value::Ip(found)) => list.get(one).is_some_and(|net| within(*net, *found)),
            (Self::Order(order, number), value) => {
                float(value).is_some_and(|found| order.holds(&found, number))
            }
            _ => false,
        }
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn compare(how: How, cased: bool, needle: &str, text: &str) -> bool {
    let fits = |needle: &str, text: &str| match how {
        How::Equal => text == needle,
        How::Contains => text.contains(needle),
        How::Starts => text.starts_with(needle),
        How::Ends => text.ends_with(needle),
    };
    if cased {
        return fits(needle, text);
    }
    if how == How::Equal && text.is_ascii() {
        return text.eq_ignore_ascii_case(needle);
    }
    fits(needle, &text.to_lowercase())
}

/// Says whether an address lies in a network of the same family.
fn within((net, length): (IpAddr, u8), address: IpAddr) -> bool {
    let (net, address, width) = match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            (u128::from(net.to_bits()), u128::from(address.to_bits()), 32u32)
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => (net.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let shift = width.saturating_sub(u32::from(length));
    net.checked_shr(shift).unwrap_or(0) == address.checked_shr(shift).unwrap_or(0)
}

/// Compares two fields of an observation as `fieldref` does; lists are equal when they share an element.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(elements), other) | (other, Value::List(elements)) => {
            elements.iter().any(|element| equal(element, other))
        }
        (Value::Text(left), Value::Text(right)) => {
            left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
        }
        (Value::Int(left), Value::Int(right)) => left == right,
        (left, right) => match (float(left), float(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}
