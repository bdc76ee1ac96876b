//! Rows in the order of their time, without those that come when the watermark has passed them.

use super::eval::eval_row;
use super::{Counts, Row};
use crate::error::Reason;
use crate::plan::TimeSortPlan;
use crate::time::OrderKey;
use crate::types::Value;

/// Takes all rows, in order, and gives those in time sorted, each as final one past its time.
pub fn run(plan: &TimeSortPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut kept = Vec::new();
    for row in rows {
        let keys = plan.keys.iter().map(|key| eval_row(key, &row.values));
        let time = eval_row(&plan.time, &row.values);
        match (time, keys.collect::<Result<Vec<_>, _>>()) {
            (Err(reason), _) | (_, Err(reason)) => counts.reject(reason),
            (Ok(Value::I64(time)), Ok(_)) => {
                if !plan.at_end && time + plan.allowed_ns < row.key.watermark() {
                    counts.late();
                } else {
                    kept.push((time, row.clone()));
                }
            }
            _ => counts.reject(Reason::EventTimeNull),
        }
    }
    kept.sort_by_key(|(time, row)| (*time, row.key.seq, row.key.ordinal));
    let fired = |(time, row): (i64, Row)| Row {
        key: OrderKey::fired(time + plan.allowed_ns + 1, row.key.seq, row.key.ordinal),
        time: Some(time),
        ..row
    };
    kept.into_iter().map(fired).collect()
}
