//! The last change of every group between two ticks of event time.

use super::eval::eval_row;
use super::{Counts, Row, same_values};
use crate::plan::CoalescePlan;
use crate::time::OrderKey;
use crate::types::Value;

/// A group that has changed: its key, the order key of its first change, its newest row.
pub(super) type Changed = (Vec<Value>, OrderKey, Row);

/// Takes all changes in order and gives what is there at each tick.
pub fn run(plan: &CoalescePlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    let mut waiting: Vec<Changed> = Vec::new();
    let mut tick = i128::from(i64::MIN);
    for row in rows {
        let keys = plan.keys.iter().map(|key| eval_row(key, &row.values));
        let key = match keys.collect::<Result<Vec<_>, _>>() {
            Ok(key) => key,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let watermark = i128::from(row.key.watermark());
        if tick <= watermark {
            leave(&mut waiting, tick, &mut out);
        }
        let every = i128::from(plan.every_ns);
        tick = watermark - watermark.rem_euclid(every) + every;
        match waiting
            .iter_mut()
            .find(|(known, ..)| same_values(known, &key))
        {
            Some((.., newest)) => *newest = row.clone(),
            None => waiting.push((key, row.key, row.clone())),
        }
    }
    leave(&mut waiting, tick, &mut out);
    out
}

fn leave(waiting: &mut Vec<Changed>, tick: i128, out: &mut Vec<Row>) {
    let tick = tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
    out.extend(waiting.drain(..).map(|(_, first, row)| Row {
        key: OrderKey::fired(tick, first.seq, first.ordinal),
        ..row
    }));
}
