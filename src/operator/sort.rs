//! ORDER BY over a bounded result: collects rows and hands them on, in order, when the input has ended.
//!
//! Rows and keys are kept as columns. Without a LIMIT the end sorts row indices. With one, rows gather until
//! there are about twice as many as are kept, then the best are selected and moved together: amortised O(1) a
//! row and memory O(limit). Rows that compare equal stay in the order they came, which is order-key order. Those that an
//! OFFSET passes over are kept like the others, and left out when the rest is handed on.
//!
//! NULLs come last unless asked for first, NaN behind every number, text by bytes.

use super::archive::{ArchiveHeader, ColumnImage, read, write};
use super::inputs::Inputs;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::{FIRE_ROWS_MAX, MORSEL_ROWS_MAX};
use crate::plan::{SortKey, SortPlan};
use crate::table::column_bytes;
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::DataType;
use std::cmp::Ordering;

/// Version of [`State`].
const VERSION: u32 = 1;

/// How the values of one ORDER BY item compare.
#[derive(Clone, Copy)]
pub(super) struct Direction {
    descending: bool,
    nulls_first: bool,
}

impl Direction {
    /// Those of `keys`.
    pub(super) fn of(keys: &[SortKey]) -> Vec<Self> {
        let direction = |key: &SortKey| Self {
            descending: key.descending,
            nulls_first: key.nulls_first,
        };
        keys.iter().map(direction).collect()
    }
}

/// Sorts a bounded result.
pub struct Sort {
    // Fixed at construction.
    types: Vec<DataType>,
    key_types: Vec<DataType>,
    directions: Vec<Direction>,
    /// Rows kept, those that are passed over among them.
    limit: Option<usize>,
    offset: usize,
    // State. Rows in the order they came.
    rows: usize,
    columns: Vec<Column>,
    keys: Vec<Column>,
    /// The sorted rows once the input has ended, and how many of them have been handed on.
    sorted: Option<Vec<u32>>,
    emitted: usize,
    // Scratch.
    inputs: Inputs,
    ranks: Vec<u32>,
    out: Batch,
}

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct State {
    rows: u64,
    columns: Vec<Option<ColumnImage>>,
    keys: Vec<ColumnImage>,
    /// Rows handed on, when the input has ended.
    emitted: Option<u64>,
}

const HEADER: ArchiveHeader<'static> = ArchiveHeader {
    operator: "sort",
    version: VERSION,
    // Sorting hashes nothing.
    hash_seed: 0,
};

impl Sort {
    /// Prepares `plan`.
    pub fn new(plan: &SortPlan) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let key_types: Vec<_> = plan.keys.iter().map(|key| key.expr.ty()).collect();
        Self {
            directions: Direction::of(&plan.keys),
            limit: plan
                .limit
                .map(|limit| rows_of(limit.saturating_add(plan.offset))),
            offset: rows_of(plan.offset),
            rows: 0,
            columns: types.iter().map(|&ty| Column::new(ty)).collect(),
            keys: key_types.iter().map(|&ty| Column::new(ty)).collect(),
            sorted: None,
            emitted: 0,
            inputs: Inputs::new(plan.keys.iter().map(|key| &key.expr)),
            ranks: Vec::new(),
            out: Batch::new(&types),
            types,
            key_types,
        }
    }

    /// Rows at which the best are selected: the selection then costs O(1) a row.
    fn prune_at(limit: usize) -> usize {
        limit.saturating_mul(2).saturating_add(MORSEL_ROWS_MAX)
    }

    /// Keeps the best `limit` rows, in the order they came.
    fn prune(&mut self, limit: usize) {
        let (keys, directions) = (&self.keys, &self.directions);
        self.ranks.clear();
        self.ranks.extend(0..self.rows as u32);
        if limit < self.rows {
            self.ranks
                .select_nth_unstable_by(limit, |&a, &b| compare(keys, directions, a, b));
            self.ranks.truncate(limit);
        }
        self.ranks.sort_unstable();
        for column in self.columns.iter_mut().chain(&mut self.keys) {
            if !column.is_empty() {
                let mut kept = Column::with_physical(physical(column));
                kept.extend_from(column, Rows::Some(&self.ranks));
                *column = kept;
            }
        }
        self.rows = self.ranks.len();
    }

    fn sort(&mut self) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..self.rows as u32).collect();
        let kept = sort_best(&self.keys, &self.directions, self.limit, &mut sorted);
        sorted.truncate(kept);
        sorted.drain(..self.offset.min(kept));
        sorted
    }

    fn refuse(&self, context: &mut Context<'_>, what: &str) {
        *context.failure = Some(JobError::Limit(what.to_owned()));
    }
}

