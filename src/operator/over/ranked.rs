//! Ranks, LAG, LEAD and frames by any ORDER BY: they need the whole partition, so its rows are kept until it is known to
//! be complete. Then they are sorted, and each call goes over them once (`whole`).
//!
//! That is the end of a bounded input, or, for partitions of a window's rows, the watermark at which the window
//! fired them. Rows leave in the order they came; those that compare equal are ranked in that order too.
//!
//! When only the best `limit` rows of each partition by ROW_NUMBER are wanted (top-N), rows gather until there
//! are about twice as many as were kept before, then the best are selected: memory O(partitions x limit), time
//! O(log rows) a row.

use super::KeyColumns;
use super::around::Direction;
use super::whole::Calls;
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::{JobError, Reason};
use crate::hash::{Vnode, vnode_of};
use crate::limits::{FIRE_ROWS_MAX, MORSEL_ROWS_MAX};
use crate::operator::archive::{ArchiveHeader, ColumnImage, read, write};
use crate::operator::inputs::Inputs;
use crate::operator::sort::compare_values;
use crate::operator::{Advance, Context, Operator, Output, SnapshotStep};
use crate::plan::RankedPlan;
use crate::table::{Segment, column_bytes, hash_keys};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::{DataType, Physical};
use std::cmp::Ordering;

/// Version of [`State`].
const VERSION: u32 = 3;

/// How the rows that are kept compare.
struct Order {
    /// PARTITION BY columns, then those of ORDER BY.
    columns: Vec<Column>,
    keys: usize,
    directions: Vec<Direction>,
    /// Hash of the PARTITION BY columns; 0 without.
    hashes: Vec<u64>,
}

/// Ranks the rows of whole partitions.
pub struct Ranked {
    // Fixed at construction.
    types: Vec<DataType>,
    order_types: Vec<DataType>,
    argument_types: Vec<DataType>,
    calls: Calls,
    at_end: bool,
    single: bool,
    limit: Option<u64>,
    hash_seed: u64,
    // State. Rows in the order they came.
    rows: usize,
    columns: Vec<Column>,
    order: Order,
    /// What the calls look at.
    arguments: Vec<Column>,
    places: Vec<OrderKey>,
    kept: usize,
    // Scratch. Inputs are the keys, the ORDER BY, then the arguments.
    inputs: Inputs,
    hashes: Vec<u64>,
    ranks: Vec<u32>,
    /// Results of the rows that are complete, by row.
    results: Vec<Column>,
    /// Rows of them with a result that its type cannot hold.
    failed: Vec<u32>,
    /// Rows that are leaving, and how many have left.
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
    order: Vec<ColumnImage>,
    arguments: Vec<ColumnImage>,
    hashes: Vec<u64>,
    places: Vec<OrderKey>,
}

impl Order {
    /// Whether rows `a` and `b` are of one partition, or their order among partitions.
    fn partitions(&self, a: usize, b: usize) -> Ordering {
        let mut order = self.hashes[a].cmp(&self.hashes[b]);
        for column in &self.columns[..self.keys] {
            let nulls = (column.is_null(a), column.is_null(b));
            order = order.then_with(|| match nulls {
                (false, false) => compare_values(&column.data, a, b),
                (a, b) => a.cmp(&b),
            });
        }
        order
    }

