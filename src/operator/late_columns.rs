//! LATE DATA INTO: how late a row was, beside its own columns.
//!
//! `late_by` is how far its time is behind the watermark in force for it, in nanoseconds, so that an allowed lateness
//! of that much would have been enough whatever the window. `window_start` is that of the last window that could have
//! held it. Rows stay at their index; the input's columns are swapped into a batch of its own and back.

use super::aggregate::window::WindowAssigner;
use super::inputs::Inputs;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, swap_vecs};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::plan::LateColumnsPlan;
use crate::time::OrderKey;
use crate::types::DataType;
use std::mem::swap;

/// Adds the columns of a table of late rows.
pub struct LateColumns {
    // Fixed at construction.
    types: Vec<DataType>,
    assigner: Option<WindowAssigner>,
    // Scratch.
    inputs: Inputs,
    out: Batch,
}

impl LateColumns {
    /// Prepares the operator for input columns of these types.
    pub fn new(plan: &LateColumnsPlan, input: &[DataType]) -> Self {
        let added = LateColumnsPlan::COLUMNS.iter().map(|&(_, ty)| ty);
        let types: Vec<_> = input.iter().copied().chain(added).collect();
        Self {
            // What closed the window is decided: only where it lies is asked.
            assigner: plan.window.as_ref().map(|w| WindowAssigner::new(w, 0, 0)),
            inputs: Inputs::new(std::iter::once(&plan.time)),
            out: Batch::new(&types),
            types,
        }
    }

    fn compute(&mut self, batch: &Batch) {
        let width = batch.columns.len();
        let [late_by, starts, watermarks] = &mut self.out.columns[width..] else {
            unreachable!("the output has three columns more");
        };
        for column in [&mut *late_by, &mut *starts, &mut *watermarks] {
            column.reset(batch.rows);
        }
        let ColumnData::I64(times) = &self.inputs.column(0, batch).data else {
            unreachable!("the planner takes windows of a TIMESTAMP");
        };
        batch.selection.rows().for_each(|row| {
            let (time, watermark) = (times[row], batch.order.watermark(row));
            put(late_by, row, watermark.saturating_sub(time));
            put(watermarks, row, watermark);
            let window = self.assigner.as_ref().and_then(|it| it.last_window(time));
            match window {
                Some(window) => put(starts, row, window.start),
                None => starts.set_null(row),
            }
        });
    }

    /// Swaps everything that goes along between the input and the output.
    fn exchange(&mut self, batch: &mut Batch) {
        swap(&mut self.out, batch);
        swap_vecs(&mut self.out.columns, &mut batch.columns);
        for (out, input) in self.out.columns.iter_mut().zip(&mut batch.columns) {
            input.swap_with(out);
        }
    }
}

fn put(column: &mut Column, row: usize, value: i64) {
    let ColumnData::I64(values) = &mut column.data else {
        unreachable!("BIGINT and TIMESTAMP are held alike");
    };
    values[row] = value;
}

impl Operator for LateColumns {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        self.inputs.eval(batch, context.ledger);
        if batch.selection.is_empty() {
            return;
        }
        self.compute(batch);
        let rows = batch.rows;
        self.exchange(batch);
        next.push(&mut self.out, context);
        self.exchange(batch);
        batch.rows = rows;
    }

    fn advance(&mut self, _: OrderKey, _: &mut Context<'_>, _: &mut dyn Output) -> Advance {
        Advance::Done
    }

    fn snapshot(&mut self, _: Vnode, _: &mut Vec<u8>, _: usize) -> SnapshotStep {
        SnapshotStep::Done
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), JobError> {
        let what = "state for the columns of late rows, which have none".to_owned();
        Err(JobError::Snapshot(what))
    }

    fn state_size(&self) -> (u64, u64) {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::RowOrder;
    use crate::operator::inputs::testing::{Collect, Counts, column, keyed};
    use crate::plan::WindowPlan;
    use crate::types::Value::{self, I64, Null};

    #[test]
    fn a_row_gets_its_last_window_and_the_watermark_before_it() {
        let types = [DataType::Timestamp];
        let hop = WindowPlan::Hop {
            size_ns: 10,
            slide_ns: 4,
            offset_ns: 1,
        };
        let mut batch = keyed(&types, &[7, 8, 9].map(|time| vec![I64(time)]), 0);
        batch.selection.retain(|row| row != 1);
        let keys = [100, 101, 102].map(|watermark| OrderKey::record(watermark, 0));
        batch.order = RowOrder::Keys(keys.to_vec());
        for (window, starts) in [(Some(hop), [I64(5), I64(9)]), (None, [Null, Null])] {
            let plan = LateColumnsPlan {
                time: column(0, DataType::Timestamp),
                window,
            };
            let mut operator = LateColumns::new(&plan, &types);
            let mut context = Context {
                ledger: &mut Counts::default(),
                failure: &mut None,
            };
            let mut taken = Collect::default();
            operator.process(&mut batch, &mut context, &mut taken);
            let rows: Vec<Vec<Value>> = taken.rows.into_iter().map(|row| row.2).collect();
            let [first, last] = starts;
            assert_eq!(
                rows,
                [
                    [I64(7), I64(93), first, I64(100)],
                    [I64(9), I64(93), last, I64(102)],
                ]
            );
            assert_eq!(batch.columns[0].value(2), I64(9), "the input is whole");
        }
    }
}
