//! FILL: a key that has had a row has one in every window behind it.
//!
//! ```text
//! rows of the aggregate -> queue -> [windows that no key has] [rows of a window, then the keys without one] ..
//! ```
//!
//! Rows come by rising end of their window, which no other window has, all fired by the same watermark. Once that
//! has passed, the windows since the one before are filled for every key, the window's own rows leave as they are,
//! and behind them those of the keys that have none, in the order in which keys came first. So a window that no key
//! has is filled when the next that has a row is final, and nothing follows the last that has one: what leaves
//! depends on the rows alone. Rows are numbered here, since one fired for a gap has no row of its own.
//!
//! With `state.ttl` a key is forgotten of a window that ends farther than that behind the key's last window with rows:
//! it has no rows in it, and is a new key when it comes again. Windows say that, not the watermark, so it is the same
//! however late they are final.
//!
//! With LINEAR the windows of a key wait for its next instead (`linear`).
//!
//! A gap of more than `FILL_WINDOWS_MAX` windows ends the job: it is a wrong time rather than a pause.

mod linear;
mod snapshot;
#[cfg(test)]
mod tests;

use super::aggregate::window::{Window, WindowAssigner};
use super::over::KeyColumns;
use super::over::held::put;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::{FILL_WINDOWS_MAX, FIRE_ROWS_MAX};
use crate::plan::{FillPlan, FillValue};
use crate::table::{GroupTable, Segment, column_bytes, hash_keys};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::{DataType, Value};

/// Heap bytes of a column of texts below which it is not swept.
const SWEEP_BYTES_MIN: usize = 1 << 16;

/// A window that is being filled, the watermark that fires it, and the next key to look at.
#[derive(Clone, Copy, Debug)]
struct Filling {
    window: Window,
    due: EventTimeNs,
    key: usize,
}

/// Fills gaps.
pub struct Fill {
    // Fixed at construction.
    types: Vec<DataType>,
    keys: usize,
    hash_seed: u64,
    assigner: WindowAssigner,
    values: Vec<FillValue>,
    /// Whether what is missing waits for the key's next row.
    linear: bool,
    /// By aggregate: one row of what stands in its place, unless that is the row before.
    constants: Vec<Column>,
    groups_max: u64,
    ttl_ns: Option<i64>,
    // State.
    table: GroupTable,
    /// By key: the end of the last window that has a row, and that row's aggregates.
    seen: Vec<i64>,
    previous: Vec<Column>,
    /// Rows that wait for their watermark, from `taken` on, and that watermark.
    queue: Vec<Column>,
    due: Vec<i64>,
    taken: usize,
    /// The end of the last window that is complete.
    complete: Option<i64>,
    filling: Option<Filling>,
    /// LINEAR: the first of the rows whose keys `groups` has.
    found: usize,
    /// LINEAR: the end of the last window that was filled in front of the next row; `None` when that is to be looked at.
    filled: Option<i64>,
    /// A key may be forgotten, or with LINEAR all that were there at the last look, of a window that ends past this.
    forget_past: i64,
    /// Number of the next row.
    number: u64,
    arrival_ns: u64,
    // Scratch.
    sweep_at: Vec<usize>,
    hashes: Vec<u64>,
    groups: Vec<u32>,
    created: Vec<u32>,
    leaving: Vec<u32>,
    zeros: Vec<u32>,
    out: Batch,
}

impl Fill {
    /// Prepares `plan`; keys are hashed with `hash_seed`.
    pub fn new(plan: &FillPlan, hash_seed: u64) -> Self {
        let types: Vec<_> = plan.input.fields.iter().map(|field| field.ty).collect();
        let columns = || types.iter().map(|&ty| Column::new(ty)).collect::<Vec<_>>();
        let aggregates = &types[plan.keys + 2..];
        let constant = |(value, &ty): (&FillValue, &DataType)| {
            let mut column = Column::new(ty);
            match value {
                FillValue::Constant(value) => column.push(value),
                _ => column.push(&Value::Null),
            }
            column
        };
        Self {
            keys: plan.keys,
            hash_seed,
            assigner: WindowAssigner::new(&plan.window, 0, 0),
            constants: plan.values.iter().zip(aggregates).map(constant).collect(),
            values: plan.values.clone(),
            linear: plan.values.contains(&FillValue::Linear),
            groups_max: plan.groups_max,
            ttl_ns: plan.ttl_ns,
            table: GroupTable::new(&types[..plan.keys]),
            seen: Vec::new(),
            previous: aggregates.iter().map(|&ty| Column::new(ty)).collect(),
            queue: columns(),
            due: Vec::new(),
            taken: 0,
            complete: None,
            filling: None,
            filled: None,
            forget_past: i64::MIN,
            found: 0,
            number: 0,
            arrival_ns: 0,
            sweep_at: vec![SWEEP_BYTES_MIN; aggregates.len()],
            hashes: Vec::new(),
            groups: Vec::new(),
            created: Vec::new(),
            leaving: Vec::new(),
            zeros: Vec::new(),
            out: Batch::new(&types),
            types,
        }
    }

