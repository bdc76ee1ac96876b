//! UNNEST: the elements of each row's arrays, one after the other.

use super::eval::eval_row;
use super::nested::decode;
use super::{Counts, Row};
use crate::error::Reason;
use crate::limits::UNNEST_ELEMENTS_MAX;
use crate::plan::UnnestPlan;
use crate::types::Value;

/// Gives every row as often as its longest array has elements, of an outer join at least once.
pub fn run(plan: &UnnestPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        let arrays = plan.arrays.iter().map(|array| {
            let value = eval_row(array, &row.values)?;
            Ok(match value {
                Value::Null => Vec::new(),
                value => decode(&value, array.ty()),
            })
        });
        let arrays = match arrays.collect::<Result<Vec<_>, Reason>>() {
            Ok(arrays) => arrays,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let longest = arrays.iter().map(Vec::len).max().unwrap_or(0);
        if longest > UNNEST_ELEMENTS_MAX as usize {
            counts.reject(Reason::Domain);
            continue;
        }
        let stays = plan.outer && longest == 0;
        for number in 0..longest.max(usize::from(stays)) {
            let mut made = row.clone();
            let element = |array: &Vec<(Value, _)>| {
                array.get(number).map_or(Value::Null, |item| item.0.clone())
            };
            made.values.extend(arrays.iter().map(element));
            if plan.ordinality {
                made.values.push(match stays {
                    true => Value::Null,
                    false => Value::I64(number as i64 + 1),
                });
            }
            made.key.ordinal = made.key.ordinal * UNNEST_ELEMENTS_MAX + number as u32;
            out.push(made);
        }
    }
    out
}
