//! ORDER BY and LIMIT for each window: the rows that the windows of one end fired, sorted, the best of them.
//!
//! Rows come by rising order key, so those of one end follow one another, and all of them are there once the watermark
//! has passed the key's time. With a LIMIT the best are selected whenever about twice as many have gathered as were
//! kept before: amortised O(1) a row and memory O(limit). Rows that compare equal stay in the order they came.
//!
//! A frontier may have been published between two rows of one firing. So that no row leaves below it, rows leave behind
//! every key of their firing, by their number among all that have left: of two groups above that begin with rows of two
//! firings the order is known.

use super::archive::{ArchiveHeader, ColumnImage, read, write};
use super::inputs::Inputs;
use super::sort::{Direction, rows_of, sort_best};
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, Rows};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::{FIRE_ROWS_MAX, MORSEL_ROWS_MAX};
use crate::plan::SortPlan;
use crate::table::column_bytes;
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;

/// Version of [`State`].
const VERSION: u32 = 2;

const HEADER: ArchiveHeader<'static> = ArchiveHeader {
    operator: "window sort",
    version: VERSION,
    // Sorting hashes nothing.
    hash_seed: 0,
};

/// Sorts the rows of each window.
pub struct WindowSort {
    // Fixed at construction.
    types: Vec<DataType>,
    key_types: Vec<DataType>,
    directions: Vec<Direction>,
    /// Rows kept of a window, those that are passed over among them.
    limit: Option<usize>,
    offset: usize,
    // State. Rows in the order they came.
    columns: Vec<Column>,
    keys: Vec<Column>,
    /// When each row was fired; rising.
    fired: Vec<EventTimeNs>,
    /// Event time of each row; empty when the input has none.
    times: Vec<EventTimeNs>,
    /// Rows that the last selection left.
    kept: usize,
    /// Rows that have left.
    number: u64,
    // Scratch.
    inputs: Inputs,
    spare: Vec<Column>,
    /// Rows that are leaving, in order, and how many have left.
    leaving: Vec<u32>,
    left: usize,
    /// Rows that were complete when they began to leave.
    complete: usize,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    /// Columns of the rows; absent when nobody reads them.
    columns: Vec<Option<ColumnImage>>,
    keys: Vec<ColumnImage>,
    fired: Vec<i64>,
    times: Vec<i64>,
    number: u64,
}

impl WindowSort {
    /// Prepares `plan`.
    pub fn new(plan: &SortPlan) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let key_types: Vec<_> = plan.keys.iter().map(|key| key.expr.ty()).collect();
        let empty = |types: &[DataType]| types.iter().map(|&ty| Column::new(ty)).collect();
        let (columns, keys): (Vec<_>, Vec<_>) = (empty(&types), empty(&key_types));
        Self {
            directions: Direction::of(&plan.keys),
            limit: plan
                .limit
                .map(|limit| rows_of(limit.saturating_add(plan.offset))),
            offset: rows_of(plan.offset),
            spare: columns.iter().chain(&keys).cloned().collect(),
            columns,
            keys,
            fired: Vec::new(),
            times: Vec::new(),
            kept: 0,
            number: 0,
            inputs: Inputs::new(plan.keys.iter().map(|key| &key.expr)),
            leaving: Vec::new(),
            left: 0,
            complete: 0,
            out: Batch::new(&types),
            types,
            key_types,
        }
    }

    /// Makes the best of the first `count` rows those that are leaving, sorted, but for the first `passed` of each firing.
    fn rank(&mut self, count: usize, passed: usize) {
        self.leaving.clear();
        let mut start = 0;
        while start < count {
            let fired = self.fired[start];
            let end = start + self.fired[start..count].partition_point(|&time| time == fired);
            let first = self.leaving.len();
            self.leaving.extend(start as u32..end as u32);
            let rows = &mut self.leaving[first..];
            let kept = sort_best(&self.keys, &self.directions, self.limit, rows);
            self.leaving.truncate(first + kept);
            self.leaving.drain(first..first + passed.min(kept));
            start = end;
        }
    }

    /// Keeps the best rows only.
    fn prune(&mut self) {
        self.rank(self.fired.len(), 0);
        self.leaving.sort_unstable();
        self.retain();
        self.kept = self.fired.len();
    }

    /// Leaves only the rows `leaving`, ascending, and none of those is leaving any more.
    fn retain(&mut self) {
        let rows = std::mem::take(&mut self.leaving);
        let columns = self.columns.iter_mut().chain(&mut self.keys);
        for (column, spare) in columns.zip(&mut self.spare) {
            if !column.is_empty() {
                spare.clear();
                spare.extend_from(column, Rows::Some(&rows));
                std::mem::swap(column, spare);
            }
        }
        for times in [&mut self.fired, &mut self.times] {
            if !times.is_empty() {
                for (to, &from) in rows.iter().enumerate() {
                    times[to] = times[from as usize];
                }
                times.truncate(rows.len());
            }
        }
        self.leaving = rows;
        self.leaving.clear();
    }

    /// Hands on some of the rows that are leaving.
    fn emit(&mut self, context: &mut Context<'_>, next: &mut dyn Output) {
        let end = self.leaving.len().min(self.left + FIRE_ROWS_MAX);
        let rows = &self.leaving[self.left..end];
        self.out.gather(&self.columns, rows);
        for &row in rows {
            let fired = self.fired[row as usize];
            let key = OrderKey::sorted(fired, self.number);
            self.out.order_keys().push(key);
            self.number += 1;
            if !self.times.is_empty() {
                self.out.time.push(self.times[row as usize]);
            }
        }
        self.left = end;
        next.push(&mut self.out, context);
    }
}

