//! GROUP BY with windows: every group of every window keeps all its rows, every result is computed from them anew.

use super::eval::eval_row;
use super::fold::{Argued, Function};
use super::window::{Window, ordinal_of, pane_of, windows_of};
use super::{Counts, Row, same_values};
use crate::batch::RowOp;
use crate::error::Reason;
use crate::limits::SEQUENCE_BLOCK;
use crate::plan::{AggregateCall, AggregatePlan, Emission, LatePolicy, WindowPlan};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;

struct Group {
    window: Option<Window>,
    key: Vec<Value>,
    first: OrderKey,
    emitted: bool,
    /// For each call the rows that reach it.
    calls: Vec<Vec<Argued>>,
}

/// An aggregate while rows come.
pub struct Aggregate<'a> {
    /// The plan.
    pub plan: &'a AggregatePlan,
    /// Its calls.
    pub functions: Vec<Function>,
    /// Whether DOUBLEs fold by blocks of the merged sequence.
    in_blocks: bool,
    /// Whether DOUBLEs fold by panes.
    in_panes: bool,
    groups: Vec<Group>,
}

/// What one row says to an aggregate.
pub struct Evaluated {
    /// The group.
    pub key: Vec<Value>,
    /// The windows that are not gone; one `None` without windows.
    windows: Vec<Option<Window>>,
    path: Vec<u64>,
    /// The time that FIRST and LAST go by.
    pub time: Option<i64>,
    /// What it adds to its bar, if that is computed.
    pub measure: Option<Value>,
    /// For each call its arguments, if the row reaches it.
    pub calls: Vec<Option<Vec<Value>>>,
}

impl<'a> Aggregate<'a> {
    /// Nothing yet.
    pub fn new(plan: &'a AggregatePlan, in_blocks: bool) -> Self {
        let calls = plan.aggregates.iter();
        Self {
            plan,
            functions: calls
                .map(|call| Function::new(call.kind, &call.args, call.ty))
                .collect(),
            in_blocks,
            in_panes: plan.emission == Emission::Final
                && plan.late == LatePolicy::Drop
                && plan.aggregates.iter().all(AggregateCall::is_mergeable)
                && matches!(
                    plan.window,
                    Some(
                        WindowPlan::Hop { .. }
                            | WindowPlan::Cumulate { .. }
                            | WindowPlan::Overlapping(_)
                    )
                ),
            groups: Vec::new(),
        }
    }

    /// DOUBLEs fold in source order, as those of early results do.
    pub fn in_source_order(mut self) -> Self {
        self.in_panes = false;
        self
    }

    /// Takes all rows, in order, and gives what leaves.
    pub fn run(mut self, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
        if let Some(WindowPlan::Session { gap_ns, span_ns }) = self.plan.window {
            return self.run_sessions(gap_ns, span_ns, rows, counts);
        }
        if let Some(WindowPlan::Bars(bars)) = &self.plan.window {
            return self.run_bars(bars, rows, counts);
        }
        let mut out = Vec::new();
        for row in rows {
            self.fire(row.key.watermark(), counts, &mut out);
            match self.evaluate(row) {
                Ok(evaluated) => self.take(row, evaluated, counts, &mut out),
                Err(reason) => counts.reject(reason),
            }
        }
        let lone = self.plan.keys.is_empty() && self.plan.window.is_none();
        if lone && self.groups.is_empty() && self.plan.emission == Emission::Final {
            self.open(None, Vec::new(), OrderKey::MIN);
        }
        self.fire(WATERMARK_END, counts, &mut out);
        out.sort_by_key(|row| row.key);
        out
    }

    /// What a row says, or why it is refused.
    pub fn evaluate(&self, row: &Row) -> Result<Evaluated, Reason> {
        let plan = self.plan;
        let eval = |expr| eval_row(expr, &row.values);
        let key = plan.keys.iter().map(|key| eval(key).map(canonical));
        let key = key.collect::<Result<Vec<_>, _>>()?;
        let time = plan.time.as_ref().map(eval).transpose()?;
        if time == Some(Value::Null) {
            return Err(Reason::EventTimeNull);
        }
        let measure = plan.window.as_ref().and_then(WindowPlan::measure);
        let measure = measure.map(eval).transpose()?;
        let mut passes = Vec::new();
        for call in &plan.aggregates {
            let filter = call.filter.as_ref().map(eval).transpose()?;
            passes.push(filter.is_none_or(|value| value == Value::Bool(true)));
        }
        let mut calls = Vec::new();
        for (call, passes) in plan.aggregates.iter().zip(passes) {
            let mut args = None;
            if passes {
                let values = call.args.iter().map(eval).collect::<Result<Vec<_>, _>>()?;
                args = (!values.contains(&Value::Null)).then_some(values);
            }
            calls.push(args);
        }
        let mut evaluated = Evaluated {
            key,
            windows: vec![None],
            path: Vec::new(),
            time: row.time,
            measure,
            calls,
        };
        if self.in_blocks {
            evaluated.path = vec![row.key.seq / SEQUENCE_BLOCK];
        }
        if let (Some(window), Some(Value::I64(time))) = (&plan.window, time) {
            let retention = match plan.late {
                LatePolicy::Drop => 0,
                _ => plan.retention_ns,
            };
            let open_after = plan.allowed_ns.saturating_add(retention);
            let mut windows = windows_of(window, time, open_after).ok_or(Reason::Range)?;
            windows.retain(|(_, end)| row.key.watermark() < end + open_after);
            evaluated.windows = windows.into_iter().map(Some).collect();
            if self.in_panes {
                evaluated.path = vec![pane_of(window, time)];
            }
            if !matches!(window, WindowPlan::Tumble { .. } | WindowPlan::Days(_)) {
                evaluated.time = Some(time);
            }
        }
        Ok(evaluated)
    }

