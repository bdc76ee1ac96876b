//! FILL: all windows from the first to the last, each with all keys that have had a row.

use super::window::windows_of;
use super::{Row, same_values};
use crate::batch::RowOp;
use crate::plan::{FillPlan, FillValue};
use crate::time::OrderKey;
use crate::types::Value;
use std::collections::BTreeMap;

/// Takes all rows, in order, and gives those of all windows.
pub fn run(plan: &FillPlan, rows: &[Row]) -> Vec<Row> {
    let start_of = |row: &Row| match row.values[plan.keys] {
        Value::I64(start) => start,
        ref other => panic!("{other:?} is no time"),
    };
    let mut windows: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        windows.entry(start_of(row)).or_default().push(row);
    }
    // The newest row of each key, by its first.
    let mut known: Vec<Vec<Value>> = Vec::new();
    let mut out: Vec<Row> = Vec::new();
    let mut complete: Option<i64> = None;
    for rows in windows.values() {
        let fired = rows[0].key.time;
        let mut push = |values: Vec<Value>| {
            let end = match values[plan.keys + 1] {
                Value::I64(end) => end,
                ref other => panic!("{other:?} is no time"),
            };
            out.push(Row {
                key: OrderKey::fired(fired, out.len() as u64, 0),
                op: RowOp::Insert,
                time: Some(end - 1),
                values,
            });
        };
        let here = start_of(rows[0]);
        while let Some(start) = complete.filter(|&start| start < here) {
            let window = windows_of(&plan.window, start, 0).expect("a window")[0];
            for row in &mut known {
                *row = filled(plan, row, window);
                push(row.clone());
            }
            complete = Some(window.1);
        }
        let mut missing = vec![true; known.len()];
        for row in rows {
            push(row.values.clone());
            let is_it =
                |other: &Vec<Value>| same_values(&other[..plan.keys], &row.values[..plan.keys]);
            match known.iter().position(is_it) {
                Some(at) => {
                    known[at] = row.values.clone();
                    if let Some(missing) = missing.get_mut(at) {
                        *missing = false;
                    }
                }
                None => known.push(row.values.clone()),
            }
        }
        let window = windows_of(&plan.window, here, 0).expect("a window")[0];
        for (row, _) in known
            .iter_mut()
            .zip(&missing)
            .filter(|(_, missing)| **missing)
        {
            *row = filled(plan, row, window);
            push(row.clone());
        }
        complete = Some(window.1);
    }
    out
}

fn filled(plan: &FillPlan, row: &[Value], (start, end): (i64, i64)) -> Vec<Value> {
    let keys = row[..plan.keys].iter().cloned();
    let bounds = [start, end].map(Value::I64);
    let before = &row[plan.keys + 2..];
    let aggregates = plan
        .values
        .iter()
        .zip(before)
        .map(|(value, before)| match value {
            FillValue::Null => Value::Null,
            FillValue::Previous => before.clone(),
            FillValue::Constant(value) => value.clone(),
        });
    keys.chain(bounds).chain(aggregates).collect()
}