    fn bounds(&self, row: usize) -> Window {
        let time = |column: &Column| match &column.data {
            ColumnData::I64(times) => times[row],
            other => panic!("the bounds of a window are times, not {other:?}"),
        };
        Window {
            start: time(&self.queue[self.keys]),
            end: time(&self.queue[self.keys + 1]),
        }
    }

    /// Appends what is due at `watermark` to the output, at most `FIRE_ROWS_MAX` rows; true when there is more.
    fn make(&mut self, watermark: EventTimeNs) -> Result<bool, JobError> {
        while self.out.rows < FIRE_ROWS_MAX {
            if let Some(filling) = self.filling {
                self.fill(filling);
                continue;
            }
            let Some(&due) = self.due.get(self.taken).filter(|&&due| due <= watermark) else {
                return Ok(false);
            };
            if self.linear {
                self.pass_behind_gap(due)?;
                continue;
            }
            let head = self.bounds(self.taken);
            let next = self.complete.map(|end| (end, self.next_window(end)));
            let next = next.filter(|(_, next)| next.end < head.end);
            self.forget(next.map_or(head.end, |(_, next)| next.end));
            let Some((end, window)) = next.filter(|_| !self.seen.is_empty()) else {
                self.pass(head, due)?;
                continue;
            };
            self.check_gap(self.filled_upto(head.end), window.end, end)?;
            let key = 0;
            self.filling = Some(Filling { window, due, key });
        }
        Ok(true)
    }

    /// The end up to which the windows before `end` can have rows: there are keys.
    fn filled_upto(&self, end: i64) -> i64 {
        let last = self.ttl_ns.and_then(|ttl_ns| {
            let last = self.seen.iter().max()?;
            Some(last.saturating_add(ttl_ns))
        });
        last.map_or(end, |last| last.min(end))
    }

    /// Whether a key whose last window with rows ended at `seen` is forgotten of one that ends at `end`.
    fn is_forgotten(&self, seen: i64, end: i64) -> bool {
        self.ttl_ns
            .is_some_and(|ttl_ns| end > seen.saturating_add(ttl_ns))
    }

    /// Forgets the keys that the windows from the one that ends at `end` do not know any more.
    fn forget(&mut self, end: i64) {
        let Some(ttl_ns) = self.ttl_ns.filter(|_| end > self.forget_past) else {
            return;
        };
        let keys = 0..self.seen.len() as u32;
        let kept: Vec<u32> = keys
            .filter(|&key| !self.is_forgotten(self.seen[key as usize], end))
            .collect();
        if kept.len() < self.seen.len() {
            self.keep(&kept);
        }
        // With LINEAR a key is asked when its next row comes: then all are looked at once each has expired or come.
        let seen = self.seen.iter().copied();
        let known = if self.linear { seen.max() } else { seen.min() };
        self.forget_past = known.unwrap_or(end).saturating_add(ttl_ns);
    }

    /// Keeps the keys numbered `kept`, which rise.
    fn keep(&mut self, kept: &[u32]) {
        if self.keys > 0 {
            let old = std::mem::replace(&mut self.table, GroupTable::new(&self.types[..self.keys]));
            let columns: Vec<Column> = old.keys().iter().map(|it| gathered(it, kept)).collect();
            let columns = KeyColumns::new(self.keys, |at| &columns[at]);
            self.hashes.clear();
            let hashes = kept.iter().map(|&key| old.hashes()[key as usize]);
            self.hashes.extend(hashes);
            let (groups, created) = (&mut self.groups, &mut self.created);
            let rows = Rows::All(kept.len());
            self.table
                .find_or_insert(&self.hashes, columns.get(), rows, groups, created);
            // They are those of no rows of the queue.
            self.groups.clear();
        }
        for column in self.previous.iter_mut().filter(|it| !it.is_empty()) {
            *column = gathered(column, kept);
        }
        self.seen = kept.iter().map(|&key| self.seen[key as usize]).collect();
    }

