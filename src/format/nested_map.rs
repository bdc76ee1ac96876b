//! The entries of a MAP: a key and a value in turn, in the order of their keys, each key once.
//!
//! So MAPs of the same entries have the same bytes in whatever order they were written, and are equal, one key of a GROUP
//! BY, and the same text. Of several entries of a key the last counts. Keys are not NULL.

use super::nested::{raw_item, sized, take_item};
use crate::types::{DataType, Physical};
use std::cmp::Ordering;

/// Bytes of an entry's place: where it begins and ends, u32 each.
const PLACE_BYTES: usize = 8;

/// Puts the entries of a MAP from (key) to (value), all that stands behind `at`, in their order.
///
/// The room behind them is its scratch, so that nothing is allocated once `entries` has grown.
pub fn settle((key, value): (DataType, DataType), at: usize, entries: &mut Vec<u8>) {
    if is_settled((key, value), &entries[at..]) {
        return;
    }
    let end = entries.len();
    let mut start = at;
    while start < end {
        let mut rest = &entries[start..end];
        let len = raw_entry((key, value), &mut rest).len();
        for place in [start - at, start - at + len] {
            let place = u32::try_from(place).expect("a value is below 4 GiB");
            entries.extend_from_slice(&place.to_le_bytes());
        }
        start += len;
    }
    let behind = entries.len();
    let (written, places) = entries[at..].split_at_mut(end - at);
    let (places, _) = places.as_chunks_mut::<PLACE_BYTES>();
    places.sort_unstable_by(|a, b| {
        let (a, b) = (range(a), range(b));
        let later = b.start.cmp(&a.start);
        compare_keys(key, &written[a], &written[b]).then(later)
    });
    let mut before: Option<std::ops::Range<usize>> = None;
    for place in (end..behind).step_by(PLACE_BYTES) {
        let place = entries[place..].first_chunk().expect("a whole place");
        let entry = range(place);
        let entry = at + entry.start..at + entry.end;
        // The last of a key comes first.
        let is_same = before.is_some_and(|before| {
            compare_keys(key, &entries[before], &entries[entry.clone()]).is_eq()
        });
        if !is_same {
            entries.extend_from_within(entry.clone());
        }
        before = Some(entry);
    }
    let len = entries.len() - behind;
    entries.copy_within(behind.., at);
    entries.truncate(at + len);
}

/// The value of the entry whose key is the item `wanted`: `None` where there is none, or NULL.
pub fn find<'a>(
    (key, value): (DataType, DataType),
    wanted: &[u8],
    mut entries: &'a [u8],
) -> Option<&'a [u8]> {
    while !entries.is_empty() {
        let is_it = raw_item(key, &mut entries) == wanted;
        let found = take_item(value, &mut entries);
        if is_it {
            return found;
        }
    }
    None
}

/// Passes over the next entry and gives its bytes.
pub fn raw_entry<'a>((key, value): (DataType, DataType), rest: &mut &'a [u8]) -> &'a [u8] {
    let before = *rest;
    raw_item(key, rest);
    raw_item(value, rest);
    &before[..before.len() - rest.len()]
}

/// Whether keys rise from entry to entry.
fn is_settled(types: (DataType, DataType), mut entries: &[u8]) -> bool {
    let mut before: Option<&[u8]> = None;
    while !entries.is_empty() {
        let entry = raw_entry(types, &mut entries);
        if before.is_some_and(|before| compare_keys(types.0, before, entry).is_ge()) {
            return false;
        }
        before = Some(entry);
    }
    true
}

fn range(place: &[u8; PLACE_BYTES]) -> std::ops::Range<usize> {
    let place = u64::from_le_bytes(*place);
    place as u32 as usize..(place >> 32) as usize
}

/// The order of the keys of two entries: that of their values, texts and bytes by bytes.
fn compare_keys(key: DataType, mut a: &[u8], mut b: &[u8]) -> Ordering {
    let (a, b) = (take_item(key, &mut a), take_item(key, &mut b));
    let (Some(a), Some(b)) = (a, b) else {
        unreachable!("keys are not NULL");
    };
    match key.physical() {
        Physical::I64 => i64::from_le_bytes(sized(a)).cmp(&i64::from_le_bytes(sized(b))),
        Physical::I128 => i128::from_le_bytes(sized(a)).cmp(&i128::from_le_bytes(sized(b))),
        Physical::Bool | Physical::Text => a.cmp(b),
        Physical::F64 => unreachable!("a float is no key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of an INT each, with their numbers for values.
    fn entries(keys: &[i64]) -> Vec<u8> {
        let mut out = vec![7];
        for (at, key) in keys.iter().enumerate() {
            for number in [*key, at as i64] {
                out.push(1);
                out.extend(number.to_le_bytes());
            }
        }
        out
    }

    #[test]
    fn entries_stand_by_their_keys_and_the_last_of_each_counts() {
        let int = DataType::Int;
        let mut random = 0x5eed_u64;
        for len in 0..40 {
            let keys: Vec<i64> = (0..len)
                .map(|_| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(99);
                    (random >> 40) as i64 % 12 - 6
                })
                .collect();
            let mut twin = std::collections::BTreeMap::new();
            for (at, key) in keys.iter().enumerate() {
                twin.insert(*key, at as i64);
            }
            let mut found = entries(&keys);
            settle((int, int), 1, &mut found);
            let mut expected = vec![7];
            for number in twin.iter().flat_map(|(key, at)| [*key, *at]) {
                expected.push(1);
                expected.extend(number.to_le_bytes());
            }
            assert_eq!(found, expected, "{keys:?}");
        }
    }
}
