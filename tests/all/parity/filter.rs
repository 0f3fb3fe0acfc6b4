//! A part of Wireshark's language of display filters: enough for what people ask of such captures.

use std::net::IpAddr;

use tetra_capture::frames::FrameFacts;

use super::fields::{self, Value};

/// A filter, ready for use.
#[derive(Debug)]
pub enum Filter {
    /// One of both holds.
    Or(Box<Filter>, Box<Filter>),
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The field is there.
    Has(String),
    /// One of the field's values compares so.
    Compare(String, Option<(usize, usize)>, String, String),
}

/// Reads a filter; the error says which part is not understood.
pub fn parse(text: &str) -> Result<Filter, String> {
    let mut tokens = tokens(text)?;
    tokens.reverse();
    let filter = alternatives(&mut tokens)?;
    match tokens.pop() {
        Some(token) => Err(format!("`{token}` is not understood")),
        None => Ok(filter),
    }
}

impl Filter {
    /// The first field that nobody here states, if any.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Or(one, other) | Self::And(one, other) => one.unknown().or(other.unknown()),
            Self::Not(inner) => inner.unknown(),
            Self::Has(field) | Self::Compare(field, ..) => {
                fields::values(&FrameFacts::default(), field).is_none().then_some(field)
            }
        }
    }

    /// Tells whether a frame passes.
    pub fn passes(&self, frame: &FrameFacts) -> bool {
        match self {
            Self::Or(one, other) => one.passes(frame) || other.passes(frame),
            Self::And(one, other) => one.passes(frame) && other.passes(frame),
            Self::Not(inner) => !inner.passes(frame),
            Self::Has(field) => fields::values(frame, field).is_some_and(|values| !values.is_empty()),
            Self::Compare(field, slice, operator, literal) => {
                let values = fields::values(frame, field).unwrap_or_default();
                values.iter().any(|value| compares(value, *slice, operator, literal))
            }
        }
    }
}

fn alternatives(tokens: &mut Vec<String>) -> Result<Filter, String> {
    let mut left = conjunction(tokens)?;
    while tokens.pop_if(|token| token == "||").is_some() {
        left = Filter::Or(Box::new(left), Box::new(conjunction(tokens)?));
    }
    Ok(left)
}

fn conjunction(tokens: &mut Vec<String>) -> Result<Filter, String> {
    let mut left = single(tokens)?;
    while tokens.pop_if(|token| token == "&&").is_some() {
        left = Filter::And(Box::new(left), Box::new(single(tokens)?));
    }
    Ok(left)
}

fn single(tokens: &mut Vec<String>) -> Result<Filter, String> {
    let token = tokens.pop().ok_or("it ends too soon")?;
    match token.as_str() {
        "!" => return Ok(Filter::Not(Box::new(single(tokens)?))),
        "(" => {
            let inner = alternatives(tokens)?;
            return tokens.pop_if(|token| token == ")").map(|_| inner).ok_or("a `)` is missing".to_owned());
        }
        _ => {}
    }
    let operator =
        tokens.pop_if(|token| matches!(token.as_str(), "==" | "!=" | ">=" | "<=" | ">" | "<" | "contains"));
    let (field, slice) = match token.split_once('[') {
        None => (token.clone(), None),
        Some((field, range)) => {
            let range = range.trim_end_matches(']').split_once(':');
            let range = range.and_then(|(from, length)| Some((from.parse().ok()?, length.parse().ok()?)));
            (field.to_owned(), Some(range.ok_or(format!("`{token}` is not understood"))?))
        }
    };
    match operator {
        None => Ok(Filter::Has(field)),
        Some(operator) => {
            let literal = tokens.pop().ok_or("a value is missing")?;
            Ok(Filter::Compare(field, slice, operator, literal.trim_matches('"').to_owned()))
        }
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => rest[1..].find('"').map(|end| end + 2).ok_or("a quotation does not end")?,
            '(' | ')' => 1,
            '=' | '!' | '>' | '<' | '&' | '|' => {
                let is_double = matches!(rest.get(..2), Some("==" | "!=" | ">=" | "<=" | "&&" | "||"));
                if is_double { 2 } else { 1 }
            }
            _ => rest.find(|c: char| c.is_whitespace() || "()=!<>&|\"".contains(c)).unwrap_or(rest.len()),
        };
        out.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(out)
}

fn compares(value: &Value, slice: Option<(usize, usize)>, operator: &str, literal: &str) -> bool {
    match value {
        Value::Number(number) => {
            let wanted = match literal.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => literal.parse(),
            };
            let order = number.cmp(&wanted.unwrap());
            match operator {
                "==" => order.is_eq(),
                "!=" => order.is_ne(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                _ => panic!("`{operator}` is not for numbers"),
            }
        }
        Value::Address(address) => {
            assert_eq!(operator, "==", "of addresses");
            within(*address, literal)
        }
        Value::Text(text) => match operator {
            "==" => text == literal,
            "contains" => text.contains(literal),
            _ => panic!("`{operator}` is not for texts"),
        },
        Value::Bytes(bytes) => {
            let (from, length) = slice.unwrap_or((0, bytes.len()));
            let part = bytes.get(from..from + length).unwrap_or_default();
            match operator {
                "==" => literal
                    .split(':')
                    .map(|byte| u8::from_str_radix(byte, 16).unwrap())
                    .eq(part.iter().copied()),
                "contains" => part.windows(literal.len()).any(|window| window == literal.as_bytes()),
                _ => panic!("`{operator}` is not for bytes"),
            }
        }
    }
}

/// Tells whether an address lies in `address` or `address/bits`.
fn within(address: IpAddr, literal: &str) -> bool {
    let (network, bits) = literal.split_once('/').unwrap_or((literal, "128"));
    let bits: u32 = bits.parse().unwrap();
    match (address, network.parse().unwrap()) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
            one.to_bits() & mask == other.to_bits() & mask
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
            one.to_bits() & mask == other.to_bits() & mask
        }
        _ => false,
    }
}