/// A number of rows of a query as far as rows can be counted here.
pub(super) fn rows_of(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn physical(column: &Column) -> crate::types::Physical {
    use crate::types::Physical;
    match &column.data {
        ColumnData::Bool(_) => Physical::Bool,
        ColumnData::I64(_) => Physical::I64,
        ColumnData::I128(_) => Physical::I128,
        ColumnData::F64(_) => Physical::F64,
        ColumnData::Text(_) => Physical::Text,
    }
}

/// Sorts `rows`, of which the first `limit` are wanted; gives how many these are.
pub(super) fn sort_best(
    keys: &[Column],
    directions: &[Direction],
    limit: Option<usize>,
    rows: &mut [u32],
) -> usize {
    let kept = limit.unwrap_or(rows.len()).min(rows.len());
    if kept < rows.len() {
        rows.select_nth_unstable_by(kept, |&a, &b| compare(keys, directions, a, b));
    }
    rows[..kept].sort_unstable_by(|&a, &b| compare(keys, directions, a, b));
    kept
}

/// The order of rows `a` and `b`; never equal for two rows.
fn compare(keys: &[Column], directions: &[Direction], a: u32, b: u32) -> Ordering {
    for (column, direction) in keys.iter().zip(directions) {
        let (left, right) = (a as usize, b as usize);
        let order = match (column.is_null(left), column.is_null(right)) {
            (true, true) => Ordering::Equal,
            (true, false) if direction.nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if direction.nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                let order = compare_values(&column.data, left, right);
                if direction.descending {
                    order.reverse()
                } else {
                    order
                }
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.cmp(&b)
}

/// The order of rows `a` and `b`, neither NULL: NaN behind every number, text by bytes.
pub(super) fn compare_values(data: &ColumnData, a: usize, b: usize) -> Ordering {
    match data {
        ColumnData::Bool(values) => values[a].cmp(&values[b]),
        ColumnData::I64(values) => values[a].cmp(&values[b]),
        ColumnData::I128(values) => values[a].cmp(&values[b]),
        ColumnData::F64(values) => {
            let (a, b) = (values[a], values[b]);
            // Unordered means a NaN is among them, and NaN is the greatest.
            a.partial_cmp(&b)
                .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
        }
        ColumnData::Text(values) => values.get(a).cmp(values.get(b)),
    }
}

impl Operator for Sort {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, _: &mut dyn Output) {
        if !batch.ops.is_empty() {
            return self.refuse(
                context,
                "ORDER BY over rows that are taken back is not built",
            );
        }
        self.inputs.eval(batch, context.ledger);
        let rows = batch.selection.rows();
        if self.rows + rows.len() > u32::MAX as usize {
            return self.refuse(context, "ORDER BY of more than 2^32 rows; add a LIMIT");
        }
        for (at, column) in self.keys.iter_mut().enumerate() {
            column.extend_from(self.inputs.column(at, batch), rows);
        }
        batch.append_to(rows, &mut self.columns);
        self.rows += rows.len();
        if let Some(limit) = self.limit
            && self.rows >= Self::prune_at(limit)
        {
            self.prune(limit);
        }
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if frontier != OrderKey::MAX {
            return Advance::Done;
        }
        let sorted = match self.sorted.take() {
            Some(sorted) => sorted,
            None => self.sort(),
        };
        let end = sorted.len().min(self.emitted + FIRE_ROWS_MAX);
        let rows = &sorted[self.emitted..end];
        if !rows.is_empty() {
            self.out.gather(&self.columns, rows);
            let keys =
                (self.emitted..end).map(|rank| OrderKey::fired(WATERMARK_END, rank as u64, 0));
            self.out.order_keys().extend(keys);
            self.emitted = end;
            next.push(&mut self.out, context);
        }
        let done = end == sorted.len();
        self.sorted = Some(sorted);
        if done { Advance::Done } else { Advance::More }
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        if vnode != Vnode(0) || self.rows == 0 {
            return SnapshotStep::Done;
        }
        let state = State {
            rows: self.rows as u64,
            columns: ColumnImage::of_read(&self.columns),
            keys: self.keys.iter().map(ColumnImage::of).collect(),
            emitted: self.sorted.is_some().then_some(self.emitted as u64),
        };
        write(HEADER, &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("sort: {what}"));
        let state: State = read(HEADER, archive)?;
        let rows = usize::try_from(state.rows).map_err(|_| refuse("too many rows"))?;
        let shape = [state.columns.len(), state.keys.len()];
        if shape != [self.types.len(), self.key_types.len()] || self.rows > 0 {
            return Err(refuse("the archive is of another query or restored twice"));
        }
        self.columns = ColumnImage::into_columns(state.columns, &self.types, rows)?;
        let keys = state.keys.into_iter().map(Some);
        self.keys = ColumnImage::into_columns(keys, &self.key_types, rows)?;
        self.rows = rows;
        if let Some(emitted) = state.emitted {
            let sorted = self.sort();
            self.emitted = usize::try_from(emitted)
                .ok()
                .filter(|&emitted| emitted <= sorted.len())
                .ok_or_else(|| refuse("more rows were handed on than there are"))?;
            self.sorted = Some(sorted);
        }
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let columns = self.columns.iter().chain(&self.keys);
        let bytes: usize = columns.map(column_bytes).sum();
        (self.rows as u64, bytes as u64)
    }
}

#[cfg(test)]
#[path = "sort_tests.rs"]
mod tests;
