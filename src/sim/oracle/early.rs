//! EMIT FINAL EARLY EVERY: the aggregate run twice, once for changes and once for what is final; of the changes those are
//! told that stand at a tick for what is still open.

use super::aggregate::Aggregate;
use super::coalesce::Changed;
use super::eval::eval_row;
use super::{Counts, Row, same_values};
use crate::plan::{AggregatePlan, CoalescePlan, EarlyPlan, Emission};
use crate::time::OrderKey;
use crate::types::Value;

/// The rows of both, in order.
pub fn run(plan: &AggregatePlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let by = |emission| AggregatePlan {
        emission,
        ..plan.clone()
    };
    let (changes, last) = (by(Emission::Changes), by(Emission::Final));
    let mut out = Aggregate::new(&changes, false).run(rows, counts);
    // The records are refused once, the results of each counted.
    let mut again = Counts::default();
    let last = Aggregate::new(&last, false).in_source_order();
    out.extend(last.run(rows, &mut again));
    for (reason, count) in again.group_errors {
        *counts.group_errors.entry(reason).or_default() += count;
    }
    out.sort_by_key(|row| row.key);
    out
}

/// Of the changes between two ticks the last of each group that is not final at the second; final rows pass.
pub fn tell(plan: &CoalescePlan, early: EarlyPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    let mut waiting: Vec<Changed> = Vec::new();
    let mut tick = i128::from(i64::MIN);
    let leave = |waiting: &mut Vec<Changed>, tick: i128, out: &mut Vec<Row>| {
        for (key, first, row) in waiting.drain(..) {
            let end = match key.last() {
                Some(Value::I64(end)) if early.windowed => i128::from(*end),
                _ => i128::MAX / 2,
            };
            if tick < end + i128::from(early.allowed_ns) {
                let tick = tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
                let key = OrderKey::early(tick, first.seq, first.ordinal);
                out.push(Row { key, ..row });
            }
        }
    };
    for row in rows {
        let is_final = row.key.kind == 0;
        let reached = if is_final {
            row.key.time
        } else {
            row.key.watermark()
        };
        if tick <= i128::from(reached) {
            leave(&mut waiting, tick, &mut out);
        }
        if is_final {
            out.push(row.clone());
            continue;
        }
        let keys = plan.keys.iter().map(|key| eval_row(key, &row.values));
        let key = match keys.collect::<Result<Vec<_>, _>>() {
            Ok(key) => key,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let every = i128::from(plan.every_ns);
        tick = i128::from(reached) - i128::from(reached).rem_euclid(every) + every;
        let known = waiting
            .iter_mut()
            .find(|(known, ..)| same_values(known, &key));
        match known {
            Some((.., newest)) => *newest = row.clone(),
            None => waiting.push((key, row.key, row.clone())),
        }
    }
    leave(&mut waiting, tick, &mut out);
    out
}