    /// Refuses a long gap before the window that ends at `to`: the first that is missing ends at `first`, the last
    /// that is there at `end`.
    fn check_gap(&self, to: i64, first: i64, end: i64) -> Result<(), JobError> {
        let missing = to.abs_diff(first) / first.abs_diff(end);
        match missing > FILL_WINDOWS_MAX {
            true => Err(JobError::Limit(format!(
                "FILL meets a gap of {missing} windows, at most {FILL_WINDOWS_MAX} are filled; take longer \
                 windows, or keep the times that are wrong out with WHERE"
            ))),
            false => Ok(()),
        }
    }

    /// The window that ends next behind `end`, before one that has a row.
    fn next_window(&self, end: i64) -> Window {
        let next = self.assigner.next_window(end);
        next.expect("windows between two have bounds as they have")
    }

    /// Appends rows of `window` that are next in the queue.
    fn pass(&mut self, window: Window, due: EventTimeNs) -> Result<(), JobError> {
        let to = self.list_window(FIRE_ROWS_MAX - self.out.rows);
        self.append_from_queue(to);
        self.find_keys(window.end);
        for at in 0..self.leaving.len() {
            self.note(self.leaving[at] as usize, self.groups[at], window.end);
        }
        self.number(window, due, to - self.taken);
        self.taken = to;
        if self.taken == self.due.len() || self.bounds(to).end != window.end {
            let key = 0;
            self.filling = Some(Filling { window, due, key });
        }
        self.drop_taken();
        self.check_keys()
    }

    /// Stops the job when more keys are kept than the plan allows.
    fn check_keys(&self) -> Result<(), JobError> {
        let held = self.seen.len() as u64;
        match held > self.groups_max {
            true => Err(JobError::Limit(format!(
                "FILL keeps {held} keys, at most {} are allowed; raise it with SET 'max.groups'",
                self.groups_max
            ))),
            false => Ok(()),
        }
    }

    /// Lists the rows of the next window in the queue in `leaving`, at most `room`; gives the row behind them.
    fn list_window(&mut self, room: usize) -> usize {
        let end = self.bounds(self.taken).end;
        let rest = self.taken + 1..self.due.len().min(self.taken + room);
        let same = rest.take_while(|&row| self.bounds(row).end == end);
        let to = self.taken + 1 + same.count();
        self.leaving.clear();
        self.leaving.extend(self.taken as u32..to as u32);
        to
    }

    /// Appends the rows of the queue up to `to` as they are.
    fn append_from_queue(&mut self, to: usize) {
        self.leaving.clear();
        self.leaving.extend(self.taken as u32..to as u32);
        let rows = Rows::Some(&self.leaving);
        for (out, column) in self.out.columns.iter_mut().zip(&self.queue) {
            out.extend_from(column, rows);
        }
    }

    /// Empties the queue once all of it is taken.
    fn drop_taken(&mut self) {
        if self.taken == self.due.len() {
            self.queue.iter_mut().for_each(Column::clear);
            self.due.clear();
            self.groups.clear();
            self.taken = 0;
        }
    }

    /// Finds the keys of the rows in `leaving`; a new one has been seen in the window that ends at `end`.
    fn find_keys(&mut self, end: i64) {
        if self.keys == 0 {
            self.groups.clear();
            self.groups.resize(self.leaving.len(), 0);
            self.seen.resize(1, end);
            return;
        }
        let rows = Segment::from(Rows::Some(&self.leaving));
        let keys = KeyColumns::new(self.keys, |at| &self.queue[at]);
        let total = self.due.len();
        hash_keys(self.hash_seed, keys.get(), rows, total, &mut self.hashes);
        let (groups, created) = (&mut self.groups, &mut self.created);
        self.table
            .find_or_insert(&self.hashes, keys.get(), rows, groups, created);
        self.seen.resize(self.table.len(), end);
    }

    /// Notes the aggregates of a row of the queue, of the key numbered `key` and the window that ends at `end`.
    fn note(&mut self, row: usize, key: u32, end: i64) {
        self.seen[key as usize] = end;
        let from = &self.queue[self.keys + 2..];
        let wanted = self.values.iter().zip(&mut self.previous).zip(from);
        for ((_, to), from) in wanted.filter(|((value, _), _)| value.looks_back()) {
            put(to, key as usize, from, row);
        }
        for (column, sweep_at) in self.previous.iter_mut().zip(&mut self.sweep_at) {
            if let ColumnData::Text(texts) = &mut column.data
                && texts.heap_bytes() > *sweep_at
            {
                *texts = texts.compacted();
                *sweep_at = SWEEP_BYTES_MIN.max(2 * texts.heap_bytes());
            }
        }
    }