    /// The order of rows `a` and `b` of a partition; peers are equal.
    fn peers(&self, a: usize, b: usize) -> Ordering {
        let columns = self.columns[self.keys..].iter().zip(&self.directions);
        let orders =
            columns.map(
                |(column, direction)| match (column.is_null(a), column.is_null(b)) {
                    (true, true) => Ordering::Equal,
                    (true, false) if direction.nulls_first => Ordering::Less,
                    (true, false) => Ordering::Greater,
                    (false, true) if direction.nulls_first => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    (false, false) if direction.descending => compare_values(&column.data, b, a),
                    (false, false) => compare_values(&column.data, a, b),
                },
            );
        orders
            .into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl Ranked {
    /// Prepares `plan`; partitions are hashed with `hash_seed`.
    ///
    /// # Errors
    /// `JobError::Limit` for a function that has no OVER form here.
    pub fn new(plan: &RankedPlan, hash_seed: u64) -> Result<Self, JobError> {
        let (calls, arguments) = Calls::new(plan)?;
        let arguments = || arguments.iter().copied();
        let input: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let ordering = || {
            let order = plan.order.iter().map(|key| &key.expr);
            plan.keys.iter().chain(order)
        };
        let order_types: Vec<_> = ordering().map(|expr| expr.ty()).collect();
        let results = plan.calls.iter().map(|call| call.ty);
        let types: Vec<_> = input.iter().copied().chain(results.clone()).collect();
        let directions = plan.order.iter().map(|key| Direction {
            descending: key.descending,
            nulls_first: key.nulls_first,
        });
        Ok(Self {
            calls,
            arguments: arguments().map(|arg| Column::new(arg.ty())).collect(),
            at_end: plan.at_end,
            single: plan.single,
            limit: plan.limit,
            hash_seed,
            rows: 0,
            columns: input.iter().map(|&ty| Column::new(ty)).collect(),
            order: Order {
                columns: order_types.iter().map(|&ty| Column::new(ty)).collect(),
                keys: plan.keys.len(),
                directions: directions.collect(),
                hashes: Vec::new(),
            },
            places: Vec::new(),
            kept: 0,
            inputs: Inputs::new(ordering().chain(arguments())),
            hashes: Vec::new(),
            ranks: Vec::new(),
            results: results.map(Column::new).collect(),
            failed: Vec::new(),
            leaving: Vec::new(),
            left: 0,
            complete: 0,
            out: Batch::new(&types),
            types,
            order_types,
            argument_types: arguments().map(|arg| arg.ty()).collect(),
        })
    }

    fn header(&self) -> ArchiveHeader<'static> {
        ArchiveHeader {
            operator: "ranked",
            version: VERSION,
            hash_seed: self.hash_seed,
        }
    }

    /// Ranks the first `count` rows; `results` are theirs, `leaving` those within the limit.
    fn rank(&mut self, count: usize) {
        self.ranks.clear();
        self.ranks.extend(0..count as u32);
        let order = &self.order;
        self.ranks.sort_unstable_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            let partitions = order.partitions(a, b);
            partitions.then_with(|| order.peers(a, b)).then(a.cmp(&b))
        });
        for result in &mut self.results {
            result.reset(count);
        }
        self.failed.clear();
        self.leaving.clear();
        let mut start = 0;
        while start < count {
            let first = self.ranks[start] as usize;
            let same = |&row: &u32| self.order.partitions(first, row as usize).is_eq();
            let end = start + self.ranks[start..].partition_point(same);
            self.rank_partition(start, end);
            let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
            let kept = limit.map_or(end, |limit| end.min(start.saturating_add(limit)));
            self.leaving.extend_from_slice(&self.ranks[start..kept]);
            start = end;
        }
    }

    /// Writes the results of the partition whose rows are `ranks[start..end]`.
    fn rank_partition(&mut self, start: usize, end: usize) {
        let order = &self.order;
        let by = order.columns.get(order.keys).zip(order.directions.first());
        self.calls.write(
            &self.ranks[start..end],
            |a, b| order.peers(a as usize, b as usize).is_eq(),
            by.map(|(column, direction)| (column, *direction)),
            &self.arguments,
            (&mut self.results, &mut self.failed),
        );
    }

    /// Keeps the best rows of each partition only.
    fn prune(&mut self) {
        self.rank(self.rows);
        self.leaving.sort_unstable();
        let kept = std::mem::take(&mut self.leaving);
        self.retain(&kept);
        self.leaving = kept;
        self.leaving.clear();
        self.kept = self.rows;
    }

    /// Leaves only `rows`, ascending.
    fn retain(&mut self, rows: &[u32]) {
        if rows.is_empty() {
            self.kept_columns().for_each(Column::clear);
        } else {
            self.gather(rows);
        }
        pick(&mut self.order.hashes, rows);
        pick(&mut self.places, rows);
        self.rows = rows.len();
    }

    /// Ranks what is complete at `frontier` and puts it in the order in which it leaves.
    fn begin(&mut self, frontier: OrderKey, context: &mut Context<'_>) {
        let watermark = frontier.watermark();
        self.complete = if self.at_end {
            if frontier == OrderKey::MAX {
                self.rows
            } else {
                0
            }
        } else {
            self.places.partition_point(|place| place.time <= watermark)
        };
        self.left = 0;
        if self.complete == 0 {
            self.leaving.clear();
            return;
        }
        self.rank(self.complete);
        self.drop_failed(context);
        let (places, at_end) = (&self.places, self.at_end);
        self.leaving.sort_unstable_by_key(|&row| {
            let place = places[row as usize];
            // What leaves at the end has the order of its records, whenever it came.
            let time = if at_end { 0 } else { place.time };
            (time, place.seq, place.ordinal, row)
        });
    }

    /// Keeps the rows with a result that its type cannot hold from leaving.
    fn drop_failed(&mut self, context: &mut Context<'_>) {
        self.failed.sort_unstable();
        self.failed.dedup();
        for _ in &self.failed {
            context.ledger.group_error(Reason::Overflow);
        }
        let failed = &self.failed;
        if !failed.is_empty() {
            let fits = |row: &u32| failed.binary_search(row).is_err();
            self.leaving.retain(fits);
        }
    }

    /// Hands on some of the rows that are leaving.
    fn emit(&mut self, context: &mut Context<'_>, next: &mut dyn Output) {
        let end = self.leaving.len().min(self.left + FIRE_ROWS_MAX);
        let rows = &self.leaving[self.left..end];
        let columns = self.columns.iter().chain(&self.results);
        self.out.gather(columns, rows);
        self.out.order_keys().extend(rows.iter().map(|&row| {
            let place = self.places[row as usize];
            match self.at_end {
                true => OrderKey::fired(WATERMARK_END, place.seq, place.ordinal),
                false => place,
            }
        }));
        self.left = end;
        next.push(&mut self.out, context);
    }
}

