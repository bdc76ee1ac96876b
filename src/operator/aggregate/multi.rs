//! Windows that overlap, each with a state of its own: a row is folded into every window that holds it.
//!
//! That is what EMIT CHANGES, corrections of closed windows and aggregates without a merge need. (FINAL has a faster
//! way: `panes`.) A batch is folded a window at a time, so the rows that leave come window by window; they are
//! arranged by the rows that caused them afterwards, a row's earliest window first.
//!
//! A DOUBLE of such a window is folded in source order.

use std::collections::BTreeSet;

use super::early::stretch;
use super::engine::{Core, Tracing};
use super::fold::{self, Folding};
use super::window::Window;
use crate::batch::{Batch, RowOp, Rows};
use crate::operator::{Advance, Context, Output};
use crate::table::Segment;
use crate::time::EventTimeNs;
use crate::types::DataType;

/// Scratch of one batch.
pub(super) struct Arrangement {
    targets: Vec<Window>,
    bucket: Vec<u32>,
    /// By output row: the row that caused it.
    causes: Vec<u32>,
    /// By row: where its next output row goes.
    places: Vec<u32>,
    /// By place: the output row.
    permutation: Vec<u32>,
    /// By output row: its place.
    moved: Vec<u32>,
    arranged: Batch,
}

impl Arrangement {
    pub fn new(output: &[DataType]) -> Self {
        Self {
            targets: Vec::new(),
            bucket: Vec::new(),
            causes: Vec::new(),
            places: Vec::new(),
            permutation: Vec::new(),
            moved: Vec::new(),
            arranged: Batch::new(output),
        }
    }

    /// Finds the place of every output row, those of one cause in their order.
    fn place(&mut self, rows: usize) {
        self.places.clear();
        self.places.resize(rows + 1, 0);
        for &row in &self.causes {
            self.places[row as usize + 1] += 1;
        }
        for row in 0..rows {
            self.places[row + 1] += self.places[row];
        }
        self.permutation.clear();
        self.permutation.resize(self.causes.len(), 0);
        self.moved.clear();
        for (at, &row) in self.causes.iter().enumerate() {
            let place = &mut self.places[row as usize];
            self.permutation[*place as usize] = at as u32;
            self.moved.push(*place);
            *place += 1;
        }
    }

    /// Brings `output` into the order of its places. Order keys get the number of the row among those of its cause.
    fn arrange(&mut self, output: &mut Batch, windows_max: u32) {
        let rows = Rows::Some(&self.permutation);
        let to = &mut self.arranged;
        to.clear();
        for (to, from) in to.columns.iter_mut().zip(&output.columns) {
            to.extend_from(from, rows);
        }
        let keys = to.order_keys();
        output.order.extend_keys(rows, keys);
        let (mut cause, mut number) = (u32::MAX, 0);
        for (key, &at) in keys.iter_mut().zip(&self.permutation) {
            let row = self.causes[at as usize];
            number = if row == cause { number + 1 } else { 0 };
            cause = row;
            key.ordinal = key
                .ordinal
                .saturating_mul(windows_max)
                .saturating_add(number);
        }
        gather(&output.time, &self.permutation, &mut to.time);
        gather(&output.hashes, &self.permutation, &mut to.hashes);
        gather(&output.ops, &self.permutation, &mut to.ops);
        to.rows = output.rows;
        std::mem::swap(to, output);
    }
}

fn gather<T: Copy>(from: &[T], rows: &[u32], to: &mut Vec<T>) {
    if !from.is_empty() {
        to.extend(rows.iter().map(|&row| from[row as usize]));
    }
}

