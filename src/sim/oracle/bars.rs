//! Bars: every open bar keeps all its rows; after each row what they add is summed anew.

use super::aggregate::Aggregate;
use super::eval::unscaled;
use super::fold::Argued;
use super::{Counts, Row, same_values};
use crate::batch::RowOp;
use crate::plan::{BarBound, BarsPlan, Emission};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;

/// The open bar of one key.
struct Bar {
    key: Vec<Value>,
    begun: OrderKey,
    times: Vec<i64>,
    /// What each row adds.
    added: Vec<Value>,
    /// For each call the rows that reach it.
    calls: Vec<Vec<Argued>>,
}

impl Bar {
    fn is_complete(&self, plan: &BarsPlan) -> bool {
        match plan.bound {
            BarBound::Double(bound) => {
                let mut sum = 0.0;
                for value in &self.added {
                    if let Value::F64(value) = value {
                        sum += value;
                    }
                }
                f64::is_nan(sum) || sum >= bound
            }
            BarBound::Exact(bound) => {
                let amounts = self.added.iter().filter(|value| **value != Value::Null);
                let sum = amounts.fold(0, |sum: i128, value| sum.saturating_add(unscaled(value)));
                sum >= bound
            }
        }
    }
}

impl Aggregate<'_> {
    /// Takes all rows, in order, and gives what leaves.
    pub(super) fn run_bars(self, plan: &BarsPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
        let changes = self.plan.emission == Emission::Changes;
        let mut open: Vec<Bar> = Vec::new();
        let mut out = Vec::new();
        for row in rows {
            let from = match self.evaluate(row) {
                Ok(from) => from,
                Err(reason) => {
                    counts.reject(reason);
                    continue;
                }
            };
            let Some(time) = from.time else {
                continue;
            };
            let known = open.iter().position(|bar| same_values(&bar.key, &from.key));
            let mut bar = match known {
                Some(at) => open.remove(at),
                None => Bar {
                    key: from.key.clone(),
                    begun: row.key,
                    times: Vec::new(),
                    added: Vec::new(),
                    calls: vec![Vec::new(); self.functions.len()],
                },
            };
            bar.times.push(time);
            bar.added.push(from.measure.unwrap_or(Value::I64(1)));
            for (rows, args) in bar.calls.iter_mut().zip(from.calls) {
                rows.extend(args.map(|args| Argued {
                    args,
                    time: Some(time),
                    path: Vec::new(),
                }));
            }
            let complete = bar.is_complete(plan);
            if changes || complete {
                let shown = if changes { row.time } else { Some(time - 1) };
                self.show(&bar, row.key, shown, counts, &mut out);
            }
            if !complete {
                open.push(bar);
            }
        }
        for bar in open.iter().filter(|_| !changes) {
            let key = OrderKey::fired(WATERMARK_END, bar.begun.seq, bar.begun.ordinal);
            let end = bar.times.last().map(|time| time - 1);
            self.show(bar, key, end, counts, &mut out);
        }
        out.sort_by_key(|row| row.key);
        out
    }

    fn show(
        &self,
        bar: &Bar,
        key: OrderKey,
        time: Option<i64>,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        let bounds = [bar.times[0], bar.times[bar.times.len() - 1]];
        let results = self.functions.iter().zip(&bar.calls);
        let results = results.map(|(f, rows)| f.result_until(rows, Some(bounds[1])));
        match results.collect::<Result<Vec<_>, _>>() {
            Ok(results) => {
                let values = bar.key.iter().cloned();
                let values = values.chain(bounds.map(Value::I64)).chain(results);
                out.push(Row {
                    key,
                    op: RowOp::Insert,
                    time,
                    values: values.collect(),
                });
            }
            Err(reason) => counts.group_error(reason),
        }
    }
}