    /// Appends rows of the keys that have none in a window, from where it was left.
    fn fill(&mut self, filling: Filling) {
        let Filling { window, due, key } = filling;
        let room = FIRE_ROWS_MAX - self.out.rows;
        self.leaving.clear();
        let mut next = key;
        while next < self.seen.len() && self.leaving.len() < room {
            if self.seen[next] != window.end {
                self.leaving.push(next as u32);
            }
            next += 1;
        }
        let leaving = std::mem::take(&mut self.leaving);
        self.append_keys_and_bounds(window, &leaving);
        self.leaving = leaving;
        let rows = Rows::Some(&self.leaving);
        self.zeros.clear();
        self.zeros.resize(self.leaving.len(), 0);
        let sources = self.values.iter().zip(&self.previous).zip(&self.constants);
        let columns = &mut self.out.columns[self.keys + 2..];
        for (out, ((value, previous), constant)) in columns.iter_mut().zip(sources) {
            match value {
                FillValue::Previous => out.extend_from(previous, rows),
                FillValue::Linear => unreachable!("windows wait for the key's next"),
                FillValue::Null | FillValue::Constant(_) => {
                    out.extend_from(constant, Rows::Some(&self.zeros));
                }
            }
        }
        self.number(window, due, self.leaving.len());
        self.filling = (next < self.seen.len()).then_some(Filling {
            key: next,
            ..filling
        });
        if self.filling.is_none() {
            self.complete = Some(window.end);
        }
    }

    /// Appends the keys numbered `keys` and the bounds of a window that they have no row in.
    fn append_keys_and_bounds(&mut self, window: Window, keys: &[u32]) {
        let columns = &mut self.out.columns;
        for (out, of_keys) in columns.iter_mut().zip(self.table.keys()) {
            out.extend_from(of_keys, Rows::Some(keys));
        }
        for (at, bound) in [window.start, window.end].into_iter().enumerate() {
            if let ColumnData::I64(values) = &mut columns[self.keys + at].data {
                values.resize(values.len() + keys.len(), bound);
            }
        }
    }

    /// Numbers `rows` rows that were appended.
    fn number(&mut self, window: Window, due: EventTimeNs, rows: usize) {
        let numbers = self.number..self.number + rows as u64;
        let keys = numbers.map(|number| OrderKey::fired(due, number, 0));
        self.out.order_keys().extend(keys);
        self.number += rows as u64;
        self.out.rows += rows;
        let times = self.out.time.len() + rows;
        self.out.time.resize(times, window.end - 1);
    }
}

/// Rows of a column.
fn gathered(column: &Column, rows: &[u32]) -> Column {
    let mut gathered = column.clone();
    gathered.clear();
    gathered.extend_from(column, Rows::Some(rows));
    gathered
}

impl Operator for Fill {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, _: &mut Context<'_>, _: &mut dyn Output) {
        assert!(batch.ops.is_empty(), "the planner fills final rows only");
        let rows = batch.selection.rows();
        for (to, from) in self.queue.iter_mut().zip(&batch.columns) {
            to.extend_from(from, rows);
        }
        let (due, order) = (&mut self.due, &batch.order);
        rows.for_each(|row| due.push(order.key(row).time));
        self.arrival_ns = self.arrival_ns.max(batch.arrival_ns);
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if context.failure.is_some() {
            return Advance::Done;
        }
        let watermark = match frontier == OrderKey::MAX {
            true => EventTimeNs::MAX,
            false => frontier.watermark(),
        };
        let more = self.make(watermark);
        if self.out.rows > 0 {
            self.out.selection.all(self.out.rows);
            self.out.arrival_ns = self.arrival_ns;
            next.push(&mut self.out, context);
            self.out.clear();
        }
        match more {
            Ok(true) => Advance::More,
            Ok(false) => Advance::Done,
            Err(error) => {
                *context.failure = Some(error);
                Advance::Done
            }
        }
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _: usize) -> SnapshotStep {
        self.save(vnode, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        self.load(archive)
    }

    fn state_size(&self) -> (u64, u64) {
        let columns = self.previous.iter().chain(&self.queue);
        let bytes: usize = columns.map(column_bytes).sum();
        let others = (self.seen.len() + self.due.len()) * size_of::<i64>();
        (
            self.seen.len() as u64,
            self.table.bytes() + (bytes + others) as u64,
        )
    }
}