/// A column of the values at `rows`.
fn gathered(column: &Column, rows: &[u32]) -> Column {
    let mut gathered = Column::with_physical(match &column.data {
        ColumnData::Bool(_) => Physical::Bool,
        ColumnData::I64(_) => Physical::I64,
        ColumnData::I128(_) => Physical::I128,
        ColumnData::F64(_) => Physical::F64,
        ColumnData::Text(_) => Physical::Text,
    });
    gathered.extend_from(column, Rows::Some(rows));
    gathered
}

/// Leaves only the items at `rows`, ascending.
fn pick<T: Copy>(items: &mut Vec<T>, rows: &[u32]) {
    for (to, &from) in rows.iter().enumerate() {
        items[to] = items[from as usize];
    }
    items.truncate(rows.len());
}

impl Operator for Ranked {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, _: &mut dyn Output) {
        let mut refuse = |what: &str| *context.failure = Some(JobError::Limit(what.to_owned()));
        if !batch.ops.is_empty() {
            return refuse("ranks over rows that are taken back are not built");
        }
        self.inputs.eval(batch, context.ledger);
        let rows = batch.selection.rows();
        if self.rows + rows.len() > u32::MAX as usize {
            return refuse("ranks of more than 2^32 rows on one worker");
        }
        self.hashes.clear();
        if self.order.keys > 0 {
            let keys = KeyColumns::new(self.order.keys, |key| self.inputs.column(key, batch));
            let (seed, rows) = (self.hash_seed, Segment::from(rows));
            hash_keys(seed, keys.get(), rows, batch.rows, &mut self.hashes);
        }
        let evaluated = self.order.columns.iter_mut().chain(&mut self.arguments);
        for (at, column) in evaluated.enumerate() {
            column.extend_from(self.inputs.column(at, batch), rows);
        }
        batch.append_to(rows, &mut self.columns);
        rows.for_each(|row| {
            self.order
                .hashes
                .push(self.hashes.get(row).copied().unwrap_or(0));
            self.places.push(batch.order.key(row));
        });
        self.rows += rows.len();
        self.out.arrival_ns = self.out.arrival_ns.max(batch.arrival_ns);
        if self.limit.is_some() && self.rows >= 2 * self.kept + MORSEL_ROWS_MAX {
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
            self.begin(frontier, context);
            if self.complete == 0 {
                return Advance::Done;
            }
        }
        if self.left < self.leaving.len() {
            self.emit(context, next);
        }
        if self.left < self.leaving.len() {
            return Advance::More;
        }
        // The rest has come since.
        self.leaving.clear();
        self.leaving.extend(self.complete as u32..self.rows as u32);
        let rest = std::mem::take(&mut self.leaving);
        self.retain(&rest);
        self.leaving = rest;
        self.leaving.clear();
        (self.complete, self.left, self.kept) = (0, 0, 0);
        Advance::Done
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        assert_eq!(self.complete, 0, "a barrier comes between firings");
        let home = |hash: u64| match self.single || self.order.keys == 0 {
            true => Vnode(0),
            false => vnode_of(hash),
        };
        let hashes = self.order.hashes.iter().enumerate();
        let rows: Vec<u32> = hashes
            .filter(|(_, hash)| home(**hash) == vnode)
            .map(|(row, _)| row as u32)
            .collect();
        if rows.is_empty() {
            return SnapshotStep::Done;
        }
        let gather = |column: &Column| ColumnImage::of(&gathered(column, &rows));
        let columns = self.columns.iter();
        let state = State {
            columns: columns
                .map(|column| (!column.is_empty()).then(|| gather(column)))
                .collect(),
            order: self.order.columns.iter().map(gather).collect(),
            arguments: self.arguments.iter().map(gather).collect(),
            hashes: rows
                .iter()
                .map(|&row| self.order.hashes[row as usize])
                .collect(),
            places: rows.iter().map(|&row| self.places[row as usize]).collect(),
        };
        write(self.header(), &state, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        let refuse = |what: &str| JobError::Snapshot(format!("ranked: {what}"));
        let state: State = read(self.header(), archive)?;
        let count = state.places.len();
        let columns = [state.columns.len(), state.order.len()];
        let shape = columns == [self.columns.len(), self.order_types.len()]
            && state.arguments.len() == self.argument_types.len();
        if !shape || state.hashes.len() != count {
            return Err(refuse("the archive is of another query"));
        }
        for (at, image) in state.columns.into_iter().enumerate() {
            if let Some(image) = image {
                let saved = image.into_column(self.types[at], count)?;
                self.columns[at].extend_from(&saved, Rows::All(count));
            }
        }
        for (at, image) in state.order.into_iter().enumerate() {
            let saved = image.into_column(self.order_types[at], count)?;
            self.order.columns[at].extend_from(&saved, Rows::All(count));
        }
        for (at, image) in state.arguments.into_iter().enumerate() {
            let saved = image.into_column(self.argument_types[at], count)?;
            self.arguments[at].extend_from(&saved, Rows::All(count));
        }
        self.order.hashes.extend(state.hashes);
        self.places.extend(state.places);
        self.rows += count;
        // Rows of several vnodes come one after the other; they are kept in the order they came.
        let mut rows: Vec<u32> = (0..self.rows as u32).collect();
        rows.sort_by_key(|&row| self.places[row as usize]);
        self.reorder(&rows);
        Ok(())
    }

    fn state_size(&self) -> (u64, u64) {
        let columns = self.columns.iter().chain(&self.order.columns);
        let columns = columns.chain(&self.arguments);
        let bytes: usize = columns.map(column_bytes).sum();
        let flat = self.rows * (size_of::<OrderKey>() + size_of::<u64>());
        (self.rows as u64, (bytes + flat) as u64)
    }
}

impl Ranked {
    /// All columns of the rows.
    fn kept_columns(&mut self) -> impl Iterator<Item = &mut Column> {
        let columns = self.columns.iter_mut().chain(&mut self.order.columns);
        columns.chain(&mut self.arguments)
    }

    /// Makes every column one of its `rows` alone.
    fn gather(&mut self, rows: &[u32]) {
        for column in self.kept_columns().filter(|column| !column.is_empty()) {
            *column = gathered(column, rows);
        }
    }

    /// Puts the rows in another order.
    fn reorder(&mut self, rows: &[u32]) {
        self.gather(rows);
        self.order.hashes = rows
            .iter()
            .map(|&row| self.order.hashes[row as usize])
            .collect();
        self.places = rows.iter().map(|&row| self.places[row as usize]).collect();
    }
}
