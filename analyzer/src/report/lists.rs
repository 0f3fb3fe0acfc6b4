//! Lists in which like things are told once, with their number.

use std::collections::BTreeMap;

/// Puts like items together: the first of each, and how many there are, in the order of the firsts.
pub(super) fn alike<'i, T, K: Ord>(
    items: impl IntoIterator<Item = &'i T>,
    key: impl Fn(&'i T) -> K,
) -> Vec<(&'i T, usize)> {
    let mut lines: Vec<(&T, usize)> = Vec::new();
    let mut places = BTreeMap::new();
    for item in items {
        let at = *places.entry(key(item)).or_insert(lines.len());
        match lines.get_mut(at) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => lines.push((item, 1)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_items_need_not_be_neighbours() {
        let items = [(1, 'a'), (2, 'b'), (3, 'a'), (4, 'c'), (5, 'a')];
        assert_eq!(alike(&items, |item| item.1), [(&(1, 'a'), 3), (&(2, 'b'), 1), (&(4, 'c'), 1)]);
    }
}