    fn take(&mut self, row: &Row, from: Evaluated, counts: &mut Counts, out: &mut Vec<Row>) {
        let mut corrected = false;
        for (number, &window) in from.windows.iter().enumerate() {
            let number = number as u32;
            corrected |= self.take_in((window, number), row, &from, counts, out);
        }
        counts.corrected += u64::from(corrected);
    }

    /// Takes a row in one of its windows; gives whether that was closed.
    fn take_in(
        &mut self,
        (window, number): (Option<Window>, u32),
        row: &Row,
        from: &Evaluated,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) -> bool {
        let known = self
            .groups
            .iter()
            .position(|group| group.window == window && same_values(&group.key, &from.key));
        let at = known.unwrap_or_else(|| self.open(window, from.key.clone(), row.key));
        let group = &mut self.groups[at];
        let calls = group.calls.iter_mut().zip(&self.plan.aggregates);
        for ((rows, call), args) in calls.zip(&from.calls) {
            let Some(args) = args else {
                continue;
            };
            let seen = |known: &Argued| same_values(&known.args, args);
            if !(call.distinct && rows.iter().any(seen)) {
                rows.push(Argued {
                    args: args.clone(),
                    time: from.time,
                    path: from.path.clone(),
                });
                if self.in_panes {
                    rows.sort_by(|a, b| a.path.cmp(&b.path));
                }
            }
        }
        let closed = group.window.is_some() && self.final_at(at) <= row.key.watermark();
        let op = if closed {
            RowOp::UpdateAfter
        } else {
            RowOp::Insert
        };
        // A group without aggregates, one of DISTINCT, changes once: when it comes.
        let changes = known.is_none() || !self.functions.is_empty();
        if (closed || self.plan.emission == Emission::Changes) && changes {
            self.groups[at].emitted = true;
            let mut key = row.key;
            key.ordinal = key.ordinal * 1_000 + number;
            self.emit(at, key, op, row.time, counts, out);
        }
        closed
    }

    fn open(&mut self, window: Option<Window>, key: Vec<Value>, first: OrderKey) -> usize {
        self.groups.push(Group {
            window,
            key,
            first,
            emitted: false,
            calls: vec![Vec::new(); self.functions.len()],
        });
        self.groups.len() - 1
    }

    /// The least watermark at which a group is final.
    fn final_at(&self, at: usize) -> i64 {
        let end = self.groups[at].window.map(|(_, end)| end);
        end.map_or(WATERMARK_END, |end| end + self.plan.allowed_ns)
    }

    /// Emits what is final at `watermark`.
    fn fire(&mut self, watermark: i64, counts: &mut Counts, out: &mut Vec<Row>) {
        if self.plan.emission == Emission::Changes {
            return;
        }
        for at in 0..self.groups.len() {
            let final_at = self.final_at(at);
            if !self.groups[at].emitted && final_at <= watermark {
                self.groups[at].emitted = true;
                let first = self.groups[at].first;
                let window = self.plan.window.as_ref().zip(self.groups[at].window);
                let ordinal = window.map_or(first.ordinal, |(plan, window)| {
                    ordinal_of(plan, window, first.ordinal)
                });
                let key = OrderKey::fired(final_at, first.seq, ordinal);
                let time = self.groups[at].window.map(|(_, end)| end - 1);
                self.emit(at, key, RowOp::Insert, time, counts, out);
            }
        }
    }

    fn emit(
        &self,
        at: usize,
        key: OrderKey,
        op: RowOp,
        time: Option<i64>,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        let group = &self.groups[at];
        let results = self.functions.iter().zip(&group.calls);
        let end = group.window.map(|(_, end)| end);
        let results = results.map(|(f, rows)| f.result_until(rows, end));
        let results: Result<Vec<_>, _> = results.collect();
        match results {
            Ok(results) => {
                let bounds = group.window.map(|(start, end)| [start, end]);
                let bounds = bounds.into_iter().flatten().map(Value::I64);
                let key_values = group.key.iter().cloned();
                out.push(Row {
                    key,
                    op,
                    time,
                    values: key_values.chain(bounds).chain(results).collect(),
                });
            }
            Err(reason) => counts.group_error(reason),
        }
    }
}

/// One zero and one NaN.
fn canonical(value: Value) -> Value {
    match value {
        Value::F64(0.0) => Value::F64(0.0),
        Value::F64(number) if number.is_nan() => Value::F64(f64::NAN),
        other => other,
    }
}
