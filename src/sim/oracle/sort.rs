//! ORDER BY: a stable sort of all rows at the end of the input, or of those that were fired together.

use super::eval::{eval_row, order};
use super::{Counts, Row};
use crate::plan::{SortKey, SortPlan};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Takes all rows, in order, and gives them sorted.
pub fn run(plan: &SortPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut keyed = Vec::new();
    for row in rows {
        let keys = plan.keys.iter().map(|key| eval_row(&key.expr, &row.values));
        match keys.collect::<Result<Vec<_>, _>>() {
            Ok(keys) => keyed.push((keys, row.clone())),
            Err(reason) => counts.reject(reason),
        }
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let pairs = plan.keys.iter().zip(a.iter().zip(b));
        let orders = pairs.map(|(key, (a, b))| compare(key, a, b));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    let limit = plan.limit.unwrap_or(u64::MAX);
    if !plan.at_end {
        let wanted = plan.offset..plan.offset.saturating_add(limit);
        return each_window(wanted, keyed.into_iter().map(|(_, row)| row));
    }
    let passed = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let ranked = (0..limit).zip(keyed.into_iter().skip(passed));
    ranked
        .map(|(rank, (_, row))| Row {
            key: OrderKey::fired(WATERMARK_END, rank, 0),
            time: None,
            ..row
        })
        .collect()
}

/// Of sorted rows those of each firing whose numbers are wanted, behind all that was fired with them, numbered through.
fn each_window(wanted: std::ops::Range<u64>, sorted: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut ranks: BTreeMap<i64, u64> = BTreeMap::new();
    let mut out = Vec::new();
    for row in sorted {
        let fired = row.key.time;
        let rank = ranks.entry(fired).or_default();
        if wanted.contains(rank) {
            let key = OrderKey::sorted(fired, *rank);
            out.push(Row { key, ..row });
        }
        *rank += 1;
    }
    out.sort_by_key(|row| row.key);
    for (number, row) in (0..).zip(&mut out) {
        row.key = OrderKey::sorted(row.key.time, number);
    }
    out
}

/// The order of two values by an ORDER BY item.
pub fn compare(key: &SortKey, a: &Value, b: &Value) -> Ordering {
    let null_order = if key.nulls_first {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => null_order,
        (_, Value::Null) => null_order.reverse(),
        _ if key.descending => order(b, a),
        _ => order(a, b),
    }
}