impl Core {
    /// Folds `rows` into every window that is not gone for them. What traced windows have to show is appended to the
    /// output, window by window.
    pub(super) fn fold_several(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        tracing: Tracing,
    ) {
        let Some(mut several) = self.several.take() else {
            return;
        };
        let Some(assigner) = self.assigner.take() else {
            return;
        };
        let mut runs = std::mem::take(&mut self.scratch.runs);
        self.scratch.runs_hold = false;
        let times = folding.input.times();
        fold::divide(&assigner, times, rows, &mut runs, &mut self.refused);
        several.targets.clear();
        several.causes.clear();
        let mut last = None;
        for run in &runs {
            if last != Some(run.window) {
                several.targets.extend(assigner.covering(run.window));
                last = Some(run.window);
            }
        }
        several
            .targets
            .sort_unstable_by_key(|window| (window.end, window.start));
        several.targets.dedup();
        self.assigner = Some(assigner);
        let order = &folding.batch.order;
        for at in 0..several.targets.len() {
            let window = several.targets[at];
            let assigner = self.assigner.as_ref().expect("it was put back");
            let gone_at = assigner.gone_at(window);
            let bucket = &mut several.bucket;
            bucket.clear();
            for run in &runs {
                if !assigner.holds(window, run.window) {
                    continue;
                }
                let part = rows.slice(run.from, run.to);
                if order.watermark(part.row(part.len() - 1)) < gone_at {
                    part.extend(bucket, |row| row as u32);
                } else {
                    part.for_each(|row| {
                        if order.watermark(row) < gone_at {
                            bucket.push(row as u32);
                        }
                    });
                }
            }
            if bucket.is_empty() {
                continue;
            }
            self.changed.clear();
            self.fold_window(folding, window, Segment::List(bucket), tracing);
            if !self.changed.is_empty() {
                self.append_window(folding, window, &mut several.causes);
            }
        }
        self.scratch.runs = runs;
        self.several = Some(several);
    }

    /// Appends the running results of the changed rows of `window` to the output.
    fn append_window(&mut self, folding: &Folding<'_>, window: Window, causes: &mut Vec<u32>) {
        let changed = self.take_changed();
        self.emit_rows(folding, Rows::Some(&changed));
        causes.extend_from_slice(&changed);
        if self.corrects {
            let assigner = self.assigner.as_ref().expect("there are windows");
            let final_at = assigner.final_at(window);
            let order = &folding.batch.order;
            let op = |&row: &u32| match final_at <= order.watermark(row as usize) {
                true => RowOp::UpdateAfter,
                false => RowOp::Insert,
            };
            self.output.ops.extend(changed.iter().map(op));
        }
        self.changed = changed;
    }

    /// EMIT CHANGES: every row's group in each of its windows after it.
    pub(super) fn change_several(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        self.start_tracing(folding);
        self.fold_several(folding, rows, Tracing::All);
        self.hand_on_arranged(folding, context, next);
    }

    /// FINAL with corrections, between two rises of the watermark.
    pub(super) fn correct_several(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        watermark: i64,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        self.start_tracing(folding);
        self.fold_several(folding, rows, Tracing::FinalAt(watermark));
        self.hand_on_arranged(folding, context, next);
    }

    fn hand_on_arranged(
        &mut self,
        folding: &Folding<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        if self.output.rows == 0 {
            return;
        }
        let (Some(several), Some(assigner)) = (&mut self.several, &self.assigner) else {
            return;
        };
        several.place(folding.batch.rows);
        several.arrange(&mut self.output, assigner.windows_max());
        for (row, _) in &mut self.group_errors {
            *row = several.moved[*row as usize];
        }
        let mut corrected = 0;
        let mut last = u32::MAX;
        for (op, &at) in self.output.ops.iter().zip(&several.permutation) {
            let row = several.causes[at as usize];
            if *op == RowOp::UpdateAfter && row != last {
                corrected += 1;
                last = row;
            }
        }
        if corrected > 0 {
            context.ledger.corrected(corrected);
        } else {
            self.output.ops.clear();
        }
        self.flush(context, next);
    }

    /// Adds the windows whose results are still to come.
    pub(super) fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        if let Some(sessions) = &self.sessions {
            return sessions.open_windows(windows);
        }
        if let Some(bars) = &self.bars {
            return bars.open_windows(windows);
        }
        let bounds = |window: Window| (window.start, window.end);
        match (&self.panes, &self.assigner) {
            (Some(panes), Some(assigner)) => {
                let held = self.windows.held.iter();
                let open =
                    held.flat_map(|pane| assigner.covering_from(pane.window, panes.fired_end));
                windows.extend(open.map(bounds));
            }
            _ => {
                let open = self.windows.held.iter().skip(self.windows.fired);
                windows.extend(open.map(|state| bounds(state.window)));
            }
        }
    }

    /// FINAL with corrections: folds up to each rise of the watermark, fires, and goes on, so that every row
    /// finds the windows closed that are closed for it alone.
    pub(super) fn fold_correcting(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let mut from = 0;
        while let Some((to, watermark)) = stretch(folding, rows, from) {
            while self.fire(folding.layout, watermark, false, context, next) == Advance::More {}
            let part = rows.slice(from, to);
            match self.several.is_some() {
                true => self.correct_several(folding, part, watermark, context, next),
                false => self.correct(folding, part, watermark, context, next),
            }
            from = to;
        }
    }
}
