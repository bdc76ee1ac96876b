//! ORDER BY: a stable sort at the end of the input.

use super::eval::{eval_row, order};
use super::{Counts, Row};
use crate::plan::{SortKey, SortPlan};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;
use std::cmp::Ordering;

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
    let ranked = (0..limit).zip(keyed);
    ranked
        .map(|(rank, (_, row))| Row {
            key: OrderKey::fired(WATERMARK_END, rank, 0),
            time: None,
            ..row
        })
        .collect()
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
