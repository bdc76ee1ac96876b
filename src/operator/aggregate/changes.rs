//! Rows that leave because a row came: EMIT CHANGES, and corrections of windows that have fired.

use super::engine::{Core, Tracing};
use super::finish::finish;
use super::fold::Folding;
use super::window::Window;
use crate::batch::{Batch, Column, ColumnData, RowOp, Rows};
use crate::hash::canonical_f64_bits;
use crate::operator::{Context, Output};
use crate::table::{Segment, append_keys};

impl Core {
    /// EMIT CHANGES: every row's group after it.
    pub(super) fn fold_changes(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        if self.several.is_some() {
            return self.change_several(folding, rows, context, next);
        }
        self.start_tracing(folding);
        self.fold_windows(folding, rows, Tracing::All);
        let changed = self.take_changed();
        // Ascending, each once: as many as there are rows are all of them.
        let emitted = match changed.len() == folding.batch.rows {
            true => Rows::All(changed.len()),
            false => Rows::Some(&changed),
        };
        self.emit_rows(folding, emitted);
        if self.corrects {
            self.mark_corrections(folding, &changed, context);
        }
        self.changed = changed;
        self.flush(context, next);
    }

    /// Corrects closed windows by rows between two rises of the watermark.
    pub(super) fn correct(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        watermark: i64,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        self.start_tracing(folding);
        self.fold_windows(folding, rows, Tracing::FinalAt(watermark));
        let changed = self.take_changed();
        if !changed.is_empty() {
            self.emit_rows(folding, Rows::Some(&changed));
            self.output.ops.resize(self.output.rows, RowOp::UpdateAfter);
            context.ledger.corrected(changed.len() as u64);
            self.flush(context, next);
        }
        self.changed = changed;
    }

    pub(super) fn start_tracing(&mut self, folding: &Folding<'_>) {
        let rows = folding.batch.rows;
        self.changed.clear();
        self.starts.resize(rows.max(self.starts.len()), 0);
        self.ends.resize(rows.max(self.ends.len()), 0);
        for slot in self.running.iter_mut().flatten() {
            slot.reset_rows(rows);
        }
    }

    /// The rows that have a result to show, in their order.
    pub(super) fn take_changed(&mut self) -> Vec<u32> {
        let mut changed = std::mem::take(&mut self.changed);
        if !changed.is_sorted() {
            changed.sort_unstable();
        }
        changed
    }

    /// Appends the running results of `rows` to the output.
    pub(super) fn emit_rows(&mut self, folding: &Folding<'_>, rows: Rows<'_>) {
        self.push_keys(folding, rows);
        let mut results = folding.input.keys.len();
        if self.assigner.is_some() {
            for (running, plan) in self.running.iter_mut().zip(&folding.layout.lanes) {
                for (running, plan) in running.iter_mut().zip(&plan.slots) {
                    running.close(plan, rows, |row| self.ends[row]);
                }
            }
            for bounds in [&self.starts, &self.ends] {
                if let ColumnData::I64(values) = &mut self.output.columns[results].data {
                    copy_rows(bounds, rows, values);
                }
                results += 1;
            }
        }
        for (column, call) in folding.layout.calls.iter().enumerate() {
            let out = &mut self.output.columns[results + column];
            let slots = &self.running[call.lane];
            finish(call, &slots[0], slots, rows, out, &mut self.group_errors);
        }
        self.push_origin(folding, rows);
    }

    /// Appends the keys of `rows` to the output's first columns.
    pub(super) fn push_keys(&mut self, folding: &Folding<'_>, rows: Rows<'_>) {
        let base = self.output.rows;
        for (to, key) in self.output.columns.iter_mut().zip(&folding.input.keys) {
            append_keys(to, key, rows);
            make_canonical(to, base);
        }
    }

    /// Appends where `rows` come from, and with that counts them: order keys, event times, hashes.
    pub(super) fn push_origin(&mut self, folding: &Folding<'_>, rows: Rows<'_>) {
        push_order(&mut self.output, folding.batch, rows);
        if !folding.hashes.is_empty() {
            copy_rows(folding.hashes, rows, &mut self.output.hashes);
        }
        self.output.rows += rows.len();
    }

    /// Marks the rows whose window was final for them.
    fn mark_corrections(
        &mut self,
        folding: &Folding<'_>,
        changed: &[u32],
        context: &mut Context<'_>,
    ) {
        let Some(assigner) = &self.assigner else {
            return;
        };
        let mut corrections = 0;
        for (position, &row) in changed.iter().enumerate() {
            let end = self.ends[row as usize];
            let start = self.starts[row as usize];
            let final_at = assigner.final_at(Window { start, end });
            if final_at <= folding.batch.order.watermark(row as usize) {
                self.output.ops.resize(self.output.rows, RowOp::Insert);
                self.output.ops[position] = RowOp::UpdateAfter;
                corrections += 1;
            }
        }
        if corrections > 0 {
            context.ledger.corrected(corrections);
        }
    }
}

/// Gives DOUBLE keys the form they are grouped by.
fn make_canonical(column: &mut Column, from: usize) {
    if let ColumnData::F64(values) = &mut column.data {
        for value in &mut values[from..] {
            *value = f64::from_bits(canonical_f64_bits(*value));
        }
    }
}

/// Appends the rows' order keys and event times.
fn push_order(output: &mut Batch, batch: &Batch, rows: Rows<'_>) {
    match rows {
        Rows::All(1) => output.order_keys().push(batch.order.key(0)),
        Rows::Some(&[row]) => output.order_keys().push(batch.order.key(row as usize)),
        rows => batch.order.extend_keys(rows, output.order_keys()),
    }
    if !batch.time.is_empty() {
        copy_rows(&batch.time, rows, &mut output.time);
    }
}

/// Appends `rows` of `from`.
fn copy_rows<T: Copy>(from: &[T], rows: Rows<'_>, to: &mut Vec<T>) {
    match rows {
        Rows::All(rows) => to.extend_from_slice(&from[..rows]),
        Rows::Some(rows) => to.extend(rows.iter().map(|&row| from[row as usize])),
    }
}
