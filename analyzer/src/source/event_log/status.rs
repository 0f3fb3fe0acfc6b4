//! Finds the failure code of an event, wherever its provider puts it.

use serde_json::Value;

/// Deepest element that is looked into; no real event comes near.
const DEPTH: usize = 32;

/// Gives the first failure code (HRESULT with the high bit set) as `0x80092013`.
///
/// CAPI2 writes `<Result value="80092013">`, others a number with `0x` in a text.
pub(super) fn status(event: &Value) -> Option<String> {
    let mut found = None;
    leaves(event, &mut |key, leaf| {
        if found.is_none() {
            found = if key == "value" { bare(leaf) } else { None }.or_else(|| within(leaf));
        }
    });
    found.map(|code| format!("0x{code:08X}"))
}

/// Hands over every text below an element with the name of its element or attribute, in order.
pub(super) fn leaves<'v>(value: &'v Value, take: &mut dyn FnMut(&'v str, &'v str)) {
    walk("", value, 0, take);
}

fn walk<'v>(key: &'v str, value: &'v Value, depth: usize, take: &mut dyn FnMut(&'v str, &'v str)) {
    if depth > DEPTH {
        return;
    }
    match value {
        Value::String(text) => take(key, text),
        Value::Array(items) => items.iter().for_each(|item| walk(key, item, depth + 1, take)),
        Value::Object(members) => {
            for (name, member) in members {
                walk(name, member, depth + 1, take);
            }
        }
        _ => {}
    }
}

/// Reads eight digits that are all there is.
fn bare(text: &str) -> Option<u32> {
    let code = u32::from_str_radix(text.trim(), 16).ok().filter(|_| text.trim().len() == 8)?;
    is_failure(code).then_some(code)
}

/// Finds `0x` and eight digits within a text.
fn within(text: &str) -> Option<u32> {
    text.match_indices("0x").find_map(|(at, _)| {
        let digits = text.get(at.checked_add(2)?..)?;
        let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
        digits.get(..end).and_then(bare)
    })
}

/// Tells whether a code is an HRESULT of the security or network facilities (0x8009, 0x800B, 0x8007).
fn is_failure(code: u32) -> bool {
    matches!(code >> 16, 0x8009 | 0x800b | 0x8007)
}
