//! Bars: every open bar keeps all its rows; after each row what they add is summed anew.

use super::aggregate::Aggregate;
use super::eval::unscaled;
use super::fold::Argued;
use super::told::Told;
use super::{Counts, Row, same_values};
use crate::batch::RowOp;
use crate::plan::{BarBound, BarsPlan, Emission};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;

/// The open bar of one key.
struct Bar {
    /// How many rows had come before its first.
    number: usize,
    key: Vec<Value>,
    begun: OrderKey,
    times: Vec<i64>,
    /// What each row adds.
    added: Vec<Value>,
    /// For each call the rows that reach it.
    calls: Vec<Vec<Argued>>,
}

impl Bar {
    /// As of any window: a nanosecond before its end.
    fn time(&self) -> Option<i64> {
        self.times.last().map(|time| time - 1)
    }

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
        let mut told = Told::new(self.plan);
        // What is complete and waits to be told.
        let mut kept: Vec<Bar> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let due = told.due(row.key.watermark());
            self.show_changed(due, (&open, &kept), counts, &mut out);
            kept.retain(|bar| told.waits(bar.number));
            let Some((from, time)) = self.timed(row, counts) else {
                continue;
            };
            let known = open.iter().position(|bar| same_values(&bar.key, &from.key));
            let mut bar = match known {
                Some(at) => open.remove(at),
                None => Bar {
                    number,
                    key: from.key.clone(),
                    begun: row.key,
                    times: Vec::new(),
                    added: Vec::new(),
                    calls: vec![Vec::new(); self.functions.len()],
                },
            };
            bar.times.push(time);
            bar.added.push(from.measure.unwrap_or(Value::I64(1)));
            self.reach(&mut bar.calls, from.calls, time);
            let complete = bar.is_complete(plan);
            told.mark(bar.number, row.key);
            if !told.waits_for_ticks() && changes || !changes && complete {
                let shown = if changes { row.time } else { Some(time - 1) };
                self.show(&bar, row.key, shown, counts, &mut out);
            }
            if !complete {
                open.push(bar);
            } else if changes {
                kept.push(bar);
            }
        }
        let due = told.due(WATERMARK_END);
        self.show_changed(due, (&open, &kept), counts, &mut out);
        for bar in open.iter().filter(|_| !changes && !plan.whole) {
            let key = OrderKey::fired(WATERMARK_END, bar.begun.seq, bar.begun.ordinal);
            self.show(bar, key, bar.time(), counts, &mut out);
        }
        out.sort_by_key(|row| row.key);
        out
    }

    /// Shows what waited for a tick, of bars that are open or complete.
    fn show_changed(
        &self,
        due: Vec<(usize, OrderKey)>,
        (open, kept): (&[Bar], &[Bar]),
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        for (number, key) in due {
            let mut both = open.iter().chain(kept);
            if let Some(bar) = both.find(|bar| bar.number == number) {
                self.show(bar, key, bar.time(), counts, out);
            }
        }
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