impl Operator for WindowSort {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, _: &mut dyn Output) {
        let mut refuse = |what: &str| *context.failure = Some(JobError::Limit(what.to_owned()));
        if !batch.ops.is_empty() {
            return refuse("ORDER BY over rows that are taken back is not built");
        }
        self.inputs.eval(batch, context.ledger);
        let rows = batch.selection.rows();
        if self.fired.len() + rows.len() > u32::MAX as usize {
            return refuse("ORDER BY of more than 2^32 rows of a window; add a LIMIT");
        }
        for (at, column) in self.keys.iter_mut().enumerate() {
            column.extend_from(self.inputs.column(at, batch), rows);
        }
        batch.append_to(rows, &mut self.columns);
        rows.for_each(|row| {
            let key = batch.order.key(row);
            debug_assert_eq!(key.kind, 0, "rows of windows are fired by time");
            self.fired.push(key.time);
            if let Some(&time) = batch.time.get(row) {
                self.times.push(time);
            }
        });
        self.out.arrival_ns = self.out.arrival_ns.max(batch.arrival_ns);
        if self.limit.is_some() && self.fired.len() >= 2 * self.kept + MORSEL_ROWS_MAX {
            self.prune();
        }
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if self.complete == 0 {
            let watermark = frontier.watermark();
            self.complete = self.fired.partition_point(|&time| time <= watermark);
            if self.complete == 0 {
                return Advance::Done;
            }
            self.rank(self.complete, self.offset);
            self.left = 0;
        }
        if self.left < self.leaving.len() {
            self.emit(context, next);
        }
        if self.left < self.leaving.len() {
            return Advance::More;
        }
        // The rest has been fired later.
        self.leaving.clear();
        self.leaving
            .extend(self.complete as u32..self.fired.len() as u32);
        self.retain();
        (self.complete, self.kept) = (0, 0);
        Advance::Done
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        assert_eq!(self.complete, 0, "a barrier comes between firings");
        if vnode != Vnode(0) || (self.fired.is_empty() && self.number == 0) {
            return SnapshotStep::Done;
        }
        let state = State {
            columns: ColumnImage::of_read(&self.columns),
            keys: self.keys.iter().map(ColumnImage::of).collect(),
            fired: self.fired.clone(),
            times: self.times.clone(),
            number: self.number,
        };
        write(HEADER, &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("window sort: {what}"));
        let state: State = read(HEADER, archive)?;
        let rows = state.fired.len();
        let shape = [state.columns.len(), state.keys.len()];
        let timed = state.times.is_empty() || state.times.len() == rows;
        let known = [self.types.len(), self.key_types.len()];
        let holds = !self.fired.is_empty() || self.number > 0;
        if shape != known || !timed || holds {
            return Err(refuse("the archive is of another query or restored twice"));
        }
        self.columns = ColumnImage::into_columns(state.columns, &self.types, rows)?;
        let keys = state.keys.into_iter().map(Some);
        self.keys = ColumnImage::into_columns(keys, &self.key_types, rows)?;
        (self.fired, self.times, self.number) = (state.fired, state.times, state.number);
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let columns = self.columns.iter().chain(&self.keys);
        let bytes: usize = columns.map(column_bytes).sum();
        let times = (self.fired.len() + self.times.len()) * size_of::<EventTimeNs>();
        (self.fired.len() as u64, (bytes + times) as u64)
    }
}

#[cfg(test)]
#[path = "window_sort_tests.rs"]
mod tests;
