//! Frames of whole partitions: for every row each other row is asked whether it lies before the frame or behind it.

use super::over::of_frame;
use super::sort::compare;
use crate::error::Reason;
use crate::plan::{Around, Distance, FrameUnit, OverCall, SortKey};
use crate::types::Value;
use std::cmp::Ordering;

/// A row of a partition.
pub struct Member<'a> {
    /// Its ORDER BY values.
    pub order: &'a [Value],
    /// The arguments of the call.
    pub args: &'a [Value],
}

/// The results of a call for all rows of a partition, which are in their order.
pub fn results(
    call: &OverCall,
    frame: &Around,
    keys: &[SortKey],
    all: &[Member<'_>],
) -> Vec<Result<Value, Reason>> {
    let is_new = |row: usize| row > 0 && peers(keys, &all[row - 1], &all[row]).is_ne();
    let group = |row: usize| (0..=row).filter(|&row| is_new(row)).count();
    let groups: Vec<usize> = (0..all.len()).map(group).collect();
    let args = |rows: std::ops::Range<usize>| all[rows].iter().map(|row| row.args).collect();
    let (mut oldest, mut cut, mut end) = (0, 0, 0);
    let mut results = Vec::new();
    for at in 0..all.len() {
        let place = |other: usize, by: Distance| match frame.unit {
            FrameUnit::Rows => (other as i128 - at as i128).cmp(&exact(by)),
            FrameUnit::Groups => (groups[other] as i128 - groups[at] as i128).cmp(&exact(by)),
            FrameUnit::Range => near(keys, &all[at], &all[other], by),
        };
        let before = |other: &usize| frame.from.is_some_and(|from| place(*other, from).is_lt());
        let not_behind = |other: &usize| frame.upto.is_none_or(|upto| place(*other, upto).is_le());
        let from = (0..all.len()).filter(before).count();
        let upto = (0..all.len()).filter(not_behind).count();
        // Rows enter one after the other as frames reach them; those that have fallen behind leave first, and when they
        // have to leave and the older part is empty, all rows become the older part.
        while oldest < end && oldest < from {
            if oldest == cut {
                cut = end;
            }
            oldest += 1;
        }
        while end < upto {
            if end < from {
                (oldest, cut) = (end + 1, end + 1);
            }
            end += 1;
        }
        cut = cut.max(oldest);
        results.push(of_frame(call, &[args(oldest..cut), args(cut..end)]));
    }
    results
}

fn peers(keys: &[SortKey], a: &Member<'_>, b: &Member<'_>) -> Ordering {
    let pairs = keys.iter().zip(a.order.iter().zip(b.order));
    let orders = pairs.map(|(key, (a, b))| compare(key, a, b));
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Where a row lies from what is `by` away from the value of another.
fn near(keys: &[SortKey], row: &Member<'_>, other: &Member<'_>, by: Distance) -> Ordering {
    let sign = if keys[0].descending { -1 } else { 1 };
    let (bound, value) = match (&row.order[0], &other.order[0], by) {
        (Value::F64(own), Value::F64(value), by) => {
            let by = match by {
                Distance::Exact(by) => by as f64,
                Distance::Double(by) => by,
            };
            (Value::F64(own + f64::from(sign) * by), Value::F64(*value))
        }
        // NULLs and values are at no distance, but one comes first.
        (Value::Null, _, _) | (_, Value::Null, _) => return peers(keys, other, row),
        (own, value, by) => {
            let bound = wide(own).saturating_add(i128::from(sign) * exact(by));
            (Value::I128(bound), Value::I128(wide(value)))
        }
    };
    compare(&keys[0], &value, &bound)
}

fn wide(value: &Value) -> i128 {
    match value {
        Value::I64(value) => i128::from(*value),
        Value::I128(value) => *value,
        other => panic!("{other:?} has no distances"),
    }
}

fn exact(by: Distance) -> i128 {
    match by {
        Distance::Exact(by) => by,
        Distance::Double(by) => panic!("{by} is no exact distance"),
    }
}
